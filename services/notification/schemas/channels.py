"""HTTP shapes of the ways by which organisations are told."""

from pydantic import AwareDatetime, ConfigDict

from services.notification import examples
from services.notification.policy import AttemptOutcome, DeliveryState, SuspensionReason
from shared.contracts.vocabulary import ChannelKind
from shared.kit.shapes import Shape, shown


class StateCount(Shape):
    """How many deliveries of a channel stand somewhere."""

    model_config = ConfigDict(extra="ignore", from_attributes=True)

    state: DeliveryState
    """Where they stand. What has arrived, or was a test that did not, is counted for one day."""
    count: int
    """How many there are."""


class ErrorCount(Shape):
    """How many tries by a channel ended alike within the last day."""

    model_config = ConfigDict(extra="ignore", from_attributes=True)

    outcome: AttemptOutcome
    """How they ended, as a code."""
    count: int
    """How many there were."""
    last_at: AwareDatetime
    """When the last of them began."""


class CarrierRead(Shape):
    """A mail server or a gateway of SMS, and how it has done within the last ten minutes."""

    model_config = ConfigDict(from_attributes=True)

    carrier: str
    """Its name, as whoever runs the installation calls it."""
    weight: int
    """How much of what is sent goes by it, beside the others; with 0 it is asked where no other
    can be.
    """
    resting_since: AwareDatetime | None
    """Since when it is left alone, for too many calls have failed; unset if that is not so."""
    rests_until: AwareDatetime | None
    """When one message is given to it that finds out how it is doing. While all rest, the one that
    failed longest ago is asked all the same.
    """
    last_failed_at: AwareDatetime | None
    """When a call failed for a reason of its own, and not of who was written to."""
    calls: int
    """How often it was called within the last ten minutes."""
    failures: int
    """How many of these calls failed for a reason of its own."""


class ChannelRead(Shape):
    """A way of telling, and how it goes."""

    model_config = ConfigDict(from_attributes=True) | shown(examples.CHANNEL_READ)

    channel: ChannelKind
    """The way of telling."""
    served_at: AwareDatetime | None
    """When a sender that has this channel last said so, which it does every minute; unset if none
    ever had it, as where the setting is missing that says by whom mails or SMS go.
    """
    suspended_at: AwareDatetime | None
    """Since when nothing is sent by it because an operator said so; unset if that is not so."""
    suspended_by: str | None
    """Who said so, as the audit names them."""
    suspension_reason: SuspensionReason | None
    """Why, as a code."""
    oldest_due_at: AwareDatetime | None
    """Since when the oldest of what should have gone by now is due; unset if nothing is."""
    states: list[StateCount]
    """How many deliveries stand where: all that are open, and what ended of the last day's."""
    errors: list[ErrorCount]
    """How many tries of the last day did not succeed, by how they ended; the commonest first."""
    carriers: list[CarrierRead]
    """By whom it goes: mail servers, or gateways of SMS, by name; webhooks have none."""


class ChannelList(Shape):
    """Every way of telling."""

    model_config = shown(examples.CHANNEL_LIST)

    items: list[ChannelRead]
    """The ways of telling, also those by which nothing ever went."""
