"""What arrived and may not be handled: counted by digest, so that a flood stays one row."""

import hashlib
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

_REFUSE = text(
    """
    INSERT INTO refused_envelopes AS kept (digest, reason, times) VALUES (:digest, :reason, 1)
        ON CONFLICT (digest) DO UPDATE SET times = kept.times + 1
    """,
)


def refuse(session: Session, wire: Any, reason: str) -> None:
    """Record that something without a valid signature came, never what it said."""
    digest = hashlib.sha256(orjson.dumps(wire, option=orjson.OPT_SORT_KEYS)).digest()
    session.execute(_REFUSE, {"digest": digest, "reason": reason})
