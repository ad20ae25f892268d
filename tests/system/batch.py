"""What a demonstration has to show, as rows it could have read: one submission for each thing."""

from types import SimpleNamespace
from typing import Any

from deploy.demo.cases import DemoCase
from deploy.demo.submission import Submission

FACT = "a fact was told, and what had waited for it was provided"
AGAIN = "a need that had been met was referred again"
REOPENED = "a negative decision was reopened, the person identified"
UNDELIVERED = "an offer never arrived: the owner was told, the next asked"
REFUSED = "a place was refused, and another found"
UNIT = "a unit that never was is refused, corrected, accepted"
LATE = "a case told late counts from the day of its reception"

STEPS = {
    "silenced": "a text to a person was silenced, and became a duty",
    "unread": "an unread offer was the case owner's to see to, until read",
    "digested": "a digest came to an officer who reads one mail an hour",
    "mended": "a paused endpoint was mended, and got all that it missed",
}
"""What is shown beside the journeys, and the invariant about each."""

UNIT_REFUSAL = "/person/present_unit_code unit_impossible"
RECEIVED_AT = "2026-02-05T09:30:00+07:00"


def steps(*, shown: bool) -> SimpleNamespace:
    """All that is shown beside the journeys, or none of it."""
    return SimpleNamespace(**{name: SimpleNamespace(is_shown=shown) for name in STEPS})


def step(second: int, kind: str, status: str, **facts: str) -> dict[str, Any]:
    """What happened so many seconds after the submission."""
    return {
        "code": None,
        "outcome": None,
        "reason": None,
        "referral_id": None,
        "organisation_id": None,
        **facts,
        "kind": kind,
        "status": status,
        "at": f"2026-03-02T05:00:{second:02}+00:00",
    }


def asked(second: int, who: str, referral: str = "r") -> dict[str, Any]:
    """A loan was asked for."""
    return _move(second, "requested", who, referral)


def left(second: int, status: str, reason: str, who: str = "first") -> dict[str, Any]:
    """An organisation is not asked any more."""
    return _move(second, status, who, "r", reason=reason)


def met(second: int, who: str, referral: str = "r") -> dict[str, Any]:
    """The loan was given."""
    return _move(second, "completed", who, referral, outcome="provided")


def decided(second: int, outcome: str) -> dict[str, Any]:
    """A verification was concluded."""
    return step(second, "verification_concluded", outcome, outcome=outcome)


def _move(second: int, status: str, who: str, referral: str, **facts: str) -> dict[str, Any]:
    kind = "referral_requested" if status == "requested" else "referral_moved"
    return step(
        second, kind, status, code="LOAN", referral_id=referral, organisation_id=who, **facts
    )


IDENTIFIED = decided(1, "identified")
OPENED = step(3, "verification_opened", "in_verification")


def batch() -> dict[str, Submission]:
    """Of each thing that must be shown, a submission that shows it, by the invariant about it."""
    return {
        FACT: _submission(
            IDENTIFIED,
            step(2, "plan_revised", "in_support"),
            asked(3, "bank"),
            met(4, "bank"),
            told={"referred": ["LOAN"]},
            ends={"plan": ["revised"], "LOAN": ["provided"]},
        ),
        AGAIN: _submission(
            IDENTIFIED,
            asked(2, "bank"),
            met(3, "bank"),
            asked(4, "bank", "again"),
            met(5, "bank", "again"),
            added={"code": "LOAN", "referral_id": "again"},
            ends={"LOAN": ["provided", "provided"]},
        ),
        REOPENED: _submission(
            decided(1, "not_identified"),
            OPENED,
            decided(5, "identified"),
            ends={"verification": ["not_identified", "identified"]},
        ),
        UNDELIVERED: _submission(
            IDENTIFIED,
            asked(2, "first"),
            left(3, "cancelled", "undelivered"),
            asked(3, "bank"),
            met(4, "bank"),
            undelivered={"referral_id": "r", "facts": {"organisation_id": "first"}},
            ends={"offer": ["undelivered"], "LOAN": ["provided"]},
        ),
        REFUSED: _submission(
            IDENTIFIED,
            asked(2, "first"),
            left(3, "rejected", "capacity"),
            asked(3, "bank"),
            met(4, "bank"),
            ends={"LOAN": ["provided"]},
        ),
        UNIT: _submission(
            IDENTIFIED,
            refused_first=UNIT_REFUSAL,
            ends={"submission": ["corrected"]},
            case={"mistypes": {"present_unit_code": "91560"}, "refused_first": UNIT_REFUSAL},
        ),
        LATE: _submission(
            {**step(0, "received", "received"), "at": "2026-02-05T02:30:00+00:00"},
            IDENTIFIED,
            ends={"reception": ["2026-02-05"]},
            body={"received_at": RECEIVED_AT},
        ),
    }


def _submission(
    *steps: dict[str, Any],
    ends: dict[str, list[str]],
    body: dict[str, Any] | None = None,
    case: dict[str, Any] | None = None,
    **facts: Any,
) -> Submission:
    must = {"verification": ["identified"], **ends}
    shown = DemoCase("shows", "an-agency", "one thing", body or {}, must, **(case or {}))
    return Submission(shown, code="HP-2", case_id="d", steps=list(steps), **facts)
