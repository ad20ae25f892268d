"""What every step of protection leaves behind: a move, an audit entry, a message."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from services.verification.models import Protection, ProtectionMoveRow
from services.verification.policy import ProtectionMove, ProtectionStatus
from shared.contracts import ProtectionMoved
from shared.kit import audit
from shared.kit.documents import insert_rows
from shared.kit.identifiers import id_of
from shared.messaging import outbox


def note_step(
    session: Session,
    protection: Protection,
    move: ProtectionMove,
    *,
    came_from: ProtectionStatus | None,
    actor: str,
    now: datetime,
) -> ProtectionMoveRow:
    """Keep the step that has just made a protection what it is."""
    row = _row(protection, move, came_from=came_from, actor=actor, now=now)
    session.flush()
    insert_rows(session, ProtectionMoveRow, [row])
    audit.record(
        session,
        actor=actor,
        action=f"protection.{move}",
        object_id=protection.id,
        now=now,
        case_id=str(protection.case_id),
        status=protection.status,
        reason=protection.reason,
        version=protection.version,
    )
    if move is not ProtectionMove.REVIEW:
        outbox.add(session, _told(protection, row))
    return ProtectionMoveRow(**row)


def _told(protection: Protection, row: Mapping[str, Any]) -> ProtectionMoved:
    """What the story of the case is told; a review changes nothing of where it stands."""
    return ProtectionMoved(
        occurred_at=row["at"],
        case_id=protection.case_id,
        protection_id=protection.id,
        move_id=row["id"],
        status=ProtectionStatus(protection.status),
        protector_id=protection.protector_id,
    )


def _row(
    protection: Protection,
    move: ProtectionMove,
    *,
    came_from: ProtectionStatus | None,
    actor: str,
    now: datetime,
) -> dict[str, Any]:
    return {
        # Made again after a restore, it is the same one.
        "id": id_of(protection.id, f"{move} {protection.status}", protection.version),
        "protection_id": protection.id,
        "actor": actor,
        "move": move,
        "from_status": came_from,
        "to_status": protection.status,
        "protector_id": protection.protector_id,
        "measures": protection.measures,
        "reason": protection.reason,
        "paper_number": protection.paper_number,
        "paper_on": protection.paper_on,
        "review_on": protection.review_on,
        "at": now,
        "version": protection.version,
    }
