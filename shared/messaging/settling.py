"""What operators see of parked messages: what waits, alike in groups, and what became of a replay.

Bodies are not shown, only the ids in them: they lead to whatever the message is about, through
services that judge who may see it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Row, RowMapping, String, Uuid, bindparam, text
from sqlalchemy.orm import Session

from shared.forms import is_id
from shared.kit.errors import NotFound
from shared.messaging.parking import ParkedMessageNotFound
from shared.messaging.turns import ALREADY_KNOWN


class Fate(StrEnum):
    """What became of a message that was parked."""

    PARKED = "parked"
    """It waits for an operator, also if it has failed again since."""
    HELD = "held"
    """It was replayed, and is tried or waits for its turn."""
    HANDLED = "handled"
    KNOWN = "known"
    """Another message had had its effect before; nothing was done twice."""
    REFUSED = "refused"
    """Its handler refused it, or it was skipped."""


class ReplayNotFound(NotFound):
    """No replay has this id."""


_FATE = f"""
    CASE WHEN parked.replayed_at IS NULL THEN '{Fate.PARKED}'
         WHEN EXISTS (SELECT FROM held_messages AS held
                       WHERE held.message_id = parked.message_id) THEN '{Fate.HELD}'
         WHEN inbox.outcome = '{ALREADY_KNOWN}' THEN '{Fate.KNOWN}'
         WHEN inbox.outcome IS NOT NULL THEN '{Fate.REFUSED}'
         ELSE '{Fate.HANDLED}' END
"""

_ROWS = f"""
    SELECT parked.message_id, parked.source, parked.type, parked.aggregate_id, parked.sequence,
           reason, attempts, parked_at, first_fault, skip_proposed_at, skip_proposed_by,
           skip_reason, replay_id, replayed_at, {_FATE} AS fate,
           CASE WHEN replayed_at IS NOT NULL THEN inbox.outcome END AS outcome,
           (SELECT count(*) FROM held_messages AS held
             WHERE held.aggregate_id = parked.aggregate_id AND held.source = parked.source
               AND held.sequence > parked.sequence) AS waiting_behind
"""  # noqa: S608 - made of our own words only
_FROM = "FROM parked_messages AS parked LEFT JOIN inbox USING (message_id)"

# Without a replay it is what waits; with one, all that it took up, whatever became of it.
_LIST = text(
    f"""
    {_ROWS} {_FROM}
     WHERE (replay_id = :replay_id OR (CAST(:replay_id AS uuid) IS NULL AND replayed_at IS NULL))
       AND (:reason IS NULL OR reason = :reason)
       AND (:type IS NULL OR parked.type = :type)
       AND (:source IS NULL OR parked.source = :source)
       AND (CAST(:after AS uuid) IS NULL OR parked.message_id > :after)
     ORDER BY parked.message_id LIMIT :size
    """,
).bindparams(
    bindparam("replay_id", type_=Uuid),
    bindparam("after", type_=Uuid),
    bindparam("reason", type_=String),
    bindparam("type", type_=String),
    bindparam("source", type_=String),
)


@dataclass(frozen=True)
class Filters:
    """Which of the parked messages; what is not given restricts nothing."""

    reason: str | None = None
    type: str | None = None
    source: str | None = None
    replay_id: UUID | None = None
    """All that this replay took up, and not what waits."""


ALL = Filters()


def list_parked(
    session: Session, *, size: int, after: UUID | None = None, filters: Filters = ALL
) -> Sequence[RowMapping]:
    """Parked messages, oldest first; without their bodies.

    With each, how many messages of its aggregate wait behind it: nothing else shows those.
    """
    asked = {**vars(filters), "size": size, "after": after}
    return session.execute(_LIST, asked).mappings().all()


_ONE = text(f"{_ROWS}, envelope {_FROM} WHERE parked.message_id = :id").bindparams(
    bindparam("id", type_=Uuid)
)


def find_parked(session: Session, message_id: UUID) -> dict[str, Any]:
    """One message that is or was parked, with its trace and the ids that it names."""
    row = session.execute(_ONE, {"id": message_id}).mappings().one_or_none()
    if row is None:
        raise ParkedMessageNotFound(message_id=str(message_id))
    wire = row["envelope"]
    return {**row, "traceparent": wire["trace"], "ids": ids_in(wire["body"])}


def ids_in(body: Any, of: str = "") -> dict[str, str]:
    """The ids that a body names, each under the path of its member; nothing else of it."""
    if isinstance(body, str):
        return {of: body} if is_id(body) else {}
    members = _members(body)
    return {
        path: found
        for name, value in members.items()
        for path, found in ids_in(value, f"{of}.{name}" if of else name).items()
    }


def _members(value: Any) -> Mapping[str, Any]:
    if isinstance(value, list):
        return {str(place): each for place, each in enumerate(value)}
    return value if isinstance(value, dict) else {}


_GROUPS = text(
    """
    SELECT type, reason, source, count(*) AS count, min(parked_at) AS oldest_at,
           (array_agg(first_fault ORDER BY parked_at) FILTER (WHERE first_fault IS NOT NULL))[1]
               AS first_fault
      FROM parked_messages WHERE replayed_at IS NULL
     GROUP BY type, reason, source ORDER BY min(parked_at), type, reason, source
    """,
)


def groups(session: Session) -> Sequence[Row[Any]]:
    """What waits, by type, reason and sender: what is alike has one cause as a rule."""
    return session.execute(_GROUPS).all()


_PROGRESS = text(
    f"""
    SELECT {_FATE} AS fate, count(*) AS count {_FROM} WHERE replay_id = :replay_id GROUP BY 1
    """,
).bindparams(bindparam("replay_id", type_=Uuid))


def progress(session: Session, replay_id: UUID) -> dict[str, int]:
    """How many messages of a replay have met which fate; raises ``ReplayNotFound``.

    What was replayed once more since is counted there.
    """
    asked = {"replay_id": replay_id}
    found = {row[0]: row[1] for row in session.execute(_PROGRESS, asked)}
    if not found:
        raise ReplayNotFound
    return {str(fate): found.get(str(fate), 0) for fate in Fate}
