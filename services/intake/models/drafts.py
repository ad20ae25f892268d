"""Table: what somebody has typed of a case that is not submitted yet."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from services.intake.models.base import Base
from services.intake.policy import DraftSection, kept_until
from shared.kit.columns import all_of, short


class Draft(Base):
    """A draft, sealed under a key of its own; once it was submitted, which case came of it.

    Then its key and what it held are gone, and the rest goes with its age.
    """

    __tablename__ = "drafts"
    __table_args__ = (
        all_of("sections", DraftSection),
        CheckConstraint("(case_id IS NULL) = (content IS NOT NULL)", name="content"),
        CheckConstraint("(content IS NULL) = (wrapped_key IS NULL)", name="wrapped_key"),
        CheckConstraint("(content IS NULL) = (master_version IS NULL)", name="master_version"),
        Index("ix_drafts_owner", "organisation_id", "owner", "id"),
        Index("ix_drafts_changed", "changed_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID]
    owner: Mapped[str] = short(120)
    """Who began it, and alone goes on with it, as the audit names them."""
    wrapped_key: Mapped[bytes | None]
    master_version: Mapped[int | None]
    content: Mapped[bytes | None]
    sections: Mapped[list[str]]
    """Which sections were typed: all that is known of a draft without its key."""
    begun_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    version: Mapped[int]
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("cases.id"))
    """The case that it became."""

    @property
    def kept_until(self) -> datetime:
        """When it is deleted, unless it is changed before."""
        return kept_until(self.changed_at)
