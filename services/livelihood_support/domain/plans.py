"""A concluded verification becomes a plan: entitlements, and a referral for each asked-for one."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import and_, bindparam, exists, select, text
from sqlalchemy.orm import Session

from services.livelihood_support.domain import periods
from services.livelihood_support.domain.answers import (
    Answers,
    Sources,
    answers_for,
    told_of,
    window_of,
)
from services.livelihood_support.domain.kept import keep_sets
from services.livelihood_support.domain.locks import LockedCase, keep_cases, lock_cases
from services.livelihood_support.domain.referring import new_referral, seek_places, store_sought
from services.livelihood_support.domain.reversals import Conclusion, KnownPlan, note_reversals
from services.livelihood_support.domain.revisions import revise_plan
from services.livelihood_support.domain.ways import offer_ways
from services.livelihood_support.models import Alert, Plan, PlanRevision, Seed
from services.livelihood_support.policy import RevisionCause
from shared.contracts import OfferMade, PlanOpened
from shared.contracts.vocabulary import EntitlementCode, Regime, VerificationOutcome
from shared.kit import audit
from shared.kit.arrays import among
from shared.kit.clock import local_date
from shared.kit.documents import ON_CONFLICT_DO_NOTHING, document, insert_rows
from shared.kit.identifiers import id_of
from shared.law import Rules
from shared.law.entitling import Decision
from shared.messaging import outbox
from shared.rulebook import rules_of


@dataclass(frozen=True)
class NewPlan:
    """A plan in the making: the answers for every code, and what was both asked and granted."""

    id: UUID
    case: LockedCase
    regime: Regime
    answers: Answers

    @property
    def to_refer(self) -> tuple[EntitlementCode, ...]:
        """The codes that were requested and are granted, in the order of the request."""
        granted = self.answers.decided(Decision.ENTITLED)
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
    case was not received yet. A provisional plan becomes that of an identified person. Not
    identified, and withdrawn, open no plan, and end nothing of one: what runs by it is an alert.
    """
    locked = lock_cases(session, [each.case_id for each in conclusions])
    days = {each.case_id: each.identified_on for each in conclusions}
    cases = {key: replace(case, identified_on=days[key]) for key, case in locked.items()}
    keep_cases(session, cases.values())
    told = told_of(session, cases)
    known = _plans_of(session, cases)
    rows = rules_of(session)
    looks = {
        each.case_id: _look_on(each, told[each.case_id], rows, now, has_plan=each.case_id in known)
        for each in conclusions
    }
    _record_conclusions(session, conclusions, looks)
    note_reversals(session, [it for it in conclusions if it.case_id in known], known, now=now)
    offer_ways(session, conclusions, cases, now)
    _identify(session, conclusions, cases, known, actor=actor, now=now)
    new = [it for it in conclusions if it.case_id not in known]
    plans = _new_plans(session, new, cases, told, now)
    if plans:
        _store_plans(session, plans, now)
        _refer(session, plans, actor, now)


_CONCLUDE = text(
    """
    UPDATE case_files
       SET verification_outcome = told.outcome, verification_regime = told.regime,
           concluded_at = told.concluded_at, identified_on = told.identified_on,
           window_look_on = told.window_look_on
      FROM json_to_recordset(CAST(:rows AS json))
           AS told(case_id uuid, outcome text, regime text, concluded_at timestamptz,
                    identified_on date, window_look_on date)
     WHERE case_files.case_id = told.case_id
    """,
)


def _record_conclusions(
    session: Session,
    conclusions: Sequence[Conclusion],
    looks: Mapping[UUID, date | None],
) -> None:
    rows = [{**vars(each), "window_look_on": looks[each.case_id]} for each in conclusions]
    session.execute(_CONCLUDE, {"rows": document(rows)})


def _look_on(
    conclusion: Conclusion, told: Sources, rows: Rules, now: datetime, *, has_plan: bool
) -> date | None:
    """When the window to apply is looked at first; that of a plan that is there already, at once.

    A day, or an exception, may have been told while the verification ran.
    """
    if conclusion.outcome is not VerificationOutcome.IDENTIFIED:
        return None
    if has_plan:
        return local_date(now)
    window = window_of(rows, conclusion.identified_on, told, regime=conclusion.regime)
    return window.look_on(local_date(now))


