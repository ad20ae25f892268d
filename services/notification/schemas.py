"""HTTP shapes. No field takes free text, and no body of a webhook says who a person is."""

from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field

from services.notification import examples
from services.notification.policy import (
    AttemptOutcome,
    DeliveryState,
    EventType,
    SuspensionReason,
)
from shared.contracts.vocabulary import ChannelKind, EndpointStatus
from shared.kit.shapes import Cursor, Shape, shown
from shared.messaging.parking import ReplayReason


class DeliverySummary(Shape):
    """A delivery; ``id`` is that of what is sent, the same at every try and by every channel.

    Operators read exact times, everyone else times to the minute.
    """

    model_config = ConfigDict(extra="ignore") | shown(examples.DELIVERY_SUMMARY)

    id: UUID
    """The id of the delivery: the `webhook-id`, the id of the event and the Idempotency-Key, and
    what the Message-ID of a mail is made of; the same at every try.
    """
    organisation_id: UUID
    """The organisation that is told."""
    case_id: UUID | None
    """The case that the delivery is about; unset if you are an organisation that was asked, which
    must not learn it.
    """
    referral_id: UUID | None
    """The referral that the delivery is about, by the id under which you know it; the organisation
    asked reads the id of its own offer.
    """
    offer_id: UUID | None
    """The offer that the delivery is about; unset for whoever was not asked."""
    type: EventType
    """The type of the event that is told."""
    channel: ChannelKind | None
    """The way by which it is sent, or was last; unset where there was no address yet."""
    state: DeliveryState
    """How far the delivery has come. A mail is `sent` when the next mail server has taken it;
    `parked` and `no_endpoint` wait for somebody to act.
    """
    attempts: int
    """How many tries have begun so far."""
    next_at: AwareDatetime | None
    """When the next try is due, or when the present try is given up."""
    created_at: AwareDatetime
    """When this service learned of what the delivery tells."""
    concluded_at: AwareDatetime | None
    """When the delivery was made, was parked, or was found to have no address."""
    last_code: AttemptOutcome | None
    """How the last try ended, as a code."""
    replayed_at: AwareDatetime | None
    """When an operator last had it sent again."""
    replay_reason: ReplayReason | None
    """Why the operator had it sent again, as a code."""


class AttemptRead(Shape):
    """One try; ``outcome`` is unset while it is under way."""

    number: int
    """The number of the try, counted over the whole life of the delivery."""
    started_at: AwareDatetime
    """When the try began."""
    ended_at: AwareDatetime | None
    """When the answer came, or when waiting for it was given up."""
    outcome: AttemptOutcome | None
    """How the try ended; `unknown` means that what was sent may have arrived."""
    http_status: int | None
    """The HTTP status of the answer to a webhook, if there was one."""
    smtp_status: int | None
    """The reply of SMTP to a mail, if there was one."""


class DeliveryRead(DeliverySummary):
    """A delivery with what was or will be sent, and every try."""

    model_config = shown(examples.DELIVERY_READ)

    event: dict[str, Any] = Field(
        description="What is told, a CloudEvents event: the body of the webhook."
    )
    tries: list[AttemptRead] = Field(default_factory=list)
    """The tries, oldest first."""


class DeliveryList(Shape):
    """A page of deliveries, oldest first."""

    model_config = shown(examples.DELIVERY_LIST)

    items: list[DeliverySummary]
    """The deliveries of this page, oldest first."""
    next_cursor: Cursor


class ReplayCreate(Shape):
    """Why a parked delivery is sent again."""

    model_config = shown(examples.REPLAY_CREATE)

    reason: ReplayReason
    """The reason as a code; who asks is recorded with it."""


class EndpointRead(Shape):
    """An endpoint or mailbox, and how sending to it went; the directory shows its address."""

    model_config = shown(examples.ENDPOINT_READ)

    endpoint_id: UUID
    """The id of the endpoint in the directory."""
    organisation_id: UUID
    """The organisation whose endpoint it is."""
    channel: ChannelKind
    """The way by which the organisation is told there."""
    status: EndpointStatus
    """Whether anything is sent to it. An answer 410 disables it until it is registered again."""
    secret_version: int
    """The number of the secret that webhooks are signed with; of a mailbox always 1. For one day
    after a change they are signed with the former secret as well.
    """
    consecutive_failures: int
    """How many calls have failed in a row; after five, sending to it pauses."""
    paused_until: AwareDatetime | None
    """Until when nothing is sent to it; after that, one call at a time finds out whether it works
    again.
    """
    last_status: int | None
    """The status of the last answer, of HTTP or SMTP; unset if there was none."""
    changed_at: AwareDatetime
    """When the directory last told of a change of the endpoint."""
    suspended_at: AwareDatetime | None
    """Since when nothing is sent to it because an operator said so; unset if that is not so."""
    suspended_by: str | None
    """Who said so, as the audit names them."""
    suspension_reason: SuspensionReason | None
    """Why, as a code."""


class SuspensionCreate(Shape):
    """Why nothing is sent to an endpoint for a while."""

    model_config = shown(examples.SUSPENSION_CREATE)

    reason: SuspensionReason
    """The reason as a code; who asks is recorded with it."""


class EndpointList(Shape):
    """A page of endpoints, in the order they were registered."""

    model_config = shown(examples.ENDPOINT_LIST)

    items: list[EndpointRead]
    """The endpoints of this page, in the order in which they were registered."""
    next_cursor: Cursor


class Recipient(Shape):
    """An organisation that is told things, and how that goes."""

    organisation_id: UUID
    """The organisation that is told things."""
    delivered: int
    """How many of the deliveries made within the last day have arrived."""
    waiting: int
    """How many are to be sent, those that fail among them."""
    failing: int
    """How many of these have failed and are tried again."""
    parked: int
    """How many were tried as often as they may be, and wait for an operator."""
    no_endpoint: int
    """How many wait because there is no address."""
    oldest_at: AwareDatetime | None
    """Since when the oldest of all that has not arrived waits; unset if there is none."""
    endpoint: EndpointRead | None
    """The endpoint that is called, else the youngest; unset if there never was one."""


class RecipientList(Shape):
    """A page of organisations that are told things, by id."""

    model_config = shown(examples.RECIPIENT_LIST)

    items: list[Recipient]
    """The organisations of this page, by id."""
    next_cursor: Cursor
