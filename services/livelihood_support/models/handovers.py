"""Tables of handovers that were announced: which facility holds places for whom."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.livelihood_support.models.base import Base
from services.livelihood_support.policy import HeldStatus
from shared.contracts.vocabulary import AgeBand, Sex
from shared.kit.columns import one_of, short


class Handover(Base):
    """A handover as intake told it last, and the facility that holds places for it."""

    __tablename__ = "handovers"
    __table_args__ = (
        CheckConstraint("escorts >= 0", name="escorts"),
        CheckConstraint(
            "(escorts IS NULL) = (answered_by IS NULL) AND (escorts IS NULL) ="
            " (answered_at IS NULL) AND (escorts IS NULL OR facility_id IS NOT NULL)",
            name="answered",
        ),
        Index("ix_handovers_facility", "facility_id", "notice_id"),
    )

    notice_id: Mapped[UUID] = mapped_column(primary_key=True)
    announcer_id: Mapped[UUID]
    expected_on: Mapped[date]
    area_code: Mapped[str] = short(10)
    area_on: Mapped[date]
    is_cancelled: Mapped[bool]
    told_at: Mapped[datetime]
    """When it became what was told last; whatever was told before is passed over."""
    facility_id: Mapped[UUID | None]
    """Who holds the places; unset where nobody takes people in there on that day."""
    asked_at: Mapped[datetime]
    """Since when that facility holds them for that day, or nobody does."""
    escorts: Mapped[int | None]
    """How many people of the facility go with whoever is escorted; unset before it has said so."""
    answered_by: Mapped[str | None] = short(200)
    answered_at: Mapped[datetime | None]
    people: Mapped[list["HeldPlace"]] = relationship(order_by="HeldPlace.number", viewonly=True)


class HeldPlace(Base):
    """A place that is held for somebody: what the house prepares for, and nothing of who it is."""

    __tablename__ = "held_places"
    __table_args__ = (
        one_of("age_band", AgeBand),
        one_of("sex", Sex),
        one_of("status", HeldStatus),
        CheckConstraint("(status = 'taken') = (case_id IS NOT NULL)", name="taken"),
        # Whom a house expects; few at a time.
        Index("ix_held_places_held", "notice_id", postgresql_where=text("status = 'held'")),
    )

    notice_id: Mapped[UUID] = mapped_column(ForeignKey("handovers.notice_id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    age_band: Mapped[str] = short()
    sex: Mapped[str] = short()
    languages: Mapped[list[str]]
    needs_interpreter: Mapped[bool]
    needs_escort: Mapped[bool]
    status: Mapped[str] = short()
    case_id: Mapped[UUID | None]
