"""Tables: who may verify, as the directory tells it, and the verifications with their moves.

One rule keeps concurrent changes apart: whoever changes a verification locks its row first.
"""

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, DateTime, ForeignKey, Index, String, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from services.verification.policy import (
    WITH_VERIFIER,
    EvidenceSource,
    Move,
    MoveReason,
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
from shared.kit import audit, idempotency
from shared.kit.database import adopt, new_metadata
from shared.messaging.tables import TABLES

METADATA = new_metadata()
adopt(METADATA, *TABLES, audit.AUDIT, idempotency.KEYS)


class Base(DeclarativeBase):
    """Everything this service stores."""

    metadata = METADATA
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads this mapping from the class
        datetime: DateTime(timezone=True),
        list[str]: ARRAY(String(40)),
    }


def _listed(values: Iterable[str]) -> str:
    return ", ".join(f"'{value}'" for value in sorted(values))


def _one_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    """A closed vocabulary, held by the database too."""
    return CheckConstraint(f"{column} IN ({_listed(values)})", name=column)


def _all_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    """The same for a column that holds several codes."""
    listed = f"ARRAY[{_listed(values)}]::varchar[]"
    return CheckConstraint(f"{column} <@ {listed}", name=column)


def _code(length: int = 40) -> Any:
    return mapped_column(String(length))


class Organisation(Base):
    """What the directory last told of an organisation."""

    __tablename__ = "organisations"
    __table_args__ = (_one_of("kind", OrganisationKind),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str] = _code(80)
    kind: Mapped[str] = _code()
    is_active: Mapped[bool]
    changed_at: Mapped[datetime]


class VerifierRole(Base):
    """An area an organisation verifies in, from a day until before another."""

    __tablename__ = "verifier_roles"

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), primary_key=True)
    area_code: Mapped[str] = mapped_column(String(10), primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    valid_to: Mapped[date | None]


class Verification(Base):
    """Whether one person is a victim before the law, and who finds out; one for each case."""

    __tablename__ = "verifications"
    __table_args__ = (
        _one_of("route", Route),
        _one_of("age_band", AgeBand),
        _one_of("regime", Regime),
        _one_of("status", VerificationStatus),
        _one_of("outcome", VerificationOutcome),
        _one_of("proof", PaperType),
        _one_of("reason", MoveReason),
        _all_of("grounds", EvidenceSource),
        CheckConstraint(
            "(status = 'concluded') = (outcome IS NOT NULL)"
            " AND (status = 'concluded') = (concluded_at IS NOT NULL)",
            name="concluded",
        ),
        CheckConstraint(
            f"status NOT IN ({_listed(WITH_VERIFIER)}) OR verifier_id IS NOT NULL",
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
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(unique=True)
    """One verification a case: new evidence reopens it, so that its history stays together."""
    route: Mapped[str] = _code()
    receiver_id: Mapped[UUID]
    area_code: Mapped[str] = _code(10)
    age_band: Mapped[str] = _code()
    regime: Mapped[str] = _code()
    status: Mapped[str] = _code()
    outcome: Mapped[str | None] = _code()
    proof: Mapped[str | None] = _code()
    grounds: Mapped[list[str]]
    reason: Mapped[str | None] = _code()
    evidence_ref: Mapped[str | None] = _code(60)
    """The number of the paper that states the reasons; what it says is not kept here."""
    # No foreign key: every new case would lock the row of the same few organisations.
    verifier_id: Mapped[UUID | None]
    received_at: Mapped[datetime]
    opened_at: Mapped[datetime]
    requested_on: Mapped[date | None]
    """The day the authority was first asked in this run; its period starts then."""
    is_extended: Mapped[bool]
    due_on: Mapped[date | None]
    """Unset while no authority was asked, and while the law's period is unset."""
    look_again_at: Mapped[datetime | None]
    concluded_at: Mapped[datetime | None]
    identified_on: Mapped[date | None]
    """The day the paper that proves was issued, or the day of the decision; fixes the regime."""
    version: Mapped[int]


class VerificationMove(Base):
    """One step of a verification: appended, never changed."""

    __tablename__ = "verification_moves"
    __table_args__ = (
        _one_of("move", Move),
        _one_of("from_status", VerificationStatus),
        _one_of("to_status", VerificationStatus),
        _one_of("outcome", VerificationOutcome),
        _one_of("reason", MoveReason),
        _all_of("grounds", EvidenceSource),
        # Two steps cannot make the same version.
        Index("uq_verification_moves_version", "verification_id", "version", unique=True),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    verification_id: Mapped[UUID] = mapped_column(ForeignKey("verifications.id"))
    actor: Mapped[str] = _code(200)
    move: Mapped[str] = _code()
    from_status: Mapped[str | None] = _code()
    to_status: Mapped[str] = _code()
    verifier_id: Mapped[UUID | None]
    outcome: Mapped[str | None] = _code()
    reason: Mapped[str | None] = _code()
    grounds: Mapped[list[str]]
    evidence_ref: Mapped[str | None] = _code(60)
    at: Mapped[datetime]
    version: Mapped[int]
