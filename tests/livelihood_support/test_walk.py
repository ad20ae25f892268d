"""No state without a next move: every regime, citizenship, age and set of told facts, walked whole.

The pure policies decide; what they ask for must be tellable through the route, and telling it must
help.
"""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any, get_args

import pytest

from services.livelihood_support.policy import (
    TOLD_BY,
    Party,
    Recorded,
    Told,
    ToldFact,
    Value,
    category_for,
    contradicted,
    know,
    legal_moves,
    read_value,
    written,
)
from services.livelihood_support.schemas.facts import FactCreate
from shared.contracts.vocabulary import (
    AgeBand,
    Citizenship,
    EntitlementCode,
    PersonCategory,
    ReferralStatus,
    Regime,
)
from shared.law.entitlements import Fact, rulebook
from shared.law.entitling import Decision, Entitlement, compute_entitlements

PAPER = "15/QĐ-UBND"
SAID: Mapping[ToldFact, tuple[Value, ...]] = {
    **dict.fromkeys(ToldFact, (True, False)),
    ToldFact.CATEGORY: tuple(PersonCategory),
    ToldFact.IDENTIFIED: (True,),
}
"""What can be said of each fact."""

HELPS: Mapping[ToldFact, tuple[Value, ...]] = {ToldFact.CATEGORY: tuple(PersonCategory)}
"""What helps where it is not that the fact holds."""

OF_THE_WINDOW = {ToldFact.IDENTIFIED, ToldFact.WINDOW_EXCEPTION}
"""These decide one fact by a day and by each other; they are told where they are asked for."""
WALKED = [fact for fact in ToldFact if fact not in OF_THE_WINDOW]

PERSONS = [Recorded(*each) for each in product(AgeBand, Citizenship)]
EVERYBODY = pytest.mark.parametrize(
    "person", PERSONS, ids=lambda it: f"{it.age_band}-{it.citizenship}"
)
EVERY_REGIME = pytest.mark.parametrize("regime", list(Regime))

Answers = Mapping[EntitlementCode, Entitlement]


def everything_told() -> Iterator[dict[ToldFact, Value]]:
    """Every subset of the facts, with every value of each."""
    options = [(None, *SAID[fact]) for fact in WALKED]
    for values in product(*options):
        yield {fact: value for fact, value in zip(WALKED, values, strict=True) if value is not None}


TOLD = list(everything_told())
_DECIDED: dict[tuple[Any, ...], Answers] = {}


def answers(regime: Regime, person: Recorded, told: Told, *, is_identified: bool = True) -> Answers:
    """The answer for every code; the same question is asked once."""
    category = category_for(person, told, is_identified=is_identified)
    known = {fact: found.holds for fact, found in know(person, told).items()}
    if OF_THE_WINDOW & told.keys():
        # By the day, which `test_windows.py` counts, or by the exception: applied in time.
        known[Fact.APPLIED_IN_TIME] = True
    asked = (regime, category, *sorted(known.items()))
    if asked not in _DECIDED:
        found = compute_entitlements(rulebook(), regime=regime, category=category, known=known)
        _DECIDED[asked] = {each.code: each for each in found}
    return _DECIDED[asked]


def helped(person: Recorded, told: Told, facts: tuple[Fact, ...]) -> Iterator[Told]:
    """What can be told more, or otherwise, so that these facts hold."""
    for sources in product(*(TOLD_BY[fact] for fact in facts)):
        for values in product(*(HELPS.get(source, (True,)) for source in sources)):
            more: dict[ToldFact, Value] = {**told, **dict(zip(sources, values, strict=True))}
            if contradicted(person, more) is None:
                yield more


def test_the_route_takes_each_fact_with_each_of_its_values_and_no_other() -> None:
    shapes = get_args(get_args(FactCreate)[0])
    taken = {get_args(shape.model_fields["fact"].annotation)[0]: shape for shape in shapes}
    assert taken.keys() == set(ToldFact)
    for fact, values in SAID.items():
        for value in values:
            body = {"fact": fact, "value": value, "evidence_ref": PAPER, "holds_from": "2024-03-01"}
            assert taken[fact].model_validate(body).value == value
            assert read_value(fact, written(value)) == value


