"""Tables: the vault of persons, cases, consents, disclosures, and the journey told by others.

What identifies a person is sealed (``LargeBinary``) under the data key of that person; what is in
the clear are ids, codes and dates. Whoever changes a case locks its row first.
"""

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from services.intake.policy import CaseStatus, DisclosureOutcome, StepKind
from shared.contracts.vocabulary import (
    AgeBand,
    Citizenship,
    OrganisationKind,
    PaperType,
    Purpose,
    ReferralStatus,
    Route,
    Sex,
)
from shared.kit import audit, idempotency
from shared.kit.database import adopt, new_metadata
from shared.messaging.tables import TABLES

METADATA = new_metadata()
adopt(METADATA, *TABLES, audit.AUDIT, idempotency.KEYS)


class Base(DeclarativeBase):
    """Everything this service stores. ``repr`` shows the class only."""

    metadata = METADATA
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads this mapping from the class
        datetime: DateTime(timezone=True),
        list[str]: ARRAY(String(40)),
        bytes: LargeBinary,
    }


class IndexedField(StrEnum):
    """What is searchable by equality, through a keyed digest."""

    PHONE = "phone"
    IDENTITY_NUMBER = "identity_number"


def _listed(values: Iterable[str]) -> str:
    return ", ".join(f"'{value}'" for value in sorted(values))


def _one_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    """A closed vocabulary, held by the database too."""
    return CheckConstraint(f"{column} IN ({_listed(values)})", name=column)


def _code(length: int = 40) -> Any:
    return mapped_column(String(length))


class Person(Base):
    """A person: one data key, wrapped by a master key, and the identity sealed under it."""

    __tablename__ = "persons"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    # Destroying the wrapped key erases the person wherever a copy of the rest may be.
    wrapped_key: Mapped[bytes]
    master_version: Mapped[int]
    identity: Mapped[bytes]


class PersonIndex(Base):
    """A keyed digest of a phone or an identity number; it cannot be read back."""

    __tablename__ = "person_indexes"
    __table_args__ = (
        _one_of("field", IndexedField),
        # Who else has this number is the question.
        Index("ix_person_indexes_search", "field", "blind_index"),
    )

    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"), primary_key=True)
    field: Mapped[str] = mapped_column(String(40), primary_key=True)
    blind_index: Mapped[bytes] = mapped_column(primary_key=True)


class Case(Base):
    """A case: codes in the clear; the sender's reference is sealed, since it may name someone."""

    __tablename__ = "cases"
    __table_args__ = (
        _one_of("route", Route),
        _one_of("receiver_kind", OrganisationKind),
        _one_of("status", CaseStatus),
        _one_of("age_band", AgeBand),
        _one_of("sex", Sex),
        _one_of("citizenship", Citizenship),
        UniqueConstraint("code"),
        # The messages of a case carry an area, so one of the two units is always known.
        CheckConstraint(
            "coalesce(present_unit_code, origin_unit_code) IS NOT NULL",
            name="has_unit",
        ),
        CheckConstraint("version > 0", name="version"),
        Index("ix_cases_receiver", "receiver_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str] = _code(12)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"), index=True)
    route: Mapped[str] = _code()
    receiver_id: Mapped[UUID]
    receiver_kind: Mapped[str] = _code()
    received_at: Mapped[datetime]
    status: Mapped[str] = _code()
    age_band: Mapped[str] = _code()
    sex: Mapped[str] = _code()
    citizenship: Mapped[str] = _code()
    origin_unit_code: Mapped[str | None] = _code(5)
    present_unit_code: Mapped[str | None] = _code(5)
    languages: Mapped[list[str]]
    needs_interpreter: Mapped[bool]
    requested_services: Mapped[list[str]]
    warnings: Mapped[list[str]]
    sender_reference: Mapped[bytes | None]
    version: Mapped[int]
    """What an ETag says; grows with the status and with every consent given or withdrawn."""

    @property
    def area_code(self) -> str:
        """The unit where the person is, or comes from."""
        return self.present_unit_code or self.origin_unit_code or ""


class Paper(Base):
    """A paper of a case; number and issuer are sealed."""

    __tablename__ = "papers"
    __table_args__ = (_one_of("type", PaperType),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"), index=True)
    type: Mapped[str] = _code()
    details: Mapped[bytes]
    issued_on: Mapped[date]


class Consent(Base):
    """A consent, from when it was given until it was withdrawn: a ledger, nothing is deleted."""

    __tablename__ = "consents"
    __table_args__ = (
        _one_of("organisation_kind", OrganisationKind),
        _one_of("purpose", Purpose),
        CheckConstraint("withdrawn_at >= given_at", name="order"),
        # Two live consents to the same would leave one behind when the person withdraws.
        Index(
            "uq_consents_live",
            "case_id",
            "organisation_kind",
            "purpose",
            unique=True,
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
        Index("ix_consents_case", "case_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    organisation_kind: Mapped[str] = _code()
    purpose: Mapped[str] = _code()
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    witness: Mapped[bytes | None]
    """Who was there when it was given, sealed."""


class JourneyStep(Base):
    """Something that happened to a case, as a service told it: appended, never changed."""

    __tablename__ = "journey_steps"
    __table_args__ = (
        _one_of("kind", StepKind),
        Index("ix_journey_steps_case", "case_id", "at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    at: Mapped[datetime]
    kind: Mapped[str] = _code()
    source_id: Mapped[UUID]
    """The move, offer, verification or plan at its owner; for the first step the case itself."""
    status: Mapped[str | None] = _code()
    reason: Mapped[str | None] = _code()
    outcome: Mapped[str | None] = _code()
    code: Mapped[str | None] = _code()
    referral_id: Mapped[UUID | None]
    organisation_id: Mapped[UUID | None]


class PartnerGrant(Base):
    """Whom a referral asks now and how far it has come: what a disclosure is decided by."""

    __tablename__ = "partner_grants"
    __table_args__ = (
        _one_of("organisation_kind", OrganisationKind),
        _one_of("status", ReferralStatus),
        Index("ix_partner_grants_case", "case_id"),
    )

    referral_id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    organisation_id: Mapped[UUID | None]
    organisation_kind: Mapped[str | None] = _code()
    status: Mapped[str] = _code()
    accepted_at: Mapped[datetime | None]


class Disclosure(Base):
    """A partner asked for an identity: what was granted, or why nothing was."""

    __tablename__ = "disclosures"
    __table_args__ = (
        _one_of("purpose", Purpose),
        _one_of("outcome", DisclosureOutcome),
        CheckConstraint("(outcome = 'granted') = (cardinality(fields) > 0)", name="fields"),
        Index("ix_disclosures_case", "case_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    referral_id: Mapped[UUID]
    organisation_id: Mapped[UUID]
    purpose: Mapped[str] = _code()
    fields: Mapped[list[str]]
    outcome: Mapped[str] = _code()
    at: Mapped[datetime]
