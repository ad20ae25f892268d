"""I1 for people: what is said of a case on which nothing is open."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from deploy.stack.invariants.turns import Case, Turn, Who, Why, conclude

THEN = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
CASE = Case("case", THEN, is_fresh=False, outcome=None, has_plan=False)
TURN = Turn("case", "referral", Who.ORGANISATION, "school", THEN, Why.OFFER_UNANSWERED)


def test_a_case_with_something_open_needs_no_other_sentence() -> None:
    found = conclude([CASE], [TURN], {"referral"})
    assert (found.turns, found.forgotten, found.unclear) == ((TURN,), (), ())


@pytest.mark.parametrize("outcome", [None, "identified"])
def test_a_case_that_nobody_has_to_act_on_is_forgotten(outcome: str | None) -> None:
    assert conclude([replace(CASE, outcome=outcome)], [], ()).forgotten == ("case",)


@pytest.mark.parametrize(
    ("outcome", "why"), [(None, Why.JUST_RECEIVED), ("identified", Why.JUST_CONCLUDED)]
)
def test_what_has_just_happened_may_be_on_its_way(outcome: str | None, why: Why) -> None:
    found = conclude([replace(CASE, outcome=outcome, is_fresh=True)], [], ())
    assert [(turn.who, turn.why, turn.since) for turn in found.turns] == [(Who.SYSTEM, why, THEN)]
    assert found.forgotten == ()


@pytest.mark.parametrize(
    ("outcome", "why"),
    [("not_identified", Why.NOT_IDENTIFIED), ("withdrawn", Why.WITHDRAWN)],
)
def test_a_case_decided_against_the_person_is_the_case_owners(outcome: str, why: Why) -> None:
    decided = replace(CASE, outcome=outcome, has_authority=True)
    found = conclude([decided], [], ())
    assert [(turn.who, turn.why, turn.since) for turn in found.turns] == [
        (Who.CASE_OWNER, why, THEN)
    ]
    assert (found.forgotten, found.stuck) == ((), ())
    assert conclude([replace(decided, has_authority=False)], [], ()).stuck == ("case",)


def test_a_case_on_which_nothing_is_open_is_the_case_owners_who_may_add_a_need() -> None:
    found = conclude([replace(CASE, outcome="identified", has_plan=True)], [], ())
    assert [(turn.who, turn.why, turn.since) for turn in found.turns] == [
        (Who.CASE_OWNER, Why.NOTHING_LEFT, THEN)
    ]
    assert found.forgotten == ()


def test_what_is_nobodys_turn_and_what_is_two_bodies_turn_is_unclear() -> None:
    owner = replace(TURN, who=Who.CASE_OWNER, organisation_id=None, why=Why.NO_PROGRAMME)
    found = conclude([CASE], [TURN, owner], {"referral", "verification"})
    assert found.unclear == ("referral", "verification")
