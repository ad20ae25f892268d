"""A case's journey, read from its steps and alerts: who the person is, then each need alone."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from shared.contracts.vocabulary import ReasonCode, ReferralStatus
from shared.kit.clock import local_date

VERIFICATION = "verification"
RECEPTION = "reception"
SUBMISSION = "submission"
CORRECTED = "corrected"
"""How a submission ended that was refused first."""
OFFER = "offer"
RECEIVED = "received"
OPENED = "verification_opened"
CONCLUDED = "verification_concluded"
REVISED = "plan_revised"
PLAN = "plan"
ORDER = {kind: place for place, kind in enumerate((RECEIVED, OPENED, CONCLUDED))}
"""Which comes first of two that a paper brought about at one instant."""
OPEN = "open"
"""How a leg ends that has not ended."""
LONG_BEFORE = timedelta(days=1)
"""A reception so long before the next step was told to the exchange later than it happened."""

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
    """``submission``, ``reception``, ``verification``, ``plan``, ``offer``, or a need's code."""
    end: str
    """The outcome, the status it rests in, or the alert it waits under; of a reception its day."""
    asked: datetime | None = None
    accepted: datetime | None = None
    ended: datetime | None = None


def legs(steps: Iterable[Step], alerts: Iterable[Alert]) -> list[Leg]:
    """A reception told late, decisions, revisions of the plan, lost offers, needs by their codes.

    Parallel referrals interleave differently each time; told one by one they read the same.
    """
    steps = list(steps)
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
    revised = [Leg(PLAN, "revised", ended=_at(it)) for it in steps if it["kind"] == REVISED]
    lost = [Leg(OFFER, it["reason"], ended=_at(it)) for it in steps if is_undelivered(it)]
    return [
        *_decisions(verification),
        *revised,
        *lost,
        *sorted(needs, key=lambda leg: (leg.of, leg.end)),
    ]


def is_undelivered(step: Step) -> bool:
    """Whether an offer was taken back because it did not arrive."""
    return bool(step.get("reason") == ReasonCode.UNDELIVERED)


def _decisions(steps: list[Step]) -> Iterator[Leg]:
    """One leg for each decision, and one for what is open after the last."""
    steps = sorted(steps, key=lambda step: (_at(step), ORDER[step["kind"]]))
    if _is_told_late(steps):
        yield Leg(RECEPTION, local_date(_at(steps[0])).isoformat())
        steps = steps[1:]
    ends = [place for place, step in enumerate(steps, 1) if step["kind"] == CONCLUDED]
    for begin, end in pairwise([0, *ends]):
        yield _decision(steps[begin:end])
    rest = steps[ends[-1] :] if ends else steps
    if rest or not ends:
        yield _decision(rest)


def _is_told_late(steps: list[Step]) -> bool:
    firsts = [_at(step) for step in steps[:2]]
    return len(firsts) > 1 and firsts[1] - firsts[0] > LONG_BEFORE


def _decision(steps: list[Step]) -> Leg:
    times = {step["kind"]: _at(step) for step in steps}
    outcomes = [str(step["outcome"]) for step in steps if step["kind"] == CONCLUDED]
    return Leg(
        of=VERIFICATION,
        end=outcomes[-1] if outcomes else OPEN,
        asked=times.get(RECEIVED, times.get(OPENED)),
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
