"""The facts a caller, or a message, may be refused with."""

from shared.kit.errors import Conflict, NotFound, NotYet


class CaseNotReceived(NotYet):
    """The case this speaks of has not been received yet, so nobody is known to be told."""


class DeliveryNotFound(NotFound):
    """There is no delivery under this id, for this caller."""


class EndpointNotFound(NotFound):
    """There is no endpoint under this id, for this caller."""


class EndpointNotCalled(Conflict):
    """Nothing is sent to the endpoint: it is disabled, suspended or replaced."""


class EndpointSuspended(Conflict):
    """Sending to this endpoint is suspended already."""


class EndpointNotSuspended(Conflict):
    """Sending to this endpoint is not suspended."""


class EndpointTestUnderWay(Conflict):
    """A test of this endpoint has not ended yet."""


class DeliveryNotParked(Conflict):
    """Only a parked delivery can be replayed."""
