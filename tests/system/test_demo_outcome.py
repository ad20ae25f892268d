"""When a demonstration is over, and that it does not end well with anything undone."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import httpx2
import psycopg
import pytest
from rich.console import Console

from deploy.demo.cases import DemoCase
from deploy.demo.journey import Leg, legs
from deploy.demo.ledger import Ledger
from deploy.demo.outcome import TOLD_AGAIN, Outcome
from deploy.demo.persistence import Person, persist
from deploy.demo.run import Clock, watch
from deploy.demo.screen import Progress
from deploy.demo.story import Story
from deploy.demo.submission import Submission
from deploy.stack.invariants import Balance, Breach
from tests.system.batch import UNIT_REFUSAL, batch, steps

AT = "2026-03-02T05:00:00+00:00"
LATER = "2026-03-02T05:00:09+00:00"
QUIET = Balance(told=9, closed=9, taken=9, handled=9)
REFERRAL = {"id": "r", "case_id": "c", "code": "LOAN", "organisation_id": None}
EXPECTED = "every case is decided, and every need ended as it must"
TWICE = "no effect twice at a partner (I2)"
ORDERED = "nothing was offered before the person was identified"
ANSWERED = "every referral is answered, or alerts a case owner (I1)"


def step(kind: str, status: str, at: str = AT, **facts: str) -> dict[str, Any]:
    return {"code": None, "outcome": None, "referral_id": None, **facts} | {
        "kind": kind,
        "status": status,
        "at": at,
    }


CONCLUDED = step("verification_concluded", "identified", outcome="identified")
REQUESTED = step("referral_requested", "requested", LATER, code="LOAN", referral_id="r")
COMPLETED = step(
    "referral_moved", "completed", LATER, code="LOAN", referral_id="r", outcome="provided"
)


@pytest.fixture
def submission() -> Submission:
    """A case whose loan was provided, as it must be."""
    ends = {"verification": ["identified"], "LOAN": ["provided"]}
    case = DemoCase("a-case", "an-agency", "the loan is provided", {}, ends)
    steps = [step("received", "received"), CONCLUDED, REQUESTED, COMPLETED]
    return Submission(case, code="HP-1", case_id="c", steps=steps)


@pytest.fixture
def outcome(submission: Submission) -> Outcome:
    """All is well."""
    story = SimpleNamespace(
        submissions=[submission, *batch().values()],
        is_submitted=True,
        names={},
        from_mails=[{"move": "accept"}],
        steps=steps(shown=True),
        check=lambda: None,
    )
    return Outcome(
        story=cast("Story", story),
        verifications=[{"case_id": it, "status": "concluded"} for it in ("c", "d")],
        referrals=[REFERRAL | {"status": "completed"}],
        balance=QUIET,
        partners={"waiting": 0, "twice": 0},
        deliveries={"delivered": 3},
        seconds=1.0,
    )


def failed(outcome: Outcome) -> list[str]:
    return [name for name, holds in outcome.checks.items() if not holds]


def test_a_story_told_to_its_end_is_over_and_well(outcome: Outcome) -> None:
    assert outcome.is_quiet
    assert failed(outcome) == []


@pytest.mark.parametrize(
    "undone",
    [
        {
            "verifications": [
                {"case_id": "c", "status": "assigned"},
                {"case_id": "d", "status": "concluded"},
            ]
        },
        {"verifications": []},
        {"referrals": [{"id": "r", "case_id": "c", "status": "requested"}]},
        {"balance": replace(QUIET, open=1)},
        {"deliveries": {"delivered": 3, "pending": 1}},
        {"partners": {"waiting": 1, "twice": 0}},
    ],
)
def test_it_is_not_over_while_anything_is_undone(outcome: Outcome, undone: dict[str, Any]) -> None:
    assert not replace(outcome, **undone).is_quiet


def test_a_look_that_saw_something_happen_is_like_no_other(outcome: Outcome) -> None:
    assert outcome.is_like(replace(outcome, seconds=2.0))
    assert not outcome.is_like(replace(outcome, deliveries={"delivered": 4}))
    assert not outcome.is_like(None)


def test_it_does_not_end_well_when_no_office_answered_from_a_mail(outcome: Outcome) -> None:
    outcome.story.from_mails = []
    assert failed(outcome) == ["a school without a system answered from an e-mail"]


@pytest.mark.parametrize(
    "deliveries", [{"delivered": 3, "sent": 1}, {"delivered": 3, "sent": 1, "parked": 1}]
)
def test_a_mail_has_arrived_once_the_next_mail_server_has_it(
    outcome: Outcome, deliveries: dict[str, int]
) -> None:
    told = replace(outcome, deliveries=deliveries)
    assert told.is_quiet
    assert bool(failed(told)) is ("parked" in deliveries)


@pytest.mark.parametrize(
    "steps",
    [
        [],
        [step("received", "received")],
        [step("received", "received"), CONCLUDED],
        [step("received", "received"), CONCLUDED, REQUESTED],
        [CONCLUDED, REQUESTED, {**COMPLETED, "outcome": "not_provided"}],
        [CONCLUDED, REQUESTED, COMPLETED, {**COMPLETED, "code": "MEDICAL", "referral_id": "s"}],
        [CONCLUDED, REQUESTED, COMPLETED, {**COMPLETED, "referral_id": "the same again"}],
    ],
)
def test_it_does_not_end_well_with_a_case_undecided_or_ended_otherwise(
    outcome: Outcome, submission: Submission, steps: list[dict[str, Any]]
) -> None:
    submission.steps = steps
    assert EXPECTED in failed(outcome)


def test_it_does_not_end_well_when_something_was_offered_too_early(
    outcome: Outcome, submission: Submission
) -> None:
    submission.steps = [{**CONCLUDED, "at": LATER}, {**REQUESTED, "at": AT}, COMPLETED]
    assert failed(outcome) == [ORDERED]


def test_a_referral_without_a_place_must_have_an_alert(
    outcome: Outcome, submission: Submission
) -> None:
    unplaced = replace(outcome, referrals=[{"id": "r", "case_id": "c", "status": "unplaced"}])
    assert failed(unplaced) == [ANSWERED]
    submission.alerts = [{"referral_id": "r", "kind": "no_programme", "code": "LOAN"}]
    assert failed(unplaced) == []


def test_a_refusal_must_name_what_it_must(outcome: Outcome, submission: Submission) -> None:
    submission.case = replace(submission.case, ends={}, refused="/route enum")
    submission.case_id, submission.steps = "", []
    submission.refused_for = "/route enum"
    assert failed(outcome) == []
    submission.refused_for = "/person/sex enum"
    assert failed(outcome) == [EXPECTED]


def test_a_case_that_is_corrected_must_have_been_refused_for_what_was_wrong(
    outcome: Outcome, submission: Submission
) -> None:
    ends = {**submission.case.ends, "submission": ["corrected"]}
    submission.case = replace(submission.case, ends=ends, refused_first=UNIT_REFUSAL)
    assert failed(outcome) == [EXPECTED]
    submission.refused_first = "/person/sex enum"
    assert failed(outcome) == [EXPECTED]
    submission.refused_first = UNIT_REFUSAL
    assert failed(outcome) == []


def test_an_offer_that_did_not_arrive_is_a_leg_of_its_own(
    outcome: Outcome, submission: Submission
) -> None:
    ends = {**submission.case.ends, "offer": ["undelivered"]}
    submission.case = replace(submission.case, ends=ends)
    assert failed(outcome) == [EXPECTED]
    lost = {**REQUESTED, "kind": "referral_moved", "status": "cancelled", "reason": "undelivered"}
    submission.steps.insert(-1, lost)
    assert failed(outcome) == []


@pytest.mark.parametrize(
    ("due", "done"),
    [
        ({"reopens": True}, {"is_reopened": True}),
        ({"tells": {"fact": "poor_household"}}, {"told": {"referred": []}}),
        ({"needs_again": "LOAN"}, {"added": {"code": "LOAN"}}),
        ({"undelivered": "LOAN"}, {"undelivered": {"kind": "offer_undelivered"}}),
    ],
)
def test_the_case_owner_has_acted_once_all_that_falls_to_them_is_done(
    submission: Submission, due: dict[str, Any], done: dict[str, Any]
) -> None:
    assert submission.is_acted
    submission.case = replace(submission.case, **due)
    assert not submission.is_acted
    vars(submission).update(done)
    assert submission.is_acted


def test_who_is_held_acts_on_what_came_once_it_is_released(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "partners.sqlite")
    ledger.hold("a-hospital")
    for partner in ("a-hospital", "a-school"):
        ledger.keep(f"to-{partner}", partner, {"type": "t", "alert_id": f"of-{partner}"}, partner)
    assert [it.partner for it in ledger.waiting()] == ["a-school"]
    assert ledger.summary()["waiting"] == 2
    ledger.release("a-hospital")
    assert [it.partner for it in ledger.waiting()] == ["a-hospital", "a-school"]
    assert ledger.has("a-school", "of-a-school")
    assert not ledger.has("a-school", "of-a-hospital")


def test_parallel_referrals_read_the_same_however_they_interleave() -> None:
    other = {**REQUESTED, "code": "MEDICAL", "referral_id": "s"}
    done = {**COMPLETED, "code": "MEDICAL", "referral_id": "s"}
    assert legs([CONCLUDED, REQUESTED, COMPLETED, other, done], []) == legs(
        [CONCLUDED, other, REQUESTED, done, COMPLETED], []
    )


NEGATIVE = step("verification_concluded", "not_identified", outcome="not_identified")
REOPENED = step("verification_opened", "in_verification", LATER)
BELIEVED = {**CONCLUDED, "at": LATER}


def test_each_decision_is_a_leg_of_its_own() -> None:
    assert [(leg.of, leg.end) for leg in legs([NEGATIVE, REOPENED, BELIEVED], [])] == [
        ("verification", "not_identified"),
        ("verification", "identified"),
    ]
    assert [leg.end for leg in legs([NEGATIVE, REOPENED], [])] == ["not_identified", "open"]


def test_it_does_not_end_well_when_no_negative_decision_was_opened_again(
    outcome: Outcome, submission: Submission
) -> None:
    ends = {**submission.case.ends, "verification": ["not_identified", "identified"]}
    submission.case = replace(submission.case, ends=ends)
    assert failed(outcome) == [EXPECTED]
    requested = {**REQUESTED, "at": "2026-03-02T05:00:10+00:00"}
    submission.steps = [NEGATIVE, REOPENED, BELIEVED, requested, COMPLETED]
    assert failed(outcome) == []


def test_it_does_not_end_well_when_no_plan_was_revised_by_the_fact_told(
    outcome: Outcome, submission: Submission
) -> None:
    submission.case = replace(submission.case, ends={**submission.case.ends, "plan": ["revised"]})
    assert failed(outcome) == [EXPECTED]
    submission.steps.append(step("plan_revised", "in_support", LATER))
    assert failed(outcome) == []


def test_a_reopening_tells_two_once_more_and_nothing_else_comes_twice(
    outcome: Outcome, submission: Submission
) -> None:
    again = replace(outcome, partners={"waiting": 0, "twice": TOLD_AGAIN})
    assert failed(again) == [TWICE]
    submission.is_reopened = True
    assert failed(again) == []
    assert failed(outcome) == [TWICE]


def test_it_is_not_over_while_the_case_owner_has_something_to_do(outcome: Outcome) -> None:
    assert not replace(outcome, everybody_acted=False).is_quiet


def test_it_does_not_end_well_when_a_late_reception_counts_from_today(
    outcome: Outcome, submission: Submission
) -> None:
    ends = {**submission.case.ends, "reception": ["2026-01-31"]}
    submission.case = replace(submission.case, ends=ends)
    assert failed(outcome) == [EXPECTED]
    submission.steps[0] = step("received", "received", "2026-01-30T18:00:00+00:00")
    assert failed(outcome) == []


def test_a_need_that_waits_for_facts_is_a_leg_of_the_journey() -> None:
    alerts = [
        {"kind": "needs_information", "code": "LOAN"},
        {"kind": "no_programme", "code": "MEDICAL"},
    ]
    assert legs([CONCLUDED], alerts)[1:] == [Leg("LOAN", "needs_information")]


@pytest.mark.parametrize(
    "away",
    [psycopg.OperationalError("gone"), httpx2.ConnectError("gone")],
)
def test_what_is_away_is_asked_again_until_it_is_there(away: Exception) -> None:
    answers: list[Callable[[], int]] = [lambda: _raise(away), lambda: 7]

    def ask() -> int:
        return answers.pop(0)()

    assert persist(ask, until=time.monotonic() + 60) == 7


@pytest.mark.parametrize(
    "away",
    [psycopg.OperationalError("gone"), httpx2.ConnectError("gone")],
)
def test_the_story_is_watched_on_when_a_server_was_away_for_a_while(
    outcome: Outcome, away: Exception
) -> None:
    undone = replace(outcome, balance=replace(QUIET, open=1))
    seen: list[Outcome | Exception] = [undone, away, outcome, outcome]
    assert watched(outcome.story, seen, most=60) is outcome
    assert seen == []


def test_what_was_seen_last_is_kept_when_the_time_is_up(outcome: Outcome) -> None:
    undone = replace(outcome, balance=replace(QUIET, open=1))
    assert watched(outcome.story, [undone, psycopg.OperationalError("gone")], most=0.3) is undone


def watched(story: Story, seen: list[Outcome | Exception], most: float) -> Outcome:
    """What the watch returns when its looks bring these, one after the other."""

    def look() -> Outcome:
        match seen.pop(0):
            case Exception() as fault:
                raise fault
            case found:
                return found

    with Progress(Console(file=StringIO())) as progress:
        return watch(story, look, progress, Clock(time.monotonic(), most))


def test_what_stays_away_is_said_at_last() -> None:
    with pytest.raises(psycopg.OperationalError):
        persist(lambda: _raise(psycopg.OperationalError()), until=time.monotonic())


def test_a_mistake_is_not_taken_for_an_absence() -> None:
    with pytest.raises(psycopg.ProgrammingError):
        persist(lambda: _raise(psycopg.ProgrammingError()), until=time.monotonic() + 60)


def test_whoever_leaves_in_the_middle_of_the_work_does_not_leave_silently() -> None:
    def work() -> None:
        raise KeyError("status")

    person = Person("a verifier", work)
    person.start()
    person.join()
    with pytest.raises(KeyError):
        person.check()


def test_whoever_is_at_work_or_done_is_let_alone() -> None:
    goes_home = threading.Event()

    def work() -> None:
        goes_home.wait()

    person = Person("a verifier", work)
    person.start()
    person.check()
    goes_home.set()
    person.join()
    person.check()


def _raise(fault: Exception) -> int:
    raise fault


def test_a_row_that_breaks_a_rule_is_told(outcome: Outcome) -> None:
    broken = replace(outcome, breaches=[Breach("I5", "a change without an audit entry", ("r",))])
    assert failed(broken) == ["no row of a database breaks a rule (I1 to I5, I8, I9)"]
