"""A case's journey, read from its steps and alerts: who the person is, then each need alone."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.contracts.vocabulary import ReferralStatus

VERIFICATION = "verification"
RECEIVED = "received"
OPENED = "verification_opened"
CONCLUDED = "verification_concluded"
OPEN = "open"
"""How a leg ends that has not ended."""

NEEDS_INFORMATION = "needs_information"
"""The alert under which a need waits that is not referred yet."""

Step = Mapping[str, Any]
Alert = Mapping[str, Any]


@dataclass(frozen=True)
class Leg:
    """One thread of a journey; times are those at which each point was first reached.

    A verification is asked for by the case itself, and accepted when it lies with an authority:
    never, where a paper proves.
    """

    of: str
    """``verification``, or the code of the need."""
    end: str
    """The outcome, the status it rests in, or the alert it waits under."""
    asked: datetime | None = None
    accepted: datetime | None = None
    ended: datetime | None = None


def legs(steps: Iterable[Step], alerts: Iterable[Alert]) -> list[Leg]:
    """The verification, then the needs in the order of their codes.

    Parallel referrals interleave differently each time; told one by one they read the same.
    """
    verification: list[Step] = []
    referrals: defaultdict[str, list[Step]] = defaultdict(list)
    for step in steps:
        if step["kind"] in {RECEIVED, OPENED, CONCLUDED}:
            verification.append(step)
        elif step.get("referral_id"):
            referrals[step["referral_id"]].append(step)
    needs = [
        *(_referral(each) for each in referrals.values()),
        *(Leg(it["code"], it["kind"]) for it in alerts if it["kind"] == NEEDS_INFORMATION),
    ]
    return [_verification(verification), *sorted(needs, key=lambda leg: (leg.of, leg.end))]


def _verification(steps: list[Step]) -> Leg:
    times = {step["kind"]: _at(step) for step in steps}
    outcomes = [str(step["outcome"]) for step in steps if step["kind"] == CONCLUDED]
    end = outcomes[-1] if outcomes else OPEN
    return Leg(
        of=VERIFICATION,
        end=end,
        asked=times.get(RECEIVED),
        accepted=times.get(OPENED),
        ended=times.get(CONCLUDED),
    )


def _referral(steps: list[Step]) -> Leg:
    last = steps[-1]
    return Leg(
        of=str(last["code"]),
        end=str(last["outcome"] or last["status"]),
        asked=_first(steps, ReferralStatus.REQUESTED),
        accepted=_first(steps, ReferralStatus.ACCEPTED),
        ended=_at(last),
    )


def _first(steps: list[Step], status: ReferralStatus) -> datetime | None:
    return next((_at(step) for step in steps if step["status"] == status), None)


def _at(step: Step) -> datetime:
    return datetime.fromisoformat(step["at"])
