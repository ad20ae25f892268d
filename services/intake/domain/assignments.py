"""A case owner gives a facility or a protector a part in a case, and ends it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from services.intake.domain.organisations import tenures
from services.intake.domain.parts import owner_of
from services.intake.domain.reading import lock_case
from services.intake.errors import (
    AlreadyAssigned,
    AssigneeUnfit,
    AssignmentEnded,
    AssignmentNotFound,
    DaysUnfit,
    NotResponsibleNow,
    ReasonUnfit,
)
from services.intake.models import Assignment, Case
from services.intake.policy import ENDING, AssignedRole, AssignmentReason
from shared.contracts.vocabulary import Role
from shared.kit import audit
from shared.kit.clock import local_date
from shared.kit.identifiers import new_id
from shared.kit.readers import Reader


@dataclass(frozen=True)
class AssignmentFacts:
    """Who gets a part, in which role, why, from when until before when."""

    organisation_id: UUID
    role: AssignedRole
    reason: AssignmentReason
    valid_from: date
    valid_to: date | None


def assign(
    session: Session,
    *,
    case_id: UUID,
    reader: Reader,
    facts: AssignmentFacts,
    actor: str,
    now: datetime,
) -> Assignment:
    """Give an organisation a part in a case; only whoever owns the case does.

    Refused: days that are none; an organisation that does not hold the role on the first day; a
    second part of the same organisation in the same role, while the first has not ended.
    """
    _lock_own(session, case_id, reader, now)
    _check_reason(facts.reason, is_ending=False)
    if facts.valid_to is not None and facts.valid_to <= facts.valid_from:
        raise DaysUnfit
    held = [it for it in tenures(session, Role(facts.role)) if it.is_held(facts.valid_from)]
    if facts.organisation_id not in {it.organisation_id for it in held}:
        raise AssigneeUnfit
    if session.scalar(_open(case_id, facts)) is not None:
        raise AlreadyAssigned
    made = Assignment(id=new_id(), case_id=case_id, assigned_at=now, **vars(facts))
    session.add(made)
    _note(session, made, action="assignment.make", reason=facts.reason, actor=actor, now=now)
    return made


def end_assignment(
    session: Session,
    *,
    case_id: UUID,
    assignment_id: UUID,
    reader: Reader,
    reason: AssignmentReason,
    actor: str,
    now: datetime,
) -> Assignment:
    """End a part at once; from now on its organisation opens the file no more."""
    _lock_own(session, case_id, reader, now)
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
    found.ended_at, found.end_reason = now, reason
    _note(session, found, action="assignment.end", reason=reason, actor=actor, now=now)
    return found


def find_assignments(
    session: Session, *, reader: Reader, case_id: UUID | None, after: UUID | None, size: int
) -> Sequence[Assignment]:
    """Parts in cases, oldest first: an organisation reads its own, a case owner all."""
    asked = select(Assignment).order_by(Assignment.id).limit(size)
    if not reader.holds(Role.CASE_OWNER):
        asked = asked.where(Assignment.organisation_id == reader.organisation_id)
    if case_id is not None:
        asked = asked.where(Assignment.case_id == case_id)
    if after is not None:
        asked = asked.where(Assignment.id > after)
    return session.scalars(asked).all()


def _lock_own(session: Session, case_id: UUID, reader: Reader, now: datetime) -> Case:
    case = lock_case(session, case_id=case_id, reader=reader)
    if owner_of(session, case, on=local_date(now)) != reader.organisation_id:
        raise NotResponsibleNow
    return case


def _check_reason(reason: AssignmentReason, *, is_ending: bool) -> None:
    usable = ENDING if is_ending else frozenset(AssignmentReason) - ENDING
    if reason not in usable:
        raise ReasonUnfit(reasons=sorted(usable))


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
