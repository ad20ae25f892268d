"""A concluded verification becomes a plan: entitlements, and a referral for each asked-for one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from services.livelihood_support.domain import rules
from services.livelihood_support.domain.alerts import alert_row
from services.livelihood_support.domain.cases import consented_kinds
from services.livelihood_support.domain.locks import LockedCase, lock_cases
from services.livelihood_support.domain.placement import (
    Seeker,
    choose_places,
    record_placements,
)
from services.livelihood_support.domain.places import lock_places
from services.livelihood_support.domain.remembering import retrace_new
from services.livelihood_support.domain.retracing import write_steps
from services.livelihood_support.models import (
    Alert,
    AlertKind,
    Entitlement,
    Plan,
    Referral,
    Seed,
)
from services.livelihood_support.policy import (
    Decision,
    category_of,
    compute_entitlements,
    known_facts,
)
from services.livelihood_support.policy import Entitlement as Answer
from shared.contracts import PlanOpened
from shared.contracts.vocabulary import (
    AgeBand,
    Citizenship,
    EntitlementCode,
    PersonCategory,
    Regime,
    VerificationOutcome,
)
from shared.kit import audit
from shared.kit.documents import ON_CONFLICT_DO_NOTHING, document, insert_rows
from shared.kit.identifiers import id_of
from shared.messaging import outbox


@dataclass(frozen=True)
class Conclusion:
    """How the verification of a case ended, and the law it runs under."""

    case_id: UUID
    outcome: VerificationOutcome
    regime: Regime
    concluded_at: datetime


@dataclass(frozen=True)
class NewPlan:
    """A plan in the making: the answers for every code, and what was both asked and granted."""

    id: UUID
    case: LockedCase
    regime: Regime
    category: PersonCategory
    answers: tuple[Answer, ...]

    def decided(self, decision: Decision) -> tuple[EntitlementCode, ...]:
        """The codes with this answer."""
        return tuple(each.code for each in self.answers if each.decision is decision)

    @property
    def to_refer(self) -> tuple[EntitlementCode, ...]:
        """The codes that were requested and are granted, in the order of the request."""
        granted = self.decided(Decision.ENTITLED)
        return tuple(code for code in self.case.requested_services if code in granted)


def open_plans(
    session: Session,
    *,
    conclusions: Sequence[Conclusion],
    now: datetime,
    actor: str,
) -> None:
    """Record how verifications ended; an identified person gets a plan, once, and referrals.

    Costs the same dozen statements for one conclusion and for a frame of them. Refused when a
    case was not received yet. Not identified, and withdrawn, open no plan.
    """
    cases = lock_cases(session, [each.case_id for each in conclusions])
    _record_conclusions(session, conclusions, actor, now)
    plans = _new_plans(session, conclusions, cases)
    if plans:
        _store_plans(session, plans, now)
        _refer(session, plans, actor, now)


_CONCLUDE = text(
    """
    UPDATE case_files
       SET verification_outcome = told.outcome, verification_regime = told.regime,
           concluded_at = told.concluded_at
      FROM json_to_recordset(CAST(:rows AS json))
           AS told(case_id uuid, outcome text, regime text, concluded_at timestamptz)
     WHERE case_files.case_id = told.case_id
    """,
)


def _record_conclusions(
    session: Session,
    conclusions: Sequence[Conclusion],
    actor: str,
    now: datetime,
) -> None:
    rows = [vars(each) for each in conclusions]
    session.execute(_CONCLUDE, {"rows": document(rows)})
    for each in conclusions:
        audit.record(
            session,
            actor=actor,
            action=f"verification.{each.outcome}",
            object_id=each.case_id,
            now=now,
        )


def _new_plans(
    session: Session,
    conclusions: Sequence[Conclusion],
    cases: Mapping[UUID, LockedCase],
) -> list[NewPlan]:
    known = set(
        session.scalars(select(Plan.case_id).where(Plan.case_id.in_(cases))),
    )
    seed = session.scalars(select(Seed.value)).one()
    return [
        _plan(cases[each.case_id], each.regime, seed)
        for each in conclusions
        if each.outcome is VerificationOutcome.IDENTIFIED and each.case_id not in known
    ]


def _plan(case: LockedCase, regime: Regime, seed: UUID) -> NewPlan:
    category = category_of(case.citizenship)
    answers = _answers(regime, category, case.age_band, case.citizenship)
    # By the seed, because agencies and some partners know the case and must not find its offers.
    plan_id = id_of(case.case_id, f"plan {seed}")
    return NewPlan(plan_id, case, regime, category, answers)


@cache
def _answers(
    regime: Regime,
    category: PersonCategory,
    age_band: AgeBand,
    citizenship: Citizenship,
) -> tuple[Answer, ...]:
    """What the rules of this release answer; a few dozen combinations, each computed once."""
    known = known_facts(age_band=age_band, citizenship=citizenship)
    return compute_entitlements(rules.rulebook(), regime=regime, category=category, known=known)


def _store_plans(session: Session, plans: Sequence[NewPlan], now: datetime) -> None:
    insert_rows(
        session,
        Plan,
        [
            {
                "id": plan.id,
                "case_id": plan.case.case_id,
                "regime": plan.regime,
                "category": plan.category,
                "opened_at": now,
            }
            for plan in plans
        ],
    )
    insert_rows(
        session,
        Entitlement,
        [{"plan_id": plan.id, **vars(answer)} for plan in plans for answer in plan.answers],
    )
    insert_rows(
        session,
        Alert,
        [row for plan in plans for row in _unclear_rows(plan, now)],
        conflict=ON_CONFLICT_DO_NOTHING,
    )


def _unclear_rows(plan: NewPlan, now: datetime) -> list[dict[str, Any]]:
    """Alerts for what was asked for and cannot be decided before someone tells a fact."""
    return [
        alert_row(
            kind=AlertKind.NEEDS_INFORMATION,
            case_id=plan.case.case_id,
            code=answer.code,
            now=now,
            facts={"missing": list(answer.facts)},
        )
        for answer in plan.answers
        if answer.decision is Decision.NEEDS_INFORMATION
        and answer.code in plan.case.requested_services
    ]


def _refer(session: Session, plans: Sequence[NewPlan], actor: str, now: datetime) -> None:
    kinds = consented_kinds(session, [plan.case.case_id for plan in plans])
    seekers = [
        Seeker(referral, plan.case, kinds[plan.case.case_id], {})
        for plan in plans
        for referral in _new_referrals(plan, now)
    ]
    for plan in plans:
        _tell(session, plan, actor, now)
    if not seekers:
        return
    taken = retrace_new(session, [seeker.referral for seeker in seekers])
    again = {referral.id for referral, _, _ in taken.steps}
    places = lock_places(session, codes={seeker.referral.code for seeker in seekers})
    unplaced = [seeker for seeker in seekers if seeker.referral.id not in again]
    placements = choose_places(unplaced, places, actor=actor, now=now)
    places.write(session)
    insert_rows(session, Referral, [_row(seeker.referral) for seeker in seekers])
    if again:
        cases = {plan.case.case_id: plan.case for plan in plans}
        write_steps(session, taken, cases=cases, now=now)
    record_placements(session, placements, now=now)


def _new_referrals(plan: NewPlan, now: datetime) -> list[Referral]:
    """Referrals that are not part of the session: those of a frame are written together.

    Their ids follow from the plan, and the plan's from its case and a secret: a restored database
    that opens the plan again refers under the same ids, in the order of the request.
    """
    return [
        Referral(
            id=id_of(plan.id, f"referral {code}", place),
            case_id=plan.case.case_id,
            plan_id=plan.id,
            code=code,
            status=None,
            version=0,
            opened_at=now,
        )
        for place, code in enumerate(plan.to_refer)
    ]


def _row(referral: Referral) -> dict[str, Any]:
    return {column.key: getattr(referral, column.key) for column in Referral.__table__.columns}


def _tell(session: Session, plan: NewPlan, actor: str, now: datetime) -> None:
    audit.record(
        session,
        actor=actor,
        action="plan.opened",
        object_id=plan.id,
        now=now,
        case_id=str(plan.case.case_id),
    )
    outbox.add(
        session,
        PlanOpened(
            occurred_at=now,
            case_id=plan.case.case_id,
            plan_id=plan.id,
            regime=plan.regime,
            entitled=plan.decided(Decision.ENTITLED),
            needs_information=plan.decided(Decision.NEEDS_INFORMATION),
            referrals=len(plan.to_refer),
        ),
    )
