"""What a presumed victim has while the verification runs: a plan, and referrals by it.

The law grants some codes to whoever is presumed to be a victim (``regime`` rows of the rules), so
what was asked for and is among them does not wait for the conclusion. Who is identified keeps the
plan, which is revised then; who is not, keeps what was given (``reversals.py``).
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session

from services.livelihood_support.domain.answers import Answers, answers_for, told_of
from services.livelihood_support.domain.kept import keep_sets
from services.livelihood_support.domain.locks import (
    LockedCase,
    codes_to_place,
    holding,
    lock_free_cases,
)
from services.livelihood_support.domain.plans import plan_id_of
from services.livelihood_support.domain.referring import new_referral, place_new
from services.livelihood_support.models import Alert, CaseFile, Plan, Seed
from shared.contracts import ProvisionalPlanOpened
from shared.contracts.vocabulary import (
    Citizenship,
    EntitlementCode,
    PersonCategory,
    Regime,
    Route,
)
from shared.kit import audit
from shared.kit.clock import HAI_PHONG, local_date
from shared.kit.documents import ON_CONFLICT_DO_NOTHING, insert_rows
from shared.law.entitlements import rulebook
from shared.law.entitling import Decision
from shared.law.regimes import NEW_LAW_FROM, regime_at
from shared.messaging import outbox
from shared.messaging.sweeps import each_alone, resting
from shared.rulebook import rules_of

BATCH = 64
BEGIN = "begin_presumed"
ACTOR = f"sweep:{BEGIN}"
_HAS_PLAN = exists().where(Plan.case_id == CaseFile.case_id)


def begin_presumed(session: Session, now: datetime) -> int:
    """Open a plan for who waits and has asked for what the law grants meanwhile; returns how many.

    A foreigner is judged case by case: the plan opens when that is told, or a need is added.
    """
    waiting = session.scalars(
        select(CaseFile.case_id)
        .where(
            CaseFile.verification_outcome.is_(None),
            ~_HAS_PLAN,
            CaseFile.citizenship != Citizenship.FOREIGN,
            _asks_for_what_is_granted(),
            CaseFile.case_id.not_in(resting(BEGIN)),
        )
        .order_by(CaseFile.case_id)
        .limit(BATCH),
    ).all()
    if not waiting:
        return 0
    cases = lock_free_cases(session, waiting)

    def act(some: Sequence[UUID]) -> None:
        for case_id in some:
            if is_presumed(session, case_id):
                open_provisional(session, cases[case_id], actor=ACTOR, now=now)

    with holding(session, cases, codes=codes_to_place(session, cases.values())):
        return each_alone(session, BEGIN, sorted(cases), act, key=lambda each: each, now=now)


def is_presumed(session: Session, case_id: UUID) -> bool:
    """Whether the verification of a locked case has not ended, and it has no plan."""
    asked = select(CaseFile.verification_outcome.is_(None) & ~_HAS_PLAN)
    return bool(session.scalar(asked.where(CaseFile.case_id == case_id)))


def open_if_granted(session: Session, case: LockedCase, *, actor: str, now: datetime) -> None:
    """Open the plan of a presumed victim if what was asked for is granted by now."""
    if is_presumed(session, case.case_id) and _asked_for(
        case, provisional_answers(session, case, now)
    ):
        open_provisional(session, case, actor=actor, now=now)


def open_provisional(session: Session, case: LockedCase, *, actor: str, now: datetime) -> None:
    """Open the plan of a locked case whose person is presumed to be a victim, and refer by it."""
    answers = provisional_answers(session, case, now)
    plan_id = plan_id_of(case.case_id, session.scalars(select(Seed.value)).one())
    to_refer = _asked_for(case, answers)
    _store(session, plan_id, case, answers, now)
    audit.record(
        session,
        actor=actor,
        action="plan.opened",
        object_id=plan_id,
        now=now,
        case_id=str(case.case_id),
    )
    _tell(session, plan_id, case, answers, referrals=len(to_refer), now=now)
    referrals = [
        (new_referral(plan_id, plan_id, case, code, place=place, now=now), case)
        for place, code in enumerate(to_refer)
    ]
    place_new(session, referrals, actor=actor, now=now)


def provisional_answers(session: Session, case: LockedCase, now: datetime) -> Answers:
    """What the law grants to the person while the verification runs."""
    return answers_for(
        case,
        told_of(session, [case.case_id])[case.case_id],
        rules_of(session),
        regime=_law(case),
        is_identified=False,
        now=now,
    )


def _law(case: LockedCase) -> Regime:
    """Until somebody is identified, the law of the day of reception."""
    return regime_at(local_date(case.received_at))


def _asked_for(case: LockedCase, answers: Answers) -> tuple[EntitlementCode, ...]:
    granted = answers.decided(Decision.ENTITLED)
    return tuple(code for code in case.requested_services if code in granted)


def _store(
    session: Session, plan_id: UUID, case: LockedCase, answers: Answers, now: datetime
) -> None:
    keep_sets(session, [answers.given])
    row = {
        "id": plan_id,
        "case_id": case.case_id,
        "regime": _law(case),
        "category": answers.category,
        "is_provisional": True,
        "opened_at": now,
        "answers_id": answers.given.id,
        "rests_on": answers.rests_on,
    }
    insert_rows(session, Plan, [row])
    unclear = answers.unclear(case, now)
    insert_rows(session, Alert, unclear, conflict=ON_CONFLICT_DO_NOTHING)


def _tell(
    session: Session,
    plan_id: UUID,
    case: LockedCase,
    answers: Answers,
    *,
    referrals: int,
    now: datetime,
) -> None:
    told = ProvisionalPlanOpened(
        occurred_at=now,
        case_id=case.case_id,
        plan_id=plan_id,
        regime=_law(case),
        entitled=answers.decided(Decision.ENTITLED),
        needs_information=answers.decided(Decision.NEEDS_INFORMATION),
        referrals=referrals,
    )
    outbox.add(session, told)


def _asks_for_what_is_granted() -> ColumnElement[bool]:
    """Cases that asked for a code of their category, under the law of their day."""
    is_newer = CaseFile.received_at >= datetime.combine(
        NEW_LAW_FROM, datetime.min.time(), tzinfo=HAI_PHONG
    )
    is_abroad = CaseFile.route == Route.MISSION_ABROAD
    home, abroad = PersonCategory.PRESUMED_IN_COUNTRY, PersonCategory.PRESUMED_ABROAD
    granted = rulebook().grants
    return or_(
        *(
            and_(
                is_newer if regime is Regime.LAW_2024 else ~is_newer,
                is_abroad if category is abroad else ~is_abroad,
                CaseFile.requested_services.overlap(sorted(granted[regime, category])),
            )
            for regime in Regime
            for category in (home, abroad)
        )
    )
