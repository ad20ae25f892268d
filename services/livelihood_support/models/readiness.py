"""What a facility says it has ready: sheets, each appended, and who attested them."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from services.livelihood_support.models.base import Base
from services.livelihood_support.policy import Equipment
from shared.kit.columns import all_of, append_only, short


class ReadinessSheet(Base):
    """Rooms, places, staff, interpreters and equipment from a day on: appended, never changed."""

    __tablename__ = "readiness_sheets"
    __table_args__ = (
        CheckConstraint("rooms >= 0 AND places >= 0 AND staff >= 0", name="counted"),
        all_of("equipment", Equipment),
        Index("ix_readiness_sheets_facility", "facility_id", "valid_from", "written_at"),
        {"info": append_only()},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    # No foreign key, as with stays.
    facility_id: Mapped[UUID]
    valid_from: Mapped[date]
    rooms: Mapped[int]
    places: Mapped[int]
    staff: Mapped[int]
    interpreters: Mapped[list[str]]
    equipment: Mapped[list[str]]
    written_by: Mapped[str] = short(200)
    written_at: Mapped[datetime]


class ReadinessAttestation(Base):
    """Somebody else at the facility says that a sheet is true: appended, never changed."""

    __tablename__ = "readiness_attestations"
    __table_args__ = ({"info": append_only()},)

    sheet_id: Mapped[UUID] = mapped_column(ForeignKey("readiness_sheets.id"), primary_key=True)
    attested_by: Mapped[str] = short(200)
    attested_at: Mapped[datetime]
