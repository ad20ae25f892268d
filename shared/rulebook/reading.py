"""By which rows a service acts now: those of its release, and those that were published since."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.contracts import RuleProposed
from shared.contracts.law import Certainty, PeriodKey, Unit
from shared.contracts.vocabulary import Regime
from shared.law import Rules, Superseding, rules, supersede
from shared.law.documents import cited
from shared.rulebook.tables import LAW_ROWS

_FOUND = "rules"
_ROWS = select(
    LAW_ROWS.c.id,
    LAW_ROWS.c.key,
    LAW_ROWS.c.regime,
    LAW_ROWS.c.amount,
    LAW_ROWS.c.unit,
    LAW_ROWS.c.law_number,
    LAW_ROWS.c.law_article,
    LAW_ROWS.c.law_clause,
    LAW_ROWS.c.status,
    LAW_ROWS.c.valid_from,
).order_by(LAW_ROWS.c.ordinal, LAW_ROWS.c.published_at)
_CHOSEN = "none: chosen here"
_KNOWN = frozenset(PeriodKey)


def rules_of(session: Session) -> Rules:
    """All rows by which this transaction acts, read when it first asks, in one statement.

    So whatever one transaction computes it computes by the same rows, and what was published is
    followed by every process of a service from the next transaction on.
    """
    found: Rules | None = session.info.get(_FOUND)
    if found is None:
        found = session.info[_FOUND] = _book(tuple(_published(session)))
    return found


def moving_rows(session: Session) -> Mapping[UUID, PeriodKey]:
    """The rows that move what had begun since their first day, each with its name."""
    moves = select(LAW_ROWS.c.id, LAW_ROWS.c.key).where(LAW_ROWS.c.applies_to_running)
    rows = session.execute(moves)
    return {row.id: PeriodKey(row.key) for row in rows if row.key in _KNOWN}


@dataclass(frozen=True)
class Reach:
    """How far a row would reach that somebody proposes."""

    running: int | None
    """Dates of its kind that run now; unset where nobody counts."""
    moved: int
    """Of these, those that would end at another moment."""


def proposed_row(told: RuleProposed) -> Superseding:
    """A row as it would stand if it were published; which text it cites moves no date."""
    return Superseding(
        id=told.rule_id,
        key=told.key,
        regime=told.regime,
        amount=told.amount,
        unit=told.unit,
        legal_ref=_CHOSEN,
        status=told.status,
        valid_from=told.valid_from,
    )


def forget_rules(session: Session) -> None:
    """Have this transaction read the rows again: it has written one."""
    session.info.pop(_FOUND, None)


def _published(session: Session) -> Iterator[Superseding]:
    rows = session.execute(_ROWS)
    return (_superseding(each) for each in rows if each.key in _KNOWN)


def _superseding(row: Any) -> Superseding:
    is_cited = row.law_number is not None
    return Superseding(
        id=row.id,
        key=PeriodKey(row.key),
        regime=Regime(row.regime) if row.regime else None,
        amount=row.amount,
        unit=Unit(row.unit),
        legal_ref=cited(row.law_number, row.law_article, row.law_clause) if is_cited else _CHOSEN,
        status=Certainty(row.status),
        valid_from=row.valid_from,
    )


# A handful of rows that change a few times a year: what they come to is remembered by themselves,
# so nothing has to be told when they change.
@lru_cache(maxsize=32)
def _book(published: tuple[Superseding, ...]) -> Rules:
    return supersede(rules(), published)
