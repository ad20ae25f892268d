"""The calculator: what the law grants, what it refuses, what it cannot say yet."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.vocabulary import (
    AgeBand,
    Citizenship,
    EntitlementCode,
    PersonCategory,
    Regime,
)
from shared.law import Basis, Certainty
from shared.law.entitlements import Condition, ContentOf, Fact, Rulebook, parse_rulebook, rulebook
from shared.law.entitling import (
    Decision,
    Entitlement,
    category_of,
    compute_entitlements,
    known_facts,
)

VICTIM = PersonCategory.VICTIM_RESIDENT


RESIDENT = Fact.CITIZEN_OR_PERMANENT_RESIDENT
JUDGED = Fact.GRANTED_IN_THIS_CASE


def answer(
    code: EntitlementCode,
    *,
    regime: Regime,
    category: PersonCategory = VICTIM,
    known: Mapping[Fact, bool] | None = None,
) -> Entitlement:
    """The answer for someone who is known to live here, and whose case was judged."""
    whole = {RESIDENT: True, JUDGED: True, **(known or {})}
    answers = compute_entitlements(rulebook(), regime=regime, category=category, known=whole)
    return next(each for each in answers if each.code is code)


@pytest.mark.parametrize(
    ("regime", "code", "known", "decision", "facts"),
    [
        ("2024", "VOCATIONAL", {}, "entitled", ()),
        ("2024", "LOAN", {}, "needs_information", (Fact.VIETNAMESE_CITIZEN,)),
        ("2024", "LOAN", {Fact.VIETNAMESE_CITIZEN: True}, "entitled", ()),
        ("2024", "LOAN", {Fact.VIETNAMESE_CITIZEN: False}, "not_entitled", ("vietnamese_citizen",)),
        ("2024", "EDUCATION", {Fact.UNDER_18: True}, "entitled", ()),
        ("2024", "EDUCATION", {Fact.UNDER_18: False}, "entitled", ()),
        ("2024", "EDUCATION", {}, "entitled", ()),
        ("2011", "LOAN", {JUDGED: True}, "entitled", ()),
        ("2011", "LOAN", {JUDGED: False}, "not_entitled", (JUDGED,)),
        (
            "2011",
            "VOCATIONAL",
            {},
            "needs_information",
            (Fact.POOR_HOUSEHOLD, Fact.APPLIED_IN_TIME),
        ),
        (
            "2011",
            "VOCATIONAL",
            {Fact.POOR_HOUSEHOLD: True, Fact.APPLIED_IN_TIME: True},
            "entitled",
            (),
        ),
        (
            "2011",
            "VOCATIONAL",
            {Fact.APPLIED_IN_TIME: False},
            "not_entitled",
            (Fact.APPLIED_IN_TIME,),
        ),
        ("2011", "LEGAL_AID", {}, "needs_information", (Fact.FINANCIAL_HARDSHIP,)),
        ("2011", "INTERPRETATION", {}, "not_entitled", ()),
        ("2011", "MEDICAL", {}, "entitled", ()),
    ],
)
def test_each_code_is_answered_by_its_rule(
    regime: str,
    code: str,
    known: dict[Fact, bool],
    decision: str,
    facts: tuple[Fact, ...],
) -> None:
    found = answer(EntitlementCode(code), regime=Regime(regime), known=known)
    assert (found.decision, found.facts) == (decision, facts)


def test_an_answer_names_the_text_it_rests_on() -> None:
    loan = answer(EntitlementCode.LOAN, regime=Regime.LAW_2024)
    medical = answer(EntitlementCode.MEDICAL, regime=Regime.LAW_2011)
    assert "Decree 162/2025 Art. 25" in loan.legal_ref
    assert medical.legal_ref.startswith("Law 66/2011/QH12 Art. 32")
    assert {loan.status, medical.status} == {Certainty.CONFIRMED}


def test_a_loan_of_the_older_law_waits_until_somebody_has_decided() -> None:
    loan = decided(Citizenship.VIETNAMESE, Regime.LAW_2011)[EntitlementCode.LOAN]
    assert (loan.decision, loan.facts) == (Decision.NEEDS_INFORMATION, (JUDGED,))
    assert (loan.status, "Art. 38(2)" in loan.legal_ref) == (Certainty.RECALLED, True)


def test_a_grant_that_was_only_reported_is_not_shown_as_confirmed() -> None:
    hardship = answer(EntitlementCode.HARDSHIP, regime=Regime.LAW_2024)
    assert (hardship.decision, hardship.status) == (Decision.ENTITLED, Certainty.RECALLED)
    assert "draft of Decree 162/2025" in hardship.legal_ref


def test_general_education_is_for_adults_too_and_rests_on_the_law() -> None:
    education = answer(EntitlementCode.EDUCATION, regime=Regime.LAW_2024)
    assert education.status is Certainty.CONFIRMED
    assert education.legal_ref == rulebook().bases[Regime.LAW_2024].legal_ref
    contents = rulebook().contents[Regime.LAW_2024, EntitlementCode.EDUCATION]
    assert {each.when for each in contents} == {ContentOf.UNDER_18, ContentOf.ADULT}


@given(
    regime=st.sampled_from(Regime),
    code=st.sampled_from(EntitlementCode),
    statuses=st.lists(st.sampled_from(Certainty), min_size=4, max_size=4),
)
def test_a_grant_is_as_certain_as_the_least_certain_row_it_rests_on(
    regime: Regime, code: EntitlementCode, statuses: list[Certainty]
) -> None:
    listed, of_code, of_person, of_grant = statuses
    condition = Condition(Fact.POOR_HOUSEHOLD, "condition", of_code)
    personal = Condition(Fact.CITIZEN_OR_PERMANENT_RESIDENT, "person", of_person)
    book = Rulebook(
        bases={regime: replace(rulebook().bases[regime], status=listed)},
        grants={(regime, VICTIM): frozenset({code})},
        conditions={(regime, code): (condition,)},
        category_conditions={(regime, VICTIM): (personal,)},
        certainties={(regime, code): (Basis("grant", of_grant),)},
        contents={},
        amounts={},
    )
    known = dict.fromkeys(Fact, True)
    answers = compute_entitlements(book, regime=regime, category=VICTIM, known=known)
    (found,) = (each for each in answers if each.code is code)
    order = list(Certainty)
    assert found.decision is Decision.ENTITLED
    assert order.index(found.status) == max(map(order.index, (of_code, of_person, of_grant)))


def test_a_foreigner_is_granted_what_the_law_lists_for_foreigners() -> None:
    category = category_of(Citizenship.FOREIGN)
    vocational = answer(EntitlementCode.VOCATIONAL, regime=Regime.LAW_2024, category=category)
    medical = answer(EntitlementCode.MEDICAL, regime=Regime.LAW_2024, category=category)
    assert vocational.decision is Decision.NOT_ENTITLED
    assert medical.decision is Decision.ENTITLED


def decided(citizenship: Citizenship, regime: Regime) -> dict[EntitlementCode, Entitlement]:
    """The answers for an adult of whom only what a case tells is known."""
    answers = compute_entitlements(
        rulebook(),
        regime=regime,
        category=category_of(citizenship),
        known=known_facts(age_band=AgeBand.ADULT, citizenship=citizenship),
    )
    return {each.code: each for each in answers}


def test_a_foreigner_is_decided_case_by_case_under_the_newer_law() -> None:
    for code, found in decided(Citizenship.FOREIGN, Regime.LAW_2024).items():
        if found.decision is not Decision.NOT_ENTITLED:
            assert (found.decision, found.facts) == (Decision.NEEDS_INFORMATION, (JUDGED,)), code
    older = decided(Citizenship.FOREIGN, Regime.LAW_2011)[EntitlementCode.MEDICAL]
    assert older.decision is Decision.ENTITLED


@pytest.mark.parametrize("regime", list(Regime))
def test_whether_a_stateless_person_lives_here_for_good_has_to_be_told(regime: Regime) -> None:
    answers = decided(Citizenship.STATELESS, regime)
    assert all(found.decision is not Decision.ENTITLED for found in answers.values())
    medical = answers[EntitlementCode.MEDICAL]
    assert (medical.decision, medical.facts) == (Decision.NEEDS_INFORMATION, (RESIDENT,))
    elsewhere = answer(EntitlementCode.MEDICAL, regime=regime, known={RESIDENT: False})
    assert (elsewhere.decision, elsewhere.facts) == (Decision.NOT_ENTITLED, (RESIDENT,))


def test_a_citizen_needs_nothing_more_and_the_answer_rests_on_the_list() -> None:
    medical = decided(Citizenship.VIETNAMESE, Regime.LAW_2024)[EntitlementCode.MEDICAL]
    assert medical.decision is Decision.ENTITLED
    assert medical.legal_ref == rulebook().bases[Regime.LAW_2024].legal_ref


@pytest.mark.parametrize("citizenship", [Citizenship.VIETNAMESE, Citizenship.STATELESS])
def test_citizens_and_stateless_residents_are_one_category(citizenship: Citizenship) -> None:
    assert category_of(citizenship) is VICTIM


def test_a_case_tells_citizenship_and_minority_and_nothing_else() -> None:
    known = known_facts(age_band=AgeBand.UNDER_18, citizenship=Citizenship.STATELESS)
    assert known == {Fact.VIETNAMESE_CITIZEN: False, Fact.UNDER_18: True}
    known = known_facts(age_band=AgeBand.ADULT, citizenship=Citizenship.VIETNAMESE)
    assert known == {Fact.VIETNAMESE_CITIZEN: True, Fact.UNDER_18: False, RESIDENT: True}


FACTS = st.dictionaries(st.sampled_from(Fact), st.booleans())


@given(
    regime=st.sampled_from(Regime),
    category=st.sampled_from(PersonCategory),
    known=FACTS,
)
def test_an_unknown_fact_never_becomes_a_no(
    regime: Regime,
    category: PersonCategory,
    known: dict[Fact, bool],
) -> None:
    book = rulebook()
    granted = book.grants.get((regime, category), frozenset())
    answers = compute_entitlements(book, regime=regime, category=category, known=known)
    assert [each.code for each in answers] == list(EntitlementCode)
    for each in answers:
        if each.decision is Decision.NOT_ENTITLED and each.code in granted:
            assert each.facts
            assert all(known[fact] is False for fact in each.facts)
        if each.decision is Decision.NEEDS_INFORMATION:
            assert each.facts
            # Only of whom no text speaks, somebody is asked although the fact is known.
            asked = {Fact.UNDER_18} if category is PersonCategory.MINOR_ACCOMPANYING else set()
            assert not set(each.facts) & known.keys() - asked


@given(regime=st.sampled_from(Regime), category=st.sampled_from(PersonCategory), known=FACTS)
def test_learning_a_fact_never_takes_a_decided_answer_back(
    regime: Regime,
    category: PersonCategory,
    known: dict[Fact, bool],
) -> None:
    book = rulebook()
    everything = {fact: known.get(fact, True) for fact in Fact}
    before = compute_entitlements(book, regime=regime, category=category, known=known)
    after = compute_entitlements(book, regime=regime, category=category, known=everything)
    for early, late in zip(before, after, strict=True):
        if early.decision is not Decision.NEEDS_INFORMATION:
            assert late.decision is early.decision


def test_a_rule_with_an_unknown_fact_is_refused_when_read() -> None:
    text = """
    [basis.2024]
    legal_ref = "none"
    status = "assumed"
    owner_role = "case_owner"
    services = []
    valid_from = 2025-07-01
    [regime.2024]
    VICTIM_RESIDENT = ["LOAN"]
    [[condition]]
    regime = "2024"
    code = "LOAN"
    requires = "owns_a_boat"
    legal_ref = "none"
    status = "assumed"
    """
    with pytest.raises(ValueError, match="owns_a_boat"):
        parse_rulebook(text)
