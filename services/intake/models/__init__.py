"""Tables: the vault of persons, cases, consents, disclosures, and the journey told by others.

What identifies a person is sealed (``LargeBinary``) under the data key of that person; what is in
the clear are ids, codes and dates. Whoever changes a case locks its row first.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.intake.models.acting import (
    Assignment,
    HandOver,
    HeldRole,
    InitialCheck,
    NeedEnd,
    Officer,
    OfficerEnd,
)
from services.intake.models.advance_notices import AdvanceNotice, ExpectedPersonRow, KeptApart
from services.intake.models.base import METADATA, Base
from services.intake.models.contact import ContactPoint, PersonMessage, RiskFlag
from services.intake.models.disclosures import Disclosure, FileDisclosure, PartnerGrant
from services.intake.models.drafts import Draft
from services.intake.models.refuges import Refuge
from services.intake.models.searching import SearchCount
from services.intake.policy import (
    CaseStatus,
    CorrectionReason,
    IndexedField,
    LateReason,
    StepKind,
)
from shared.contracts.vocabulary import (
    AgeBand,
    Citizenship,
    OrganisationKind,
    PaperType,
    Purpose,
    Route,
    Sex,
)
from shared.kit.clock import local_date
from shared.kit.columns import append_only, one_of, short
from shared.places.holders import Place

__all__ = [
    "METADATA",
    "AdvanceNotice",
    "Assignment",
    "Base",
    "Case",
    "Consent",
    "ContactPoint",
    "Correction",
    "Disclosure",
    "Draft",
    "ExpectedPersonRow",
    "FileDisclosure",
    "HandOver",
    "HeldRole",
    "InitialCheck",
    "JourneyStep",
    "KeptApart",
    "NeedEnd",
    "Officer",
    "OfficerEnd",
    "Paper",
    "PartnerGrant",
    "Person",
    "PersonIndex",
    "PersonMessage",
    "Refuge",
    "RiskFlag",
    "SearchCount",
]


class Person(Base):
    """A person: one data key, wrapped by a master key, and the identity sealed under it.

    Its key may be wrapped anew or destroyed; who somebody is can be neither replaced nor deleted.
    """

    __tablename__ = "persons"
    __table_args__ = ({"info": append_only("wrapped_key", "master_version")},)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    # Destroying the wrapped key erases the person wherever a copy of the rest may be.
    wrapped_key: Mapped[bytes]
    master_version: Mapped[int]
    identity: Mapped[bytes]
    corrections: Mapped[list["Correction"]] = relationship(
        order_by="Correction.version", viewonly=True
    )
    """What was corrected since, in order."""


class Correction(Base):
    """What is now known of a birth, or of when an act began: appended; what was told before stays.

    Sealed under the key of the person, so that it is erased with all else of them.
    """

    __tablename__ = "corrections"
    __table_args__ = (
        one_of("reason", CorrectionReason),
        UniqueConstraint("case_id", "version"),
        Index("ix_corrections_person", "person_id", "id"),
        {"info": append_only()},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    reason: Mapped[str] = short()
    details: Mapped[bytes]
    at: Mapped[datetime]
    version: Mapped[int]
    """The version of the case that it made."""


class PersonIndex(Base):
    """A keyed digest of a phone, an identity number or a reference; it cannot be read back."""

    __tablename__ = "person_indexes"
    __table_args__ = (
        one_of("field", IndexedField),
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
        one_of("route", Route),
        one_of("receiver_kind", OrganisationKind),
        one_of("status", CaseStatus),
        one_of("age_band", AgeBand),
        one_of("sex", Sex),
        one_of("asked_staff_sex", Sex),
        one_of("citizenship", Citizenship),
        one_of("late_reason", LateReason),
        CheckConstraint("received_at <= registered_at", name="received_before"),
        UniqueConstraint("code"),
        # The messages of a case carry an area, so one of the two units is always known.
        CheckConstraint(
            "coalesce(present_unit_code, origin_unit_code) IS NOT NULL",
            name="has_unit",
        ),
        # A code was given to another unit later: it is never kept without its day.
        *(
            CheckConstraint(f"({it}_code IS NULL) = ({it}_on IS NULL)", name=f"{it}_dated")
            for it in ("origin_unit", "present_unit")
        ),
        CheckConstraint("version > 0", name="version"),
        CheckConstraint("(age_band <> 'adult') OR band_ends_on IS NULL", name="band_ends"),
        CheckConstraint("officer_id IS NULL OR responsible_id IS NOT NULL", name="officer"),
        Index("ix_cases_receiver", "receiver_id", "id"),
        Index(
            "ix_cases_responsible",
            "responsible_id",
            "id",
            postgresql_where=text("responsible_id IS NOT NULL"),
        ),
        # Whoever leaves is named in some.
        Index(
            "ix_cases_officer",
            "officer_id",
            "id",
            postgresql_where=text("officer_id IS NOT NULL"),
        ),
        # What waits for another service to go on; nearly empty while they do.
        Index(
            "ix_cases_on_their_way",
            "registered_at",
            postgresql_where=text("status IN ('received', 'identified')"),
        ),
        # What verification has not answered: meanwhile somebody is checked first.
        Index(
            "ix_cases_unanswered",
            "id",
            postgresql_where=text("status IN ('received', 'in_verification')"),
        ),
        # What cannot wait; empty while case owners act.
        Index(
            "ix_cases_urgent",
            "id",
            postgresql_where=text("urgent_since IS NOT NULL AND urgency_settled_at IS NULL"),
        ),
        Index(
            "ix_cases_accompanying",
            "accompanies_id",
            postgresql_where=text("accompanies_id IS NOT NULL"),
        ),
        Index("ix_cases_band", "band_ends_on", postgresql_where=text("band_ends_on IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str] = short(12)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"), index=True)
    route: Mapped[str] = short()
    receiver_id: Mapped[UUID]
    receiver_kind: Mapped[str] = short()
    received_at: Mapped[datetime]
    """When the person was received; what begins with a reception begins here."""
    registered_at: Mapped[datetime]
    """When the case was told to the exchange and stored."""
    late_reason: Mapped[str | None] = short()
    status: Mapped[str] = short()
    age_band: Mapped[str] = short()
    was_minor_at_act: Mapped[bool | None]
    """Whether what was done began before the person was 18; unset where that is not known."""
    band_ends_on: Mapped[date | None]
    """From when the next age band counts: the first day of a month, so that no birthday is kept."""
    sex: Mapped[str] = short()
    citizenship: Mapped[str] = short()
    origin_unit_code: Mapped[str | None] = short(5)
    origin_unit_on: Mapped[date | None]
    """The day by which the code is read."""
    present_unit_code: Mapped[str | None] = short(5)
    present_unit_on: Mapped[date | None]
    languages: Mapped[list[str]]
    needs_interpreter: Mapped[bool]
    urgent_since: Mapped[datetime | None]
    """Since when something cannot wait; unset where nothing was said to be so."""
    urgency_settled_at: Mapped[datetime | None]
    """When the owner of the case said how it was seen to."""
    urgency_read_at: Mapped[datetime | None]
    """When an owner of the case first read what it is; it waits on until somebody sees to it."""
    asked_staff_sex: Mapped[str | None] = short()
    requested_services: Mapped[list[str]]
    warnings: Mapped[list[str]]
    responsible_id: Mapped[UUID | None]
    """The organisation that it was handed to; unset where whoever holds the area owns it."""
    officer_id: Mapped[UUID | None]
    """Who acts there: a staff account, by an id that says nothing to anybody else."""
    sender_reference: Mapped[bytes | None]
    accompanies_id: Mapped[UUID | None] = mapped_column(ForeignKey("cases.id"))
    """The case with which a child came."""
    version: Mapped[int]
    """What an ETag says; grows with the status, and with every consent given or withdrawn, every
    correction and every hand-over."""

    @property
    def area_code(self) -> str:
        """The unit where the person is, or comes from."""
        return self.present_unit_code or self.origin_unit_code or ""

    @property
    def area_on(self) -> date:
        """The day by which that code is read."""
        return self.present_unit_on or self.origin_unit_on or local_date(self.registered_at)

    @property
    def place(self) -> Place:
        """Where the case is, by which it has an owner."""
        return Place(self.area_code, self.area_on)


class Paper(Base):
    """A paper of a case; number and issuer are sealed."""

    __tablename__ = "papers"
    __table_args__ = (one_of("type", PaperType), {"info": append_only()})

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"), index=True)
    type: Mapped[str] = short()
    details: Mapped[bytes]
    issued_on: Mapped[date]


class Consent(Base):
    """A consent, from when it was given until it was withdrawn: a ledger, nothing is deleted."""

    __tablename__ = "consents"
    __table_args__ = (
        one_of("organisation_kind", OrganisationKind),
        one_of("purpose", Purpose),
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
        {"info": append_only("withdrawn_at", "ended_version")},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    organisation_kind: Mapped[str] = short()
    purpose: Mapped[str] = short()
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    witness: Mapped[bytes | None]
    """Who was there when it was given, sealed."""
    version: Mapped[int | None]
    """The version of the case in which it was given; unset where a former release recorded it."""
    ended_version: Mapped[int | None]
    """The one in which it was withdrawn."""


class JourneyStep(Base):
    """Something that happened to a case, as a service told it: appended, never changed."""

    __tablename__ = "journey_steps"
    __table_args__ = (
        one_of("kind", StepKind),
        Index("ix_journey_steps_case", "case_id", "at", "id"),
        Index(
            "ix_journey_steps_offer",
            "source_id",
            postgresql_where=text("kind = 'referral_requested'"),
        ),
        {"info": append_only()},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    at: Mapped[datetime]
    kind: Mapped[str] = short()
    source_id: Mapped[UUID]
    """The move, offer, verification or plan at its owner; for the first step the case itself."""
    status: Mapped[str | None] = short()
    reason: Mapped[str | None] = short()
    outcome: Mapped[str | None] = short()
    code: Mapped[str | None] = short()
    referral_id: Mapped[UUID | None]
    organisation_id: Mapped[UUID | None]
