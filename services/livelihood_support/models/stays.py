"""Tables of stays in a facility: who takes people in where, the stays, and their moves."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from services.livelihood_support.models.base import Base
from services.livelihood_support.policy import (
    OPEN_STAYS,
    KitItem,
    StayDestination,
    StayMove,
    StayNeed,
    StayReason,
)
from shared.contracts.vocabulary import StayStatus
from shared.kit.columns import all_of, append_only, listed, one_of, short


class FacilityRole(Base):
    """An area in which an organisation takes people in, from a day until before another."""

    __tablename__ = "facility_roles"

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), primary_key=True)
    area_code: Mapped[str] = mapped_column(String(10), primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    valid_to: Mapped[date | None]


class Stay(Base):
    """A person of a case in a facility: expected there, staying there, or gone.

    Where the facility has rooms, and to which place somebody went, is kept nowhere here.
    """

    __tablename__ = "stays"
    __table_args__ = (
        one_of("status", StayStatus),
        one_of("left_to", StayDestination),
        one_of("reason", StayReason),
        all_of("needs", StayNeed),
        all_of("kit", KitItem),
        CheckConstraint(
            "(status IN ('staying', 'left', 'entered_in_error')) = (arrived_on IS NOT NULL)",
            name="arrived",
        ),
        CheckConstraint(
            "(status = 'left') = (left_on IS NOT NULL)"
            " AND (left_on IS NULL) = (left_to IS NULL) AND left_on >= arrived_on",
            name="left",
        ),
        CheckConstraint(
            "(status IN ('declined', 'cancelled', 'entered_in_error')) = (reason IS NOT NULL)",
            name="says_why",
        ),
        # Nobody prolongs a stay but in writing.
        CheckConstraint(
            "(extended_until IS NULL) = (paper_number IS NULL)"
            " AND (paper_number IS NULL) = (paper_on IS NULL)",
            name="written",
        ),
        # Somebody is expected, or stays, in one facility at a time.
        Index(
            "uq_stays_open",
            "case_id",
            unique=True,
            postgresql_where=text(f"status IN ({listed(OPEN_STAYS)})"),
        ),
        Index("ix_stays_case", "case_id", "id"),
        Index("ix_stays_facility", "facility_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_files.case_id"))
    # No foreign key, as with programmes: its organisation may be told of again later.
    facility_id: Mapped[UUID]
    announcer_id: Mapped[UUID]
    """The organisation that announced it."""
    announced_at: Mapped[datetime]
    expected_on: Mapped[date]
    status: Mapped[str] = short()
    arrived_on: Mapped[date | None]
    needs: Mapped[list[str]]
    """What was seen to since the arrival."""
    kit: Mapped[list[str]]
    """What the person was given."""
    extended_until: Mapped[date | None]
    """The last day by the last decision of the facility's director; unset unless prolonged."""
    paper_number: Mapped[str | None] = short(60)
    """The number of that decision; what it says is not kept here."""
    paper_on: Mapped[date | None]
    left_on: Mapped[date | None]
    left_to: Mapped[str | None] = short()
    reason: Mapped[str | None] = short()
    version: Mapped[int]
    """What an ETag says; grows with every move."""


class StayMoveRow(Base):
    """One step of a stay: appended, never changed."""

    __tablename__ = "stay_moves"
    __table_args__ = (
        one_of("move", StayMove),
        one_of("from_status", StayStatus),
        one_of("to_status", StayStatus),
        one_of("left_to", StayDestination),
        one_of("reason", StayReason),
        all_of("needs", StayNeed),
        all_of("kit", KitItem),
        Index("uq_stay_moves_version", "stay_id", "version", unique=True),
        {"info": append_only()},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    stay_id: Mapped[UUID] = mapped_column(ForeignKey("stays.id"))
    actor: Mapped[str] = short(200)
    move: Mapped[str] = short()
    from_status: Mapped[str | None] = short()
    to_status: Mapped[str] = short()
    arrived_on: Mapped[date | None]
    needs: Mapped[list[str]]
    kit: Mapped[list[str]]
    extended_until: Mapped[date | None]
    paper_number: Mapped[str | None] = short(60)
    paper_on: Mapped[date | None]
    left_on: Mapped[date | None]
    left_to: Mapped[str | None] = short()
    reason: Mapped[str | None] = short()
    at: Mapped[datetime]
    version: Mapped[int]
