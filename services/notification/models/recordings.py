"""What a sandbox would have sent to test organisations."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.notification.models.base import Base
from services.notification.policy import AttemptOutcome, EventType, SmsOutcome
from shared.contracts.vocabulary import ChannelKind
from shared.kit.columns import one_of, short


class Recording(Base):
    """What a try would have sent to a test organisation, as its receiver would have read it."""

    __tablename__ = "recordings"
    __table_args__ = (
        one_of("type", EventType),
        one_of("channel", ChannelKind),
        one_of("outcome", AttemptOutcome),
        one_of("report", SmsOutcome),
        UniqueConstraint("delivery_id", "number"),
        Index("ix_recordings_organisation", "organisation_id", "recorded_at", "id"),
        # What the network is still to report, as a gateway would.
        Index(
            "ix_recordings_unreported",
            "recorded_at",
            postgresql_where=text("report IS NOT NULL AND reported_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    # No foreign key: it is written by itself, as what leaves is by another machine.
    delivery_id: Mapped[UUID]
    number: Mapped[int]
    """Which try of the delivery it is."""
    organisation_id: Mapped[UUID]
    type: Mapped[str] = short(80)
    channel: Mapped[str] = short()
    headers: Mapped[dict[str, Any]]
    """What stands above the text, without who is written to; nothing of an SMS."""
    content: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str] = short()
    """How the try ended, which its receiver's address gives."""
    report: Mapped[str | None] = short()
    """What is reported of an SMS afterwards; unset where nothing is."""
    reported_at: Mapped[datetime | None]
    recorded_at: Mapped[datetime] = mapped_column(index=True)
