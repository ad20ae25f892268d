"""HTTP shapes. No field takes free text, and no body of a webhook says who a person is."""

from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field

from services.notification.policy import AttemptOutcome, DeliveryState, EventType
from shared.contracts.vocabulary import EndpointStatus
from shared.kit.shapes import Cursor, Shape
from shared.messaging.parking import ReplayReason


class DeliverySummary(Shape):
    """A delivery; ``id`` is the webhook-id and the event's id at every try.

    Operators read exact times, everyone else times to the minute.
    """

    model_config = ConfigDict(extra="ignore")

    id: UUID
    """The `webhook-id`, the event's id and the Idempotency-Key, at every try."""
    organisation_id: UUID
    """Who is told."""
    case_id: UUID | None
    """The case it is about; unset for an organisation asked, which must not learn it here."""
    referral_id: UUID | None
    """The referral it is about; for the organisation asked, by the id of its offer."""
    offer_id: UUID | None
    """The offer it is about."""
    type: EventType
    """What the webhook speaks of."""
    state: DeliveryState
    """Where it stands; `parked` and `no_endpoint` wait for a person."""
    attempts: int
    """Tries begun so far."""
    next_at: AwareDatetime | None
    """When it is due, or its present try is given up."""
    created_at: AwareDatetime
    """When what it tells of was learned here."""
    concluded_at: AwareDatetime | None
    """When it was delivered, parked, or found to have no address."""
    last_code: AttemptOutcome | None
    """How the last try ended."""
    replayed_at: AwareDatetime | None
    """When a person last had it sent again."""
    replay_reason: ReplayReason | None
    """Why that was."""


class AttemptRead(Shape):
    """One try; ``outcome`` is unset while it is under way."""

    number: int
    """Which try, over the life of the delivery."""
    started_at: AwareDatetime
    """When it was claimed."""
    ended_at: AwareDatetime | None
    """When the answer came, or was given up."""
    outcome: AttemptOutcome | None
    """How it ended; `unknown` may have arrived."""
    http_status: int | None
    """Of the answer, if one came."""


class DeliveryRead(DeliverySummary):
    """A delivery with what was or will be sent, and every try."""

    event: dict[str, Any] = Field(description="The CloudEvents body.")
    tries: list[AttemptRead] = Field(default_factory=list)
    """Oldest first."""


class DeliveryList(Shape):
    """A page of deliveries, oldest first."""

    items: list[DeliverySummary]
    """Oldest first."""
    next_cursor: Cursor


class ReplayCreate(Shape):
    """Why a parked delivery is sent again."""

    reason: ReplayReason
    """As a code; who asks is recorded with it."""


class EndpointRead(Shape):
    """How calling an organisation goes; the address itself is the directory's to show."""

    endpoint_id: UUID
    """The directory's id of it."""
    organisation_id: UUID
    """Whose it is."""
    status: EndpointStatus
    """A 410 of the receiver disables it until it is registered again."""
    secret_version: int
    """Which secret is signed with; the one before too, for a day."""
    consecutive_failures: int
    """Failures in a row; five pause it."""
    paused_until: AwareDatetime | None
    """Until when nothing is sent to it; then one call at a time probes it."""
    last_status: int | None
    """HTTP status of the last answer; unset when there was none."""
    changed_at: AwareDatetime
    """When the directory last told of it."""


class EndpointList(Shape):
    """A page of endpoints, in the order they were registered."""

    items: list[EndpointRead]
    """In the order they were registered."""
    next_cursor: Cursor
