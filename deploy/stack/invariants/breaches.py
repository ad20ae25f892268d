"""Rows that break a rule of the field, found by SQL in the databases of all services."""

import psycopg

from deploy.stack.invariants import (
    answers,
    cases,
    effects,
    growth,
    messages,
    protection,
    records,
    turns,
)
from deploy.stack.invariants.reading import Urls
from deploy.stack.invariants.rule import Breach, Ids

SOON = 300.0
"""Seconds for which, on a living system, a row may be on its way without being forgotten."""


RULES = (
    *cases.RULES,
    *protection.RULES,
    *effects.RULES,
    *records.RULES,
    *answers.RULES,
    *growth.RULES,
)


def breaches(urls: Urls, *, soon: float = 0.0) -> list[Breach]:
    """Every rule of the field that does not hold now; an empty list is what should be found.

    Where a rule waits for another service or for a sweep, rows younger than ``soon`` seconds are
    left out: zero when the system is quiet, ``SOON`` while it works.
    """
    found = [
        (rule, _ids(urls, rule.found, soon) - _ids(urls, rule.except_for, soon)) for rule in RULES
    ]
    told = [Breach(rule.invariant, rule.says, tuple(sorted(ids))) for rule, ids in found if ids]
    return [*turns.breaches(urls, soon), *messages.breaches(urls), *told]


def _ids(urls: Urls, place: Ids | None, soon: float) -> set[str]:
    if place is None:
        return set()
    service, statement = place
    with psycopg.connect(urls(service)) as connection:
        return {str(row[0]) for row in connection.execute(statement, {"soon": soon})}
