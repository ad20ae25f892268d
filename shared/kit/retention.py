"""What keeps each table from growing without end, as dated rows: see ADR 0016.

Every table of every service has exactly one row: it is kept, and the row says why; or what is over
is deleted after some days, in bounded steps, by the database's clock alone. No period here is one
of the law: where the law's is not known it is unset, and nothing is deleted.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

CLOSED_DAYS = 14
"""Days a closed message is kept for when its receiver is restored: longer than a long holiday."""
MOST_CLOSED_DAYS = 60
"""The longest this may be set to: a message told again must meet its row in the inbox."""
KEPT_DAYS = 90
"""Days for which the inbox remembers a message by its id, made and received so long ago.

Much longer than a sender keeps what is closed: so whatever is told again is recognised. What is
older and comes once more under a passed number is shown to an operator, who sees what it says.
"""

STEP = 5000
"""How many rows are deleted in one transaction at most."""


@dataclass(frozen=True)
class Kept:
    """A table from which nothing is deleted by age."""

    table: str
    why: str
    since: date


@dataclass(frozen=True)
class Pruned:
    """A table whose rows are deleted some time after they are over."""

    table: str
    by: str
    """The column that says when a row was over; or an id that tells when it was made."""
    after: timedelta
    why: str
    since: date
    only: str = "true"
    """Which rows can be over at all, as a condition in SQL."""
    is_id: bool = False
    """Whether ``by`` is a UUIDv7: its index is in the order of time, so it needs no other."""
    forget: str | None = None
    """The whole statement, if more has to be done than deleting; ``{over}`` stands in it for the
    condition that a row is over.
    """


@dataclass(frozen=True)
class Reduced:
    """A table whose rows stay, and say less some time after they are over."""

    table: str
    by: str
    """The column that says when a row was over."""
    after: timedelta
    to: str
    """What a row is set to, in SQL; a row that was reduced is not over any more."""
    why: str
    since: date
    only: str = "true"
    """Which rows can be over at all, as a condition in SQL."""


Ageing = Pruned | Reduced
Retention = Kept | Ageing

MADE_BEFORE = (
    "CAST(rpad(lpad(to_hex(CAST(extract(epoch FROM now() - :after) * 1000 AS bigint)),"
    " 12, '0'), 32, '0') AS uuid)"
)
"""The first UUIDv7 made so long ago, by the database's clock."""


def is_over(rule: Ageing, period: str = ":after") -> str:
    """The condition, in SQL, for a row that may be deleted or reduced after such a period."""
    limit = MADE_BEFORE if isinstance(rule, Pruned) and rule.is_id else "now() - :after"
    return f"{rule.by} < {limit} AND ({rule.only})".replace(":after", period)


def period_of(rule: Ageing) -> str:
    """The period of a rule as a literal.

    With a parameter PostgreSQL plans once for whatever period there may be, and so reads all of a
    small table that nothing of is over.
    """
    return f"interval '{rule.after.total_seconds():.6f} seconds'"


def prune(session: Session, rule: Pruned, most: int = STEP) -> int:
    """Delete at most so many rows that are over; returns how many.

    Rows somebody holds a lock on are left for the next time.
    """
    delete = f"DELETE FROM {rule.table} {_SOME} RETURNING 1"  # noqa: S608 - our own words only
    return _act(session, rule, rule.forget or delete, most)


def reduce(session: Session, rule: Reduced, most: int = STEP) -> int:
    """Have at most so many rows that are over say less; returns how many. Else as ``prune``."""
    update = f"UPDATE {rule.table} SET {rule.to} {_SOME} RETURNING 1"  # noqa: S608 - our own words only
    return _act(session, rule, update, most)


_SOME = (
    "WHERE ctid = ANY(ARRAY("
    "SELECT ctid FROM {table} WHERE {over} LIMIT :most FOR UPDATE SKIP LOCKED))"
)


def _act(session: Session, rule: Ageing, statement: str, most: int) -> int:
    over = is_over(rule, period_of(rule))
    statement = statement.replace("{table}", rule.table).replace("{over}", over)
    return len(session.execute(text(statement), {"most": most}).all())
