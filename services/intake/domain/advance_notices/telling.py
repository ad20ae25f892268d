"""What every step of a notice leaves behind: a version, an audit entry, and all of it told anew."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.intake.domain.advance_notices.reach import people_of
from services.intake.models import AdvanceNotice, ExpectedPersonRow
from services.intake.policy import NoticeMove
from shared.contracts import AdvanceNoticeChanged, ExpectedPerson, Message
from shared.contracts.vocabulary import AgeBand, ExpectedStatus, Sex
from shared.kit import audit
from shared.kit.arrays import among
from shared.messaging import retelling
from shared.messaging.retelling import Past


def note_move(
    session: Session,
    notice: AdvanceNotice,
    move: NoticeMove,
    *,
    actor: str,
    now: datetime,
    **facts: Any,
) -> None:
    """Keep that a notice became what it is, and tell who prepares."""
    session.flush()
    audit.record(
        session,
        actor=actor,
        action=f"advance_notice.{move}",
        object_id=notice.id,
        now=now,
        version=notice.version,
        **facts,
    )
    told = _told(notice, people_of(session, notice.id).values(), now)
    retelling.tell_further(session, told, PASTS)


def _told(
    notice: AdvanceNotice, people: Iterable[ExpectedPersonRow], at: datetime
) -> AdvanceNoticeChanged:
    return AdvanceNoticeChanged(
        occurred_at=at,
        notice_id=notice.id,
        announcer_id=notice.announcer_id,
        expected_on=notice.expected_on,
        area_code=notice.unit_code,
        area_on=notice.unit_on,
        is_cancelled=notice.cancelled_at is not None,
        people=tuple(_expected(each) for each in people),
    )


def _expected(person: ExpectedPersonRow) -> ExpectedPerson:
    return ExpectedPerson(
        number=person.number,
        age_band=AgeBand(person.age_band),
        sex=Sex(person.sex),
        languages=tuple(person.languages),
        needs_interpreter=person.needs_interpreter,
        needs_escort=person.needs_escort,
        status=ExpectedStatus(person.status),
        case_id=person.case_id,
    )


def _notices(session: Session, ids: Sequence[UUID]) -> Sequence[Message]:
    """As each stands now; whoever changes one locks it first."""
    found = session.scalars(
        select(AdvanceNotice)
        .where(among(AdvanceNotice.id, ids))
        .order_by(AdvanceNotice.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    return [
        _told(each, people_of(session, each.id).values(), each.cancelled_at or each.given_at)
        for each in found
    ]


PASTS = (Past((AdvanceNoticeChanged,), AdvanceNotice.id, _notices),)
"""Every notice, as it stands."""
