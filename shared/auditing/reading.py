"""The entries of one case: those of the case itself, and of whatever a service keeps of it.

Which things are a case's, the tables of the service say, and nothing beside them: an entry names
the thing that it is about. So the ids are asked first, and then the newest entries of each.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, select, text, union_all
from sqlalchemy.orm import Session

from shared.access import Permission
from shared.kit.subjects import Subject

Reached = Callable[[Subject, Permission, datetime], ColumnElement[bool]]
"""Whether a case is reached with a permission at a time: a WHERE."""
Things = Callable[[UUID], Select[Any]]
"""The ids of the things of one kind that are a case's."""

LAST = UUID(int=(1 << 128) - 1)


class EntryKind(StrEnum):
    """What an entry says that somebody did."""

    SEEN = "seen"
    """Somebody was shown something, and changed nothing."""
    DONE = "done"
    """Somebody, or the exchange by itself, changed something."""
    REFUSED = "refused"
    """Somebody asked for something and did not get it."""


@dataclass(frozen=True)
class Trail:
    """What a service gives: which cases there are for a subject, and what it keeps of one."""

    case_id: SQLColumnExpression[UUID]
    """The column that names the case, in the table that says where the case is."""
    reached: Reached
    things: Sequence[Things]
    looks: Sequence[str] = ()
    """Actions by which somebody is shown something, besides reads of an address."""


@dataclass(frozen=True)
class Entry:
    """Something that somebody did, read or was refused."""

    id: UUID
    kind: EntryKind
    recorded_at: datetime
    actor: str
    action: str
    object_id: UUID
    outcome: str
    facts: Mapping[str, Any]


def find_entries(
    session: Session,
    trail: Trail,
    *,
    subject: Subject,
    case_id: UUID,
    before: UUID | None,
    size: int,
    now: datetime,
    kind: EntryKind | None = None,
) -> Sequence[Entry]:
    """The newest entries of a case older than ``before``, of one kind or of all.

    There are none of a case that is not reached.
    """
    is_reached = trail.reached(subject, Permission.AUDIT_READ, now)
    case = select(trail.case_id).where(trail.case_id == case_id, is_reached)
    if session.scalar(case) is None:
        return []
    kept = session.scalars(union_all(*(things(case_id) for things in trail.things)))
    asked = {
        "ids": [case_id, *kept],
        "before": before or LAST,
        "size": size,
        "looks": list(trail.looks),
        "wanted": kind,
    }
    rows = session.execute(_NEWEST, asked).mappings()
    return [Entry(**{**row, "kind": EntryKind(row["kind"])}) for row in rows]


# An address is noted with its method; what was not granted was not seen.
_KIND = f"""
    CASE WHEN outcome NOT IN ('done', 'granted') THEN '{EntryKind.REFUSED}'
         WHEN action LIKE 'GET %' OR action = ANY(CAST(:looks AS text[])) THEN '{EntryKind.SEEN}'
         ELSE '{EntryKind.DONE}' END
    """

# Of each thing no more than a page, however often it was read: some things are read every minute.
_NEWEST = text(
    f"""
    SELECT entry.*
      FROM (SELECT DISTINCT unnest(CAST(:ids AS uuid[])) AS id) AS thing
     CROSS JOIN LATERAL (
           SELECT id, {_KIND} AS kind, recorded_at, actor, action, object_id, outcome, facts
             FROM audit_entries
            WHERE object_id = thing.id AND id < :before
              AND (CAST(:wanted AS text) IS NULL OR {_KIND} = :wanted)
            ORDER BY id DESC
            LIMIT :size) AS entry
     ORDER BY entry.id DESC
     LIMIT :size
    """,  # noqa: S608 - made of our own words only
)
