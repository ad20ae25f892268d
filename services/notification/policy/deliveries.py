"""The states of a delivery."""

from enum import StrEnum

from shared.contracts.vocabulary import ChannelKind, DeliveryOutcome


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    PENDING = "pending"
    SENDING = "sending"
    """Claimed: intended, perhaps under way; due again when the claim's lease ends."""
    SENT = "sent"
    """Taken by the next mail server, which answers for it from then on; nobody says more. Or by
    the gateway of SMS, which reports what becomes of it.
    """
    DELIVERED = "delivered"
    UNKNOWN = "unknown"
    """Sent without an answer: it may have arrived, and will be sent again under the same id."""
    PARKED = "parked"
    """Tried as often as it may be, or not to be sent again by itself; waits for an operator."""
    NO_ENDPOINT = "no_endpoint"
    """The organisation has no address that may be called; released when it gets one."""
    FAILED = "failed"
    """A test that did not arrive: tried once, and nobody has to see to it."""
    CANCELLED = "cancelled"
    """What it asks for was over before it was known to have arrived: it is not sent (again)."""


DUE = (DeliveryState.PENDING, DeliveryState.UNKNOWN, DeliveryState.SENDING)
"""States a sender looks for once ``next_at`` has come."""

OUTCOME_OF_STATE: dict[DeliveryState, DeliveryOutcome] = {
    DeliveryState.SENT: DeliveryOutcome.DELIVERED,
    DeliveryState.DELIVERED: DeliveryOutcome.DELIVERED,
    DeliveryState.PARKED: DeliveryOutcome.PARKED,
    DeliveryState.NO_ENDPOINT: DeliveryOutcome.NO_ENDPOINT,
}
"""How a concluded delivery is told to others."""

ARRIVED = (DeliveryState.SENT, DeliveryState.DELIVERED)
"""States of what was taken by whoever had to take it."""

CONCLUDED = (*OUTCOME_OF_STATE, DeliveryState.FAILED, DeliveryState.CANCELLED)
"""States nothing follows on by itself."""


OVER = (*ARRIVED, DeliveryState.FAILED, DeliveryState.CANCELLED)
"""States of what nobody waits for, and nothing is sent of again."""


CANCELLABLE = (*DUE, DeliveryState.PARKED, DeliveryState.NO_ENDPOINT)
"""States of what has not arrived, as far as is known."""


def is_awaiting_report(state: str, channel: str | None) -> bool:
    """Whether it is still to be reported if it arrives: an SMS that its gateway has taken."""
    return state == DeliveryState.SENT and channel == ChannelKind.SMS


def is_replayable(state: DeliveryState) -> bool:
    """Whether an operator may have it sent again."""
    return state is DeliveryState.PARKED
