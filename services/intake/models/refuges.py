"""Table: where the person of a case is kept safe."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.intake.models.base import Base
from shared.kit.columns import append_only


class Refuge(Base):
    """A place in which somebody is kept safe, sealed under the key of the person.

    When the person is there no more, what it says is destroyed: others are brought there after.
    """

    __tablename__ = "refuges"
    __table_args__ = (
        CheckConstraint("(ended_at IS NULL) = (details IS NOT NULL)", name="kept_while_it_holds"),
        Index("uq_refuges_held", "case_id", unique=True, postgresql_where=text("ended_at IS NULL")),
        {"info": append_only("details", "ended_at")},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    organisation_id: Mapped[UUID]
    """Whoever protects the person, and recorded it."""
    details: Mapped[bytes | None]
    recorded_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
