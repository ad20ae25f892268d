"""What must be done about cases by whoever owns, received or shelters, and about drafts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
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
from services.intake.domain.initial_checks import IS_OWED, due_of
from services.intake.domain.organisations import tenures
from services.intake.domain.reach import AREA, AREA_ON, OWNED, reached_as_owner
from services.intake.models import Assignment, Case, Draft, OfficerEnd, PersonMessage
from services.intake.policy import NOT_REACHED, Duty
from shared.access import Permission, visible
from shared.contracts.vocabulary import Role
from shared.duties import About, Due, Duties, Named, by_day, duty, operators
from shared.kit.arrays import among
from shared.kit.clock import HAI_PHONG, local_date
from shared.kit.columns import TYPES
from shared.kit.subjects import Subject
from shared.messaging.alerts import AlertKind
from shared.messaging.tables import OPERATOR_ALERTS

_ALERT = OPERATOR_ALERTS.c
_RECEIVED_ON = cast(func.timezone(HAI_PHONG.key, Case.received_at), Date)
_CASE = About(
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
    is_owned = _owned(session, subject, Permission.URGENCY_SETTLE, now)
    return _of_case(
        Duty.SEE_TO_URGENT_NEEDS, since=Case.urgent_since, link="immediate-needs"
    ).where(
        Case.urgent_since.is_not(None),
        Case.urgency_settled_at.is_(None),
        or_(is_received, ways.sheltered, is_owned),
    )


def _first_looks(session: Session, subject: Subject, now: datetime) -> Select[Any]:
    """Whoever reported themselves and was not checked first, each with its last day."""
    is_owed = and_(IS_OWED, _owned(session, subject, Permission.INITIAL_CHECK_RECORD, now))
    days = session.scalars(select(_RECEIVED_ON).distinct().where(is_owed))
    ends = by_day({day: due_of(day).end for day in days})
    return (
        _of_case(
            Duty.TAKE_FIRST_LOOK, since=Case.received_at, link="initial-check", due_at=ends.c.due_at
        )
        .select_from(Case)
        .outerjoin(ends, ends.c.day == _RECEIVED_ON)
        .where(is_owed)
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
            about=_CASE,
            since=ended_at,
            link=func.concat("assignments?case_id=", Case.id),
        )
        .join_from(Assignment, Case, Assignment.case_id == Case.id)
        .where(
            Assignment.ended_at.is_(None),
            Assignment.valid_to <= local_date(now),
            _owned(session, subject, Permission.CASE_ASSIGN, now),
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
            _owned(session, subject, Permission.CASE_HAND_OVER, now),
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
            _owned(session, subject, Permission.CASE_HAND_OVER, now),
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
            about=_CASE,
            since=func.coalesce(PersonMessage.concluded_at, PersonMessage.send_before),
            link=func.concat("cases/", Case.id, "/contact"),
        )
        .join_from(PersonMessage, Case, PersonMessage.case_id == Case.id)
        .where(
            PersonMessage.reached_at.is_(None),
            or_(PersonMessage.outcome.in_(NOT_REACHED), is_over),
            _owned(session, subject, Permission.PERSON_MESSAGE_ASK, now),
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
        about=_CASE,
        since=since,
        due_at=due_at,
        link=func.concat("cases/", Case.id, f"/{link}" if link else ""),
    )


def _owned(
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
    """By which row the first look is due; none dates any other of these."""
    ids = {each for what, each in named if what == Duty.TAKE_FIRST_LOOK}
    found = session.execute(select(Case.id, _RECEIVED_ON).where(among(Case.id, ids))).all()
    return {(str(Duty.TAKE_FIRST_LOOK), case_id): due_of(day) for case_id, day in found}


DUTIES = Duties(
    sources=(
        _urgent_needs,
        _first_looks,
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
