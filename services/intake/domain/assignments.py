"""A case owner gives a facility or a protector a part in a case, and ends it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, select, tuple_
from sqlalchemy.orm import Session

from services.intake.domain.organisations import tenures
from services.intake.domain.parts import lock_own, owner_of
from services.intake.domain.reach import reached_as_owner
from services.intake.errors import (
    AlreadyAssigned,
    AssigneeUnfit,
    AssignmentEnded,
    AssignmentNotFound,
    CaseNotFound,
    CaseNotNamed,
    DaysUnfit,
    NotResponsibleNow,
    ReasonUnfit,
)
from services.intake.models import Assignment, Case
from services.intake.policy import BEGINNING, ENDING, AssignedRole, AssignmentReason
from shared.access import Permission, Scope, Sight, visible
from shared.contracts.vocabulary import Role
from shared.kit import audit
from shared.kit.clock import local_date, minute_of
from shared.kit.identifiers import new_reference
from shared.kit.subjects import Subject


@dataclass(frozen=True)
class AssignmentFacts:
    """Who gets a part, in which role, why, from when until before when."""

    organisation_id: UUID
    role: AssignedRole
    reason: AssignmentReason
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True)
class AssignmentView:
    """A part in a case as one subject may see it."""

    id: UUID
    case_id: UUID
    case_code: str
    person: Case | None
    """Of whom an age band, a sex and a place are shown; unset on a day on which it is not held."""
    organisation_id: UUID
    role: str
    reason: str
    valid_from: date
    valid_to: date | None
    assigned_at: datetime
    ended_at: datetime | None
    end_reason: str | None


def assign(
    session: Session,
    *,
    case_id: UUID,
    subject: Subject,
    facts: AssignmentFacts,
    actor: str,
    now: datetime,
) -> AssignmentView:
    """Give an organisation a part in a case; only whoever owns the case does.

    Refused: days that are none; an organisation that does not hold the role on the first day; a
    second part of the same organisation in the same role, while the first has not ended. One
    whose days have passed is ended here, for it opens nothing any more.
    """
    permission, today = Permission.CASE_ASSIGN, local_date(now)
    case = lock_own(session, case_id=case_id, subject=subject, permission=permission, now=now)
    _check_reason(facts.reason, is_ending=False)
    if facts.valid_to is not None and facts.valid_to <= facts.valid_from:
        raise DaysUnfit
    held = [it for it in tenures(session, Role(facts.role)) if it.is_held(facts.valid_from)]
    if facts.organisation_id not in {it.organisation_id for it in held}:
        raise AssigneeUnfit
    if (former := session.scalar(_open(case_id, facts))) is not None:
        if not former.is_over(today):
            raise AlreadyAssigned
        _end(session, former, AssignmentReason.DAYS_OVER, actor=actor, now=now)
    made = Assignment(id=new_reference(), case_id=case_id, assigned_at=now, **vars(facts))
    session.add(made)
    _note(session, made, action="assignment.make", reason=facts.reason, actor=actor, now=now)
    return _seen(made, case, today, _exactly)


def end_assignment(
    session: Session,
    *,
    case_id: UUID,
    assignment_id: UUID,
    subject: Subject,
    reason: AssignmentReason,
    actor: str,
    now: datetime,
) -> AssignmentView:
    """End a part at once; from now on its organisation opens the file no more."""
    permission = Permission.CASE_ASSIGN
    case = lock_own(session, case_id=case_id, subject=subject, permission=permission, now=now)
    _check_reason(reason, is_ending=True)
    found = session.scalar(
        select(Assignment)
        .where(Assignment.id == assignment_id, Assignment.case_id == case_id)
        .with_for_update()
    )
    if found is None:
        raise AssignmentNotFound
    if found.ended_at is not None:
        raise AssignmentEnded
    _end(session, found, reason, actor=actor, now=now)
    return _seen(found, case, local_date(now), _exactly)


def find_assignments(
    session: Session,
    *,
    subject: Subject,
    case_id: UUID | None,
    is_held: bool | None = None,
    on: date,
    after: UUID | None,
    size: int,
) -> list[AssignmentView]:
    """Parts in cases, oldest first: an organisation reads its own, an owner all of its case.

    ``is_held`` leaves those that are held today, or the others.

    Whoever does not own the case reads of instants the minute (ADR 0020). A case owner that is no
    facility and no protector names the case: ``CaseNotNamed``, ``CaseNotFound``,
    ``NotResponsibleNow``.
    """
    sight = visible(subject, Permission.ASSIGNMENT_READ)
    is_owner = _reads_all(session, sight, case_id, on)
    made = (Assignment.assigned_at, Assignment.id)
    asked = select(Assignment, Case).join(Case).order_by(*made).limit(size)
    last = select(*made).where(Assignment.id == after)
    if not is_owner:
        # After another organisation's assignment, as after none at all, comes nothing.
        own = sight.reaches(on=on, own=[Assignment.organisation_id])
        asked, last = asked.where(own), last.where(own)
    if case_id is not None:
        asked = asked.where(Assignment.case_id == case_id)
    if is_held is not None:
        asked = asked.where(held_on(on) if is_held else ~held_on(on))
    if after is not None:
        asked = asked.where(tuple_(*made) > last.scalar_subquery())
    moment = _exactly if is_owner else minute_of
    return [_seen(each, case, on, moment) for each, case in session.execute(asked)]


def held_on(on: date) -> ColumnElement[bool]:
    """What ``Assignment.is_live`` says of one, as a WHERE."""
    is_over = and_(Assignment.valid_to.is_not(None), Assignment.valid_to <= on)
    return and_(Assignment.valid_from <= on, ~is_over, Assignment.ended_at.is_(None))


def _reads_all(session: Session, sight: Sight, case_id: UUID | None, on: date) -> bool:
    """Whether the subject owns the case; refused where it could not have a part of its own."""
    if not sight.is_over_areas:
        return False
    asked = select(Case).where(Case.id == case_id, reached_as_owner(sight, on))
    case = None if case_id is None else session.scalar(asked)
    if case is not None and owner_of(session, case, on=on) == sight.organisation_id:
        return True
    if Scope.OWN in sight.scopes:
        return False
    if case_id is None:
        raise CaseNotNamed
    raise CaseNotFound if case is None else NotResponsibleNow


def _exactly(instant: datetime) -> datetime:
    return instant


def _seen(
    row: Assignment, case: Case, on: date, moment: Callable[[datetime], datetime]
) -> AssignmentView:
    return AssignmentView(
        id=row.id,
        case_id=row.case_id,
        case_code=case.code,
        person=case if row.is_live(on) else None,
        organisation_id=row.organisation_id,
        role=row.role,
        reason=row.reason,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        assigned_at=moment(row.assigned_at),
        ended_at=row.ended_at and moment(row.ended_at),
        end_reason=row.end_reason,
    )


def _check_reason(reason: AssignmentReason, *, is_ending: bool) -> None:
    usable = ENDING if is_ending else BEGINNING
    if reason not in usable:
        raise ReasonUnfit(reasons=sorted(usable))


def _end(
    session: Session, found: Assignment, reason: AssignmentReason, *, actor: str, now: datetime
) -> None:
    found.ended_at, found.end_reason = now, reason
    _note(session, found, action="assignment.end", reason=reason, actor=actor, now=now)
    session.flush()


def _open(case_id: UUID, facts: AssignmentFacts) -> Select[Assignment]:
    return select(Assignment).where(
        Assignment.case_id == case_id,
        Assignment.organisation_id == facts.organisation_id,
        Assignment.role == facts.role,
        Assignment.ended_at.is_(None),
    )


def _note(
    session: Session,
    found: Assignment,
    *,
    action: str,
    reason: AssignmentReason,
    actor: str,
    now: datetime,
) -> None:
    audit.record(
        session,
        actor=actor,
        action=action,
        object_id=found.case_id,
        now=now,
        assignment_id=str(found.id),
        organisation_id=str(found.organisation_id),
        role=found.role,
        reason=reason,
    )