def test_every_fact_of_the_calculator_can_be_told() -> None:
    assert TOLD_BY.keys() == set(Fact)
    assert all(TOLD_BY.values())


@EVERY_REGIME
@EVERYBODY
@pytest.mark.parametrize("is_identified", [True, False])
def test_every_answer_is_a_yes_a_reasoned_no_or_a_question_that_can_be_answered(
    regime: Regime, person: Recorded, *, is_identified: bool
) -> None:
    listed = rulebook().grants
    walked = 0
    for told in TOLD:
        if contradicted(person, told):
            continue
        category = category_for(person, told, is_identified=is_identified)
        found = answers(regime, person, told, is_identified=is_identified)
        assert found.keys() == set(EntitlementCode)
        for code, answer in found.items():
            walked += 1
            assert answer.legal_ref
            is_listed = code in listed[regime, category]
            match answer.decision:
                case Decision.ENTITLED:
                    assert is_listed
                    assert answer.facts == ()
                case Decision.NOT_ENTITLED:
                    assert bool(answer.facts) is is_listed, "either the list or a fact says no"
                case Decision.NEEDS_INFORMATION:
                    assert is_listed
                    assert answer.facts
            assert all(TOLD_BY[fact] for fact in answer.facts)
    assert walked > 10_000


@EVERY_REGIME
@EVERYBODY
def test_what_is_asked_for_helps_once_it_is_told(regime: Regime, person: Recorded) -> None:
    """Whatever waits for facts, or was refused for some, is granted if these are told to hold."""
    asked = set()
    for told in TOLD:
        if contradicted(person, told):
            continue
        for code, answer in answers(regime, person, told).items():
            if not answer.facts or (case := (code, answer.facts, _shape(told))) in asked:
                continue
            asked.add(case)
            assert any(
                _leads_on(regime, person, more, code) for more in helped(person, told, answer.facts)
            ), (
                told,
                code,
                answer.facts,
            )
    assert asked


def _shape(told: Told) -> tuple[Any, ...]:
    return tuple(sorted((fact, written(value)) for fact, value in told.items()))


def _leads_on(regime: Regime, person: Recorded, told: Told, code: EntitlementCode) -> bool:
    """Granted now, or the next question is one that can be answered, too, until it is."""
    answer = answers(regime, person, told)[code]
    if answer.decision is Decision.ENTITLED:
        return True
    return any(
        _leads_on(regime, person, more, code)
        for more in helped(person, told, answer.facts)
        if more != told
    )


@EVERY_REGIME
@EVERYBODY
def test_everybody_can_reach_essential_support_from_wherever_they_stand(
    regime: Regime, person: Recorded
) -> None:
    reached = [
        told
        for told in TOLD
        if not contradicted(person, told)
        and answers(regime, person, told)[EntitlementCode.ESSENTIAL].decision is Decision.ENTITLED
    ]
    assert reached, "any other set of facts becomes one of these by telling or withdrawing"


@EVERYBODY
def test_a_refused_set_of_facts_has_a_way_out(person: Recorded) -> None:
    for told in TOLD:
        if contradicted(person, told):
            without = dict(told)
            del without[ToldFact.CATEGORY]
            assert contradicted(person, without) is None


RUNNING = (
    ReferralStatus.REQUESTED,
    ReferralStatus.UNPLACED,
    ReferralStatus.ACCEPTED,
    ReferralStatus.IN_PROGRESS,
    ReferralStatus.ON_HOLD,
)
"""Statuses at which a referral waits for somebody; the exchange itself goes on from the others."""


@pytest.mark.parametrize("status", RUNNING)
def test_the_case_owner_can_end_a_referral_at_any_time(status: ReferralStatus) -> None:
    assert legal_moves(Party.REQUESTER, status)


@pytest.mark.parametrize("status", [it for it in RUNNING if it is not ReferralStatus.UNPLACED])
def test_the_organisation_asked_can_move_whatever_it_holds(status: ReferralStatus) -> None:
    assert legal_moves(Party.TARGET, status)
