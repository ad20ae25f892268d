"""A person comes into another age band: who is asked next is chosen by it, and nothing is ended."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.livelihood_support import domain
from services.livelihood_support.models import CaseFile
from services.livelihood_support.policy import Move, ToldFact, is_age_outside
from services.livelihood_support.policy.matching import AGES
from shared.contracts import AgeBandChanged
from shared.contracts.vocabulary import (
    AgeBand,
    AgeBandCause,
    EntitlementCode,
    PersonCategory,
    ReasonCode,
    Regime,
)
from shared.law.entitling import Decision
from tests.livelihood_support.builders import ACTOR, OWNER, Field
from tests.livelihood_support.test_facts import answers, tell
from tests.livelihood_support.test_tasks import Post

MEDICAL = EntitlementCode.MEDICAL


def aged(field: Field, case_id: UUID, band: AgeBand) -> None:
    domain.note_ages(field.session, bands={case_id: band}, now=field.now, actor=ACTOR)


def limited(field: Field, *, minimum: int | None = None, maximum: int | None = None) -> None:
    """One programme, for some ages."""
    programme = field.programme()
    field.places(programme.id).minimum_age = minimum
    field.places(programme.id).maximum_age = maximum
    field.session.flush()


def test_a_told_band_is_kept(field: Field) -> None:
    post = Post(field)
    case = post.case(age_band=AgeBand.UNDER_16)
    post.hand(case)
    post.hand(
        AgeBandChanged(
            occurred_at=field.now,
            case_id=case.case_id,
            age_band=AgeBand.UNDER_18,
            cause=AgeBandCause.BIRTHDAY,
        )
    )
    file = field.session.get_one(CaseFile, case.case_id, populate_existing=True)
    assert file.age_band == "under_18"


@pytest.mark.parametrize("move", [None, Move.ACCEPT])
def test_a_programme_that_is_not_for_the_age_is_an_alert_and_goes_on(
    field: Field, move: Move | None
) -> None:
    limited(field, minimum=18)
    referral = field.referred()
    if move:
        field.move(referral, move)
    aged(field, referral.case_id, AgeBand.UNDER_16)
    assert field.alerts(referral.case_id) == ["age_outside"]
    assert field.referral(referral.case_id).status in {"requested", "accepted"}


def test_the_alert_is_settled_when_the_age_fits_again(field: Field) -> None:
    limited(field, minimum=18)
    referral = field.referred()
    aged(field, referral.case_id, AgeBand.UNDER_16)
    aged(field, referral.case_id, AgeBand.ADULT)
    assert field.alerts(referral.case_id) == []


def test_the_alert_is_settled_when_somebody_else_is_asked(field: Field) -> None:
    limited(field, minimum=18)
    referral = field.referred()
    aged(field, referral.case_id, AgeBand.UNDER_16)
    field.move(field.referral(referral.case_id), Move.REJECT, reason=ReasonCode.ELIGIBILITY)
    assert "age_outside" not in field.alerts(referral.case_id)


@given(
    band=st.sampled_from(AgeBand),
    minimum=st.none() | st.integers(0, 60),
    maximum=st.none() | st.integers(0, 60),
)
def test_a_programme_fits_a_band_only_if_it_is_for_every_age_of_it(
    band: AgeBand, minimum: int | None, maximum: int | None
) -> None:
    youngest, oldest = AGES[band]
    outside = [
        age
        for age in range(youngest, oldest + 1)
        if (minimum is not None and age < minimum) or (maximum is not None and age > maximum)
    ]
    assert is_age_outside(band, minimum=minimum, maximum=maximum) is bool(outside)


def test_what_has_no_place_is_searched_for_again_after_a_birthday(field: Field) -> None:
    limited(field, minimum=18)
    referral = field.referred(age_band=AgeBand.UNDER_18)  # type: ignore[arg-type]
    assert referral.status == "unplaced"
    assert domain.retry_unplaced(field.session, field.now) == 0
    aged(field, referral.case_id, AgeBand.ADULT)
    assert domain.retry_unplaced(field.session, field.now) == 1
    assert field.referral(referral.case_id).status == "requested"


def test_the_plan_is_computed_anew_when_the_age_changes(field: Field) -> None:
    """Seen by a window that closed meanwhile: nobody else has looked at this plan."""
    case_id = field.case()
    field.conclude(case_id, regime=Regime.LAW_2011, identified_on=date(2025, 4, 10))
    later = field.at(datetime(2026, 5, 4, 5, tzinfo=UTC))
    aged(later, case_id, AgeBand.UNDER_18)
    (plan,) = domain.find_plans(field.session, case_id=case_id, **field.as_owner())
    assert (plan.revision, plan.cause) == (2, "age_changed")


def minor(field: Field, band: AgeBand, *, told: bool) -> UUID:
    """Somebody who came along, with an age that somebody has determined."""
    case_id = field.case(age_band=band, requested=[MEDICAL])
    tell(field, case_id, ToldFact.CATEGORY, PersonCategory.MINOR_ACCOMPANYING)
    tell(field, case_id, ToldFact.UNDER_18, told)
    field.conclude(case_id)
    return case_id


def told_ages(field: Field, case_id: UUID) -> list[domain.FactView]:
    fact = ToldFact.UNDER_18
    return list(
        domain.find_facts(
            field.session, case_id=case_id, **field.as_owner(), fact=fact, after=None, size=5
        )
    )


def test_a_told_age_does_not_outlive_the_birthday(field: Field) -> None:
    case_id = minor(field, AgeBand.UNDER_18, told=True)
    assert answers(field, case_id)[MEDICAL] == Decision.ENTITLED
    aged(field, case_id, AgeBand.ADULT)
    assert answers(field, case_id)[MEDICAL] == Decision.NEEDS_INFORMATION
    last = told_ages(field, case_id)[-1].row
    assert (last.value, last.reason, last.organisation_id) == (None, "holds_no_longer", OWNER)
    tell(field, case_id, ToldFact.CATEGORY, PersonCategory.VICTIM_RESIDENT)
    assert answers(field, case_id)[MEDICAL] == Decision.ENTITLED


def test_a_told_age_stays_while_nobody_comes_of_age_or_it_says_the_same(field: Field) -> None:
    case_id = minor(field, AgeBand.UNDER_16, told=False)
    for band in (AgeBand.UNDER_18, AgeBand.ADULT):
        aged(field, case_id, band)
        assert len(told_ages(field, case_id)) == 1


def test_a_minor_who_came_along_is_granted_by_the_list_and_asked_about_at_18(field: Field) -> None:
    """No text says what holds then, so that answer is no more than assumed."""
    case_id = field.case(age_band=AgeBand.UNDER_18, requested=[])
    tell(field, case_id, ToldFact.CATEGORY, PersonCategory.MINOR_ACCOMPANYING)
    field.conclude(case_id)
    for band, said in ((AgeBand.UNDER_18, "confirmed"), (AgeBand.ADULT, "assumed")):
        aged(field, case_id, band)
        (plan,) = domain.find_plans(field.session, case_id=case_id, **field.as_owner())
        assert {it.status for it in plan.entitlements if it.code == MEDICAL} == {said}
