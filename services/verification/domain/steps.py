"""What every step of a verification leaves behind: a move, an audit entry, a message."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.verification.models import Verification
from services.verification.policy import Move, VerificationStatus
from shared.contracts import (
    ComplaintAnswered,
    ComplaintReceived,
    Reception,
    VerificationConcluded,
    VerificationOpened,
)
from shared.contracts.vocabulary import PaperType, Regime, VerificationOutcome
from shared.kit import audit
from shared.kit.identifiers import id_of
from shared.messaging import outbox


def move_row(
    verification: Verification,
    move: Move,
    *,
    came_from: VerificationStatus | None,
    actor: str,
    now: datetime,
) -> dict[str, Any]:
    """The step that has just made a verification what it is."""
    return {
        # With what it decides: decided otherwise after a restore, it is told as another step.
        "id": id_of(verification.id, f"{move} {verification.outcome}", verification.version),
        "verification_id": verification.id,
        "actor": actor,
        "move": move,
        "from_status": came_from,
        "to_status": verification.status,
        "verifier_id": verification.verifier_id,
        "outcome": verification.outcome,
        "reason": verification.reason,
        "grounds": verification.grounds,
        "evidence": verification.evidence,
        "evidence_ref": verification.evidence_ref,
        "received_on": None,
        "is_late": None,
        "at": now,
        "version": verification.version,
    }


def audit_move(session: Session, case_id: UUID, row: dict[str, Any]) -> None:
    """One entry for each step, with its codes."""
    audit.record(
        session,
        actor=row["actor"],
        action=f"verification.{row['move']}",
        object_id=row["verification_id"],
        now=row["at"],
        case_id=str(case_id),
        status=row["to_status"],
        result=row["outcome"],
        reason=row["reason"],
        version=row["version"],
    )


def tell_standing(
    session: Session,
    verification: Verification,
    row: dict[str, Any],
    *,
    reception: Reception | None = None,
) -> None:
    """Tell that a verification ended by this step, or whose answer it waits for from now on.

    The first step of a case is told with its reception.
    """
    if verification.outcome is None:
        outbox.add(session, _opened(verification, row, reception))
    else:
        outcome = VerificationOutcome(verification.outcome)
        outbox.add(session, _concluded(verification, outcome, row, reception))


SAID_AGAINST: Mapping[Move, type[ComplaintReceived] | type[ComplaintAnswered]] = {
    Move.COMPLAIN: ComplaintReceived,
    Move.KEEP: ComplaintAnswered,
}
"""Moves by which a decision is complained of, or stands all the same; what each tells."""


def tell_complaint(session: Session, verification: Verification, row: dict[str, Any]) -> None:
    """Tell that an answer is awaited from whoever decided, or that it has come."""
    told = SAID_AGAINST[Move(row["move"])].model_validate(
        {
            "occurred_at": row["at"],
            "case_id": verification.case_id,
            "verification_id": verification.id,
            "verifier_id": verification.verifier_id,
            "move_id": row["id"],
        }
    )
    outbox.add(session, told)


def _opened(
    verification: Verification,
    row: dict[str, Any],
    reception: Reception | None,
) -> VerificationOpened:
    return VerificationOpened(
        occurred_at=row["at"],
        case_id=verification.case_id,
        verification_id=verification.id,
        verifier_id=verification.verifier_id,
        regime=Regime(verification.regime),
        move_id=row["id"],
        reception=reception,
    )


def _concluded(
    verification: Verification,
    outcome: VerificationOutcome,
    row: dict[str, Any],
    reception: Reception | None,
) -> VerificationConcluded:
    return VerificationConcluded(
        occurred_at=row["at"],
        case_id=verification.case_id,
        verification_id=verification.id,
        outcome=outcome,
        regime=Regime(verification.regime),
        proof=PaperType(verification.proof) if verification.proof else None,
        verifier_id=verification.verifier_id,
        opened_at=verification.opened_at,
        move_id=row["id"],
        identified_on=verification.identified_on,
        reception=reception,
    )
