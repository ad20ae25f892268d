"""Tables: where a person may be reached and by which rules, risk flags, and messages asked for."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.intake.models.base import Base
from services.intake.policy import (
    CONFIRMED_FOR,
    ContactEnd,
    PersonLanguage,
    PersonText,
    ReachedHow,
    RiskEnd,
    RiskReason,
)
from shared.contracts.vocabulary import ContactRefusal, PersonMessageOutcome
from shared.kit.columns import append_only, one_of, short


class ContactPoint(Base):
    """A number of the person, and the rules they gave for it: both sealed, and never changed.

    Whoever is told other rules records another one in its place.
    """

    __tablename__ = "contact_points"
    __table_args__ = (
        one_of("end_reason", ContactEnd),
        CheckConstraint("(ended_at IS NULL) = (end_reason IS NULL)", name="ended"),
        CheckConstraint("(confirmed_on IS NULL) = (confirmed_by IS NULL)", name="confirmed"),
        Index("ix_contact_points_case", "case_id", "id"),
        {"info": append_only("confirmed_on", "confirmed_by", "ended_at", "end_reason")},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    details: Mapped[bytes]
    recorded_at: Mapped[datetime]
    confirmed_on: Mapped[date | None]
    """The day on which an officer last heard from the person that it holds."""
    confirmed_by: Mapped[str | None] = short(200)
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None] = short()

    @property
    def holds_until(self) -> date | None:
        """The last day on which what was confirmed is relied on."""
        return None if self.confirmed_on is None else self.confirmed_on + CONFIRMED_FOR


class RiskFlag(Base):
    """Nothing reaches the person's phone from when it was raised until it was lowered."""

    __tablename__ = "risk_flags"
    __table_args__ = (
        one_of("reason", RiskReason),
        one_of("end_reason", RiskEnd),
        CheckConstraint("(lowered_at IS NULL) = (end_reason IS NULL)", name="lowered"),
        Index(
            "uq_risk_flags_up",
            "case_id",
            unique=True,
            postgresql_where=text("lowered_at IS NULL"),
        ),
        {"info": append_only("lowered_at", "end_reason")},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    reason: Mapped[str] = short()
    raised_at: Mapped[datetime]
    lowered_at: Mapped[datetime | None]
    end_reason: Mapped[str | None] = short()


class PersonMessage(Base):
    """A message to the person that the owner of the case asked for, and what became of it."""

    __tablename__ = "person_messages"
    __table_args__ = (
        one_of("says", PersonText),
        one_of("language", PersonLanguage),
        one_of("refusal", ContactRefusal),
        one_of("outcome", PersonMessageOutcome),
        one_of("reached_how", ReachedHow),
        CheckConstraint("(concluded_at IS NULL) = (outcome IS NULL)", name="concluded"),
        CheckConstraint("(reached_at IS NULL) = (reached_how IS NULL)", name="reached"),
        CheckConstraint("send_at < send_before", name="order"),
        Index("ix_person_messages_case", "case_id", "id"),
        # Those that may be somebody's duty: few, while caseworkers act.
        Index(
            "ix_person_messages_open",
            "case_id",
            postgresql_where=text("reached_at IS NULL AND outcome IS DISTINCT FROM 'delivered'"),
        ),
        {
            "info": append_only(
                "answered_at", "refusal", "outcome", "concluded_at", "reached_at", "reached_how"
            )
        },
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    contact_point_id: Mapped[UUID] = mapped_column(ForeignKey("contact_points.id"))
    says: Mapped[str] = short()
    """The code of its text."""
    language: Mapped[str] = short()
    asked_at: Mapped[datetime]
    send_at: Mapped[datetime]
    send_before: Mapped[datetime]
    """When the window closes for which it was asked."""
    answered_at: Mapped[datetime | None]
    """When number and text were given away, or refused: once."""
    refusal: Mapped[str | None] = short()
    outcome: Mapped[str | None] = short()
    concluded_at: Mapped[datetime | None]
    reached_at: Mapped[datetime | None]
    reached_how: Mapped[str | None] = short()
