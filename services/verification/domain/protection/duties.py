"""What a protector, its manager and a case owner must do about protection."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    DateTime,
    Select,
    SQLColumnExpression,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    null,
    or_,
    select,
)
from sqlalchemy.orm import Session

from services.verification.domain.owning import owned_by
from services.verification.domain.protection.asking import SUBJECT
from services.verification.domain.protection.reach import IN_CASE, protection_reached_as
from services.verification.models import Protection, ProtectionMoveRow, Verification
from services.verification.policy import (
    OPEN_PROTECTION,
    PROTECTION_ASKED,
    Duty,
    ProtectionMove,
    ProtectionParty,
    ProtectionStatus,
)
from shared import clocks
from shared.access import Permission, visible
from shared.clocks import CLOCKS
from shared.contracts.vocabulary import ClockLevel, Role
from shared.duties import NO_CASE, About, Due, Named, duty
from shared.kit.arrays import among
from shared.kit.clock import HAI_PHONG, local_date
from shared.kit.subjects import Subject
from shared.messaging.alerts import AlertKind
from shared.messaging.tables import OPERATOR_ALERTS

_STATUS = Protection.status
_IS_AWAITED = _STATUS == ProtectionStatus.REQUESTED
_CLOCK = CLOCKS.c
_RUNS = and_(
    _CLOCK.object_id == Protection.id,
    _CLOCK.fact == PROTECTION_ASKED,
    _CLOCK.ended_at.is_(None),
)
_DUE_AT = select(_CLOCK.due_at).where(_RUNS).scalar_subquery()
_ALERT = OPERATOR_ALERTS.c
_IS_STILL = and_(
    _ALERT.object_id == Protection.id,
    _ALERT.settled_at.is_(None),
    _ALERT.kind.in_(
        (AlertKind.PROTECTOR_ENDED, AlertKind.PROTECTION_OVERDUE, AlertKind.LEVEL_UNHELD)
    ),
)
_LAST_GIVEN = (
    select(func.max(ProtectionMoveRow.at))
    .where(
        ProtectionMoveRow.protection_id == Protection.id,
        ProtectionMoveRow.move.in_((ProtectionMove.REQUEST, ProtectionMove.ASSIGN)),
    )
    .scalar_subquery()
)
_REVIEW_FROM = func.timezone(HAI_PHONG.key, cast(Protection.review_on, DateTime))


def protectors_turn(_session: Session, subject: Subject, now: datetime) -> Select[Any]:
    """What it was asked to decide and has not, and what it said it would look at again by now."""
    reach = protection_reached_as(subject, Permission.PROTECTION_MOVE, now)
    what = case(
        (_IS_AWAITED, literal(str(Duty.DECIDE_PROTECTION))), else_=str(Duty.REVIEW_PROTECTION)
    )
    is_to_review = Protection.review_on <= local_date(now)
    return _about(what, since=case((_IS_AWAITED, _LAST_GIVEN), else_=_REVIEW_FROM)).where(
        or_(_IS_AWAITED, is_to_review), reach[ProtectionParty.PROTECTOR]
    )


def managers_turn(_session: Session, subject: Subject, _now: datetime) -> Select[Any]:
    """What its organisation has not decided, when it has come to the manager; nothing of a case."""
    sight = visible(subject, Permission.NOTICE_READ, through=Role.MANAGER)
    is_with_head = exists().where(_RUNS, _CLOCK.level.in_((ClockLevel.HEAD, ClockLevel.DEPARTMENT)))
    return duty(
        literal(str(Duty.SEE_TO_PROTECTION)),
        subject=SUBJECT,
        object_id=Protection.id,
        about=NO_CASE,
        since=select(_CLOCK.level_since).where(_RUNS).scalar_subquery(),
        due_at=_DUE_AT,
        link=_LINK,
    ).where(is_with_head, sight.reaches(own=[Protection.protector_id]))


def case_owners_turn(session: Session, subject: Subject, now: datetime) -> Select[Any]:
    """What nobody protects or decides about, and what was not decided in time."""
    is_unasked = and_(_IS_AWAITED, Protection.protector_id.is_(None))
    what = case(
        (
            or_(is_unasked, _ALERT.kind == AlertKind.PROTECTOR_ENDED),
            literal(str(Duty.FIND_PROTECTOR)),
        ),
        (_ALERT.kind == AlertKind.LEVEL_UNHELD, str(Duty.REMIND_PROTECTOR)),
        else_=str(Duty.ASK_PROTECTOR),
    )
    reach = protection_reached_as(subject, Permission.PROTECTION_MOVE, now)
    return (
        _about(what, since=func.coalesce(_ALERT.raised_at, _LAST_GIVEN))
        .outerjoin(OPERATOR_ALERTS, _IS_STILL)
        .where(
            among(_STATUS, sorted(OPEN_PROTECTION)),
            or_(is_unasked, _ALERT.id.is_not(None)),
            reach[ProtectionParty.CASE_OWNER],
            owned_by(session, subject.organisation_id, now),
        )
    )


_LINK = func.concat("protections/", Protection.id)


def _about(what: SQLColumnExpression[str], *, since: SQLColumnExpression[Any]) -> Select[Any]:
    """Of the case what a protector may know: its code and where it is, never who it is."""
    return (
        duty(
            what,
            subject=SUBJECT,
            object_id=Protection.id,
            about=About(
                Protection.case_id,
                Verification.case_code,
                age_band=Verification.age_band,
                area_code=Verification.area_code,
                area_on=Verification.area_told_on,
            ),
            since=since,
            due_at=case((_IS_AWAITED, _DUE_AT), else_=null()),
            link=_LINK,
        )
        .select_from(Protection)
        .join(Verification, IN_CASE)
    )


TURNS = (protectors_turn, managers_turn, case_owners_turn)


def explain(session: Session, named: Sequence[Named]) -> dict[Named, Due]:
    """By which row each of these is to be decided, and when; a review is of no row."""
    running = [each for each in named if each[0] in _DATED]
    timed = clocks.find(session, PROTECTION_ASKED, {each for _, each in running})
    return {
        (what, each): Due(timed[each].period, timed[each].end)
        for what, each in running
        if each in timed and timed[each].ended_at is None
    }


_DATED = frozenset(
    {
        Duty.DECIDE_PROTECTION,
        Duty.SEE_TO_PROTECTION,
        Duty.FIND_PROTECTOR,
        Duty.REMIND_PROTECTOR,
        Duty.ASK_PROTECTOR,
    }
)
WAITING = frozenset({Duty.ASK_PROTECTOR, Duty.REMIND_PROTECTOR})
"""What the case owner looks after while it is somebody else's turn."""
