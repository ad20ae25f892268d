"""What must be done about cases by whoever owns, received or shelters, and about drafts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Select,
    SQLColumnExpression,
    and_,
    cast,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import Session

from services.intake.domain.advance_notices.duties import unsettled
from services.intake.domain.drafts import begun_by
from services.intake.domain.immediate_needs import is_sheltered, ways_of
from services.intake.domain.initial_checks import IS_OWED, RECEIVED
from services.intake.domain.organisations import tenures
from services.intake.domain.reach import AREA, AREA_ON, OWNED, reached_as_owner
from services.intake.models import Assignment, Case, Draft, OfficerEnd, PersonMessage
from services.intake.policy import NOT_REACHED, Duty
from shared import clocks
from shared.access import Permission, visible
from shared.clocks import CLOCKS
from shared.contracts.vocabulary import ClockLevel, Role
from shared.duties import About, Due, Duties, Named, duty, operators
from shared.kit.clock import HAI_PHONG, local_date
from shared.kit.columns import TYPES
from shared.kit.subjects import Subject
from shared.messaging.alerts import AlertKind
from shared.messaging.tables import OPERATOR_ALERTS

_ALERT = OPERATOR_ALERTS.c
_CLOCK = CLOCKS.c
_IS_OF_LOOK = and_(_CLOCK.object_id == Case.id, _CLOCK.fact == RECEIVED)
_CHECK_BY = (
    # Of a verification that was opened again the clock that has ended still says the day.
    select(_CLOCK.due_at)
    .where(_IS_OF_LOOK)
    .order_by(_CLOCK.started_at.desc())
    .limit(1)
    .scalar_subquery()
)
CASE = About(
    Case.id,
    Case.code,
    age_band=Case.age_band,
    sex=Case.sex,
    area_code=AREA,
    area_on=AREA_ON,
)


def _urgent_needs(session: Session, subject: Subject, now: datetime) -> Select[Any]:
    """What cannot wait and was not seen to; no law was found that says by when.

    Whoever owns the case answers for it. Whoever shelters the person sees to it, and until somebody
    does, whoever received them.
    """
    today = local_date(now)
    ways = ways_of(subject, Permission.URGENCY_SETTLE, today)
    is_received = and_(ways.received, ~is_sheltered(today))
    is_owned = owned(session, subject, Permission.URGENCY_SETTLE, now)
    return _of_case(
        Duty.SEE_TO_URGENT_NEEDS, since=Case.urgent_since, link="immediate-needs"
    ).where(
        Case.urgent_since.is_not(None),
        Case.urgency_settled_at.is_(None),
        or_(is_received, ways.sheltered, is_owned),
    )


def _first_looks(session: Session, subject: Subject, now: datetime) -> Select[Any]:
    """Whoever reported themselves and was not checked first, each with its last day."""
    return _of_case(
        Duty.TAKE_FIRST_LOOK, since=Case.received_at, link="initial-check", due_at=_CHECK_BY
    ).where(IS_OWED, owned(session, subject, Permission.INITIAL_CHECK_RECORD, now))


def _looks_left(_session: Session, subject: Subject, _now: datetime) -> Select[Any]:
    """Whom the people of a case owner have not checked, when that has come to their manager.

    Of the person nothing, as of what nobody has read.
    """
    sight = visible(subject, Permission.NOTICE_READ, through=Role.MANAGER)
    is_with_head = _CLOCK.level.in_((ClockLevel.HEAD, ClockLevel.DEPARTMENT))
    return (
        duty(
            literal(str(Duty.SEE_TO_FIRST_LOOK)),
            subject="case",
            object_id=Case.id,
            since=_CLOCK.level_since,
            due_at=_CLOCK.due_at,
            link=func.concat("cases/", Case.id, "/initial-check"),
        )
        .join_from(Case, CLOCKS, _IS_OF_LOOK)
        .where(
            IS_OWED,
            _CLOCK.ended_at.is_(None),
            is_with_head,
            sight.reaches(own=[_CLOCK.level_holder_id]),
        )
    )


def _parts_that_are_over(session: Session, subject: Subject, now: datetime) -> Select[Any]:
    """Parts whose last day has passed and that nobody has ended."""
    ended_at = func.timezone(
        HAI_PHONG.key, cast(Assignment.valid_to, DateTime), type_=TYPES[datetime]
    )
    return (
        duty(
            literal(str(Duty.RENEW_ASSIGNMENT)),
            subject="assignment",
            object_id=Assignment.id,
            about=CASE,
            since=ended_at,
            link=func.concat("assignments?case_id=", Case.id),
        )
        .join_from(Assignment, Case, Assignment.case_id == Case.id)
        .where(
            Assignment.ended_at.is_(None),
            Assignment.valid_to <= local_date(now),
            owned(session, subject, Permission.CASE_ASSIGN, now),
        )
    )


def _owners_gone(session: Session, subject: Subject, now: datetime) -> Select[Any]:
    """Cases that have come back to their area, for whom they were handed to is no owner now."""
    return (
        _of_case(Duty.NAME_OWNER, since=_ALERT.raised_at, link="responsibility")
        .join_from(Case, OPERATOR_ALERTS, _ALERT.object_id == Case.id)
        .where(
            _ALERT.kind == AlertKind.OWNER_ENDED,
            _ALERT.settled_at.is_(None),
            owned(session, subject, Permission.CASE_HAND_OVER, now),
        )
    )


def _officers_gone(session: Session, subject: Subject, now: datetime) -> Select[Any]:
    """Cases in which somebody of one's own is named who acts in none any more.

    Whom a case was handed to owns it, unless it has come back to its area.
    """
    has_come_back = OWNED.are_left(tenures(session, Role.CASE_OWNER), local_date(now))
    return (
        _of_case(Duty.NAME_OFFICER, since=OfficerEnd.gone_at, link="responsibility")
        .join_from(Case, OfficerEnd, OfficerEnd.officer_id == Case.officer_id)
        .where(
            OfficerEnd.gone_at <= now,
            ~has_come_back,
            owned(session, subject, Permission.CASE_HAND_OVER, now),
        )
    )


def _persons_unreached(session: Session, subject: Subject, now: datetime) -> Select[Any]:
    """Messages to a person that did not arrive, or whose time is over; no law dates it."""
    is_over = and_(PersonMessage.outcome.is_(None), PersonMessage.send_before <= now)
    return (
        duty(
            literal(str(Duty.REACH_PERSON)),
            subject="person_message",
            object_id=PersonMessage.id,
            about=CASE,
            since=func.coalesce(PersonMessage.concluded_at, PersonMessage.send_before),
            link=func.concat("cases/", Case.id, "/contact"),
        )
        .join_from(PersonMessage, Case, PersonMessage.case_id == Case.id)
        .where(
            PersonMessage.reached_at.is_(None),
            or_(PersonMessage.outcome.in_(NOT_REACHED), is_over),
            owned(session, subject, Permission.PERSON_MESSAGE_ASK, now),
        )
    )


def _of_case(
    what: Duty, *, since: SQLColumnExpression[Any], link: str = "", due_at: Any = None
) -> Select[Any]:
    """What is done in a case as a whole; ``link`` is what leads there, behind its address."""
    return duty(
        literal(str(what)),
        subject="case",
        object_id=Case.id,
        about=CASE,
        since=since,
        due_at=due_at,
        link=func.concat("cases/", Case.id, f"/{link}" if link else ""),
    )


def owned(
    session: Session, subject: Subject, permission: Permission, now: datetime
) -> ColumnElement[bool]:
    """Cases that the subject reaches and its organisation owns today: of several one acts."""
    today = local_date(now)
    sight = visible(subject, permission, through=Role.CASE_OWNER)
    owning = tenures(session, Role.CASE_OWNER)
    owned = OWNED.are_owned(owning, subject.organisation_id, today)
    return and_(reached_as_owner(sight, today), owned)


def _drafts(_session: Session, subject: Subject, _now: datetime) -> Select[Any]:
    """What was begun and not submitted, for whoever began it."""
    return duty(
        literal(str(Duty.CONTINUE_DRAFT)),
        subject="draft",
        object_id=Draft.id,
        since=Draft.begun_at,
        link=func.concat("drafts/", Draft.id),
    ).where(begun_by(subject, Permission.DRAFT_KEEP), Draft.case_id.is_(None))


def _explain(session: Session, named: Sequence[Named]) -> Mapping[Named, Due]:
    """By which row the first look is due; none dates any other of these.

    Of what has just been received nothing, until it is on its clock.
    """
    looks = [each for each in named if each[0] in _OF_LOOKS]
    timed = clocks.find(session, RECEIVED, {case_id for _, case_id in looks})
    return {
        (what, case_id): Due(timed[case_id].period, timed[case_id].end)
        for what, case_id in looks
        if case_id in timed
    }


_OF_LOOKS = frozenset({Duty.TAKE_FIRST_LOOK, Duty.SEE_TO_FIRST_LOOK})


DUTIES = Duties(
    sources=(
        _urgent_needs,
        _first_looks,
        _looks_left,
        _parts_that_are_over,
        _owners_gone,
        _officers_gone,
        _persons_unreached,
        unsettled,
        _drafts,
        operators,
    ),
    explain=_explain,
)
