"""Tables of protection: who protects where, requests with what became of them, and their moves."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from services.verification.models.base import Base
from services.verification.policy import (
    Protected,
    ProtectionMeasure,
    ProtectionMove,
    ProtectionReason,
    ProtectionStatus,
)
from shared.kit.columns import all_of, append_only, one_of, short


class ProtectorRole(Base):
    """An area in which an organisation protects, from a day until before another."""

    __tablename__ = "protector_roles"

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), primary_key=True)
    area_code: Mapped[str] = mapped_column(String(10), primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    valid_to: Mapped[date | None]


class Protection(Base):
    """Protection that was asked for in a case, who decides about it, and what they decided.

    Where the case is, and who owns it, its verification says. Where a person is brought to safety
    is kept nowhere here: it is a sealed field of the file, in intake.
    """

    __tablename__ = "protections"
    __table_args__ = (
        one_of("for_whom", Protected),
        one_of("status", ProtectionStatus),
        one_of("reason", ProtectionReason),
        all_of("asked", ProtectionMeasure),
        all_of("measures", ProtectionMeasure),
        CheckConstraint("cardinality(asked) > 0", name="asks_for_something"),
        CheckConstraint("(status = 'requested') = (decided_at IS NULL)", name="decided"),
        CheckConstraint(
            "status NOT IN ('granted', 'ended') OR cardinality(measures) > 0", name="granted"
        ),
        CheckConstraint("(status = 'granted') = (review_on IS NOT NULL)", name="reviewed"),
        CheckConstraint("(status = 'ended') = (ended_at IS NOT NULL)", name="ended"),
        CheckConstraint("(status IN ('refused', 'ended')) = (reason IS NOT NULL)", name="says_why"),
        # A refusal without written reasons is none, and nobody declines but in writing.
        CheckConstraint(
            "status NOT IN ('refused', 'declined') OR paper_number IS NOT NULL", name="written"
        ),
        CheckConstraint("(paper_number IS NULL) = (paper_on IS NULL)", name="paper"),
        CheckConstraint("status = 'requested' OR protector_id IS NOT NULL", name="has_protector"),
        # Whatever has no protector yet is due to be looked at again: none of it is forgotten.
        CheckConstraint(
            "(status = 'requested' AND protector_id IS NULL) = (look_again_at IS NOT NULL)",
            name="waiting",
        ),
        # Asked for twice, it is decided once: whoever asks again waits for that.
        Index(
            "uq_protections_awaited",
            "verification_id",
            "for_whom",
            unique=True,
            postgresql_where=text("status = 'requested'"),
        ),
        Index(
            "ix_protections_waiting",
            "look_again_at",
            "id",
            postgresql_where=text("look_again_at IS NOT NULL"),
        ),
        Index("ix_protections_inbox", "protector_id", "id"),
        Index("ix_protections_case", "verification_id", "id"),
        Index("ix_protections_requester", "requester_id", "id"),
        Index(
            "ix_protections_open",
            "id",
            postgresql_where=text("status IN ('requested', 'granted')"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    verification_id: Mapped[UUID] = mapped_column(ForeignKey("verifications.id"))
    case_id: Mapped[UUID]
    for_whom: Mapped[str] = short()
    requester_id: Mapped[UUID]
    """The organisation that asked."""
    requested_at: Mapped[datetime]
    asked: Mapped[list[str]]
    """The measures that were asked for."""
    status: Mapped[str] = short()
    measures: Mapped[list[str]]
    """Those that were granted, as they stand since the last review; none unless granted."""
    reason: Mapped[str | None] = short()
    paper_number: Mapped[str | None] = short(60)
    """The number of the last paper about it; what that says is not kept here."""
    paper_on: Mapped[date | None]
    # No foreign key, as with verifications.
    protector_id: Mapped[UUID | None]
    look_again_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    review_on: Mapped[date | None]
    """The day on which the protector looks again at what was granted."""
    ended_at: Mapped[datetime | None]
    version: Mapped[int]
    """What an ETag says; grows with every move."""


class ProtectionMoveRow(Base):
    """One step of protection: appended, never changed."""

    __tablename__ = "protection_moves"
    __table_args__ = (
        one_of("move", ProtectionMove),
        one_of("from_status", ProtectionStatus),
        one_of("to_status", ProtectionStatus),
        one_of("reason", ProtectionReason),
        all_of("measures", ProtectionMeasure),
        Index("uq_protection_moves_version", "protection_id", "version", unique=True),
        {"info": append_only()},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    protection_id: Mapped[UUID] = mapped_column(ForeignKey("protections.id"))
    actor: Mapped[str] = short(200)
    move: Mapped[str] = short()
    from_status: Mapped[str | None] = short()
    to_status: Mapped[str] = short()
    protector_id: Mapped[UUID | None]
    measures: Mapped[list[str]]
    reason: Mapped[str | None] = short()
    paper_number: Mapped[str | None] = short(60)
    paper_on: Mapped[date | None]
    review_on: Mapped[date | None]
    at: Mapped[datetime]
    version: Mapped[int]
