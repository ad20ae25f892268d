"""A negative decision is complained of: whose turn, by when, and what stays of it."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.verification import domain
from services.verification.errors import ComplaintDayUnfit
from services.verification.models import Verification
from services.verification.policy import (
    ComplaintStatus,
    Duty,
    MoveReason,
    VerificationStatus,
    answer_period,
)
from tests.verification.builders import (
    COMPLAIN,
    KEEP,
    NEGATIVE,
    REOPEN,
    START,
    Bench,
    case_owner,
    reader_of,
)
from tests.verification.test_duties import whats

TODAY = date(2026, 3, 2)


@pytest.fixture
def decided(bench: Bench) -> Verification:
    """A verification that ended without an identification, on the second of March."""
    bench.police()
    made = bench.opened()
    bench.move(made, START, NEGATIVE)
    return made


def complaint_of(verification: Verification) -> dict[str, object]:
    found = domain.complaint_made(verification)
    assert found is not None
    return found


def test_a_complaint_is_the_duty_of_whoever_decided_until_it_is_answered(
    bench: Bench, decided: Verification
) -> None:
    police = reader_of(decided.verifier_id)
    assert whats(bench, police) == []
    bench.move(decided, COMPLAIN, subject=case_owner())
    assert whats(bench, police) == [Duty.ANSWER_COMPLAINT]
    made = complaint_of(decided)
    assert (made["status"], made["is_late"]) == (ComplaintStatus.RECEIVED, False)
    bench.move(decided, KEEP)
    assert whats(bench, police) == []
    assert complaint_of(decided)["status"] == ComplaintStatus.KEPT
    assert decided.status == VerificationStatus.CONCLUDED


def test_no_clock_starts_while_nobody_has_found_how_long_an_answer_may_take(
    bench: Bench, decided: Verification
) -> None:
    bench.move(decided, COMPLAIN)
    rule = answer_period(TODAY)
    assert (rule.amount, rule.status) == (None, "assumed")
    made = complaint_of(decided)
    assert (made["due_rule"], made["due_on"], made["due_why"]) == (rule, None, None)


@pytest.mark.parametrize(("days", "is_late"), [(0, False), (91, False), (92, True), (300, True)])
def test_a_late_one_is_taken_and_said_to_be_late(
    bench: Bench, decided: Verification, days: int, is_late: bool
) -> None:
    """The window ends on a Sunday, and so with the Monday after it."""
    came = TODAY + timedelta(days=days)
    later = bench.at(bench.now + timedelta(days=400))
    row = later.move(decided, replace(COMPLAIN, received_on=came))
    assert complaint_of(decided)["is_late"] is is_late
    assert (row.received_on, row.is_late) == (came, is_late)


@pytest.mark.parametrize("days", [-1, 1])
def test_nobody_complains_before_the_decision_or_tomorrow(
    bench: Bench, decided: Verification, days: int
) -> None:
    with pytest.raises(ComplaintDayUnfit):
        bench.move(decided, replace(COMPLAIN, received_on=TODAY + timedelta(days=days)))


def test_one_that_is_upheld_opens_it_again_and_its_steps_keep_what_was_said(
    bench: Bench, decided: Verification
) -> None:
    bench.move(decided, COMPLAIN, replace(REOPEN, reason=MoveReason.COMPLAINT_UPHELD))
    assert decided.status == VerificationStatus.ASSIGNED
    assert domain.complaint_made(decided) is None
    told = [(it.move, it.reason, it.received_on) for it in bench.steps(decided)[-2:]]
    assert told == [
        ("complain", "complained_in_person", TODAY),
        ("reopen", "complaint_upheld", None),
    ]


def test_whoever_got_an_answer_may_complain_again(bench: Bench, decided: Verification) -> None:
    bench.move(decided, COMPLAIN, KEEP, COMPLAIN)
    assert whats(bench, reader_of(decided.verifier_id)) == [Duty.ANSWER_COMPLAINT]
