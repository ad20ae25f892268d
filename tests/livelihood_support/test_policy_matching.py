"""Which programme is asked: never an excluded one, always the same one, for reasons it can tell."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.livelihood_support.policy import (
    Asked,
    Candidate,
    Exclusion,
    Need,
    Ranking,
    rank_programmes,
)
from services.livelihood_support.policy.matching import Merit
from shared.contracts.vocabulary import (
    AgeBand,
    EntitlementCode,
    OrganisationKind,
    ReasonCode,
    Sex,
)

NOW = datetime(2026, 3, 2, 5, tzinfo=UTC)
SCHOOL = OrganisationKind.VOCATIONAL_SCHOOL
PERIOD = timedelta(days=90)

SCHOOLING = Candidate(
    programme_id=UUID(int=1),
    organisation_id=UUID(int=9),
    organisation_kind=SCHOOL,
    codes=frozenset({EntitlementCode.VOCATIONAL}),
    area_codes=frozenset({"31"}),
    languages=frozenset({"vi"}),
    minimum_age=None,
    maximum_age=None,
    staff_sex=None,
    capacity=10,
    held=0,
    offers_made=0,
    offers_declined=0,
    assured_until=NOW + PERIOD,
    changed_at=NOW - timedelta(days=1),
    is_active=True,
)
NEED = Need(
    code=EntitlementCode.VOCATIONAL,
    area_code="11359",
    age_band=AgeBand.ADULT,
    languages=frozenset({"vi"}),
    consented_kinds=frozenset({SCHOOL}),
)


def rank(
    *candidates: Candidate,
    need: Need = NEED,
    asked: Mapping[UUID, Asked] | None = None,
) -> Ranking:
    return rank_programmes(candidates, need, asked=asked or {}, now=NOW)


@pytest.mark.parametrize(
    ("changes", "need", "why"),
    [
        ({"codes": frozenset({EntitlementCode.LOAN})}, {}, Exclusion.OTHER_NEED),
        ({"is_active": False}, {}, Exclusion.INACTIVE),
        ({"assured_until": NOW}, {}, Exclusion.NOT_ASSURED),
        ({}, {"consented_kinds": frozenset()}, Exclusion.NO_CONSENT),
        ({"minimum_age": 18}, {"age_band": AgeBand.UNDER_18}, Exclusion.AGE_OUTSIDE),
        ({"maximum_age": 15}, {"age_band": AgeBand.UNDER_18}, Exclusion.AGE_OUTSIDE),
        ({"staff_sex": Sex.MALE}, {"staff_sex": Sex.FEMALE}, Exclusion.STAFF_SEX),
        ({}, {"staff_sex": Sex.FEMALE}, Exclusion.STAFF_SEX),
        ({"held": 10}, {}, Exclusion.NO_FREE_PLACE),
        ({"held": 12}, {}, Exclusion.NO_FREE_PLACE),
    ],
)
def test_what_rules_a_programme_out_is_named(
    changes: dict[str, Any],
    need: dict[str, Any],
    why: Exclusion,
) -> None:
    found = rank(replace(SCHOOLING, **changes), need=replace(NEED, **need))
    assert found.ranked == ()
    assert found.excluded == {why: 1}


@pytest.mark.parametrize(
    ("changes", "need"),
    [
        ({"assured_until": NOW + timedelta(seconds=1)}, {}),
        ({"assured_until": None}, {}),
        ({"minimum_age": 16}, {"age_band": AgeBand.UNDER_18}),
        ({"minimum_age": 30}, {}),
        ({"maximum_age": 17}, {"age_band": AgeBand.UNDER_18}),
        ({"staff_sex": Sex.FEMALE}, {"staff_sex": Sex.FEMALE}),
        ({"held": 9}, {}),
    ],
)
def test_what_may_fit_is_not_ruled_out(changes: dict[str, Any], need: dict[str, Any]) -> None:
    assert rank(replace(SCHOOLING, **changes), need=replace(NEED, **need)).ranked


BEFORE_CHANGE = SCHOOLING.changed_at - timedelta(hours=1)
AFTER_CHANGE = SCHOOLING.changed_at + timedelta(hours=1)


@pytest.mark.parametrize(
    ("reason", "ended_at", "may_ask"),
    [
        (ReasonCode.CAPACITY, AFTER_CHANGE, False),
        (ReasonCode.CAPACITY, BEFORE_CHANGE, True),
        (ReasonCode.NO_ANSWER, AFTER_CHANGE, False),
        (ReasonCode.TIMING, BEFORE_CHANGE, True),
        (ReasonCode.ELIGIBILITY, BEFORE_CHANGE, False),
        (ReasonCode.SAFETY, BEFORE_CHANGE, False),
        (ReasonCode.PERSON_DECLINED, BEFORE_CHANGE, False),
        (ReasonCode.CONSENT_WITHDRAWN, AFTER_CHANGE, True),
    ],
)
def test_the_reason_decides_whether_a_programme_is_asked_again(
    reason: ReasonCode,
    ended_at: datetime,
    may_ask: bool,
) -> None:
    found = rank(SCHOOLING, asked={SCHOOLING.programme_id: Asked(reason, ended_at)})
    assert bool(found.ranked) is may_ask


def test_the_nearest_freest_most_willing_programme_comes_first() -> None:
    near = replace(SCHOOLING, programme_id=UUID(int=2), area_codes=frozenset({"11359"}))
    busy = replace(SCHOOLING, programme_id=UUID(int=3), held=8)
    unwilling = replace(
        SCHOOLING, programme_id=UUID(int=4), offers_made=4, offers_declined=3, held=8
    )
    elsewhere = replace(unwilling, programme_id=UUID(int=5), area_codes=frozenset({"11887"}))
    foreign = replace(elsewhere, programme_id=UUID(int=6), languages=frozenset({"en"}))
    found = rank(foreign, elsewhere, unwilling, busy, SCHOOLING, near)
    assert [each.candidate.programme_id.int for each in found.ranked] == [2, 1, 3, 4, 5, 6]


def test_a_language_is_shared_in_letters_of_either_case() -> None:
    spoken = replace(NEED, languages=frozenset({"zh-hant"}))
    both = [
        replace(SCHOOLING, programme_id=UUID(int=number), languages=frozenset({tag}))
        for number, tag in enumerate(("zh-Hant", "zh-Hans"), start=1)
    ]
    points = [Merit.SHARED_LANGUAGE in each.points for each in rank(*both, need=spoken).ranked]
    assert points == [True, False]


def test_a_score_is_the_sum_of_points_that_say_what_they_are_for() -> None:
    best = rank(replace(SCHOOLING, held=5, offers_made=4, offers_declined=1)).ranked[0]
    assert best.points == {
        Merit.WHOLE_PROVINCE: 20,
        Merit.SHARED_LANGUAGE: 20,
        Merit.FREE_PLACES: 10,
        Merit.SELDOM_DECLINES: 15,
    }
    assert best.score == 65


CANDIDATES = st.lists(
    st.builds(
        Candidate,
        programme_id=st.uuids(),
        organisation_id=st.uuids(),
        organisation_kind=st.sampled_from([SCHOOL, OrganisationKind.HOSPITAL]),
        codes=st.frozensets(
            st.sampled_from([EntitlementCode.VOCATIONAL, EntitlementCode.LOAN]), min_size=1
        ),
        area_codes=st.frozensets(st.sampled_from(["31", "303", "11359"])),
        languages=st.frozensets(st.sampled_from(["vi", "en"])),
        minimum_age=st.none() | st.integers(0, 30),
        maximum_age=st.none() | st.integers(10, 60),
        staff_sex=st.none() | st.sampled_from(Sex),
        capacity=st.integers(0, 5),
        held=st.integers(0, 6),
        offers_made=st.just(3),
        offers_declined=st.integers(0, 3),
        assured_until=st.sampled_from([None, NOW, NOW + PERIOD]),
        changed_at=st.just(NOW),
        is_active=st.booleans(),
    ),
    unique_by=lambda each: each.programme_id,
    max_size=12,
)


@given(candidates=CANDIDATES, seed=st.randoms(use_true_random=False))
def test_the_order_of_asking_does_not_depend_on_the_order_of_reading(
    candidates: list[Candidate],
    seed: Any,
) -> None:
    shuffled = list(candidates)
    seed.shuffle(shuffled)
    assert rank(*candidates) == rank(*shuffled)


@given(candidates=CANDIDATES)
def test_whoever_is_ranked_has_a_place_consent_and_the_need(candidates: list[Candidate]) -> None:
    found = rank(*candidates)
    assert len(found.ranked) + sum(found.excluded.values()) == len(candidates)
    for each in found.ranked:
        programme = each.candidate
        assert programme.held < programme.capacity
        assert programme.organisation_kind in NEED.consented_kinds
        assert NEED.code in programme.codes
        assert programme.is_active
    scores = [each.score for each in found.ranked]
    assert scores == sorted(scores, reverse=True)
