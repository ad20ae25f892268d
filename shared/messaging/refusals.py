"""What arrived and may not be handled: counted by digest, so that a flood stays one row."""

import hashlib
import zlib
from collections import Counter
from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from shared.messaging.door import Junk

MOST_KEPT = 1000
"""Different things kept apart; what comes beyond is counted together, by its reason."""

_COUNTING = zlib.crc32(b"refused_envelopes")
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(:key)")

_REFUSE = text(
    """
    WITH place AS (
        SELECT CASE WHEN EXISTS (SELECT FROM refused_envelopes WHERE digest = :digest)
                      OR (SELECT count(*) FROM refused_envelopes) < :most
                    THEN :digest ELSE :beyond END AS digest
    )
    INSERT INTO refused_envelopes AS kept (digest, reason, times)
    SELECT digest, :reason, :times FROM place
        ON CONFLICT (digest) DO UPDATE
        SET times = least(kept.times, 2147483647 - excluded.times) + excluded.times
    """,
)


def refuse(session: Session, refused: Sequence[tuple[Any, str]]) -> None:
    """Record that things came that are not for us to handle, and why; never what they said."""
    counted = Counter((_digest(wire, reason), reason) for wire, reason in refused)
    if counted:
        # One at a time: which row counts a thing is found out row by row, so rows have no order.
        session.execute(_ONE_AT_A_TIME, {"key": _COUNTING})
    for (digest, reason), times in sorted(counted.items()):
        session.execute(
            _REFUSE,
            {
                "digest": digest,
                "beyond": _digest_of(reason),
                "most": MOST_KEPT,
                "reason": reason,
                "times": times,
            },
        )


def _digest(wire: Any, reason: str) -> bytes:
    if isinstance(wire, Junk):
        return wire.digest
    try:
        return hashlib.sha256(orjson.dumps(wire, option=orjson.OPT_SORT_KEYS)).digest()
    except (TypeError, ValueError, RecursionError):
        # Read, but too deep to be written again: such things share a row.
        return _digest_of(reason)


def _digest_of(reason: str) -> bytes:
    return hashlib.sha256(reason.encode()).digest()
