"""What one attempt means: for the delivery, for its next try, for the health of the endpoint."""

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from http import HTTPStatus
from random import Random

from services.notification.policy.deliveries import DeliveryState
from services.notification.policy.retries import DAY, HOUR, RetryPolicy

JITTER = 0.25
"""Up to this share is added, so that what failed together does not come back together."""
LONGEST_RETRY_AFTER = DAY
"""Seconds that a receiver may ask to wait at most."""

PAUSED_FROM = 5
"""After so many failures in a row, an endpoint is left alone for a while."""
FIRST_PAUSE = 30
LONGEST_PAUSE = HOUR


class AttemptOutcome(StrEnum):
    """How one attempt ended."""

    DELIVERED = "delivered"
    SENT = "sent"
    """The next mail server has taken it, and answers for it (RFC 5321 section 6.1)."""
    DEFERRED = "deferred"
    """The mail server asked to come again: greylisting, a full mailbox, too many at once."""
    REFUSED = "refused"
    """Refused for good, the mail or the number; a person has to look before it is sent again."""
    UNDELIVERED = "undelivered"
    """It was taken, and reported later that it did not arrive: an SMS by the network, a mail by a
    server on the way. A person has to look, too.
    """
    UNKNOWN = "unknown"
    """Sent, and then no answer: a time-out, a broken connection, or the sender's own death."""
    UNREACHABLE = "unreachable"
    """No connection, so certainly not delivered."""
    ADDRESS_REFUSED = "address_refused"
    """The endpoint's address, or what its name resolves to, is not one we call."""
    TLS_FAILED = "tls_failed"
    REDIRECTED = "redirected"
    REJECTED = "rejected"
    """A 4xx that a later try would meet again."""
    THROTTLED = "throttled"
    FAILED = "failed"
    """A 5xx, or an answer that is none."""
    GONE = "gone"
    """410: the receiver wants no more webhooks."""
    FAULT = "fault"
    """Something failed on our side."""


class Trouble(StrEnum):
    """Why there is no status."""

    UNKNOWN = AttemptOutcome.UNKNOWN
    UNREACHABLE = AttemptOutcome.UNREACHABLE
    ADDRESS_REFUSED = AttemptOutcome.ADDRESS_REFUSED
    TLS_FAILED = AttemptOutcome.TLS_FAILED
    FAULT = AttemptOutcome.FAULT


@dataclass(frozen=True)
class Answer:
    """What sending brought: a status, of HTTP or SMTP, or the trouble that kept one away."""

    status: int | None = None
    retry_after: str | None = None
    trouble: Trouble | None = None


_BY_STATUS = {
    HTTPStatus.GONE: AttemptOutcome.GONE,
    HTTPStatus.TOO_MANY_REQUESTS: AttemptOutcome.THROTTLED,
    HTTPStatus.REQUEST_TIMEOUT: AttemptOutcome.FAILED,
    HTTPStatus.TOO_EARLY: AttemptOutcome.FAILED,
}
_BY_CLASS = {
    2: AttemptOutcome.DELIVERED,
    3: AttemptOutcome.REDIRECTED,
    4: AttemptOutcome.REJECTED,
}
_SLOW = frozenset(
    {
        AttemptOutcome.ADDRESS_REFUSED,
        AttemptOutcome.TLS_FAILED,
        AttemptOutcome.REDIRECTED,
        AttemptOutcome.REJECTED,
        AttemptOutcome.FAULT,
    },
)

OVERLOADED = frozenset({AttemptOutcome.THROTTLED, AttemptOutcome.FAILED})
"""Outcomes whose Retry-After speaks of the receiver, not of this one webhook (RFC 9110 section
10.2.3, RFC 6585 section 4). A refusal of one webhook pauses no other."""


TAKEN = frozenset({AttemptOutcome.DELIVERED, AttemptOutcome.SENT})
"""Outcomes of what was taken by whoever had to take it."""

_STATE_OF = {
    AttemptOutcome.DELIVERED: DeliveryState.DELIVERED,
    AttemptOutcome.SENT: DeliveryState.SENT,
    AttemptOutcome.GONE: DeliveryState.NO_ENDPOINT,
}


