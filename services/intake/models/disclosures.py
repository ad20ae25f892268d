"""Tables: whom a referral asks, and who was let see whom: for a partner, and by law."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from services.intake.models.base import Base
from services.intake.policy import DisclosureOutcome, LegalPurpose, LegalReason
from shared.contracts.vocabulary import OrganisationKind, Purpose, ReferralStatus
from shared.kit.columns import append_only, one_of, short


class PartnerGrant(Base):
    """Whom a referral asks now and how far it has come: what a disclosure is decided by."""

    __tablename__ = "partner_grants"
    __table_args__ = (
        one_of("organisation_kind", OrganisationKind),
        one_of("status", ReferralStatus),
        Index("ix_partner_grants_case", "case_id"),
        Index("ix_partner_grants_offer", "offer_id"),
    )

    referral_id: Mapped[UUID] = mapped_column(primary_key=True)
    offer_id: Mapped[UUID | None]
    """The reference by which the organisation asked knows it; unset while nobody is asked, and
    where it was last told of before references were kept.
    """
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    organisation_id: Mapped[UUID | None]
    organisation_kind: Mapped[str | None] = short()
    status: Mapped[str] = short()
    accepted_at: Mapped[datetime | None]


class Disclosure(Base):
    """A partner asked for an identity: what was granted, or why nothing was."""

    __tablename__ = "disclosures"
    __table_args__ = (
        one_of("purpose", Purpose),
        one_of("outcome", DisclosureOutcome),
        CheckConstraint("(outcome = 'granted') = (cardinality(fields) > 0)", name="fields"),
        Index("ix_disclosures_case", "case_id"),
        Index("ix_disclosures_asked_by", "asked_by", "at", "id"),
        {"info": append_only()},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    referral_id: Mapped[UUID]
    organisation_id: Mapped[UUID]
    purpose: Mapped[str] = short()
    fields: Mapped[list[str]]
    outcome: Mapped[str] = short()
    at: Mapped[datetime]
    asked_by: Mapped[str | None] = short(200)
    """Who asked, as the audit names them; unset where a release before recorded it."""


class FileDisclosure(Base):
    """A file was opened by law: by whom, what for, why, and which part of it."""

    __tablename__ = "file_disclosures"
    __table_args__ = (
        one_of("purpose", LegalPurpose),
        one_of("reason", LegalReason),
        CheckConstraint("cardinality(fields) > 0", name="fields"),
        Index("ix_file_disclosures_case", "case_id"),
        Index("ix_file_disclosures_asked_by", "asked_by", "at", "id"),
        {"info": append_only()},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    organisation_id: Mapped[UUID]
    purpose: Mapped[str] = short()
    reason: Mapped[str] = short()
    fields: Mapped[list[str]]
    at: Mapped[datetime]
    asked_by: Mapped[str | None] = short(200)
    """Who opened it, as the audit names them; unset where a release before recorded it."""
