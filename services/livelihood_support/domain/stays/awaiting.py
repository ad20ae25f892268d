"""What must be done before a handover: the facility says who escorts, the owner mends lacks."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, literal, or_, select
from sqlalchemy.orm import Session

from services.livelihood_support.domain.stays.held import housed_by, is_open, owned_at
from services.livelihood_support.models import Handover, HeldPlace
from services.livelihood_support.policy import Duty, HeldStatus
from shared.access import Permission
from shared.duties import duty
from shared.kit.subjects import Subject

SUBJECT = "advance_notice"
_LINK = func.concat("held-places?notice_id=", Handover.notice_id)
_ESCORTED = (
    select(func.count())
    .where(
        HeldPlace.notice_id == Handover.notice_id,
        HeldPlace.status == HeldStatus.HELD,
        HeldPlace.needs_escort,
    )
    .scalar_subquery()
)


def unanswered(_session: Session, subject: Subject, _now: datetime) -> Select[Any]:
    """Somebody is to be escorted, and the facility has not said by how many."""
    return duty(
        literal(str(Duty.ANSWER_HANDOVER)),
        subject=SUBJECT,
        object_id=Handover.notice_id,
        since=Handover.asked_at,
        link=_LINK,
    ).where(
        is_open(),
        Handover.escorts.is_(None),
        _ESCORTED > 0,
        housed_by(subject, Permission.FACILITY_TELL),
    )


def unprepared(session: Session, subject: Subject, now: datetime) -> Select[Any]:
    """Nobody takes these people in, or fewer escorts come than are needed."""
    is_short = and_(Handover.escorts.is_not(None), Handover.escorts < _ESCORTED)
    return duty(
        literal(str(Duty.PREPARE_HANDOVER)),
        subject=SUBJECT,
        object_id=Handover.notice_id,
        since=func.coalesce(Handover.answered_at, Handover.asked_at),
        link=_LINK,
    ).where(
        is_open(),
        or_(Handover.facility_id.is_(None), is_short),
        owned_at(session, subject, Permission.STAY_MOVE, now),
    )


TURNS = (unanswered, unprepared)
