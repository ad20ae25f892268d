"""What organisations that were asked have asked back."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.livelihood_support.models.base import Base
from services.livelihood_support.policy import QuestionCode, QuestionState, ReplyCode
from shared.kit.columns import append_only, one_of, short


class OfferQuestion(Base):
    """One question about one offer, until it is replied to or the offer waits no longer."""

    __tablename__ = "offer_questions"
    __table_args__ = (
        one_of("question", QuestionCode),
        one_of("state", QuestionState),
        one_of("reply", ReplyCode),
        CheckConstraint("(reply IS NOT NULL) = (state = 'answered')", name="reply_answered"),
        CheckConstraint("(ended_at IS NULL) = (state = 'open')", name="ended"),
        # The same is asked once at a time; what was replied to may be asked again.
        Index(
            "uq_offer_questions_open",
            "offer_id",
            "question",
            unique=True,
            postgresql_where=text("state = 'open'"),
        ),
        Index("ix_offer_questions_offer", "offer_id", "asked_at"),
        {"info": append_only("state", "reply", "ended_at")},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    offer_id: Mapped[UUID] = mapped_column(ForeignKey("offers.id"))
    question: Mapped[str] = short()
    state: Mapped[str] = short()
    asked_at: Mapped[datetime]
    reply: Mapped[str | None] = short()
    ended_at: Mapped[datetime | None]
    """When it was replied to, or overtaken."""
