"""Audit entries, written in the business transaction: who did what to which thing, and why.

An act is recorded where it is done. What a service keeps of what another told it is no act of its
own (ADR 0032). An entry holds ids and codes only. Refusals are entries too, and so is who reads a
case, or what is done in one (ADR 0042).
Sealing the entries into a Merkle log (RFC 6962) reads this table and adds nothing to it.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, DateTime, Index, String, Table, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from shared.kit.columns import append_only
from shared.kit.database import before_commit, gathered, new_metadata
from shared.kit.documents import document
from shared.kit.identifiers import new_id
from shared.kit.round_trips import later

KEY = "audit_entries"


AUDIT = Table(
    KEY,
    new_metadata(),
    Column("id", Uuid, primary_key=True),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Column("actor", String(200), nullable=False),
    Column("action", String(200), nullable=False),
    Column("object_id", Uuid, nullable=False),
    Column("outcome", String(60), nullable=False),
    Column("facts", JSONB, nullable=False),
    # What was done to a thing, newest first.
    Index("ix_audit_entries_object", "object_id", "id"),
    info=append_only(),
)
"""Every service adopts this table; ``facts`` holds codes and ids, never a submitted text."""


def record(
    session: Session,
    *,
    actor: str,
    action: str,
    object_id: UUID,
    now: datetime,
    outcome: str = "done",
    **facts: Any,
) -> None:
    """Add an entry to this transaction."""
    gathered(session, KEY).append(
        {
            "id": new_id(),
            "recorded_at": now,
            "actor": actor,
            "action": action,
            "object_id": object_id,
            "outcome": outcome,
            "facts": facts,
        },
    )
    before_commit(session, KEY, _write)


# All entries of a transaction travel as one document in one statement, whatever their number.
_STORE = text(
    """
    INSERT INTO audit_entries (id, recorded_at, actor, action, object_id, outcome, facts)
    SELECT id, recorded_at, actor, action, object_id, outcome, facts
      FROM json_to_recordset(CAST(:rows AS json))
           AS row(id uuid, recorded_at timestamptz, actor text, action text, object_id uuid,
                  outcome text, facts jsonb)
    """,
)


def _write(session: Session) -> None:
    rows = gathered(session, KEY)
    if rows:
        later(session, _STORE, {"rows": document(rows)})
        rows.clear()
