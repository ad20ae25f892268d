"""What notification tells: how a delivery ended."""

from typing import ClassVar
from uuid import UUID

from shared.contracts.base import Message
from shared.contracts.vocabulary import DeliveryOutcome, Queue


class DeliveryConcluded(Message):
    """A delivery about a referral reached its organisation, or was parked for a person to see."""

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
    """Of the request, or of the move that asked by itself."""
    outcome: DeliveryOutcome
