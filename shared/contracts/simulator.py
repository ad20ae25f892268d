"""Simulated recipients: addresses at which nobody is, each of which gives one outcome.

None of them can become anybody's: a name under ``.invalid`` is never registered (RFC 6761 section
6.4), and no number of Viet Nam begins with 0 after its country code, for 0 is what is dialled
before one inside of the country.
"""

from collections.abc import Mapping
from enum import StrEnum
from urllib.parse import urlsplit

from shared.contracts.vocabulary import ChannelKind

HOST = "simulator.invalid"
"""The domain of simulated mailboxes; simulated systems stand below it."""
NUMBERS = "+8400000000"
"""What simulated numbers begin with; one digit follows."""


class SimulatedOutcome(StrEnum):
    """How sending to a simulated recipient ends, each time alike."""

    DELIVERED = "delivered"
    TEMPORARY_FAILURE = "temporary_failure"
    """Fails at the first try, and arrives at the second."""
    PERMANENT_FAILURE = "permanent_failure"
    UNKNOWN = "unknown"
    """May have left; nobody answers."""
    UNDELIVERED = "undelivered"
    """Taken by the gateway, which reports later that it did not arrive."""
    UNREPORTED = "unreported"
    """Taken by the gateway, which reports nothing."""
    SLOW = "slow"
    """Arrives, answered only after seconds."""


_ALWAYS = (
    SimulatedOutcome.DELIVERED,
    SimulatedOutcome.TEMPORARY_FAILURE,
    SimulatedOutcome.PERMANENT_FAILURE,
    SimulatedOutcome.UNKNOWN,
    SimulatedOutcome.SLOW,
)
_REPORTED = (SimulatedOutcome.UNDELIVERED, SimulatedOutcome.UNREPORTED)

SIMULATED: Mapping[ChannelKind, Mapping[str, SimulatedOutcome]] = {
    ChannelKind.WEBHOOK: {f"{each.replace('_', '-')}.{HOST}": each for each in _ALWAYS},
    ChannelKind.EMAIL: {f"{each.replace('_', '-')}@{HOST}": each for each in _ALWAYS},
    ChannelKind.SMS: {
        f"{NUMBERS}{digit}": each for digit, each in enumerate((*_ALWAYS, *_REPORTED), start=1)
    },
}
"""What stands for each outcome: of a webhook the host, whatever follows it, else the address."""


def is_simulated(channel: ChannelKind, address: str) -> bool:
    """Whether an address is one of the simulator's, whether or not that knows it."""
    if channel is ChannelKind.SMS:
        return address.startswith(NUMBERS)
    return f".{_key(channel, address).replace('@', '.')}".endswith(f".{HOST}")


def simulated_outcome(channel: ChannelKind, address: str) -> SimulatedOutcome | None:
    """How sending to an address ends; ``None`` if it is not one that the simulator knows."""
    return SIMULATED[channel].get(_key(channel, address))


def _key(channel: ChannelKind, address: str) -> str:
    if channel is not ChannelKind.WEBHOOK:
        return address.lower()
    try:
        parts = urlsplit(address)
        is_plain = parts.scheme == "https" and parts.netloc.lower() == parts.hostname
    except ValueError:
        return ""
    return (parts.hostname or "") if is_plain else ""
