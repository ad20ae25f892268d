"""Webhook endpoints, as JSON."""

from uuid import UUID

from pydantic import AwareDatetime, Field

from services.directory import examples
from shared.contracts.vocabulary import EndpointReason, EndpointStatus, EndpointTopic
from shared.kit.shapes import Shape, shown


class EndpointCreate(Shape):
    """Where webhooks are sent: https, port 443, a public host name."""

    model_config = shown(examples.ENDPOINT_CREATE)

    url: str = Field(min_length=1, max_length=500)
    """The address: https, a public host name, port 443; without user, fragment or IP address."""
    topic: EndpointTopic | None = None
    """What it is for, if you have several systems: only that is sent there, and to no other
    endpoint. Unset: whatever no other endpoint of yours is for.
    """


class EndpointRead(Shape):
    """A webhook endpoint, without its secret."""

    model_config = shown(examples.ENDPOINT_READ)

    id: UUID
    """The id of the endpoint; it stays when the address is replaced."""
    organisation_id: UUID
    """The organisation whose endpoint it is."""
    topic: EndpointTopic | None
    """What it is for; unset: whatever no other endpoint of the organisation is for."""
    url: str
    """The address to which webhooks are posted."""
    status: EndpointStatus
    """Whether webhooks are sent to it."""
    reason: EndpointReason | None
    """Why no webhooks are sent to it: `gone` if its receiver answered 410. Register it again to
    have them sent.
    """
    secret_version: int
    """The number of the secret, which grows with every registration. For one day after that
    webhooks are signed with the former secret as well.
    """
    changed_at: AwareDatetime
    """When the endpoint was last registered or disabled."""


class EndpointList(Shape):
    """The webhook endpoints of an organisation, at most one of each topic and one without."""

    model_config = shown(examples.ENDPOINT_LIST)

    items: list[EndpointRead]
    """The endpoints, the one without a topic first; also those whose receiver answered 410, and
    none that were withdrawn.
    """


class EndpointRegistered(EndpointRead):
    """A webhook endpoint as registered: the only answer that holds its secret."""

    model_config = shown(examples.ENDPOINT_REGISTERED)

    secret: str = Field(
        description="The secret that webhooks are signed with: `whsec_` and base64."
    )
