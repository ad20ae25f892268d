"""The facts a caller, or a message, may be refused with."""

from shared.kit.errors import Conflict, DomainError, Forbidden, Invalid, NotFound, NotYet


class CaseNotReceived(NotYet):
    """The case this speaks of has not been received yet, so nobody is known to be told."""


class DeliveryNotFound(NotFound):
    """There is no delivery under this id, for this caller."""


class RecordingNotFound(NotFound):
    """There is no such recording, for this caller."""


class DeliveryUnderWay(NotYet):
    """The answer to the try that a report is about is not written down yet; report it again."""


class ReportNotSigned(DomainError):
    """No secret of ours signed this report within five minutes of now."""

    kind = "unauthenticated"


class NoticeNotFound(NotFound):
    """There is no notice under this id on which this caller acts."""


class EndpointNotFound(NotFound):
    """There is no endpoint under this id, for this caller."""


class EndpointNotCalled(Conflict):
    """Nothing is sent to the endpoint: it is disabled, suspended or replaced."""


class EndpointSuspended(Conflict):
    """Sending to this endpoint is suspended already."""


class EndpointNotSuspended(Conflict):
    """Sending to this endpoint is not suspended."""


class OrganisationNotFound(NotFound):
    """The directory has told of no organisation under this id."""


class OrganisationSuspended(Conflict):
    """Sending to this organisation is suspended already."""


class OrganisationNotSuspended(Conflict):
    """Sending to this organisation is not suspended."""


class ChannelSuspended(Conflict):
    """Sending by this channel is suspended already."""


class ChannelNotSuspended(Conflict):
    """Sending by this channel is not suspended."""


class EndpointTestUnderWay(Conflict):
    """A test of this endpoint has not ended yet."""


class ReplayNotFound(NotFound):
    """There is no replay of many deliveries under this id."""


class DeliveriesDiffer(Conflict):
    """The number of deliveries chosen is not the number stated; nothing was begun."""


class ReplayOver(Conflict):
    """The replay is over already: the last delivery went, or it was stopped."""


class DeliveryNotParked(Conflict):
    """Only a parked delivery can be replayed."""


class TemplateNotFound(NotFound):
    """There is no text of this kind, or no version of one under this id, for this caller."""


class TemplateRefused(Invalid):
    """A text that could not be sent, or says too much for the phone it may reach."""


class DraftStands(Conflict):
    """There is a draft of this text already."""


class DraftOfAnother(Forbidden):
    """A draft is changed by whoever began it; others publish or discard it."""


class DraftConcluded(Conflict):
    """It was published or discarded, and is changed no more."""
