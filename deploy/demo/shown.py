"""What the batch is there to show, each read from what the exchange told and answered."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from deploy.demo.journey import RECEPTION, REVISED, VERIFICATION, Step, is_undelivered
from deploy.demo.submission import Submission
from shared.contracts.vocabulary import ReasonCode, ReferralStatus, VerificationOutcome
from shared.kit.clock import local_date

Way = Sequence[Step]
"""What happened to one referral, in order."""


def a_fact_told(it: Submission) -> bool:
    """A fact was told, the plan revised, and all that was referred for it has been provided."""
    referred = set(it.told["referred"]) if it.told else set()
    is_revised = any(step["kind"] == REVISED for step in it.steps)
    return is_revised and bool(referred) and referred <= {_code(way) for way in _met(it)}


def a_second_referral(it: Submission) -> bool:
    """The need that was added had been met before by another referral, and was met again."""
    if it.added is None:
        return False
    met = [way for way in _met(it) if _code(way) == it.added["code"]]
    again = [way for way in met if way[0]["referral_id"] == it.added["referral_id"]]
    return any(_at(before[-1]) <= _at(way[0]) for way in again for before in met)


def a_decision_reopened(it: Submission) -> bool:
    """Whoever was not identified was identified in the end."""
    decisions = [leg.end for leg in it.legs if leg.of == VERIFICATION]
    first_and_last = [*decisions[:1], *decisions[1:][-1:]]
    return first_and_last == [VerificationOutcome.NOT_IDENTIFIED, VerificationOutcome.IDENTIFIED]


def an_offer_undelivered(it: Submission) -> bool:
    """It was taken back, the case owner told who was not reached, and the next one served."""
    if it.undelivered is None:
        return False
    facts = it.undelivered["facts"]
    return any(
        _is_passed_on(way, is_undelivered)
        and way[0]["referral_id"] == it.undelivered["referral_id"]
        and facts["organisation_id"]
        in {step["organisation_id"] for step in way if is_undelivered(step)}
        for way in _met(it)
    )


def a_reception_backdated(it: Submission) -> bool:
    """The journey begins on the day on which the submission says that the person was received."""
    said = it.case.case.get("received_at")
    days = [leg.end for leg in it.legs if leg.of == RECEPTION]
    return said is not None and days == [local_date(datetime.fromisoformat(said)).isoformat()]


def a_place_refused(it: Submission) -> bool:
    """An organisation had no place left, and the next one had."""
    return any(_is_passed_on(way, _is_full) for way in _met(it))


def a_unit_refused(it: Submission) -> bool:
    """The problem named the unit; with another one the case was received."""
    wrong = {f"/person/{name}" for name in it.case.mistypes}
    named = {part.split(" ")[0] for part in it.refused_first.split(", ")}
    return bool(wrong) and named == wrong and bool(it.case_id)


def _is_full(step: Step) -> bool:
    return (step["status"], step.get("reason")) == (ReferralStatus.REJECTED, ReasonCode.CAPACITY)


def _is_passed_on(way: Way, took: Callable[[Step], bool]) -> bool:
    """Whether it was taken from one organisation, and another was asked then."""
    return any(
        after["status"] == ReferralStatus.REQUESTED
        and after["organisation_id"] != step["organisation_id"]
        and _at(step) <= _at(after)
        for step in filter(took, way)
        for after in way
    )


def _met(it: Submission) -> Iterator[Way]:
    """The ways of its referrals that ended with a service."""
    steps = [step for step in it.steps if step.get("referral_id")]
    steps.sort(key=lambda step: str(step["referral_id"]))
    for _, way in groupby(steps, key=lambda step: step["referral_id"]):
        found = list(way)
        if found[-1]["status"] == ReferralStatus.COMPLETED:
            yield found


def _code(way: Way) -> str:
    return str(way[0]["code"])


def _at(step: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(step["at"])
