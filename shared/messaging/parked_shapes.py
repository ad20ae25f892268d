"""What is said over HTTP of parked messages, the same in every service."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field

from shared.contracts import Queue, sample
from shared.kit.shapes import Cursor, Shape, shown
from shared.messaging.parking import ParkedReason, ReplayReason
from shared.messaging.replays import Choice
from shared.messaging.settling import Fate


class Fault(Shape):
    """What failed: a class of exception, and where our code met it. What it said is not kept."""

    error: str
    """The class of the exception."""
    place: str | None = None
    """The file and line of our code."""


class ParkedMessage(Shape):
    """A message that could not be handled. Its body is not shown."""

    model_config = ConfigDict(extra="ignore")

    message_id: UUID
    """The id of the message."""
    source: str
    """The service that sent the message."""
    type: str
    """The type of the message, with its version."""
    aggregate_id: UUID
    """The id of what the message is about, usually a case: messages about one thing keep their
    order.
    """
    sequence: int
    """The number of the message among those of its aggregate and sender."""
    reason: ParkedReason
    """Why the message is parked."""
    attempts: int
    """How many times it was tried."""
    parked_at: datetime
    """When it was parked."""
    waiting_behind: int
    """How many messages of the same aggregate and sender wait for this one."""
    first_fault: Fault | None
    """What failed at its first try; unset where nothing did, or where a release before this one
    parked it.
    """
    fate: Fate
    """What has become of it: it waits, or was replayed or skipped."""
    outcome: str | None
    """The code of what it was refused with, or `skipped`; unset otherwise."""
    replay_id: UUID | None
    """The replay that last took it up, if one did."""
    skip_proposed_at: AwareDatetime | None
    """When it was proposed to give it up; unset if it was not."""
    skip_reason: ReplayReason | None
    """Why it was proposed to give it up."""


class ParkedMessageInDetail(ParkedMessage):
    """A message that is or was parked, with what leads to its cause. Its body is not shown."""

    model_config = shown(sample.PARKED_IN_DETAIL)

    traceparent: str | None
    """The trace of the case that the message belongs to (W3C Trace Context)."""
    ids: dict[str, str]
    """The ids that the body names, by the path of their member; nothing else of the body."""
    may_confirm_skip: bool
    """Whether you may confirm that it is given up: another has proposed it."""


class ParkedMessages(Shape):
    """A page of parked messages, oldest first."""

    model_config = shown(sample.PARKED_MESSAGES)

    items: list[ParkedMessage]
    """The parked messages of this page, oldest first."""
    next_cursor: Cursor


class ParkedGroup(Shape):
    """Parked messages of one type, sender and reason: as a rule they have one cause."""

    model_config = ConfigDict(extra="ignore", from_attributes=True)

    type: str
    """The type of the messages, with its version."""
    reason: ParkedReason
    """Why they are parked."""
    source: str
    """The service that sent them."""
    count: int
    """How many they are."""
    oldest_at: AwareDatetime
    """When the first of them was parked."""
    first_fault: Fault | None
    """What failed at the first try of the first of them."""


class ParkedGroups(Shape):
    """All groups of parked messages, the oldest first."""

    model_config = shown(sample.PARKED_GROUPS)

    items: list[ParkedGroup]
    """The groups, the oldest first."""


class ReplayPreview(Shape):
    """What a replay would do now. Nothing was changed."""

    model_config = ConfigDict(extra="ignore", from_attributes=True) | shown(sample.REPLAY_PREVIEW)

    count: int
    """How many messages are chosen: the number that a replay has to state."""
    to_run: int
    """How many of them would be handled again."""
    in_effect: int
    """How many would not: the same was told before and has had its effect."""
    out_of_turn: int
    """How many would be parked again: something else was told under their number."""
    waiting_behind: int
    """How many messages wait behind them and could go on."""


class Settlement(Shape):
    """Why the message is replayed or skipped."""

    model_config = shown(sample.SETTLEMENT)

    reason: ReplayReason
    """The reason as a code; who asks is recorded with it."""


class ReplayOfMany(Shape):
    """Which parked messages are replayed, how many they must be, and why."""

    model_config = shown(sample.REPLAY_OF_MANY)

    parked_for: ParkedReason | None = None
    """Why the messages are parked. If it is not given, every reason but ``never_ended`` counts;
    ``stale_sequence`` is replayed one by one.
    """
    type: Annotated[str, Field(max_length=100)] | None = None
    """The type of the messages; every type if it is not given."""
    source: Queue | None = None
    """The service that sent them; every one if it is not given."""
    parked_since: AwareDatetime | None = None
    """The earliest time at which they were parked."""
    parked_until: AwareDatetime | None = None
    """The time before which they were parked."""
    count: Annotated[int, Field(ge=0)]
    """How many messages they must be; with any other number nothing is replayed."""
    reason: ReplayReason
    """The reason as a code; who asks is recorded with it."""

    def choice(self) -> Choice:
        """The choice as the domain takes it."""
        return Choice(
            parked_for=self.parked_for,
            type=self.type,
            source=self.source,
            since=self.parked_since,
            until=self.parked_until,
        )


class ReplayedMessages(Shape):
    """How many messages were given their tries again."""

    model_config = shown(sample.REPLAYED_MESSAGES)

    count: int
    """How many messages were replayed."""
    replay_id: UUID
    """The id of the replay, by which what becomes of them is read."""


class ReplayProgress(Shape):
    """What has become of the messages of a replay. What was replayed once more counts there."""

    model_config = shown(sample.REPLAY_PROGRESS)

    replay_id: UUID
    """The id of the replay."""
    count: int
    """How many messages it has."""
    held: int
    """How many are being tried, or wait for their turn."""
    handled: int
    """How many were handled."""
    known: int
    """How many had had their effect before, so that nothing was done."""
    refused: int
    """How many were refused by their handler, or skipped since."""
    parked: int
    """How many have failed again and wait for an operator."""


class SettledMessage(Shape):
    """What became of a parked message."""

    model_config = shown(sample.SETTLED_MESSAGE)

    message_id: UUID
    """The id of the message."""
    status: Literal["replayed", "skipped", "skip_proposed"]
    """What was done with it."""
    replay_id: UUID | None = None
    """The id of the replay, by which what becomes of it is read; unset if it was not replayed."""
