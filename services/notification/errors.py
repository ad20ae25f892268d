"""The facts a caller, or a message, may be refused with."""

from shared.kit.errors import Conflict, NotFound, NotYet


class CaseNotReceived(NotYet):
    """The case this speaks of has not been received yet, so nobody is known to be told."""


class DeliveryNotFound(NotFound):
    """There is no delivery under this id, for this caller."""


class DeliveryNotParked(Conflict):
    """Only a parked delivery can be replayed."""