def outcome_of(answer: Answer) -> AttemptOutcome:
    """How a call of a webhook with this answer ended."""
    if answer.status is None:
        return AttemptOutcome(answer.trouble or Trouble.FAULT)
    known = _BY_STATUS.get(answer.status)  # type: ignore[call-overload]
    return known or _BY_CLASS.get(answer.status // 100, AttemptOutcome.FAILED)


def retry_after_seconds(value: str | None, now: datetime) -> int | None:
    """Seconds a Retry-After asks for (RFC 9110 section 10.2.3); ``None`` when unreadable.

    Fractions, which the RFC does not know but servers send, are rounded up.
    """
    text = (value or "").strip()
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", text, re.ASCII):
        return min(math.ceil(float(text)), LONGEST_RETRY_AFTER)
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(max(math.ceil((until - now).total_seconds()), 0), LONGEST_RETRY_AFTER)


def next_attempt(
    attempt: int,
    retry_after: int | None,
    rng: Random,
    *,
    retry: RetryPolicy,
    outcome: AttemptOutcome = AttemptOutcome.FAILED,
    unit_seconds: float = 1.0,
) -> float | None:
    """Seconds until the next try after failed try number ``attempt``; ``None``: no more tries.

    A Retry-After delays a try and never hastens it; it is real seconds, whatever a unit lasts.
    """
    if is_left_to_people(outcome, retry):
        return None
    waits = (retry.slowly if outcome in _SLOW else retry).waits
    if attempt > len(waits):
        return None
    wait = waits[attempt - 1] * unit_seconds * (1 + JITTER * rng.random())
    return max(wait, float(retry_after or 0))


def is_left_to_people(outcome: AttemptOutcome, retry: RetryPolicy) -> bool:
    """Whether nothing may be sent again by itself: it was refused, or a second copy would harm."""
    is_unknown = outcome is AttemptOutcome.UNKNOWN
    return outcome is AttemptOutcome.REFUSED or (is_unknown and not retry.is_unknown_repeated)


def state_after(outcome: AttemptOutcome, *, has_next: bool) -> DeliveryState:
    """Where a delivery stands after an attempt.

    An unknown outcome is tried again, under the same id, where that is harmless: receivers of
    Standard Webhooks remember the ids they have seen, our contract with them says so; a second mail
    to an office has the same Message-ID and says the same. A notification that never arrives is
    worse than one that is recognised as known. An SMS is none of these: it has no next try.
    """
    if outcome in _STATE_OF:
        return _STATE_OF[outcome]
    if not has_next:
        return DeliveryState.PARKED
    is_unknown = outcome is AttemptOutcome.UNKNOWN
    return DeliveryState.UNKNOWN if is_unknown else DeliveryState.PENDING


def state_after_report(
    state: DeliveryState, last: AttemptOutcome | None, *, is_delivered: bool
) -> DeliveryState | None:
    """Where a delivery stands after a later report of it; ``None`` if that says nothing new.

    What has arrived has, whatever else was thought of it. That it has not arrived is news only of
    what was taken, or may have been.
    """
    if is_delivered:
        return None if state is DeliveryState.DELIVERED else DeliveryState.DELIVERED
    is_parked = state is DeliveryState.PARKED and last is AttemptOutcome.UNKNOWN
    is_open = is_parked or state in {DeliveryState.SENT, DeliveryState.UNKNOWN}
    return DeliveryState.PARKED if is_open else None


def failures_after(before: int, failed: int, *, is_alive: bool) -> int:
    """Failures in a row of an endpoint after some calls made at once.

    Any success shows that it works. Failures at the same moment open a pause and do not lengthen
    it: each counts until the pause, and after that each probe.
    """
    if is_alive:
        return 0
    return min(before + failed, PAUSED_FROM) if before < PAUSED_FROM else before + 1


def pause_after(failures: int, retry_after: int | None, *, unit_seconds: float = 1.0) -> float:
    """Seconds an endpoint is left alone: doubled with each failed probe, or as many as it asked."""
    pause = 0.0
    if failures >= PAUSED_FROM:
        doubled: int = FIRST_PAUSE * 2 ** min(failures - PAUSED_FROM, 10)
        pause = min(doubled, LONGEST_PAUSE) * unit_seconds
    return max(pause, float(retry_after or 0))
