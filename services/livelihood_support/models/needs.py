"""What a person needs and asked for, each time it was asked for."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.livelihood_support.models.base import Base
from shared.contracts.vocabulary import EntitlementCode, ReasonCode
from shared.kit.columns import append_only, one_of, short


class Need(Base):
    """One granted code that was asked for, until it is met or a case owner ends it."""

    __tablename__ = "needs"
    __table_args__ = (
        one_of("code", EntitlementCode),
        one_of("reason", ReasonCode),
        CheckConstraint("reason IS NULL OR ended_at IS NOT NULL", name="reason_ended"),
        # A code is sought once at a time; what has ended may be asked for again.
        Index(
            "uq_needs_open",
            "case_id",
            "code",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_needs_case", "case_id", "id"),
        {"info": append_only("ended_at", "reason", "version")},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_files.case_id"))
    code: Mapped[str] = short()
    asked_by: Mapped[str] = short(200)
    asked_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    reason: Mapped[str | None] = short()
    """Why it was ended; unset while it is open, and when it was met."""
    version: Mapped[int] = mapped_column(server_default=text("1"))