_WAS_IDENTIFIED = exists().where(
    PlanRevision.plan_id == Plan.id, PlanRevision.cause == RevisionCause.IDENTIFIED
)
_PLANS_OF = select(
    Plan.case_id, Plan.id, and_(Plan.is_provisional, ~_WAS_IDENTIFIED).label("is_presumed")
).where(among(Plan.case_id, bindparam("case_ids")))


def _plans_of(session: Session, case_ids: Collection[UUID]) -> dict[UUID, KnownPlan]:
    """The plans that these cases have."""
    rows = session.execute(_PLANS_OF, {"case_ids": list(case_ids)})
    return {row.case_id: KnownPlan(row.id, row.is_presumed) for row in rows}


def _identify(
    session: Session,
    conclusions: Sequence[Conclusion],
    cases: Mapping[UUID, LockedCase],
    known: Mapping[UUID, KnownPlan],
    *,
    actor: str,
    now: datetime,
) -> None:
    """The provisional plans of persons who are identified now become theirs."""
    for each in conclusions:
        is_presumed = each.case_id in known and known[each.case_id].is_presumed
        if is_presumed and each.outcome is VerificationOutcome.IDENTIFIED:
            cause, case = RevisionCause.IDENTIFIED, cases[each.case_id]
            revise_plan(session, case, cause=cause, fact_id=None, actor=actor, now=now)


_SEED = select(Seed.value)


def _new_plans(
    session: Session,
    conclusions: Sequence[Conclusion],
    cases: Mapping[UUID, LockedCase],
    told: Mapping[UUID, Sources],
    now: datetime,
) -> list[NewPlan]:
    seed, rows = session.scalars(_SEED).one(), rules_of(session)
    return [
        _plan(cases[each.case_id], each.regime, told[each.case_id], rows, seed=seed, now=now)
        for each in conclusions
        if each.outcome is VerificationOutcome.IDENTIFIED
    ]


def _plan(
    case: LockedCase, regime: Regime, told: Sources, rows: Rules, *, seed: UUID, now: datetime
) -> NewPlan:
    """With the facts that were told while the verification ran."""
    answers = answers_for(case, told, rows, regime=regime, is_identified=True, now=now)
    return NewPlan(plan_id_of(case.case_id, seed), case, regime, answers)


def plan_id_of(case_id: UUID, seed: UUID) -> UUID:
    """By the seed: agencies and some partners know the case and must not find its offers."""
    return id_of(case_id, f"plan {seed}")


def _store_plans(session: Session, plans: Sequence[NewPlan], now: datetime) -> None:
    keep_sets(session, [plan.answers.given for plan in plans])
    insert_rows(
        session,
        Plan,
        [
            {
                "id": plan.id,
                "case_id": plan.case.case_id,
                "regime": plan.regime,
                "category": plan.answers.category,
                "opened_at": now,
                "answers_id": plan.answers.given.id,
                "rests_on": plan.answers.rests_on,
            }
            for plan in plans
        ],
    )
    insert_rows(
        session,
        Alert,
        [row for plan in plans for row in plan.answers.unclear(plan.case, now)],
        conflict=ON_CONFLICT_DO_NOTHING,
    )


def _refer(session: Session, plans: Sequence[NewPlan], actor: str, now: datetime) -> None:
    referrals = [
        (new_referral(plan.id, plan.id, plan.case, code, place=place, now=now), plan.case)
        for plan in plans
        for place, code in enumerate(plan.to_refer)
    ]
    sought = seek_places(session, referrals, actor=actor, now=now) if referrals else None
    asked = sought.first_asked() if sought else {}
    for plan in plans:
        _tell(session, plan, asked.get(plan.case.case_id, ()), actor, now)
    if sought:
        told = {each.offer_id for its in asked.values() for each in its}
        store_sought(session, sought, actor=actor, now=now, told=told)


def _tell(
    session: Session, plan: NewPlan, asked: Sequence[OfferMade], actor: str, now: datetime
) -> None:
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
            entitled=plan.answers.decided(Decision.ENTITLED),
            needs_information=plan.answers.decided(Decision.NEEDS_INFORMATION),
            referrals=len(plan.to_refer),
            asked=tuple(asked),
            answer_not_due_before=periods.answer_not_due_before(rules_of(session), now),
        ),
    )
