"""What the law grants while the verification runs does not wait for its end, nor vanish with it."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from services.livelihood_support import domain
from services.livelihood_support.domain.plan_views import PlanView
from services.livelihood_support.errors import NotEntitled, NotIdentified
from services.livelihood_support.models import Alert, Plan, Referral
from services.livelihood_support.policy import Move, RevisionCause, ToldFact, Track
from shared.contracts import Message, PlanOpened, PlanRevised, ProvisionalPlanOpened, Queue
from shared.contracts.vocabulary import (
    Citizenship,
    EntitlementCode,
    PersonCategory,
    ReasonCode,
    Regime,
    Route,
    ServiceOutcome,
    VerificationOutcome,
)
from shared.law.entitlements import rulebook
from tests.livelihood_support.builders import VOCATIONAL, Field, case_owner

Told = Callable[[Queue], list[Message]]
ESSENTIAL, MEDICAL = EntitlementCode.ESSENTIAL, EntitlementCode.MEDICAL
EVERY = tuple(EntitlementCode)
UNDER = {
    Regime.LAW_2011: datetime(2025, 6, 30, 5, tzinfo=UTC),
    Regime.LAW_2024: datetime(2025, 7, 1, 5, tzinfo=UTC),
}
"""The last day of the older law and the first of the newer."""
OTHERWISE = [VerificationOutcome.NOT_IDENTIFIED, VerificationOutcome.WITHDRAWN]


def plan_of(field: Field, case_id: UUID) -> PlanView | None:
    field.session.flush()
    found = domain.find_plans(field.session, case_id=case_id, **field.as_owner())
    return found[0] if found else None


def sought(field: Field, case_id: UUID) -> set[str]:
    return set(field.session.scalars(select(Referral.code).where(Referral.case_id == case_id)))


def presumed(field: Field, *codes: EntitlementCode) -> UUID:
    """Somebody whose verification runs, with a referral for each of these codes."""
    for code in codes:
        field.programme(codes=[code])
    case_id = field.case(requested=codes)
    assert domain.begin_presumed(field.session, field.now) == 1
    return case_id


@pytest.mark.parametrize("regime", Regime)
@pytest.mark.parametrize("route", Route)
def test_each_route_has_under_each_law_what_its_category_grants_and_no_more(
    field: Field, route: Route, regime: Regime
) -> None:
    then = field.at(UNDER[regime])
    case_id = then.case(requested=EVERY, route=route)
    domain.begin_presumed(field.session, field.now)
    is_abroad = route is Route.MISSION_ABROAD
    category = PersonCategory.PRESUMED_ABROAD if is_abroad else PersonCategory.PRESUMED_IN_COUNTRY
    assert sought(field, case_id) == set(rulebook().grants[regime, category])
    plan = plan_of(field, case_id)
    assert plan is not None
    assert (plan.category, plan.regime, plan.track) == (category, regime, Track.PROVISIONAL)
    assert domain.begin_presumed(field.session, field.now) == 0


def test_who_asked_for_nothing_of_it_waits_for_the_conclusion(field: Field) -> None:
    case_id = field.case()
    assert domain.begin_presumed(field.session, field.now) == 0
    with pytest.raises(NotEntitled):
        domain.add_need(field.session, case_id=case_id, code=VOCATIONAL, **field.by_owner())
    assert plan_of(field, case_id) is None


def test_a_need_of_a_presumed_victim_is_sought_at_once(field: Field) -> None:
    field.programme(codes=[MEDICAL])
    case_id = field.case(requested=())
    need = domain.add_need(field.session, case_id=case_id, code=MEDICAL, **field.by_owner())
    assert need.code == MEDICAL
    assert sought(field, case_id) == {MEDICAL}


def test_a_need_that_was_asked_for_at_reception_is_that_need(field: Field) -> None:
    field.programme(codes=[MEDICAL])
    case_id = field.case(requested=[MEDICAL])
    need = domain.add_need(field.session, case_id=case_id, code=MEDICAL, **field.by_owner())
    assert need.referral_id == field.referral(case_id).id


def test_a_foreigner_waits_for_the_decision_in_this_case(field: Field) -> None:
    field.programme(codes=[MEDICAL])
    case_id = field.case(requested=[MEDICAL], citizenship=Citizenship.FOREIGN)
    assert domain.begin_presumed(field.session, field.now) == 0
    stated = domain.FactStated(ToldFact.GRANTED_IN_THIS_CASE, value=True, evidence_ref="1/QĐ-SYT")
    domain.tell_fact(field.session, case_id=case_id, stated=stated, **field.as_owner())
    assert sought(field, case_id) == {MEDICAL}


def test_nobody_is_an_identified_victim_by_a_told_category_alone(field: Field) -> None:
    case_id = field.case(requested=[VOCATIONAL])
    stated = domain.FactStated(ToldFact.CATEGORY, PersonCategory.VICTIM_RESIDENT, "1/QĐ-SYT")
    domain.tell_fact(field.session, case_id=case_id, stated=stated, **field.as_owner())
    assert sought(field, case_id) == set()


def test_who_is_identified_keeps_the_plan_and_is_referred_for_the_rest(
    field: Field, told: Told
) -> None:
    field.programme()
    case_id = presumed(field, MEDICAL, VOCATIONAL)
    assert sought(field, case_id) == {MEDICAL}
    first = field.referral(case_id)
    later = field.at(field.now + timedelta(days=1))
    later.conclude(case_id)
    assert sought(field, case_id) == {MEDICAL, VOCATIONAL}
    assert field.session.get_one(Referral, first.id).status == "requested"
    plan = plan_of(later, case_id)
    assert plan is not None
    assert (plan.track, plan.category) == (Track.IDENTIFIED, PersonCategory.VICTIM_RESIDENT)
    assert (plan.revision, plan.cause) == (2, RevisionCause.IDENTIFIED)
    messages = told(Queue.INTAKE)
    (begun,) = [it for it in messages if isinstance(it, ProvisionalPlanOpened)]
    (opened,) = [it for it in messages if isinstance(it, PlanOpened)]
    assert begun.plan_id == opened.plan_id == plan.id
    assert not [it for it in messages if isinstance(it, PlanRevised)]
    assert field.miscounted() == 0


def test_a_paper_of_before_puts_the_plan_under_the_older_law(field: Field) -> None:
    case_id = presumed(field, EntitlementCode.INTERPRETATION)
    field.conclude(case_id, regime=Regime.LAW_2011, identified_on=date(2025, 5, 4))
    plan = plan_of(field, case_id)
    assert plan is not None
    assert plan.regime == Regime.LAW_2011
    # The older law knows no interpretation: what runs goes on, and somebody decides.
    assert field.alerts(case_id) == ["no_longer_granted"]


@pytest.mark.parametrize("outcome", OTHERWISE)
def test_a_negative_decision_ends_nothing_by_itself_and_has_the_owner_end_it_on_notice(
    field: Field, outcome: VerificationOutcome
) -> None:
    case_id = presumed(field, ESSENTIAL, MEDICAL)
    by_code = {
        it.code: it
        for it in field.session.scalars(select(Referral).where(Referral.case_id == case_id))
    }
    served, running = by_code[ESSENTIAL], by_code[MEDICAL]
    field.move(served, Move.ACCEPT)
    field.move(served, Move.COMPLETE, outcome=ServiceOutcome.PROVIDED)
    field.move(running, Move.ACCEPT)
    later = field.at(field.now + timedelta(days=1))
    later.conclude(case_id, outcome=outcome)
    (alert,) = field.session.scalars(select(Alert).where(Alert.settled_at.is_(None)))
    assert (alert.kind, alert.referral_id) == ("presumption_ended", running.id)
    assert (alert.facts["outcome"], alert.facts["can"]) == (outcome, ["cancel"])
    plan = plan_of(later, case_id)
    assert plan is not None
    assert plan.track is Track.ENDED
    with pytest.raises(NotIdentified):
        domain.add_need(field.session, case_id=case_id, code=ESSENTIAL, **later.by_owner())
    later.move(running, Move.CANCEL, reason=ReasonCode.ELIGIBILITY, subject=case_owner())
    assert later.alerts(case_id) == []
    # What was given stays recorded, and so does the plan.
    assert served.outcome == ServiceOutcome.PROVIDED
    assert len(field.session.scalars(select(Plan)).all()) == 1


def test_who_is_identified_after_all_goes_on_with_the_same_plan(field: Field) -> None:
    case_id = presumed(field, MEDICAL)
    field.conclude(case_id, outcome=OTHERWISE[0])
    assert field.alerts(case_id) == ["presumption_ended"]
    field.conclude(case_id)
    assert field.alerts(case_id) == []
    plan = plan_of(field, case_id)
    assert plan is not None
    assert (plan.track, plan.revision) == (Track.IDENTIFIED, 2)
