"""What every step of a stay leaves behind: a move, an audit entry, a message."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from services.livelihood_support.models import Stay, StayMoveRow
from services.livelihood_support.policy import StayMove
from shared.contracts import StayMoved
from shared.contracts.vocabulary import StayStatus
from shared.kit import audit
from shared.kit.documents import insert_rows
from shared.kit.identifiers import id_of
from shared.messaging import outbox

_KEPT = (
    *("arrived_on", "needs", "kit", "extended_until", "paper_number", "paper_on"),
    *("left_on", "left_to", "reason", "version"),
)


def note_step(
    session: Session,
    stay: Stay,
    move: StayMove,
    *,
    came_from: StayStatus | None,
    actor: str,
    now: datetime,
) -> StayMoveRow:
    """Keep the step that has just made a stay what it is."""
    session.flush()
    row = {
        # Made again after a restore, it is the same one.
        "id": id_of(stay.id, f"{move} {stay.status}", stay.version),
        "stay_id": stay.id,
        "actor": actor,
        "move": move,
        "from_status": came_from,
        "to_status": stay.status,
        "at": now,
        **{name: getattr(stay, name) for name in _KEPT},
    }
    insert_rows(session, StayMoveRow, [row])
    audit.record(
        session,
        actor=actor,
        action=f"stay.{move}",
        object_id=stay.id,
        now=now,
        case_id=str(stay.case_id),
        status=stay.status,
        reason=stay.reason,
        version=stay.version,
    )
    if stay.status != came_from:
        outbox.add(session, _told(stay, row))
    return StayMoveRow(**row)


def _told(stay: Stay, row: Mapping[str, Any]) -> StayMoved:
    """What the story of the case is told; what was given meanwhile changes nothing of it."""
    return StayMoved(
        occurred_at=row["at"],
        case_id=stay.case_id,
        stay_id=stay.id,
        move_id=row["id"],
        status=StayStatus(stay.status),
        facility_id=stay.facility_id,
    )
