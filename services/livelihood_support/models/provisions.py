"""What was given to a person directly: by the commune, the border post, a facility."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from services.livelihood_support.models.base import Base
from services.livelihood_support.policy import ProvisionError, ProvisionPaper
from shared.contracts.vocabulary import EntitlementCode
from shared.kit.columns import append_only, one_of, short


class Provision(Base):
    """One thing that was given, as it was recorded.

    It may be said to have been recorded wrongly, and is never changed otherwise.
    """

    __tablename__ = "provisions"
    __table_args__ = (
        one_of("code", EntitlementCode),
        one_of("paper", ProvisionPaper),
        one_of("reason", ProvisionError),
        CheckConstraint("vnd > 0", name="vnd"),
        CheckConstraint("days > 0", name="days"),
        CheckConstraint(
            "(reason IS NULL) = (voided_at IS NULL) AND (reason IS NULL) = (voided_by IS NULL)",
            name="voided",
        ),
        Index("ix_provisions_case", "case_id", "id"),
        {"info": append_only("voided_at", "voided_by", "reason", "version")},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_files.case_id"))
    code: Mapped[str] = short()
    vnd: Mapped[int | None] = mapped_column(BigInteger)
    """In đồng; unset for what was given in kind."""
    days: Mapped[int | None]
    """For how many days it was given, where it is counted so."""
    given_on: Mapped[date]
    organisation_id: Mapped[UUID]
    """Who gave it."""
    referral_id: Mapped[UUID | None] = mapped_column(ForeignKey("referrals.id"))
    """The referral that brought it, where only its sum is recorded here."""
    paper: Mapped[str] = short()
    paper_number: Mapped[str | None] = short(60)
    paper_on: Mapped[date]
    recorded_by: Mapped[str] = short(200)
    recorded_for: Mapped[UUID]
    """The organisation that recorded it."""
    recorded_at: Mapped[datetime]
    voided_at: Mapped[datetime | None]
    voided_by: Mapped[str | None] = short(200)
    reason: Mapped[str | None] = short()
    """What was wrong about the record."""
    version: Mapped[int]
