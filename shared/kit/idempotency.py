"""Idempotency-Key (IETF draft-ietf-httpapi-idempotency-key-header-07) on creating requests.

The key, the effect and the answer commit in one transaction. A key belongs to one client and one
route. The same key with another body is refused (422), a request still running is reported (409),
a finished one is answered again with the stored status and body, refusals included. Answers are
kept for 30 days. Stored answers hold ids and codes only.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Column,
    DateTime,
    Integer,
    String,
    Table,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from shared.kit.database import new_metadata
from shared.kit.documents import document, insert_rows
from shared.kit.errors import Conflict, DomainError

KEPT = timedelta(days=30)
LONGEST = 200


class IdempotencyKeyMissing(DomainError):
    """Send an Idempotency-Key header with a creating request."""

    kind = "bad_request"


class IdempotencyKeyUnreadable(DomainError):
    """An Idempotency-Key is a quoted string of printable ASCII or a bare UUID."""

    kind = "bad_request"


class IdempotencyKeyReused(DomainError):
    """The Idempotency-Key was used for another request."""

    kind = "key_reused"


class RequestInFlight(Conflict):
    """The first request with this Idempotency-Key is still running."""


@dataclass(frozen=True)
class Attempt:
    """One request as the ledger of keys knows it."""

    client_id: str
    route: str
    key: str
    fingerprint: str
    former: str | None = None
    """What releases to 2026-11 kept in its place: the digest of the body as it was sent. Their
    answers are promised for 30 days, too."""

    @property
    def name(self) -> tuple[str, str, str]:
        """What makes it one request, whatever its body."""
        return self.client_id, self.route, self.key


@dataclass(frozen=True)
class Answer:
    """A stored answer: status, JSON body and the headers that belong to it."""

    status: int
    body: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def is_success(self) -> bool:
        """Whether the request had its effect."""
        return self.status < 400


KEYS = Table(
    "idempotency_keys",
    new_metadata(),
    Column("client_id", String(100), primary_key=True),
    Column("route", String(200), primary_key=True),
    Column("key", String(LONGEST), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("status", Integer, nullable=False),
    Column("body", JSONB, nullable=False),
    Column("headers", JSONB, nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False, index=True),
)
"""The ledger; its primary key is what makes a second effect impossible."""

_QUOTED = re.compile(r'"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])+)"')
_BARE = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

# The snapshot is older than the lock: a row committed in between is not seen. Then the primary key
# refuses the second insert, and whoever opened the transaction looks again.
_RECALL = text(
    """
    SELECT asked.place - 1 AS place,
           pg_try_advisory_xact_lock(
               hashtextextended(asked.client_id || '|' || asked.route || '|' || asked.key, 0)
           ) AS is_ours,
           kept.fingerprint, kept.status, kept.body, kept.headers
      FROM ROWS FROM (json_to_recordset(CAST(:rows AS json))
                      AS (client_id text, route text, key text))
           WITH ORDINALITY AS asked(client_id, route, key, place)
      LEFT JOIN idempotency_keys AS kept USING (client_id, route, key)
     ORDER BY asked.place
    """,
)


def parse_key(raw: str | None) -> str:
    """The key of a header value (RFC 9651 string, or a bare UUID as many clients send it)."""
    if raw is None:
        raise IdempotencyKeyMissing
    value = raw.strip()
    quoted = _QUOTED.fullmatch(value)
    if len(value) > LONGEST or not (quoted or _BARE.fullmatch(value)):
        raise IdempotencyKeyUnreadable
    return quoted[1] if quoted else value


def fingerprint(stated: bytes, *conditions: str) -> str:
    """What tells one request from another under the same key; the body itself is not kept.

    ``stated`` is the canonical form of the body, which holds no line break.
    """
    return hashlib.sha256(b"\n".join([stated, *(it.encode() for it in conditions)])).hexdigest()


def recall(session: Session, attempts: Sequence[Attempt]) -> list[Answer | DomainError | None]:
    """For each attempt: the stored answer, why it is refused, or ``None`` when it is fresh."""
    asked = [{"client_id": it.client_id, "route": it.route, "key": it.key} for it in attempts]
    rows = session.execute(_RECALL, {"rows": document(asked)})
    known: list[Answer | DomainError | None] = [None] * len(attempts)
    claimed: set[tuple[str, str, str]] = set()
    for row in rows:
        attempt = attempts[row.place]
        if row.fingerprint not in {None, attempt.fingerprint, attempt.former}:
            known[row.place] = IdempotencyKeyReused()
        elif row.fingerprint is not None:
            known[row.place] = Answer(row.status, row.body, row.headers)
        elif not row.is_ours or attempt.name in claimed:
            known[row.place] = RequestInFlight()
        claimed.add(attempt.name)
    return known


def remember(
    session: Session,
    answers: Sequence[tuple[Attempt, Answer]],
    *,
    now: datetime,
) -> None:
    """Keep the answers with the effects they describe."""
    insert_rows(
        session,
        KEYS,
        [
            {
                "client_id": attempt.client_id,
                "route": attempt.route,
                "key": attempt.key,
                "fingerprint": attempt.fingerprint,
                "status": answer.status,
                "body": answer.body,
                "headers": answer.headers,
                "expires_at": now + KEPT,
            }
            for attempt, answer in answers
        ],
    )
