"""Table: how often somebody has looked a case up lately."""

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from services.intake.models.base import Base


class SearchCount(Base):
    """How many searches a subject has made since the first that counts."""

    __tablename__ = "search_counts"
    __table_args__ = (Index("ix_search_counts_begun", "begun_at"),)

    subject: Mapped[str] = mapped_column(String(200), primary_key=True)
    """Who searches, as the audit names them."""
    begun_at: Mapped[datetime]
    times: Mapped[int]
