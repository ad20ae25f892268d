"""HTTP shapes of what a sandbox would have sent."""

from uuid import UUID

from pydantic import AwareDatetime, ConfigDict

from services.notification import examples
from services.notification.policy import AttemptOutcome, EventType, SmsOutcome
from shared.contracts.vocabulary import ChannelKind
from shared.kit.shapes import Cursor, Shape, shown


class RecordingSummary(Shape):
    """A try that did not leave, for its organisation is a test organisation."""

    model_config = ConfigDict(extra="ignore", from_attributes=True) | shown(
        examples.RECORDING_SUMMARY
    )

    id: UUID
    """The id of the recording."""
    delivery_id: UUID
    """The delivery of which it is a try."""
    number: int
    """Which try of the delivery it is."""
    organisation_id: UUID
    """The test organisation to which it would have gone."""
    type: EventType
    """What kind of thing it tells."""
    channel: ChannelKind
    """By which way it would have gone."""
    outcome: AttemptOutcome
    """How the try ended, as its simulated recipient has it; at any other address it arrives."""
    report: SmsOutcome | None
    """What the simulated network reported of an SMS afterwards; unset while it has not."""
    recorded_at: AwareDatetime
    """When it would have left."""


class RecordingRead(RecordingSummary):
    """What would have left, as its receiver would have read it."""

    model_config = ConfigDict(from_attributes=True) | shown(examples.RECORDING_READ)

    headers: dict[str, str]
    """The headers of a webhook, with signatures that are good, or those of a mail that are read;
    an SMS has none.
    """
    content: str
    """The body of the webhook, the plain text of the mail, or the text of the SMS."""


class RecordingList(Shape):
    """A page of recordings, the newest first."""

    model_config = shown(examples.RECORDING_LIST)

    items: list[RecordingSummary]
    """The recordings of this page, the newest first."""
    next_cursor: Cursor
