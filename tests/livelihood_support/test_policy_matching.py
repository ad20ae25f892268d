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
WOMEN, MEN = frozenset({Sex.FEMALE}), frozenset({Sex.MALE})

SCHOOLING = Candidate(
    programme_id=UUID(int=1),
    organisation_id=UUID(int=9),
    organisation_kind=SCHOOL,
    codes=frozenset({EntitlementCode.VOCATIONAL}),
    area_codes=frozenset({"31"}),
    languages=frozenset({"vi"}),
    has_interpreter=False,
    client_sexes=frozenset(Sex),
    minimum_age=None,
    maximum_age=None,
    serves_children=False,
    staff_sexes=frozenset(),
    capacity=10,
    held=0,
    offers_made=0,
    offers_declined=0,
    is_assured=True,
    assured_until=NOW + PERIOD,
    changed_at=NOW - timedelta(days=1),
    is_active=True,
)
NEED = Need(
    code=EntitlementCode.VOCATIONAL,
    area_code="11359",
    area_on=NOW.date(),
    age_band=AgeBand.ADULT,
    sex=Sex.FEMALE,
    languages=frozenset({"vi"}),
    needs_interpreter=False,
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
        ({"is_assured": False}, {}, Exclusion.NOT_ASSURED),
        ({"is_assured": False, "assured_until": None}, {}, Exclusion.NOT_ASSURED),
        ({"assured_until": NOW}, {}, Exclusion.NOT_ASSURED),
        ({}, {"consented_kinds": frozenset()}, Exclusion.NO_CONSENT),
        ({"minimum_age": 18}, {"age_band": AgeBand.UNDER_18}, Exclusion.AGE_OUTSIDE),
        ({"maximum_age": 15}, {"age_band": AgeBand.UNDER_18}, Exclusion.AGE_OUTSIDE),
        # Somebody of the band is too young or too old, if not this person: only the band is known.
        ({"minimum_age": 15}, {"age_band": AgeBand.UNDER_16}, Exclusion.AGE_OUTSIDE),
        ({"minimum_age": 17}, {"age_band": AgeBand.UNDER_18}, Exclusion.AGE_OUTSIDE),
        ({"maximum_age": 16}, {"age_band": AgeBand.UNDER_18}, Exclusion.AGE_OUTSIDE),
        ({"minimum_age": 30}, {}, Exclusion.AGE_OUTSIDE),
        ({"maximum_age": 60}, {}, Exclusion.AGE_OUTSIDE),
        ({"client_sexes": WOMEN}, {"sex": Sex.MALE}, Exclusion.SEX_NOT_SERVED),
        ({"client_sexes": WOMEN}, {"sex": Sex.OTHER}, Exclusion.SEX_NOT_SERVED),
        ({"area_codes": frozenset({"11887"})}, {}, Exclusion.AREA_NOT_SERVED),
        ({"area_codes": frozenset()}, {}, Exclusion.AREA_NOT_SERVED),
        ({"languages": frozenset({"en"})}, {}, Exclusion.NO_COMMON_LANGUAGE),
        ({}, {"languages": frozenset({"hmn"})}, Exclusion.NO_COMMON_LANGUAGE),
        # The file names Vietnamese, but she needs an interpreter from it.
        ({}, {"needs_interpreter": True}, Exclusion.NO_COMMON_LANGUAGE),
        ({"staff_sexes": MEN}, {"staff_sex": Sex.FEMALE}, Exclusion.STAFF_SEX),
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
    assert found.counted == {why: 1}


@pytest.mark.parametrize(
    ("changes", "need"),
    [
        ({"assured_until": NOW + timedelta(seconds=1)}, {}),
        ({"assured_until": None}, {}),
        ({"minimum_age": 16}, {"age_band": AgeBand.UNDER_18}),
        ({"minimum_age": 18}, {}),
        ({"maximum_age": 17}, {"age_band": AgeBand.UNDER_18}),
        ({"maximum_age": 15}, {"age_band": AgeBand.UNDER_16}),
        ({"client_sexes": WOMEN}, {}),
        ({"staff_sexes": WOMEN}, {"staff_sex": Sex.FEMALE}),
        ({"staff_sexes": WOMEN | MEN}, {"staff_sex": Sex.FEMALE}),
        ({"area_codes": frozenset({"11359"})}, {}),
        ({"area_codes": frozenset({"VN"})}, {"area_code": "00004"}),
        ({"has_interpreter": True}, {"languages": frozenset({"hmn"})}),
        ({"has_interpreter": True}, {"needs_interpreter": True}),
        (
            {"languages": frozenset({"vi", "hmn"})},
            {"languages": frozenset({"vi", "hmn"}), "needs_interpreter": True},
        ),
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


def test_the_freest_most_willing_programme_comes_first_wherever_it_is() -> None:
    near = replace(SCHOOLING, programme_id=UUID(int=2), area_codes=frozenset({"11359"}), held=9)
    busy = replace(SCHOOLING, programme_id=UUID(int=3), held=8)
    unwilling = replace(
        SCHOOLING, programme_id=UUID(int=4), offers_made=4, offers_declined=3, held=8
    )
    found = rank(unwilling, busy, SCHOOLING, near)
    assert [each.candidate.programme_id.int for each in found.ranked] == [1, 3, 2, 4]


@pytest.mark.parametrize("band", [AgeBand.UNDER_16, AgeBand.UNDER_18])
def test_a_child_goes_to_a_service_for_children_if_there_is_one(band: AgeBand) -> None:
    worst = replace(
        SCHOOLING, programme_id=UUID(int=2), serves_children=True, held=9, has_interpreter=True,
        languages=frozenset({"en"}), offers_made=9, offers_declined=9,
    )  # fmt: skip
    found = rank(SCHOOLING, worst, need=replace(NEED, age_band=band))
    assert [each.candidate.programme_id.int for each in found.ranked] == [2, 1]
    assert rank(SCHOOLING, worst).ranked[0].candidate == SCHOOLING
    assert found.ranked[0].points[Merit.FOR_CHILDREN] > sum(found.ranked[1].points.values())


def test_a_language_is_shared_in_letters_of_either_case() -> None:
    spoken = replace(NEED, languages=frozenset({"zh-hant"}))
    both = [
        replace(
            SCHOOLING,
            programme_id=UUID(int=number),
            languages=frozenset({tag}),
            has_interpreter=True,
        )
        for number, tag in enumerate(("zh-Hant", "zh-Hans"), start=1)
    ]
    points = [Merit.SHARED_LANGUAGE in each.points for each in rank(*both, need=spoken).ranked]
    assert points == [True, False]


def test_a_score_is_the_sum_of_points_that_say_what_they_are_for() -> None:
    best = rank(replace(SCHOOLING, held=5, offers_made=4, offers_declined=1)).ranked[0]
    assert best.points == {
        Merit.SHARED_LANGUAGE: 20,
        Merit.FREE_PLACES: 10,
        Merit.SELDOM_DECLINES: 15,
    }
    assert best.score == 45


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
        has_interpreter=st.booleans(),
        client_sexes=st.frozensets(st.sampled_from(Sex), min_size=1),
        minimum_age=st.none() | st.integers(0, 30),
        maximum_age=st.none() | st.integers(10, 60),
        serves_children=st.booleans(),
        staff_sexes=st.frozensets(st.sampled_from(Sex)),
        capacity=st.integers(0, 5),
        held=st.integers(0, 6),
        offers_made=st.just(3),
        offers_declined=st.integers(0, 3),
        is_assured=st.booleans(),
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
    found, again = rank(*candidates), rank(*shuffled)
    assert (found.ranked, found.counted) == (again.ranked, again.counted)


@given(candidates=CANDIDATES)
def test_whoever_is_ranked_has_a_place_consent_and_the_need(candidates: list[Candidate]) -> None:
    found = rank(*candidates)
    assert len(found.ranked) + len(found.excluded) == len(candidates)
    for each in found.ranked:
        programme = each.candidate
        assert programme.held < programme.capacity
        assert programme.organisation_kind in NEED.consented_kinds
        assert NEED.code in programme.codes
        assert programme.is_active
        assert programme.is_assured
        assert NEED.sex in programme.client_sexes
    scores = [each.score for each in found.ranked]
    assert scores == sorted(scores, reverse=True)


WRONG: Mapping[Exclusion, tuple[dict[str, Any], dict[str, Any]]] = {
    Exclusion.OTHER_NEED: ({"codes": frozenset({EntitlementCode.LOAN})}, {}),
    Exclusion.INACTIVE: ({"is_active": False}, {}),
    Exclusion.NOT_ASSURED: ({"is_assured": False}, {}),
    Exclusion.NO_CONSENT: ({"organisation_kind": OrganisationKind.HOSPITAL}, {}),
    Exclusion.AREA_NOT_SERVED: ({"area_codes": frozenset({"11887"})}, {}),
    Exclusion.SEX_NOT_SERVED: ({"client_sexes": WOMEN}, {"sex": Sex.MALE}),
    Exclusion.AGE_OUTSIDE: ({"minimum_age": 15}, {"age_band": AgeBand.UNDER_16}),
    Exclusion.STAFF_SEX: ({"staff_sexes": MEN}, {"staff_sex": Sex.FEMALE}),
    Exclusion.NO_COMMON_LANGUAGE: (
        {"has_interpreter": False, "languages": frozenset({"vi"})},
        {"languages": frozenset({"hmn"})},
    ),
    Exclusion.ASKED_BEFORE: ({}, {}),
    Exclusion.NO_FREE_PLACE: ({"held": 10}, {}),
}
"""What makes a programme wrong for a person, for every reason there is."""

WORTH = st.fixed_dictionaries({merit: st.integers(-1000, 1_000_000) for merit in Merit})


def test_every_exclusion_is_tried() -> None:
    assert WRONG.keys() == set(Exclusion)


@given(why=st.sampled_from(Exclusion), worth=WORTH, seed=st.integers(1, 2**64), more=st.data())
def test_no_merit_makes_up_for_an_exclusion(
    why: Exclusion, worth: Mapping[Merit, int], seed: int, more: st.DataObject
) -> None:
    """Every merit at its most on the wrong side, none on the right one, whatever each is worth."""
    best = replace(
        SCHOOLING, programme_id=UUID(int=seed), serves_children=True, has_interpreter=True,
        languages=frozenset({"vi", "hmn"}), staff_sexes=frozenset(Sex),
    )  # fmt: skip
    poor = replace(
        best, programme_id=UUID(int=seed + 1), serves_children=False, held=9,
        languages=frozenset({"en"}), offers_made=9, offers_declined=9,
    )  # fmt: skip
    changes, need = WRONG[why]
    wrong = replace(best, **changes)
    asked = {wrong.programme_id: Asked(ReasonCode.SAFETY, NOW)}
    found = rank_programmes(
        more.draw(st.permutations([wrong, poor])),
        replace(NEED, **need),
        asked=asked if why is Exclusion.ASKED_BEFORE else {},
        now=NOW,
        worth=worth,
    )
    assert [each.candidate.programme_id for each in found.ranked] == [poor.programme_id]
    assert found.counted == {why: 1}
