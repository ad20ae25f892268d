"""What a facility, its manager and a case owner must do about stays."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

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
    or_,
    select,
)
from sqlalchemy.orm import Session, aliased

from services.livelihood_support.domain.owning import owned_by
from services.livelihood_support.domain.reach import PLACE
from services.livelihood_support.domain.stays.facilities import facilities, held_on
from services.livelihood_support.domain.stays.moving import SUBJECT
from services.livelihood_support.domain.stays.reach import stay_reached_as
from services.livelihood_support.models import CaseFile, Stay, StayMoveRow
from services.livelihood_support.policy import (
    OPEN_STAYS,
    STAY_BEGAN,
    Duty,
    StayMove,
    StayParty,
)
from shared import clocks
from shared.access import Permission, visible
from shared.clocks import CLOCKS
from shared.contracts.vocabulary import ClockLevel, Role, StayStatus
from shared.duties import NO_CASE, About, Due, duty
from shared.kit.arrays import among
from shared.kit.clock import HAI_PHONG, local_date
from shared.kit.columns import TYPES
from shared.kit.subjects import Subject

_CLOCK = CLOCKS.c
_RUNS = and_(_CLOCK.object_id == Stay.id, _CLOCK.fact == STAY_BEGAN, _CLOCK.ended_at.is_(None))
_DUE_AT = select(_CLOCK.due_at).where(_RUNS).scalar_subquery()
_UNHELD_SINCE = (
    select(_CLOCK.level_since)
    .where(_RUNS, _CLOCK.level.is_not(None), _CLOCK.level_holder_id.is_(None))
    .scalar_subquery()
)
"""When its time came to a level that nobody in the facility holds."""
_IS_EXPECTED = Stay.status == StayStatus.ANNOUNCED
_IS_THERE = Stay.status == StayStatus.STAYING
_IS_OPEN = among(Stay.status, sorted(OPEN_STAYS))


def _begins(day: SQLColumnExpression[Any]) -> SQLColumnExpression[datetime]:
    return func.timezone(HAI_PHONG.key, cast(day, DateTime), type_=TYPES[datetime])


_AFTER_EXTENSION = _begins(Stay.extended_until + 1)
_DECLINED_AT = (
    select(func.max(StayMoveRow.at))
    .where(StayMoveRow.stay_id == Stay.id, StayMoveRow.move == StayMove.DECLINE)
    .scalar_subquery()
)
_CASE = About(
    Stay.case_id,
    CaseFile.code,
    age_band=CaseFile.age_band,
    sex=CaseFile.sex,
    area_code=CaseFile.area_code,
    area_on=PLACE.told_on,
)
_LINK = func.concat("stays/", Stay.id)


def facilitys_turn(_session: Session, subject: Subject, now: datetime) -> Select[Any]:
    """Whom it expects, whom it houses and until when, and whose day is over."""
    what = case(
        (_IS_EXPECTED, literal(str(Duty.RECORD_ARRIVAL))),
        (_is_over(now), str(Duty.END_STAY)),
        else_=str(Duty.PREPARE_LEAVING),
    )
    since = case(
        (_IS_EXPECTED, Stay.announced_at),
        (_is_over(now), func.coalesce(_AFTER_EXTENSION, _DUE_AT)),
        else_=_begins(Stay.arrived_on),
    )
    reach = stay_reached_as(subject, Permission.STAY_MOVE, now)
    return _about(what, since=since).where(_IS_OPEN, reach[StayParty.FACILITY])


def _is_over(now: datetime) -> Any:
    """Whether the last day has passed: by the law, or by the decision that prolonged the stay."""
    is_past = Stay.extended_until < local_date(now)
    return and_(_IS_THERE, or_(is_past, now >= _DUE_AT))


def managers_turn(_session: Session, subject: Subject, _now: datetime) -> Select[Any]:
    """Whose time is nearly over, when that has come to the manager; nothing of a case."""
    sight = visible(subject, Permission.NOTICE_READ, through=Role.MANAGER)
    return (
        duty(
            literal(str(Duty.SEE_TO_STAY)),
            subject=SUBJECT,
            object_id=Stay.id,
            about=NO_CASE,
            since=_CLOCK.level_since,
            due_at=_CLOCK.due_at,
            link=_LINK,
        )
        .join_from(Stay, CLOCKS, _RUNS)
        .where(
            _CLOCK.level.in_((ClockLevel.HEAD, ClockLevel.DEPARTMENT)),
            sight.reaches(own=[Stay.facility_id]),
        )
    )


def case_owners_turn(session: Session, subject: Subject, now: datetime) -> Select[Any]:
    """Whom no facility takes in, whose facility is none any more, and whose day is over.

    And whose day is near while nobody in the facility can be told.
    """
    housing = held_on(facilities(session), local_date(now))
    is_homeless = and_(_IS_OPEN, ~among(Stay.facility_id, housing))
    later = aliased(Stay)
    is_last = ~exists().where(later.case_id == Stay.case_id, later.announced_at > Stay.announced_at)
    is_declined = and_(Stay.status == StayStatus.DECLINED, is_last)
    what = case(
        (or_(is_declined, is_homeless), literal(str(Duty.FIND_FACILITY))),
        else_=str(Duty.ASK_FACILITY),
    )
    since = case(
        (is_declined, _DECLINED_AT),
        (_is_over(now), func.coalesce(_AFTER_EXTENSION, _DUE_AT)),
        (_UNHELD_SINCE.is_not(None), _UNHELD_SINCE),
        else_=Stay.announced_at,
    )
    reach = stay_reached_as(subject, Permission.STAY_MOVE, now)
    return _about(what, since=since).where(
        or_(is_declined, is_homeless, _is_over(now), _UNHELD_SINCE.is_not(None)),
        reach[StayParty.CASE_OWNER],
        owned_by(session, subject.organisation_id, now),
    )


def _about(what: SQLColumnExpression[str], *, since: SQLColumnExpression[Any]) -> Select[Any]:
    """Of the case its code, and of the person what a facility prepares for; never who it is."""
    return (
        duty(
            what,
            subject=SUBJECT,
            object_id=Stay.id,
            about=_CASE,
            since=since,
            due_at=case((_IS_THERE, _DUE_AT)),
            link=_LINK,
        )
        .select_from(Stay)
        .join(CaseFile, CaseFile.case_id == Stay.case_id)
    )


TURNS = (facilitys_turn, managers_turn, case_owners_turn)
TIMED = (Duty.PREPARE_LEAVING, Duty.END_STAY, Duty.SEE_TO_STAY, Duty.ASK_FACILITY)
"""The duties that may be due by the law; a day that a decision sets is of no row."""


def explain_stays(session: Session, stay_ids: Collection[UUID]) -> Iterator[tuple[UUID, Due]]:
    """By which row each of these is due, as long as it runs."""
    timed = clocks.find(session, STAY_BEGAN, stay_ids)
    for each, clock in timed.items():
        if clock.ended_at is None:
            yield each, Due(clock.period, clock.end)
