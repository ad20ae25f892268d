"""What would have been sent to test organisations: written down, reported of, and read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.notification.domain.claims import Claimed
from services.notification.domain.reading import moments
from services.notification.domain.reports import note_report
from services.notification.errors import DeliveryUnderWay, RecordingNotFound
from services.notification.models import Delivery, Recording
from services.notification.policy import AttemptOutcome, DeliveryState, SmsOutcome
from shared.access import Permission, visible
from shared.kit.arrays import among
from shared.kit.identifiers import new_id
from shared.kit.subjects import Subject
from shared.messaging.sweeps import each_alone

REPORT = "report_recorded"
"""The name of the sweep."""
STEP = 100
"""Most reports of one transaction."""


@dataclass(frozen=True, repr=False)
class Recorded:
    """What a try would have sent, and how it was answered."""

    claimed: Claimed
    headers: Mapping[str, str]
    content: str
    outcome: AttemptOutcome
    report: SmsOutcome | None


@dataclass(frozen=True)
class RecordingView:
    """A recording as one subject may see it."""

    id: UUID
    delivery_id: UUID
    number: int
    organisation_id: UUID
    type: str
    channel: str
    outcome: str
    report: str | None
    recorded_at: datetime
    headers: Mapping[str, str]
    content: str


def keep_recording(session: Session, recorded: Recorded, *, now: datetime) -> None:
    """Write down what a try would have sent; the same try is kept once."""
    claimed = recorded.claimed
    kept = insert(Recording).values(
        id=new_id(),
        delivery_id=claimed.delivery_id,
        number=claimed.number,
        organisation_id=claimed.organisation_id,
        type=claimed.type,
        channel=claimed.channel,
        headers=dict(recorded.headers),
        content=recorded.content,
        outcome=recorded.outcome,
        report=recorded.report,
        recorded_at=now,
    )
    session.execute(kept.on_conflict_do_nothing(index_elements=["delivery_id", "number"]))


def report_recorded(session: Session, now: datetime) -> int:
    """Report of each recorded SMS what its number says, as a gateway does; returns of how many.

    What its sender has not written down yet is reported of later.
    """
    is_answered = (
        select(Delivery.id)
        .where(Delivery.id == Recording.delivery_id, Delivery.state != DeliveryState.SENDING)
        .exists()
    )
    found = session.scalars(
        select(Recording.id)
        .where(Recording.report.is_not(None), Recording.reported_at.is_(None), is_answered)
        .order_by(Recording.recorded_at)
        .limit(STEP)
        .with_for_update(skip_locked=True)
    ).all()

    def act(some: Sequence[UUID]) -> None:
        for each in session.scalars(select(Recording).where(among(Recording.id, some))):
            _report(session, each, now)

    return each_alone(session, REPORT, found, act, key=lambda each: each, now=now)


def _report(session: Session, recording: Recording, now: datetime) -> None:
    if recording.report is None:
        return
    try:
        note_report(
            session,
            delivery_id=recording.delivery_id,
            attempt=recording.number,
            reported=SmsOutcome(recording.report),
            now=now,
        )
    except DeliveryUnderWay:
        # It was had sent again just now: reported when that try is written down.
        return
    recording.reported_at = now


def find_recordings(
    session: Session,
    *,
    subject: Subject,
    organisation_id: UUID | None,
    delivery_id: UUID | None,
    after: UUID | None,
    size: int,
) -> list[RecordingView]:
    """Recordings, the newest first: an operator's are all, anyone else's their own."""
    made = (Recording.recorded_at, Recording.id)
    is_reached = visible(subject, Permission.DELIVERY_READ).reaches(own=[Recording.organisation_id])
    newest = [column.desc() for column in made]
    query = select(Recording).where(is_reached).order_by(*newest).limit(size)
    if organisation_id is not None:
        query = query.where(Recording.organisation_id == organisation_id)
    if delivery_id is not None:
        query = query.where(Recording.delivery_id == delivery_id)
    if after is not None:
        last = select(*made).where(Recording.id == after, is_reached).scalar_subquery()
        query = query.where(tuple_(*made) < last)
    return [_view(each, subject) for each in session.scalars(query)]


def find_recording(session: Session, *, recording_id: UUID, subject: Subject) -> RecordingView:
    """One recording; not found for another organisation."""
    is_reached = visible(subject, Permission.DELIVERY_READ).reaches(own=[Recording.organisation_id])
    found = session.scalar(select(Recording).where(Recording.id == recording_id, is_reached))
    if found is None:
        raise RecordingNotFound
    return _view(found, subject)


def _view(recording: Recording, subject: Subject) -> RecordingView:
    return RecordingView(
        id=recording.id,
        delivery_id=recording.delivery_id,
        number=recording.number,
        organisation_id=recording.organisation_id,
        type=recording.type,
        channel=recording.channel,
        outcome=recording.outcome,
        report=recording.report if recording.reported_at else None,
        recorded_at=moments(subject)(recording.recorded_at),
        headers=recording.headers,
        content=recording.content,
    )
