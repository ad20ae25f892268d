"""What notification tells: how a delivery ended, and that an endpoint is not called any more."""

from typing import ClassVar
from uuid import UUID

from shared.contracts.base import Message
from shared.contracts.vocabulary import DeliveryOutcome, EndpointReason, Queue


class DeliveryConcluded(Message):
    """A delivery about a referral reached its organisation, or was parked until somebody acts."""

    type: ClassVar[str] = "notification.delivery_concluded.v1"
    to: ClassVar[tuple[Queue, ...]] = (Queue.LIVELIHOOD_SUPPORT,)
    aggregate: ClassVar[str] = "case_id"

    case_id: UUID
    delivery_id: UUID
    referral_id: UUID
    offer_id: UUID
    organisation_id: UUID
    outcome: DeliveryOutcome


class PurgeNoticeConcluded(Message):
    """The notice of a purge reached the organisation that owes it, or did not."""

    type: ClassVar[str] = "notification.purge_notice_concluded.v1"
    to: ClassVar[tuple[Queue, ...]] = (Queue.LIVELIHOOD_SUPPORT,)
    aggregate: ClassVar[str] = "case_id"

    case_id: UUID
    delivery_id: UUID
    referral_id: UUID
    offer_id: UUID
    organisation_id: UUID
    purge_id: UUID
    """The id of the request, or of the move that made the request."""
    outcome: DeliveryOutcome


class EndpointDisabled(Message):
    """A version of an endpoint, an address with its secret, is not called any more."""

    type: ClassVar[str] = "notification.endpoint_disabled.v1"
    to: ClassVar[tuple[Queue, ...]] = (Queue.DIRECTORY,)
    aggregate: ClassVar[str] = "endpoint_id"

    endpoint_id: UUID
    organisation_id: UUID
    secret_version: int
    reason: EndpointReason
