"""Who carries what goes by e-mail and SMS: how each is doing, and how it has lately."""

from datetime import datetime

from sqlalchemy import CheckConstraint, String, text
from sqlalchemy.orm import Mapped, mapped_column

from services.notification.models.base import Base
from shared.contracts.vocabulary import ChannelKind
from shared.kit.columns import one_of


class Carrier(Base):
    """A mail server or a gateway of SMS by which this installation sends."""

    __tablename__ = "carriers"
    __table_args__ = (
        one_of("channel", ChannelKind),
        CheckConstraint("(resting_since IS NULL) = (rests_until IS NULL)", name="rest"),
    )

    channel: Mapped[str] = mapped_column(String(40), primary_key=True)
    carrier: Mapped[str] = mapped_column(String(40), primary_key=True)
    """As whoever runs the installation calls it."""
    weight: Mapped[int]
    """How much of what is sent goes by it; nought where it is asked when no other can be."""
    served_at: Mapped[datetime]
    """When a process that has it last said so."""
    resting_since: Mapped[datetime | None]
    rests_until: Mapped[datetime | None]
    rests: Mapped[int] = mapped_column(server_default=text("0"))
    """How many rests in a row it was given."""
    tried_until: Mapped[datetime | None]
    """Until when one message that finds out how it is doing is waited for."""
    last_failed_at: Mapped[datetime | None]


class CarrierMinute(Base):
    """How often a carrier was called within a minute, and how often it failed then."""

    __tablename__ = "carrier_minutes"
    __table_args__ = (
        one_of("channel", ChannelKind),
        CheckConstraint("failures >= 0 AND failures <= calls", name="failures"),
    )

    channel: Mapped[str] = mapped_column(String(40), primary_key=True)
    carrier: Mapped[str] = mapped_column(String(40), primary_key=True)
    minute: Mapped[datetime] = mapped_column(primary_key=True, index=True)
    calls: Mapped[int]
    failures: Mapped[int]
