"""Facts that are told of a case: the plan follows them, and nothing goes on or ends unseen."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from services.livelihood_support import domain
from services.livelihood_support.domain.kept import revisions_of
from services.livelihood_support.domain.needs import end_need_of
from services.livelihood_support.errors import (
    CaseNotFound,
    DayNotReached,
    FactNotTold,
    FactsContradict,
)
from services.livelihood_support.models import Alert, CaseFact, Referral
from services.livelihood_support.policy import Move, ToldFact, Value, WithdrawalReason
from services.livelihood_support.policy.moves import ALLOWED_MOVES
from shared.contracts import Message, PlanRevised, Queue, ReferralRequested
from shared.contracts.vocabulary import (
    AgeBand,
    Citizenship,
    EntitlementCode,
    PersonCategory,
    ReasonCode,
    ReferralStatus,
    Regime,
    Role,
)
from shared.kit.audit import AUDIT
from shared.kit.clock import local_date
from shared.kit.database import savepoint
from shared.kit.identifiers import new_id
from shared.law.entitling import Decision
from tests.livelihood_support.builders import ACTOR, OWNER, VOCATIONAL, Field, case_owner
from tests.subjects import somebody

Told = Callable[[Queue], list[Message]]
CANCELS = ALLOWED_MOVES[Move.CANCEL].usable_reasons
"""The reasons for which a case owner may cancel."""
TELLER = somebody(OWNER, Role.CASE_OWNER, client_id="owner")
PAPER = "12/QĐ-UBND"
ESSENTIAL, LOAN = EntitlementCode.ESSENTIAL, EntitlementCode.LOAN


def tell(
    field: Field,
    case_id: UUID,
    fact: ToldFact,
    value: Value,
    *,
    paper: str = PAPER,
) -> domain.FactKept:
    return domain.tell_fact(
        field.session,
        case_id=case_id,
        stated=domain.FactStated(fact, value, paper),
        subject=TELLER,
        now=field.now,
    )


def withdraw(field: Field, case_id: UUID, fact: ToldFact) -> domain.FactKept:
    reason = WithdrawalReason.TOLD_IN_ERROR
    return domain.tell_fact(
        field.session,
        case_id=case_id,
        stated=domain.FactStated(fact, None, None, reason=reason),
        subject=TELLER,
        now=field.now,
    )


def answers(field: Field, case_id: UUID) -> dict[str, str]:
    (plan,) = domain.find_plans(field.session, case_id=case_id, **field.as_owner())
    return {each.code: each.decision for each in plan.entitlements}


def alerts(field: Field, case_id: UUID) -> list[tuple[str, str, dict[str, object]]]:
    rows = field.session.scalars(
        select(Alert)
        .where(Alert.case_id == case_id, Alert.settled_at.is_(None))
        .order_by(Alert.kind, Alert.code)
        .execution_options(populate_existing=True),
    )
    return [(row.kind, row.code, row.facts) for row in rows]


def test_a_missing_fact_that_is_told_grants_refers_and_settles_the_alert(
    field: Field, told: Told
) -> None:
    school = field.programme()
    case_id = field.case()
    field.conclude(case_id, regime=Regime.LAW_2011)
    assert field.alerts(case_id) == ["needs_information"]
    kept = tell(field, case_id, ToldFact.POOR_HOUSEHOLD, value=True)
    change = next(each for each in kept.revised.changes if each.code is VOCATIONAL)
    assert (change.from_decision, change.to_decision) == ("needs_information", "entitled")
    assert (kept.revised.revision, kept.revised.referred) == (2, [VOCATIONAL])
    assert field.alerts(case_id) == []
    referral = field.referral(case_id)
    assert referral.status == ReferralStatus.REQUESTED
    assert field.offer(referral.id).programme_id == school.id
    _, revised, requested = told(Queue.INTAKE)
    assert isinstance(revised, PlanRevised)
    assert isinstance(requested, ReferralRequested)
    assert VOCATIONAL in revised.changed
    assert VOCATIONAL in revised.entitled
    assert (revised.revision, revised.referrals) == (2, 1)
    actions = set(field.session.scalars(select(AUDIT.c.action)))
    assert {"fact.told", "plan.revised", "referral.requested"} <= actions


@pytest.mark.parametrize("regime", list(Regime))
def test_a_stateless_person_who_lives_here_reaches_essential_support(
    field: Field, regime: Regime
) -> None:
    field.programme(codes=[ESSENTIAL])
    case_id = field.case(requested=[ESSENTIAL], citizenship=Citizenship.STATELESS)
    field.conclude(case_id, regime=regime)
    assert answers(field, case_id)[ESSENTIAL] == Decision.NEEDS_INFORMATION
    tell(field, case_id, ToldFact.PERMANENT_RESIDENCE, value=True)
    assert answers(field, case_id)[ESSENTIAL] == Decision.ENTITLED
    assert field.referral(case_id).status == ReferralStatus.REQUESTED


def test_a_foreigner_is_referred_once_somebody_has_decided(field: Field) -> None:
    field.programme(codes=[ESSENTIAL])
    case_id = field.case(requested=[ESSENTIAL], citizenship=Citizenship.FOREIGN)
    field.conclude(case_id)
    tell(field, case_id, ToldFact.GRANTED_IN_THIS_CASE, value=True)
    assert answers(field, case_id)[ESSENTIAL] == Decision.ENTITLED
    assert field.referral(case_id).status == ReferralStatus.REQUESTED


def test_facts_told_before_the_plan_are_used_when_it_opens(field: Field) -> None:
    field.programme()
    case_id = field.case()
    kept = tell(field, case_id, ToldFact.POOR_HOUSEHOLD, value=True)
    assert (kept.revised.plan_id, kept.revised.changes) == (None, ())
    field.conclude(case_id, regime=Regime.LAW_2011)
    assert field.referral(case_id).status == ReferralStatus.REQUESTED
    (plan,) = domain.find_plans(field.session, case_id=case_id, **field.as_owner())
    assert plan.revision == 1
    vocational = next(each for each in plan.entitlements if each.code == VOCATIONAL)
    evidence = {each.fact: (each.holds, each.evidence_ref) for each in vocational.used}
    assert evidence["poor_household"] == (True, PAPER)
    assert evidence["citizen_or_permanent_resident"] == (True, None)


def test_a_running_referral_is_never_ended_by_a_fact_but_shown(field: Field) -> None:
    field.programme()
    case_id = field.case()
    tell(field, case_id, ToldFact.POOR_HOUSEHOLD, value=True)
    field.conclude(case_id, regime=Regime.LAW_2011)
    referral = field.referral(case_id)
    tell(field, case_id, ToldFact.POOR_HOUSEHOLD, value=False)
    assert field.referral(case_id).status == ReferralStatus.REQUESTED
    ((kind, code, facts),) = alerts(field, case_id)
    assert (kind, code) == ("no_longer_granted", VOCATIONAL)
    assert facts == {
        "decision": "not_entitled",
        "because": ["poor_household"],
        "can_be_told": ["poor_household"],
        "can": ["cancel"],
    }
    field.move(referral, Move.CANCEL, reason=ReasonCode.ELIGIBILITY, subject=case_owner())
    assert alerts(field, case_id) == []
    again = tell(field, case_id, ToldFact.POOR_HOUSEHOLD, value=True)
    assert [each.to_decision for each in again.revised.changes if each.code == VOCATIONAL] == [
        Decision.ENTITLED
    ]
    assert again.revised.referred == []


@pytest.mark.parametrize("reason", CANCELS)
def test_what_a_case_owner_ended_is_not_sought_again_by_the_exchange(
    field: Field, reason: ReasonCode
) -> None:
    """A case owner adds the need again, with the person."""
    field.programme()
    case_id = field.case()
    tell(field, case_id, ToldFact.POOR_HOUSEHOLD, value=True)
    field.conclude(case_id, regime=Regime.LAW_2011)
    field.move(field.referral(case_id), Move.CANCEL, reason=reason, subject=case_owner())
    withdraw(field, case_id, ToldFact.POOR_HOUSEHOLD)
    kept = tell(field, case_id, ToldFact.POOR_HOUSEHOLD, value=True)
    assert (kept.revised.changes != (), kept.revised.referred) == (True, [])
    assert field.referral(case_id).status == ReferralStatus.CANCELLED
    added = domain.add_need(field.session, case_id=case_id, code=VOCATIONAL, **field.by_owner())
    assert added.ended_at is None


def test_who_said_no_is_not_asked_for_a_need_that_a_revision_brings_about(field: Field) -> None:
    """A referral that failed in a release before is sought anew; not where it is not safe."""
    unsafe = field.programme()
    case_id = field.case()
    tell(field, case_id, ToldFact.POOR_HOUSEHOLD, value=True)
    field.conclude(case_id, regime=Regime.LAW_2011)
    referral = field.referral(case_id)
    field.move(referral, Move.REJECT, reason=ReasonCode.SAFETY)
    end_need_of(field.session, referral, reason=None, actor=ACTOR, now=field.now)
    referral.status = ReferralStatus.FAILED
    withdraw(field, case_id, ToldFact.POOR_HOUSEHOLD)
    kept = tell(field, case_id, ToldFact.POOR_HOUSEHOLD, value=True)
    assert kept.revised.referred == [VOCATIONAL]
    anew = field.session.scalars(
        select(Referral).where(Referral.case_id == case_id, Referral.id != referral.id)
    ).one()
    assert (anew.status, field.offers(anew.id)) == (ReferralStatus.UNPLACED, [])
    assert field.places(unsafe.id).held == 0


def test_a_withdrawn_fact_is_unknown_again_and_what_is_missing_is_alerted(field: Field) -> None:
    field.programme()
    case_id = field.case()
    field.conclude(case_id, regime=Regime.LAW_2011)
    tell(field, case_id, ToldFact.POOR_HOUSEHOLD, value=True)
    withdraw(field, case_id, ToldFact.POOR_HOUSEHOLD)
    assert answers(field, case_id)[VOCATIONAL] == Decision.NEEDS_INFORMATION
    kinds = {kind for kind, _, _ in alerts(field, case_id)}
    assert kinds == {"needs_information", "no_longer_granted"}
    tell(field, case_id, ToldFact.POOR_HOUSEHOLD, value=True)
    assert alerts(field, case_id) == []
    assert field.referral(case_id).version == 1, "one referral, all the time"
    with pytest.raises(FactNotTold):
        withdraw(field, case_id, ToldFact.PERMANENT_RESIDENCE)


def test_an_alert_says_what_is_still_missing(field: Field) -> None:
    case_id = field.case(requested=[VOCATIONAL], citizenship=Citizenship.STATELESS)
    field.conclude(case_id, regime=Regime.LAW_2011)
    ((_, _, facts),) = alerts(field, case_id)
    assert facts["missing"] == ["poor_household", "citizen_or_permanent_resident"]
    tell(field, case_id, ToldFact.POOR_HOUSEHOLD, value=True)
    ((_, _, facts),) = alerts(field, case_id)
    assert facts["missing"] == ["citizen_or_permanent_resident"]
    assert facts["can_be_told"] == ["permanent_residence", "vietnamese_citizen"]


def test_an_alert_of_what_goes_on_says_what_speaks_against_it_now(field: Field) -> None:
    field.programme()
    case_id = field.case()
    tell(field, case_id, ToldFact.POOR_HOUSEHOLD, value=True)
    field.conclude(case_id, regime=Regime.LAW_2011)
    withdraw(field, case_id, ToldFact.POOR_HOUSEHOLD)
    tell(field, case_id, ToldFact.POOR_HOUSEHOLD, value=False)
    ((kind, _, facts),) = alerts(field, case_id)
    assert (kind, facts["decision"]) == ("no_longer_granted", Decision.NOT_ENTITLED)
    tell(field, case_id, ToldFact.VIETNAMESE_CITIZEN, value=False)
    ((_, _, facts),) = alerts(field, case_id)
    assert facts["can_be_told"] == ["poor_household"]


def test_what_was_decided_before_stays_as_it_was(field: Field) -> None:
    case_id = field.case()
    field.conclude(case_id, regime=Regime.LAW_2011)
    tell(field, case_id, ToldFact.POOR_HOUSEHOLD, value=True)
    (plan,) = domain.find_plans(field.session, case_id=case_id, **field.as_owner())
    decided = [
        (each.number, each.answers[VOCATIONAL].decision)
        for each in revisions_of(field.session, plan.id)
    ]
    assert decided == [(1, "needs_information"), (2, "entitled")]


def test_a_fact_that_changes_no_answer_makes_no_revision(field: Field, told: Told) -> None:
    case_id = field.case()
    field.conclude(case_id)
    kept = tell(field, case_id, ToldFact.POOR_HOUSEHOLD, value=True)
    assert (kept.revised.revision, list(kept.revised.changes)) == (1, [])
    assert not [each for each in told(Queue.INTAKE) if isinstance(each, PlanRevised)]


def test_a_fact_on_a_better_paper_is_a_revision_nobody_is_told_of(field: Field, told: Told) -> None:
    case_id = field.case()
    tell(field, case_id, ToldFact.POOR_HOUSEHOLD, value=True)
    field.conclude(case_id, regime=Regime.LAW_2011)
    kept = tell(field, case_id, ToldFact.POOR_HOUSEHOLD, value=True, paper="13/QĐ-UBND")
    assert (kept.revised.revision, list(kept.revised.changes)) == (2, [])
    (plan,) = domain.find_plans(field.session, case_id=case_id, **field.as_owner())
    vocational = next(each for each in plan.entitlements if each.code == VOCATIONAL)
    assert "13/QĐ-UBND" in {each.evidence_ref for each in vocational.used}
    assert not [each for each in told(Queue.INTAKE) if isinstance(each, PlanRevised)]


def test_the_history_keeps_what_was_corrected(field: Field) -> None:
    case_id = field.case()
    tell(field, case_id, ToldFact.POOR_HOUSEHOLD, value=True)
    later = field.at(field.now + timedelta(days=1))
    tell(later, case_id, ToldFact.POOR_HOUSEHOLD, value=False)
    tell(later, case_id, ToldFact.FINANCIAL_HARDSHIP, value=True)
    found = domain.find_facts(
        field.session, case_id=case_id, **field.as_owner(), fact=None, after=None, size=9
    )
    assert [(each.row.fact, each.row.value, each.ended_at) for each in found] == [
        ("poor_household", "true", later.now),
        ("poor_household", "false", None),
        ("financial_hardship", "true", None),
    ]


def test_a_category_the_citizenship_excludes_is_refused(field: Field) -> None:
    case_id = field.case()
    with pytest.raises(FactsContradict):
        tell(field, case_id, ToldFact.CATEGORY, PersonCategory.FOREIGNER)
    tell(field, case_id, ToldFact.VIETNAMESE_CITIZEN, value=False)
    tell(field, case_id, ToldFact.CATEGORY, PersonCategory.FOREIGNER)
    with pytest.raises(FactsContradict):
        withdraw(field, case_id, ToldFact.VIETNAMESE_CITIZEN)
    facts = field.session.scalars(select(CaseFact.fact).where(CaseFact.case_id == case_id)).all()
    assert sorted(facts) == ["category", "vietnamese_citizen"], "what is refused is not kept"


def test_a_child_that_came_along_is_supported_as_such(field: Field) -> None:
    case_id = field.case(age_band=AgeBand.UNDER_16)
    tell(field, case_id, ToldFact.CATEGORY, PersonCategory.MINOR_ACCOMPANYING)
    field.conclude(case_id)
    (plan,) = domain.find_plans(field.session, case_id=case_id, **field.as_owner())
    assert plan.category == PersonCategory.MINOR_ACCOMPANYING
    assert answers(field, case_id)[LOAN] == Decision.NOT_ENTITLED


def test_a_minor_who_came_along_and_turns_18_is_shown_and_not_dropped(
    field: Field, told: Told
) -> None:
    medical = EntitlementCode.MEDICAL
    field.programme(codes=[medical])
    case_id = field.case(age_band=AgeBand.UNDER_18, requested=[medical])
    tell(field, case_id, ToldFact.CATEGORY, PersonCategory.MINOR_ACCOMPANYING)
    field.conclude(case_id)
    bands = {case_id: AgeBand.ADULT}
    domain.note_ages(field.session, bands=bands, now=field.now, actor="test")
    said = {kind: (code, facts) for kind, code, facts in alerts(field, case_id)}
    assert said.keys() == {"needs_information", "no_longer_granted"}
    code, facts = said["no_longer_granted"]
    assert (code, facts["because"]) == (medical, ["under_18"])
    assert facts["decision"] == Decision.NEEDS_INFORMATION
    assert said["needs_information"][1]["can_be_told"] == ["category", "under_18"]
    (plan,) = domain.find_plans(field.session, case_id=case_id, **field.as_owner())
    # Presumed, identified, of age.
    assert (plan.revision, plan.cause, plan.fact_id) == (3, "age_changed", None)
    withdraw(field, case_id, ToldFact.CATEGORY)
    assert answers(field, case_id)[medical] == Decision.ENTITLED
    assert alerts(field, case_id) == []
    assert [type(it) for it in told(Queue.INTAKE)].count(PlanRevised) == 2


def test_whoever_is_identified_is_presumed_no_longer(field: Field) -> None:
    case_id = field.case()
    tell(field, case_id, ToldFact.CATEGORY, PersonCategory.PRESUMED_IN_COUNTRY)
    field.conclude(case_id)
    (plan,) = domain.find_plans(field.session, case_id=case_id, **field.as_owner())
    assert plan.category == PersonCategory.VICTIM_RESIDENT


def test_a_fact_of_tomorrow_and_of_no_case_is_refused(field: Field) -> None:
    tomorrow = local_date(field.now) + timedelta(days=1)
    stated = domain.FactStated(ToldFact.POOR_HOUSEHOLD, value=True, evidence_ref=PAPER)
    with pytest.raises(CaseNotFound):
        tell(field, new_id(), ToldFact.POOR_HOUSEHOLD, value=True)
    with pytest.raises(DayNotReached):
        domain.tell_fact(
            field.session,
            case_id=field.case(),
            stated=domain.FactStated(stated.fact, stated.value, PAPER, tomorrow),
            subject=TELLER,
            now=field.now,
        )


class Restored(Exception):
    """The database is put back to where it was."""


def test_a_restored_database_that_is_told_again_makes_the_same_things(
    field: Field, told: Told
) -> None:
    field.programme()
    case_id = field.case()
    field.conclude(case_id, regime=Regime.LAW_2011)
    told(Queue.INTAKE)
    lives: list[list[Message]] = []
    for _ in range(2):
        with suppress(Restored), savepoint(field.session):
            tell(field, case_id, ToldFact.POOR_HOUSEHOLD, value=True)
            lives.append(told(Queue.INTAKE)[1:])
            raise Restored
    first, again = lives
    assert first == again
    assert [type(it) for it in first] == [PlanRevised, ReferralRequested]
