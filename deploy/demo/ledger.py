"""What a simulated partner has received and done, in a file that survives its being killed."""

import sqlite3
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

_SCHEMA = """
CREATE TABLE IF NOT EXISTS webhooks (
    webhook_id TEXT PRIMARY KEY,
    partner TEXT NOT NULL,
    type TEXT NOT NULL,
    effect TEXT NOT NULL,
    body BLOB NOT NULL,
    arrivals INTEGER NOT NULL DEFAULT 1,
    is_done INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS refusals (partner TEXT NOT NULL, code TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS held (partner TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS broken (partner TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS texts (id TEXT PRIMARY KEY);
"""


@dataclass(frozen=True)
class Received:
    """A webhook that waits to be acted on."""

    webhook_id: str
    partner: str
    body: dict[str, Any]


class Ledger:
    """A file of webhooks; a webhook is kept before it is acknowledged."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.executescript(_SCHEMA)
        # What came twice in former runs was judged by those.
        self._twice_before = self._twice()

    def keep(self, webhook_id: str, partner: str, body: dict[str, Any], effect: str) -> None:
        """Keep a webhook; one that comes again is counted and not acted on again."""
        row = (webhook_id, partner, body["type"], effect, orjson.dumps(body))
        with self._lock:
            self._connection.execute(
                "INSERT INTO webhooks (webhook_id, partner, type, effect, body)"
                " VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (webhook_id) DO UPDATE SET arrivals = arrivals + 1",
                row,
            )

    def refuse(self, partner: str, code: str) -> None:
        """Count a webhook that was not accepted, with the reason."""
        with self._lock:
            self._connection.execute("INSERT INTO refusals VALUES (?, ?)", (partner, code))

    def hold(self, partner: str) -> None:
        """From now on a partner acts on nothing."""
        with self._lock:
            self._connection.execute("INSERT OR IGNORE INTO held VALUES (?)", (partner,))

    def release(self, partner: str) -> None:
        """A partner acts again, on what came meanwhile as well."""
        with self._lock:
            self._connection.execute("DELETE FROM held WHERE partner = ?", (partner,))

    def break_down(self, partner: str) -> None:
        """From now on the system of a partner is out of order."""
        with self._lock:
            self._connection.execute("INSERT OR IGNORE INTO broken VALUES (?)", (partner,))

    def mend(self, partner: str) -> None:
        """The system of a partner works again."""
        with self._lock:
            self._connection.execute("DELETE FROM broken WHERE partner = ?", (partner,))

    def is_broken(self, partner: str) -> bool:
        """Whether the system of a partner is out of order."""
        with self._lock:
            found = self._connection.execute(
                "SELECT 1 FROM broken WHERE partner = ?", (partner,)
            ).fetchone()
        return found is not None

    def keep_text(self, text_id: str) -> None:
        """A text has left for a phone; which one, and what it says, is kept nowhere."""
        with self._lock:
            self._connection.execute("INSERT OR IGNORE INTO texts VALUES (?)", (text_id,))

    def has_text(self, text_id: str) -> bool:
        """Whether a text has left for a phone."""
        with self._lock:
            found = self._connection.execute(
                "SELECT 1 FROM texts WHERE id = ?", (text_id,)
            ).fetchone()
        return found is not None

    def kept(self, partner: str) -> set[str]:
        """The ids of all webhooks that a partner has."""
        with self._lock:
            rows = self._connection.execute(
                "SELECT webhook_id FROM webhooks WHERE partner = ?", (partner,)
            ).fetchall()
        return {row[0] for row in rows}

    def mails(self, mailbox: str) -> list[str]:
        """What was written to a mailbox, in the order of arrival, but for offers to be answered."""
        with self._lock:
            rows = self._connection.execute(
                "SELECT body FROM webhooks WHERE type = 'mail' ORDER BY rowid"
            ).fetchall()
        told = [orjson.loads(row[0])["data"] for row in rows]
        return [it["words"] for it in told if it["to"] == mailbox]

    def has(self, partner: str, word: str) -> bool:
        """Whether a partner was sent a webhook in which a word stands."""
        with self._lock:
            found = self._connection.execute(
                "SELECT 1 FROM webhooks WHERE partner = ? AND instr(body, CAST(? AS BLOB)) > 0",
                (partner, word),
            ).fetchone()
        return found is not None

    def waiting(self, most: int = 50) -> list[Received]:
        """Webhooks not acted on yet by those who may act, in the order of their arrival."""
        with self._lock:
            rows = self._connection.execute(
                "SELECT webhook_id, partner, body FROM webhooks WHERE is_done = 0"
                " AND partner NOT IN (SELECT partner FROM held) ORDER BY rowid LIMIT ?",
                (most,),
            ).fetchall()
        return [Received(row[0], row[1], orjson.loads(row[2])) for row in rows]

    def done(self, webhook_id: str) -> None:
        """The webhook was acted on."""
        with self._lock:
            self._connection.execute(
                "UPDATE webhooks SET is_done = 1 WHERE webhook_id = ?", (webhook_id,)
            )

    def bodies(self) -> bytes:
        """Everything that was sent to the partners."""
        with self._lock:
            rows = self._connection.execute("SELECT body FROM webhooks").fetchall()
        return b"\n".join(row[0] for row in rows)

    def summary(self) -> dict[str, int]:
        """``received``, ``repeats`` (same id again), ``waiting`` and ``refused`` of all runs.

        ``twice`` counts one effect under two ids since this ledger was opened.
        """
        with self._lock:
            received, repeats, waiting = self._connection.execute(
                "SELECT count(*), coalesce(sum(arrivals - 1), 0),"
                " coalesce(sum(is_done = 0), 0) FROM webhooks",
            ).fetchone()
            twice = self._twice() - self._twice_before
            refused = self._connection.execute("SELECT count(*) FROM refusals").fetchone()[0]
        return {
            "received": received,
            "repeats": repeats,
            "twice": twice,
            "waiting": waiting,
            "refused": refused,
        }

    def _twice(self) -> int:
        found: int = self._connection.execute(
            "SELECT coalesce(sum(n - 1), 0) FROM"
            " (SELECT count(*) AS n FROM webhooks GROUP BY partner, effect)",
        ).fetchone()[0]
        return found
