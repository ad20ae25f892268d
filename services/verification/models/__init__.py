"""Tables: who may do what where, as the directory tells it; verifications, protection, moves.

One rule keeps concurrent changes apart: whoever changes a verification, or a request for
protection, locks its row first.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from services.verification.models.base import METADATA, Base
from services.verification.models.protections import Protection, ProtectionMoveRow, ProtectorRole
from services.verification.policy import (
    WITH_VERIFIER,
    ComplaintStatus,
    EvidenceSource,
    Move,
    MoveReason,
    PaperKind,
    VerificationStatus,
)
from shared.contracts.vocabulary import (
    AgeBand,
    OrganisationKind,
    PaperType,
    Regime,
    Route,
    VerificationOutcome,
)
from shared.kit.columns import all_of, append_only, listed, one_of, short
from shared.places.holders import Place

__all__ = [
    "METADATA",
    "Base",
    "Evidence",
    "IssuedPaper",
    "ManagerRole",
    "Organisation",
    "OwnerRole",
    "Protection",
    "ProtectionMoveRow",
    "ProtectorRole",
    "ReadNotice",
    "Verification",
    "VerificationMove",
    "VerifierRole",
]


class Organisation(Base):
    """What the directory last told of an organisation."""

    __tablename__ = "organisations"
    __table_args__ = (one_of("kind", OrganisationKind),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str] = short(80)
    kind: Mapped[str] = short()
    is_active: Mapped[bool]
    changed_at: Mapped[datetime]
    managers_told: Mapped[bool]
    """Whether it is known since when it has a manager: a former release kept nothing of that."""


class VerifierRole(Base):
    """An area an organisation verifies in, from a day until before another."""

    __tablename__ = "verifier_roles"

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), primary_key=True)
    area_code: Mapped[str] = mapped_column(String(10), primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    valid_to: Mapped[date | None]


class OwnerRole(Base):
    """An area in which an organisation owns cases, from a day until before another."""

    __tablename__ = "owner_roles"

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), primary_key=True)
    area_code: Mapped[str] = mapped_column(String(10), primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    valid_to: Mapped[date | None]


class ManagerRole(Base):
    """An area in which somebody leads an organisation's people, from a day until before another."""

    __tablename__ = "manager_roles"

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), primary_key=True)
    area_code: Mapped[str] = mapped_column(String(10), primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    valid_to: Mapped[date | None]


class Verification(Base):
    """Whether one person is a victim before the law, and who finds out; one for each case."""

    __tablename__ = "verifications"
    __table_args__ = (
        one_of("route", Route),
        one_of("age_band", AgeBand),
        one_of("regime", Regime),
        one_of("status", VerificationStatus),
        one_of("outcome", VerificationOutcome),
        one_of("proof", PaperType),
        one_of("reason", MoveReason),
        one_of("complaint_status", ComplaintStatus),
        all_of("grounds", EvidenceSource),
        # Complained of is a negative decision, while it stands.
        CheckConstraint(
            "(complaint_status IS NULL OR outcome IS NOT DISTINCT FROM 'not_identified')"
            " AND (complaint_status IS NULL) = (complained_on IS NULL)",
            name="complained",
        ),
        CheckConstraint(
            "(status = 'concluded') = (outcome IS NOT NULL)"
            " AND (status = 'concluded') = (concluded_at IS NOT NULL)",
            name="concluded",
        ),
        CheckConstraint(
            f"status NOT IN ({listed(WITH_VERIFIER)}) OR verifier_id IS NOT NULL",
            name="has_verifier",
        ),
        # Whatever has no authority yet is due to be looked at again: none of it is forgotten.
        CheckConstraint(
            "(status = 'opened') = (look_again_at IS NOT NULL)"
            " AND (status <> 'opened' OR verifier_id IS NULL)",
            name="waiting",
        ),
        CheckConstraint("proof IS NULL OR outcome = 'identified'", name="proof_identifies"),
        # The law of a case hangs on this day (Law 53/2024 Art. 63).
        CheckConstraint(
            "(outcome IS NOT DISTINCT FROM 'identified') = (identified_on IS NOT NULL)",
            name="identified",
        ),
        # A negative decision without its written reason is none.
        CheckConstraint(
            "outcome IS DISTINCT FROM 'not_identified'"
            " OR (reason IS NOT NULL AND cardinality(grounds) > 0)",
            name="negative_says_why",
        ),
        Index(
            "ix_verifications_waiting",
            "look_again_at",
            "id",
            postgresql_where=text("status = 'opened'"),
        ),
        Index("ix_verifications_inbox", "verifier_id", "id"),
        Index(
            "ix_verifications_responsible",
            "responsible_id",
            "id",
            postgresql_where=text("responsible_id IS NOT NULL"),
        ),
        Index(
            "ix_verifications_complained",
            "id",
            postgresql_where=text("complaint_status = 'received'"),
        ),
        # What may stand still: everything that is not over.
        Index("ix_verifications_open", "id", postgresql_where=text("status <> 'concluded'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(unique=True)
    """One verification per case: new evidence reopens it, so that its history stays together."""
    case_code: Mapped[str | None] = short(12)
    """What people call the case; unset where a former release opened it."""
    route: Mapped[str] = short()
    receiver_id: Mapped[UUID]
    area_code: Mapped[str] = short(10)
    area_told_on: Mapped[date]
    """The day by which the code of the area is read: the one told with it, or when it was told."""
    age_band: Mapped[str] = short()
    was_minor_at_act: Mapped[bool | None]
    """Whether what was done began before the person was 18; unset where that is not known."""
    regime: Mapped[str] = short()
    status: Mapped[str] = short()
    outcome: Mapped[str | None] = short()
    proof: Mapped[str | None] = short()
    grounds: Mapped[list[str]]
    reason: Mapped[str | None] = short()
    evidence: Mapped[list[UUID]] = mapped_column(server_default=text("'{}'"))
    """The papers that the decision cites; each is one of its own evidence."""
    evidence_ref: Mapped[str | None] = short(60)
    """The number of the paper that states the reasons; what it says is not kept here."""
    responsible_id: Mapped[UUID | None]
    """The organisation that the case was handed to; unset where whoever holds its area owns it."""
    # No foreign key: every new case would lock the row of the same few organisations.
    verifier_id: Mapped[UUID | None]
    received_at: Mapped[datetime]
    opened_at: Mapped[datetime]
    look_again_at: Mapped[datetime | None]
    concluded_at: Mapped[datetime | None]
    identified_on: Mapped[date | None]
    """The day the paper that proves was issued, or the day of the decision; fixes the regime."""
    complaint_status: Mapped[str | None] = short()
    """Of the last complaint about the decision that stands; unset where nobody complained of it."""
    complained_on: Mapped[date | None]
    """The day on which it was received."""
    is_complaint_late: Mapped[bool | None]
    """Whether it came after the earliest day on which the window can end."""
    version: Mapped[int]
    """What an ETag says; grows with every move and whenever the age is another."""
    corrected_version: Mapped[int | None]
    """The version in which somebody said last how old the person is, or was; unset where nobody
    did since it was opened.
    """

    @property
    def place(self) -> Place:
        """Where the case is, by which an authority is chosen."""
        return Place(self.area_code, self.area_told_on)


class VerificationMove(Base):
    """One step of a verification: appended, never changed."""

    __tablename__ = "verification_moves"
    __table_args__ = (
        one_of("move", Move),
        one_of("from_status", VerificationStatus),
        one_of("to_status", VerificationStatus),
        one_of("outcome", VerificationOutcome),
        one_of("reason", MoveReason),
        all_of("grounds", EvidenceSource),
        # Two steps cannot make the same version.
        Index("uq_verification_moves_version", "verification_id", "version", unique=True),
        {"info": append_only()},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    verification_id: Mapped[UUID] = mapped_column(ForeignKey("verifications.id"))
    actor: Mapped[str] = short(200)
    move: Mapped[str] = short()
    from_status: Mapped[str | None] = short()
    to_status: Mapped[str] = short()
    verifier_id: Mapped[UUID | None]
    outcome: Mapped[str | None] = short()
    reason: Mapped[str | None] = short()
    grounds: Mapped[list[str]]
    evidence: Mapped[list[UUID]] = mapped_column(server_default=text("'{}'"))
    evidence_ref: Mapped[str | None] = short(60)
    received_on: Mapped[date | None]
    """Of a complaint: the day on which it was received."""
    is_late: Mapped[bool | None]
    """Of a complaint: whether it came after the earliest day on which the window can end."""
    at: Mapped[datetime]
    version: Mapped[int]


class ReadNotice(Base):
    """Somebody of an authority has read that it has a verification to decide: the first of them."""

    __tablename__ = "read_notices"
    __table_args__ = ({"info": append_only()},)

    move_id: Mapped[UUID] = mapped_column(primary_key=True)
    """The move by which it was given to them: given again, there is another notice to read."""
    read_at: Mapped[datetime]


class Evidence(Base):
    """A paper that speaks for or against an identification, by its number: appended.

    One that was entered wrong is cited by no decision.
    """

    __tablename__ = "evidence"
    __table_args__ = (
        one_of("source", EvidenceSource),
        Index("ix_evidence_verification", "verification_id", "id"),
        {"info": append_only()},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    verification_id: Mapped[UUID] = mapped_column(ForeignKey("verifications.id"))
    source: Mapped[str] = short()
    number: Mapped[str] = short(60)
    issued_on: Mapped[date]
    issuer_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisations.id"))
    """Unset where whoever issued it is not of the exchange."""
    recorded_by: Mapped[str] = short(200)
    recorded_at: Mapped[datetime]


class IssuedPaper(Base):
    """A paper that was issued about a step of a verification, by its number alone: appended.

    Entered again it replaces what was entered before; a letter may name several people, so a number
    is not one verification's own.
    """

    __tablename__ = "issued_papers"
    __table_args__ = (
        one_of("kind", PaperKind),
        Index("ix_issued_papers_verification", "verification_id", "id"),
        {"info": append_only()},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    verification_id: Mapped[UUID] = mapped_column(ForeignKey("verifications.id"))
    move_id: Mapped[UUID] = mapped_column(ForeignKey("verification_moves.id"))
    """The step it is about: the request to the authority, or the decision."""
    kind: Mapped[str] = short()
    number: Mapped[str] = short(60)
    issued_on: Mapped[date]
    issuer_id: Mapped[UUID]
    recorded_by: Mapped[str] = short(200)
    recorded_at: Mapped[datetime]
