"""Mails and SMS to people, and mails of offices about themselves: that there are, and of what."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Index, String, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from services.notification.models.base import Base
from services.notification.policy import OPEN, WRITTEN, AttemptOutcome, MailState, PersonalMail
from shared.contracts.vocabulary import ChannelKind
from shared.kit.columns import listed, one_of, short


class PersonalMailRow(Base):
    """That a person, or an office about itself, is written to; not where, and not what (0057)."""

    __tablename__ = "personal_mails"
    __table_args__ = (
        one_of("kind", PersonalMail),
        one_of("state", MailState),
        CheckConstraint(f"channel IN ({listed(WRITTEN)})", name="channel"),
        one_of("last_code", AttemptOutcome),
        # What of a recipient is still to be sent.
        Index(
            "ix_personal_mails_open",
            "recipient_id",
            postgresql_where=text(f"state IN ({listed(OPEN)})"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    """Of it the Message-ID is made."""
    effect_key: Mapped[str] = mapped_column(String(240), unique=True)
    kind: Mapped[str] = short()
    channel: Mapped[str] = mapped_column(String(40), server_default=text(f"'{ChannelKind.EMAIL}'"))
    """By which way: a mail, or an SMS to a phone of the person's own."""
    recipient_id: Mapped[UUID]
    """The account or the organisation."""
    mailbox_id: Mapped[UUID | None]
    """Which mailbox it was handed over for, as the directory names it; unset before that."""
    number_id: Mapped[UUID | None]
    """Which phone an SMS was handed over for, as the directory names it; unset while it has
    certainly not left.
    """
    state: Mapped[str] = short()
    attempts: Mapped[int]
    """Tries begun. Also what tells a late result of an earlier try from that of the current."""
    next_at: Mapped[datetime]
    last_code: Mapped[str | None] = short()
    carrier: Mapped[str | None] = short()
    """Which mail server or gateway was asked last."""
    created_at: Mapped[datetime] = mapped_column(index=True)
    concluded_at: Mapped[datetime | None]


class PersonalMailItem(Base):
    """What was urgent and is written to a person once."""

    __tablename__ = "personal_mail_items"

    recipient_id: Mapped[UUID] = mapped_column(primary_key=True)
    item: Mapped[str] = mapped_column(String(160), primary_key=True)
    """A notice, or a duty with the moment from which it is late: with another, it is told again."""
    mail_id: Mapped[UUID] = mapped_column(index=True)
    refused_by: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), server_default=text("'{}'"))
    """The mailboxes and phones that it was to be told at, and could not be."""
    told_at: Mapped[datetime] = mapped_column(index=True)
