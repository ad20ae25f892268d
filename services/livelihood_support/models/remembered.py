"""What a restored database is handed of its own past."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from services.livelihood_support.models.base import Base
from shared.contracts.vocabulary import ReasonCode, ReferralStatus, ServiceOutcome
from shared.kit.columns import one_of, short


class RememberedStep(Base):
    """What others heard of a referral that this database has forgotten, until it is taken up.

    Empty but after a restore: see ``domain/remembering.py``.
    """

    __tablename__ = "remembered_steps"
    __table_args__ = (
        one_of("status", ReferralStatus),
        one_of("reason", ReasonCode),
        one_of("outcome", ServiceOutcome),
        Index("ix_remembered_steps_case", "case_id", "place"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    # No foreign keys: the case itself may have been forgotten.
    case_id: Mapped[UUID]
    place: Mapped[int]
    referral_id: Mapped[UUID]
    status: Mapped[str | None] = short()
    """What it became; unset where the person's word was heard, which leaves the status as it is."""
    is_asked: Mapped[bool]
    at: Mapped[datetime]
    reason: Mapped[str | None] = short()
    outcome: Mapped[str | None] = short()
    programme_id: Mapped[UUID | None]
    delivered_at: Mapped[datetime | None]
