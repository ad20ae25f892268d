"""HTTP shapes of deliveries, endpoints and notices."""

from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field

from services.notification import examples
from services.notification.policy import (
    AttemptOutcome,
    DeliveryState,
    EventType,
    SmsOutcome,
    SuspendedPart,
    SuspensionReason,
)
from shared.contracts.vocabulary import ChannelKind, EndpointStatus, EndpointTopic
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
    """How far the delivery has come. A mail is `sent` when the next mail server has taken it,
    an SMS when its gateway has, which reports then whether it is `delivered`;
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
    template_id: UUID | None
    """The version of the text that it is sent with, or was last; unset where that is built in."""
    template_version: int | None
    """The number of that version, nought for what is built in; unset where nothing was said in
    words.
    """
    replayed_at: AwareDatetime | None
    """When an operator last had it sent again."""
    replayed_by: str | None
    """Who had it sent again, as the audit names them; shown to operators only."""
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
    """The HTTP status of the answer, of a webhook or of the gateway of SMS, if there was one."""
    smtp_status: int | None
    """The reply of SMTP to a mail, if there was one."""
    carrier: str | None
    """Which mail server or gateway of SMS was asked, for operators; unset to everybody else, of
    webhooks, and of what never leaves a sandbox.
    """


class DeliveryRead(DeliverySummary):
    """A delivery with what was or will be sent, and every try."""

    model_config = shown(examples.DELIVERY_READ)

    event: dict[str, Any] = Field(
        description="What is told, a CloudEvents event: the body of the webhook."
    )
    is_reduced: bool
    """Whether `event` names no more than what it was about: its codes were deleted, seven days
    after the delivery was over.
    """
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
    topic: EndpointTopic | None
    """What it is for; unset: whatever no other endpoint of the organisation is for."""
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
    is_recorded: bool
    """Whether what is sent there is recorded and never leaves: a test organisation's, in a sandbox.
    """
    suspended_at: AwareDatetime | None
    """Since when nothing is sent to it because an operator said so; unset if that is not so."""
    suspended_by: str | None
    """Who said so, as the audit names them."""
    suspension_reason: SuspensionReason | None
    """Why, as a code."""


class SmsReportCreate(Shape):
    """What became of an SMS, as the network has reported it to the gateway."""

    model_config = shown(examples.SMS_REPORT_CREATE)

    id: UUID
    """The id under which the gateway was handed the text."""
    attempt: int = Field(ge=1)
    """The `attempt` of the handing over that the gateway last accepted under this id."""
    outcome: SmsOutcome
    """Whether it has arrived on the phone, or never will."""


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


class SuspensionRead(Shape):
    """One of what keeps waiting what is to be sent."""

    part: SuspendedPart
    """What is suspended: the organisation, the channel, or the endpoint."""
    suspended_at: AwareDatetime
    """Since when nothing is sent to or by it."""
    suspended_by: str
    """Who said so, as the audit names them."""
    suspension_reason: SuspensionReason
    """Why nothing is sent, as a code."""


class Recipient(Shape):
    """An organisation that is told things, and how that goes."""

    model_config = shown(examples.RECIPIENT)

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
    endpoints: list[EndpointRead]
    """The endpoints that are called, the one without a topic first; else the youngest. Empty if
    there never was one.
    """
    suspensions: list[SuspensionRead]
    """All that keeps from it what is to be sent: the organisation, a channel or an endpoint is
    suspended. Empty if it is sent.
    """


class RecipientList(Shape):
    """A page of organisations that are told things, by id."""

    model_config = shown(examples.RECIPIENT_LIST)

    items: list[Recipient]
    """The organisations of this page, by id."""
    next_cursor: Cursor


class NoticeRead(Shape):
    """What your organisation was told, as its people read it; the id is that of the delivery."""

    model_config = ConfigDict(extra="ignore") | shown(examples.NOTICE_READ)

    id: UUID
    """The id of the delivery by which your organisation was told."""
    type: EventType
    """The type of the event that is told."""
    subject: str
    """What it happened to, as the event names it: its kind and its id."""
    case_id: UUID | None
    """The case that it is about; unset if your organisation was asked, and must not learn it."""
    referral_id: UUID | None
    """The referral that it is about, by the id under which you know it."""
    page: str
    """The page of the console on which it is read and acted on."""
    told_at: AwareDatetime
    """When it was told, to the minute."""
    is_urgent: bool
    """Whether somebody has to act; of the rest somebody has to know."""
    is_yours: bool
    """Whether one of your roles acts on it. To a manager it is also shown where none does, to have
    somebody read it.
    """
    read_at: AwareDatetime | None
    """When you have read it."""
    first_read_at: AwareDatetime | None
    """When the first of your organisation has read it; unset while nobody has."""


class NoticeList(Shape):
    """A page of notices, newest first."""

    model_config = shown(examples.NOTICE_LIST)

    items: list[NoticeRead]
    """The notices of this page, newest first."""
    unread: int
    """How many you have not read, whatever the list leaves out; 100 stands for as many or more."""
    next_cursor: Cursor


class ReadingCreate(Shape):
    """Up to where the list was read."""

    model_config = shown(examples.READING_CREATE)

    up_to: UUID
    """The newest notice that was read; with it are those told before, five hundred at most."""


class UnreadCount(Shape):
    """What is left to read."""

    model_config = shown(examples.UNREAD_COUNT)

    unread: int
    """How many you have not read; 100 stands for as many or more."""
