"""The texts that a sandbox's gateway of SMS has taken, in a file that survives its being killed."""

import sqlite3
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

KEPT_FOR = 7 * 86_400.0
"""Seconds for which ids are known again, as the contract has it, and texts can be looked at."""
REPORTED_AFTER = 2.0
"""Seconds from a text to the report that it arrived: time to see that it is only sent."""
REPORTED_FOR = 86_400.0
"""Seconds after which a report that nobody takes is given up."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS texts (
    id TEXT PRIMARY KEY,
    attempt INTEGER NOT NULL,
    number TEXT NOT NULL,
    said TEXT NOT NULL,
    taken_at REAL NOT NULL,
    report_at REAL,
    reported_at REAL
);
CREATE INDEX IF NOT EXISTS by_time ON texts (taken_at);
CREATE INDEX IF NOT EXISTS to_report ON texts (report_at);
"""
# Handed over again, a text is sent no second time; what is reported is the last handing over.
_TAKE = """
INSERT INTO texts (id, attempt, number, said, taken_at, report_at) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET attempt = excluded.attempt, report_at = excluded.report_at,
                                   reported_at = NULL
"""


@dataclass(frozen=True)
class Report:
    """That a text arrived, which the exchange is still to be told."""

    id: str
    attempt: int
    taken_at: float


class Texts:
    """A file of texts; one is kept before it is said to be taken."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.executescript(_SCHEMA)

    def take(self, told: dict[str, Any], now: float) -> None:
        """Keep a text, once for its id; what is older than a week goes."""
        row = (told["id"], told["attempt"], told["to"], told["text"], now, now + REPORTED_AFTER)
        self._run("DELETE FROM texts WHERE taken_at < ?", now - KEPT_FOR)
        self._run(_TAKE, *row)

    def due(self, now: float) -> list[Report]:
        """What is to be reported now."""
        rows = self._run("SELECT id, attempt, taken_at FROM texts WHERE report_at <= ?", now)
        return [Report(row["id"], row["attempt"], row["taken_at"]) for row in rows]

    def reported(self, report: Report, now: float) -> None:
        """The exchange knows it; one that was handed over again meanwhile is still to be told."""
        self._run(
            "UPDATE texts SET report_at = NULL, reported_at = ? WHERE id = ? AND attempt = ?",
            now, report.id, report.attempt,
        )  # fmt: skip

    def put_off(self, report: Report, *, until: float | None) -> None:
        """To be reported later, or no more."""
        self._run(
            "UPDATE texts SET report_at = ? WHERE id = ? AND attempt = ?",
            until, report.id, report.attempt,
        )  # fmt: skip

    def latest(self, most: int) -> list[dict[str, Any]]:
        """The last that were taken, the newest first."""
        newest = "SELECT id, attempt, number, said, taken_at, reported_at FROM texts"
        return [dict(row) for row in self._run(f"{newest} ORDER BY taken_at DESC LIMIT ?", most)]

    def _run(self, statement: str, *values: Any) -> list[sqlite3.Row]:
        with self._lock:
            return self._connection.execute(statement, values).fetchall()
