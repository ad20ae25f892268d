"""The first look at what a person reported: who took it, when, with whom, and what it found."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import and_, exists, literal_column, select
from sqlalchemy.orm import Session

from services.intake.domain.journey import StepFacts, note_steps
from services.intake.domain.organisations import tenures
from services.intake.domain.parts import lock_own
from services.intake.domain.reading import visible_cases
from services.intake.errors import (
    CaseNotFound,
    CheckedOnUnfit,
    CompanyUnfit,
    InitialCheckRecorded,
)
from services.intake.models import Case, InitialCheck
from services.intake.policy import (
    CHECKED_WHILE,
    InitialCheckOutcome,
    StepKind,
    is_company_needed,
    is_day_fit,
)
from shared import clocks
from shared.access import Permission
from shared.contracts.vocabulary import Role
from shared.duties import Due
from shared.kit import audit
from shared.kit.arrays import among
from shared.kit.clock import local_date
from shared.kit.identifiers import new_id
from shared.kit.subjects import Subject
from shared.law import CHECKED_FIRST, PeriodKey, end_of, regime_at
from shared.places.holders import may_own
from shared.rulebook import rules_of

RECEIVED = "case.received"
"""The fact with which its time begins, as the row of law names it."""
IS_OWED = and_(
    among(Case.route, sorted(CHECKED_FIRST)),
    # As the index says it: of what verification answered years ago nothing is read.
    Case.status.in_([literal_column(f"'{each}'") for each in CHECKED_WHILE]),
    ~exists().where(InitialCheck.case_id == Case.id),
)
"""The cases in which somebody waits for the first look."""


@dataclass(frozen=True)
class CheckFacts:
    """What the owner of a case says of the first look."""

    checked_on: date
    outcome: InitialCheckOutcome
    together_with_id: UUID | None
    evidence_ref: str | None


@dataclass(frozen=True)
class CheckView:
    """Whether the first look is owed, by which rule and when, and what it found."""

    case_id: UUID
    is_owed: bool
    is_company_needed: bool
    due: Due | None
    """Unset on a route whose law asks for none."""
    check: InitialCheck | None


def _due_of(session: Session, case: Case) -> Due:
    """By which row, and when, the first look is due: as its clock says, wherever it has one.

    No end where the row has no amount.
    """
    clock = clocks.find(session, RECEIVED, [case.id]).get(case.id)
    if clock is not None:
        return Due(clock.period, clock.end)
    on = local_date(case.received_at)
    rule = rules_of(session).find(PeriodKey.RECEPTION_INITIAL_CHECK, on=on, regime=regime_at(on))
    return Due(rule, end_of(rule, case.received_at))


def find_check(session: Session, *, case_id: UUID, subject: Subject, on: date) -> CheckView:
    """Read the first look of a case; raises ``CaseNotFound``."""
    asked = visible_cases(subject, Permission.INITIAL_CHECK_READ, on).where(Case.id == case_id)
    found = session.execute(asked.add_columns(IS_OWED)).one_or_none()
    if found is None:
        raise CaseNotFound
    case, is_owed = found
    received_on = local_date(case.received_at)
    return CheckView(
        case_id=case_id,
        is_owed=is_owed,
        is_company_needed=is_company_needed(received_on),
        due=_due_of(session, case) if case.route in CHECKED_FIRST else None,
        check=_check_of(session, case_id),
    )


def record_check(
    session: Session, *, case_id: UUID, subject: Subject, facts: CheckFacts, now: datetime
) -> InitialCheck:
    """The owner of the case has taken the first look; a step of the journey says so.

    Raises ``CaseNotFound``, ``NotResponsibleNow``, ``InitialCheckRecorded``, ``CheckedOnUnfit`` and
    ``CompanyUnfit``.
    """
    permission = Permission.INITIAL_CHECK_RECORD
    case = lock_own(session, case_id=case_id, subject=subject, permission=permission, now=now)
    if _check_of(session, case_id) is not None:
        raise InitialCheckRecorded
    _refuse_unfit(session, case, facts, today=local_date(now))
    made = InitialCheck(
        id=new_id(),
        case_id=case_id,
        organisation_id=subject.organisation_id,
        recorded_by=subject.actor,
        recorded_at=now,
        **vars(facts),
    )
    session.add(made)
    step = StepFacts(
        case_id,
        now,
        StepKind.INITIAL_CHECK,
        made.id,
        outcome=facts.outcome,
        organisation_id=subject.organisation_id,
    )
    note_steps(session, [step])
    audit.record(
        session,
        actor=subject.actor,
        action="initial_check.record",
        object_id=case_id,
        now=now,
        outcome=facts.outcome,
    )
    return made


def _check_of(session: Session, case_id: UUID) -> InitialCheck | None:
    return session.scalar(select(InitialCheck).where(InitialCheck.case_id == case_id))


def _refuse_unfit(session: Session, case: Case, facts: CheckFacts, *, today: date) -> None:
    received_on = local_date(case.received_at)
    if not is_day_fit(facts.checked_on, received_on=received_on, today=today):
        raise CheckedOnUnfit
    named = facts.together_with_id
    if named is None:
        if is_company_needed(received_on):
            raise CompanyUnfit
    elif not may_own(tenures(session, Role.VERIFIER), named, on=facts.checked_on):
        raise CompanyUnfit
