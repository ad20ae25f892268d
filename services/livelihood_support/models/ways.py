"""What is offered to somebody whom the verification did not identify."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.livelihood_support.models.base import Base
from services.livelihood_support.policy import WayMove, WayOn
from shared.kit.columns import append_only, one_of, short


class OfferedWay(Base):
    """One way on, until the person has said whether they take it."""

    __tablename__ = "offered_ways"
    __table_args__ = (
        one_of("way", WayOn),
        one_of("outcome", WayMove),
        CheckConstraint(
            "(outcome IS NULL) = (settled_at IS NULL) AND (outcome IS NULL) = (settled_by IS NULL)",
            name="settled",
        ),
        UniqueConstraint("case_id", "way"),
        # What waits for a case owner; few, for each is a talk with one person.
        Index("ix_offered_ways_open", "case_id", postgresql_where=text("outcome IS NULL")),
        {"info": append_only("outcome", "settled_at", "settled_by", "version")},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_files.case_id"))
    way: Mapped[str] = short()
    offered_at: Mapped[datetime]
    outcome: Mapped[str | None] = short()
    """What the person said; unset until they were asked."""
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[str | None] = short(200)
    version: Mapped[int]
