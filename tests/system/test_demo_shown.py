"""A demonstration does not end well if something did not happen that it is there to show."""

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from deploy.demo import cases
from deploy.demo.outcome import Outcome
from deploy.demo.story import Story
from deploy.demo.submission import Submission
from deploy.stack.invariants import Balance
from tests.system.batch import (
    AGAIN,
    FACT,
    IDENTIFIED,
    LATE,
    OPENED,
    REFUSED,
    REOPENED,
    STEPS,
    UNDELIVERED,
    UNIT,
    asked,
    batch,
    decided,
    left,
    met,
)
from tests.system.batch import steps as beside

Undo = Callable[[Submission], object]


def outcome_of(*submissions: Submission) -> Outcome:
    story = SimpleNamespace(
        submissions=submissions, is_submitted=True, from_mails=[], steps=beside(shown=False)
    )
    return Outcome(
        story=cast("Story", story),
        verifications=[],
        referrals=[],
        balance=Balance(),
        partners={"waiting": 0, "twice": 0},
        deliveries={},
        seconds=1.0,
    )


def shown(*submissions: Submission) -> set[str]:
    """What of the things that must be shown these submissions show."""
    checks = outcome_of(*submissions).checks
    return {name for name in batch() if checks[name]}


def without(*kinds: str) -> Undo:
    """Nothing of these kinds, or with these statuses, happened."""

    def undo(it: Submission) -> None:
        it.steps = [each for each in it.steps if not {each["kind"], each["status"]} & {*kinds}]

    return undo


def instead(**facts: Any) -> Undo:
    """Something else is known of it."""
    return lambda it: vars(it).update(facts)


def steps(*happened: dict[str, Any]) -> Undo:
    """Something else happened."""
    return instead(steps=list(happened))


def saying(**body: Any) -> Undo:
    """Something else was submitted."""

    def undo(it: Submission) -> None:
        it.case = replace(it.case, case=body)

    return undo


def mistyped(**person: str) -> Undo:
    """Something else was written wrongly at first."""

    def undo(it: Submission) -> None:
        it.case = replace(it.case, mistypes=person)

    return undo


def lost(taken_back: dict[str, Any], asked_next: str) -> Undo:
    """An offer was taken back, and somebody asked then."""
    return steps(
        IDENTIFIED, asked(2, "first"), taken_back, asked(3, asked_next), met(4, asked_next)
    )


@pytest.mark.parametrize("name", batch())
def test_each_thing_is_shown_by_the_submission_that_shows_it_and_by_no_other(name: str) -> None:
    assert shown(batch()[name]) == {name}


NOT_SO: list[tuple[str, str, Undo]] = [
    (FACT, "nobody told it", instead(told=None)),
    (FACT, "nothing followed from it", instead(told={"referred": []})),
    (FACT, "the plan stayed as it was", without("plan_revised")),
    (FACT, "what waited still waits", without("referral_requested", "referral_moved")),
    (FACT, "what waited was not provided", without("completed")),
    (FACT, "another need was provided", instead(told={"referred": ["MEDICAL"]})),
    (AGAIN, "nobody added it", instead(added=None)),
    (AGAIN, "the need was another", instead(added={"code": "MEDICAL", "referral_id": "again"})),
    (AGAIN, "it is the first referral", instead(added={"code": "LOAN", "referral_id": "r"})),
    (AGAIN, "it was not met before", steps(asked(4, "bank", "again"), met(5, "bank", "again"))),
    (
        AGAIN,
        "it was asked for before the first was met",
        steps(asked(2, "bank"), asked(2, "bank", "again"), met(3, "bank"), met(4, "bank", "again")),
    ),
    (
        AGAIN,
        "it has come to nothing",
        steps(asked(2, "bank"), met(3, "bank"), asked(4, "bank", "again")),
    ),
    (REOPENED, "it stayed negative", steps(decided(1, "not_identified"))),
    (REOPENED, "it is open", steps(decided(1, "not_identified"), OPENED)),
    (REOPENED, "it was never negative", steps(IDENTIFIED)),
    (
        REOPENED,
        "it is negative again",
        steps(decided(1, "not_identified"), OPENED, decided(5, "not_identified")),
    ),
    (UNDELIVERED, "the owner was not told", instead(undelivered=None)),
    (UNDELIVERED, "nobody was asked next", steps(IDENTIFIED, left(3, "cancelled", "undelivered"))),
    (UNDELIVERED, "the same was asked", lost(left(3, "cancelled", "undelivered"), "first")),
    (UNDELIVERED, "it had arrived", lost(left(3, "cancelled", "no_answer"), "bank")),
    (UNDELIVERED, "the next one has not served", without("completed")),
    (
        UNDELIVERED,
        "the owner was told of another",
        instead(undelivered={"referral_id": "r", "facts": {"organisation_id": "bank"}}),
    ),
    (
        UNDELIVERED,
        "the owner was told of another referral",
        instead(undelivered={"referral_id": "s", "facts": {"organisation_id": "first"}}),
    ),
    (REFUSED, "there was a place", steps(IDENTIFIED, asked(2, "bank"), met(4, "bank"))),
    (REFUSED, "she was refused, not the place", lost(left(3, "rejected", "eligibility"), "bank")),
    (REFUSED, "nobody else was asked", lost(left(3, "rejected", "capacity"), "first")),
    (REFUSED, "no other place was found", without("completed")),
    (UNIT, "it was not refused", instead(refused_first="")),
    (UNIT, "another field was refused", instead(refused_first="/person/sex enum")),
    (UNIT, "nothing was written wrongly", mistyped()),
    (UNIT, "it was not accepted", instead(case_id="")),
    (LATE, "the case does not say so", saying()),
    (LATE, "it is of another day", saying(received_at="2026-02-04T09:30:00+07:00")),
    (LATE, "it counts from today", without("received")),
]


@pytest.mark.parametrize(("name", "why", "undo"), NOT_SO, ids=[f"{n}: {w}" for n, w, _ in NOT_SO])
def test_nothing_is_shown_that_did_not_happen(name: str, why: str, undo: Undo) -> None:
    everything = batch()
    undo(everything[name])
    assert shown(*everything.values()) == everything.keys() - {name}, why


@pytest.mark.parametrize("step", STEPS)
def test_each_step_has_an_invariant_of_its_own(step: str) -> None:
    outcome = outcome_of()
    before = {name for name, holds in outcome.checks.items() if holds}
    getattr(outcome.story.steps, step).is_shown = True
    assert {name for name, holds in outcome.checks.items() if holds} - before == {STEPS[step]}


def test_the_batch_has_a_case_for_each_thing_that_people_bring_about() -> None:
    found = cases.load()
    assert any(it.tells for it in found)
    assert any(it.needs_again for it in found)
    assert any(it.reopens for it in found)
    assert any(it.undelivered and "undelivered" in it.ends["offer"] for it in found)
    assert any(it.mistypes and it.refused_first for it in found)
    assert any("received_at" in it.case for it in found)
    assert [it.unread in it.ends for it in found if it.unread] == [True]
    assert [bool(it.case["person"]["phones"]) for it in found if it.is_silenced] == [True]
