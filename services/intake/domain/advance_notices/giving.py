"""A handover is announced, put on another day, or cancelled."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.intake.domain.advance_notices.reach import lock_notice, people_of, statuses_of
from services.intake.domain.advance_notices.telling import note_move
from services.intake.errors import ExpectedDayUnfit
from services.intake.models import AdvanceNotice, ExpectedPersonRow
from services.intake.policy import Expected, NoticeCancelReason, NoticeMove, check_open
from shared.contracts.vocabulary import ExpectedStatus, Route
from shared.kit.clock import local_date
from shared.kit.documents import insert_rows
from shared.kit.identifiers import new_id
from shared.kit.subjects import Subject
from shared.kit.versions import Expected as ExpectedVersion
from shared.kit.versions import check_version


@dataclass(frozen=True)
class NoticeFacts:
    """What is announced: how they come, when and where, and what a house prepares for each."""

    route: Route
    expected_on: date
    unit_code: str
    people: Sequence[Expected]


def give_notice(
    session: Session, facts: NoticeFacts, *, subject: Subject, now: datetime
) -> AdvanceNotice:
    """Announce a handover; raises ``ExpectedDayUnfit`` for a day that has passed."""
    _check_day(facts.expected_on, now)
    made = AdvanceNotice(
        id=new_id(),
        announcer_id=subject.organisation_id,
        route=facts.route,
        expected_on=facts.expected_on,
        unit_code=facts.unit_code,
        unit_on=local_date(now),
        given_by=subject.actor,
        given_at=now,
        version=1,
    )
    session.add(made)
    session.flush()
    rows = [_row(made.id, number, each) for number, each in enumerate(facts.people, 1)]
    insert_rows(session, ExpectedPersonRow, rows)
    note_move(
        session,
        made,
        NoticeMove.GIVE,
        actor=subject.actor,
        now=now,
        route=facts.route,
        expected_on=facts.expected_on.isoformat(),
        people=len(rows),
    )
    return made


def _row(notice_id: UUID, number: int, person: Expected) -> dict[str, object]:
    return {
        "notice_id": notice_id,
        "number": number,
        "age_band": person.age_band,
        "sex": person.sex,
        "languages": list(person.languages),
        "needs_interpreter": person.needs_interpreter,
        "needs_escort": person.is_escorted,
        "status": ExpectedStatus.EXPECTED,
    }


def change_day(
    session: Session,
    notice_id: UUID,
    expected_on: date,
    *,
    subject: Subject,
    expected_version: ExpectedVersion,
    now: datetime,
) -> AdvanceNotice:
    """The handover takes place on another day.

    Refused: a notice that is not the subject's to see; one that was read before its last change,
    was cancelled, or in which nobody is expected any more; a day that has passed.
    """
    notice = _lock_open(session, notice_id, subject, expected_version, now)
    _check_day(expected_on, now)
    notice.expected_on = expected_on
    notice.version += 1
    note_move(
        session,
        notice,
        NoticeMove.CHANGE_DAY,
        actor=subject.actor,
        now=now,
        expected_on=expected_on.isoformat(),
    )
    return notice


def cancel_notice(
    session: Session,
    notice_id: UUID,
    reason: NoticeCancelReason,
    *,
    subject: Subject,
    expected_version: ExpectedVersion,
    now: datetime,
) -> AdvanceNotice:
    """The handover does not take place, or nobody else comes; refused as above.

    Whoever was received stays received.
    """
    notice = _lock_open(session, notice_id, subject, expected_version, now)
    notice.cancelled_at, notice.cancel_reason = now, reason
    notice.version += 1
    note_move(session, notice, NoticeMove.CANCEL, actor=subject.actor, now=now, reason=reason)
    return notice


def _lock_open(
    session: Session,
    notice_id: UUID,
    subject: Subject,
    expected_version: ExpectedVersion,
    now: datetime,
) -> AdvanceNotice:
    notice = lock_notice(session, notice_id, subject, now)
    check_version(notice.version, expected_version)
    people = statuses_of(people_of(session, notice_id))
    check_open(people, is_cancelled=notice.cancelled_at is not None)
    return notice


def _check_day(expected_on: date, now: datetime) -> None:
    today = local_date(now)
    if expected_on < today:
        raise ExpectedDayUnfit(earliest=today.isoformat())
