"""HTTP shapes. No field takes free text, and no body of a webhook says who a person is."""

from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.notification.policy import AttemptOutcome, DeliveryState, EventType
from shared.contracts.vocabulary import EndpointStatus
from shared.messaging.parking import ReplayReason


class Shape(BaseModel):
    """What every shape holds to: no unknown fields, read from objects."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)


class DeliverySummary(Shape):
    """A delivery; ``id`` is the webhook-id and the event's id at every try."""

    model_config = ConfigDict(extra="ignore", from_attributes=True)

    id: UUID
    organisation_id: UUID
    case_id: UUID | None
    referral_id: UUID | None
    offer_id: UUID | None
    type: EventType
    state: DeliveryState
    attempts: int
    next_at: AwareDatetime | None
    created_at: AwareDatetime
    concluded_at: AwareDatetime | None
    last_code: AttemptOutcome | None
    replayed_at: AwareDatetime | None
    replay_reason: ReplayReason | None


class AttemptRead(Shape):
    """One try; ``outcome`` is unset while it is under way."""

    number: int
    started_at: AwareDatetime
    ended_at: AwareDatetime | None
    outcome: AttemptOutcome | None
    http_status: int | None


class DeliveryRead(DeliverySummary):
    """A delivery with what was or will be sent, and every try."""

    event: dict[str, Any] = Field(description="The CloudEvents body.")
    tries: list[AttemptRead] = []


class DeliveryList(Shape):
    """A page of deliveries, oldest first."""

    items: list[DeliverySummary]
    next_cursor: str | None


class ReplayCreate(Shape):
    """Why a parked delivery is sent again."""

    reason: ReplayReason


class EndpointRead(Shape):
    """How calling an organisation goes; the address itself is the directory's to show."""

    endpoint_id: UUID
    organisation_id: UUID
    status: EndpointStatus
    secret_version: int
    consecutive_failures: int
    paused_until: AwareDatetime | None
    last_status: int | None
    changed_at: AwareDatetime


class EndpointList(Shape):
    """A page of endpoints, in the order they were registered."""

    items: list[EndpointRead]
    next_cursor: str | None
