"""HTTP shapes of replays: many parked deliveries that are sent again at a pace."""

from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field

from services.notification import examples
from services.notification.policy import FASTEST, MOST_AT_ONCE
from shared.contracts.vocabulary import ChannelKind
from shared.kit.shapes import Cursor, Shape, shown
from shared.messaging.parking import ReplayReason


class Replayable(Shape):
    """How many deliveries a replay would have sent again."""

    model_config = ConfigDict(from_attributes=True) | shown(examples.REPLAYABLE)

    count: int
    """How many there are; who starts a replay states this number."""
    oldest_at: AwareDatetime | None
    """When the oldest of them was made; unset if there is none."""


class PacedReplayCreate(Shape):
    """Which parked deliveries are sent again, and how fast."""

    model_config = shown(examples.PACED_REPLAY_CREATE)

    channel: ChannelKind | None = None
    """Only what went by this channel."""
    organisation_id: UUID | None = None
    """Only deliveries to this organisation."""
    count: int = Field(ge=1, le=MOST_AT_ONCE)
    """How many they are, as they were counted; if it is another number, nothing happens."""
    per_minute: int = Field(ge=1, le=FASTEST)
    """How many of them go in a minute at most."""
    reason: ReplayReason
    """The reason as a code; who asks is recorded with it."""


class PacedReplayRead(Shape):
    """A replay of many deliveries, and how far it has come."""

    model_config = ConfigDict(from_attributes=True) | shown(examples.REPLAY_READ)

    replay_id: UUID
    """The id of the replay."""
    channel: ChannelKind | None
    """The channel that it was restricted to, if it was."""
    organisation_id: UUID | None
    """The organisation that it was restricted to, if it was."""
    per_minute: int
    """How many go in a minute at most, whichever sender is started or killed."""
    reason: ReplayReason
    """Why they are sent again, as a code."""
    started_at: AwareDatetime
    """When it was started."""
    started_by: str
    """Who started it, as the audit names them."""
    ended_at: AwareDatetime | None
    """When the last of them went, or somebody stopped it; unset while some wait for their turn."""
    stopped_by: str | None
    """Who stopped it, as the audit names them; unset if nobody did."""
    chosen: int
    """How many deliveries were chosen for it."""
    waiting: int
    """How many of them still wait for their turn, and are parked until then. Those whose receiver
    is suspended, rests after failures or has no address keep their turn.
    """
    under_way: int
    """How many went and have no end yet."""
    arrived: int
    """How many have arrived."""
    parked: int
    """How many went and were parked again."""


class PacedReplayList(Shape):
    """A page of replays of many deliveries, the newest first."""

    model_config = shown(examples.REPLAY_LIST)

    items: list[PacedReplayRead]
    """The replays of this page, the newest first."""
    next_cursor: Cursor
