"""Tables: who acts in cases, by role, by assignment and by hand-over."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.intake.models.base import Base
from services.intake.policy import (
    AssignedRole,
    AssignmentReason,
    HandOverKind,
    InitialCheckOutcome,
    Need,
    NeedOutcome,
)
from shared.contracts.vocabulary import HandOverReason, Role
from shared.kit.columns import append_only, one_of, short


class HeldRole(Base):
    """A role an organisation holds for an area, from a day until before another."""

    __tablename__ = "held_roles"
    __table_args__ = (one_of("role", Role),)

    organisation_id: Mapped[UUID] = mapped_column(primary_key=True)
    role: Mapped[str] = mapped_column(String(40), primary_key=True)
    area_code: Mapped[str] = mapped_column(String(10), primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    valid_to: Mapped[date | None]
    organisation_code: Mapped[str] = short(80)


class Officer(Base):
    """Whoever acts in cases for an organisation, by the id of an account: from a day to another."""

    __tablename__ = "officers"

    officer_id: Mapped[UUID] = mapped_column(primary_key=True)
    area_code: Mapped[str] = mapped_column(String(10), primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    valid_to: Mapped[date | None]
    organisation_id: Mapped[UUID]


class OfficerEnd(Base):
    """From when an account acts in no case any more, as last told: unset while no end is known."""

    __tablename__ = "officer_ends"

    officer_id: Mapped[UUID] = mapped_column(primary_key=True)
    gone_at: Mapped[datetime | None]


class Assignment(Base):
    """A part in a case that its owner gave a facility or a protector: what opens the file to it."""

    __tablename__ = "assignments"
    __table_args__ = (
        one_of("role", AssignedRole),
        one_of("reason", AssignmentReason),
        one_of("end_reason", AssignmentReason),
        CheckConstraint("valid_from < valid_to", name="order"),
        CheckConstraint("(ended_at IS NULL) = (end_reason IS NULL)", name="end"),
        Index(
            "uq_assignments_open",
            "case_id",
            "organisation_id",
            "role",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_assignments_organisation", "organisation_id", "assigned_at", "id"),
        Index("ix_assignments_case", "case_id", "assigned_at", "id"),
        {"info": append_only("ended_at", "end_reason")},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    organisation_id: Mapped[UUID]
    role: Mapped[str] = short()
    reason: Mapped[str] = short()
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    """The first day on which it no longer holds; unset while it is open."""
    assigned_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None] = short()

    def is_live(self, on: date) -> bool:
        """Whether the part is held on a day."""
        return self.valid_from <= on and not self.is_over(on) and self.ended_at is None

    def is_over(self, on: date) -> bool:
        """Whether its last day lies before this one."""
        return self.valid_to is not None and self.valid_to <= on


class HandOver(Base):
    """A case was given to an organisation to answer for, or back to whoever holds its area."""

    __tablename__ = "hand_overs"
    __table_args__ = (
        one_of("kind", HandOverKind),
        one_of("reason", HandOverReason),
        CheckConstraint("(kind = 'released') = (responsible_id IS NULL)", name="released"),
        CheckConstraint("officer_id IS NULL OR responsible_id IS NOT NULL", name="officer"),
        # Two of them cannot make the same version of a case.
        UniqueConstraint("case_id", "version"),
        {"info": append_only()},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    kind: Mapped[str] = short()
    reason: Mapped[str] = short()
    former_id: Mapped[UUID]
    """Who owned the case until then, and handed it over."""
    responsible_id: Mapped[UUID | None]
    officer_id: Mapped[UUID | None]
    at: Mapped[datetime]
    version: Mapped[int]
    """The version of the case that it made."""


class InitialCheck(Base):
    """The first look at what a person reported: taken once, by the owner of the case."""

    __tablename__ = "initial_checks"
    __table_args__ = (
        one_of("outcome", InitialCheckOutcome),
        UniqueConstraint("case_id"),
        {"info": append_only()},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    checked_on: Mapped[date]
    outcome: Mapped[str] = short()
    organisation_id: Mapped[UUID]
    """Who owned the case then, and led it."""
    together_with_id: Mapped[UUID | None]
    """The authority that took part."""
    evidence_ref: Mapped[str | None] = short(60)
    """The number of the record of it."""
    recorded_by: Mapped[str] = short(200)
    recorded_at: Mapped[datetime]


class NeedEnd(Base):
    """Something that could not wait was met, or is not wanted any more: said once for each need."""

    __tablename__ = "need_ends"
    __table_args__ = (
        one_of("need", Need),
        one_of("outcome", NeedOutcome),
        UniqueConstraint("case_id", "need"),
        {"info": append_only()},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    need: Mapped[str] = short()
    """In the clear, as the services asked for are: in this database alone."""
    outcome: Mapped[str] = short()
    ended_on: Mapped[date]
    organisation_id: Mapped[UUID]
    """Who says so: whoever received the person, shelters them or owns the case."""
    recorded_by: Mapped[str] = short(200)
    recorded_at: Mapped[datetime]
