"""Simulated recipients: whose they may be, and where there are test organisations at all."""

from services.directory.errors import NoSandbox, SimulatedRecipientRefused
from shared.contracts.simulator import is_simulated, simulated_outcome
from shared.contracts.vocabulary import ChannelKind


def check_sandbox(*, is_test: bool, is_sandbox: bool) -> None:
    """Raise ``NoSandbox`` for a test organisation anywhere else.

    Whatever such an organisation is told leaves for nowhere, so among real ones it would be asked
    for real people and never hear of it.
    """
    if is_test and not is_sandbox:
        raise NoSandbox


def takes_simulated(channel: ChannelKind, address: str, *, is_test: bool) -> bool:
    """Whether this is a simulated recipient, which needs no other check.

    Raises ``SimulatedRecipientRefused`` where it is a live organisation's, or gives no outcome.
    """
    if not is_simulated(channel, address):
        return False
    if not is_test or simulated_outcome(channel, address) is None:
        raise SimulatedRecipientRefused
    return True
