"""I9: nothing grows without a row that says what prunes it, and what prunes it is not behind."""

from importlib import import_module

from deploy.stack.invariants.rule import Rule
from shared.contracts import Queue
from shared.kit.retention import Ageing, Kept, Retention, is_over, period_of
from shared.messaging.retention import common


def _rules_of(service: Queue) -> tuple[Retention, ...]:
    own: tuple[Retention, ...] = import_module(f"services.{service}.domain").RETENTION
    return (*common(_LONGEST), *own)


_LONGEST = 60
"""Days for which an installation may keep closed messages at most: its own setting may be less."""
_LATE = "interval '7 days'"
"""How late pruning may be: a relay may have been away, or have much to do after an upgrade."""


def _without_row(service: Queue) -> Rule:
    names = ", ".join(f"'{rule.table}'" for rule in _rules_of(service))
    return Rule(
        "I9",
        f"every table of {service} has a row that says what keeps it",
        (
            service,
            f"""
            SELECT tablename FROM pg_tables
             WHERE schemaname = 'public' AND tablename <> 'alembic_version'
               AND tablename NOT IN ({names})
            """,  # noqa: S608 - made of our own words only
        ),
    )


def _overdue(service: Queue) -> Rule:
    """One row of each table from which something should have gone days ago."""
    late = " UNION ALL ".join(
        f"SELECT '{rule.table}' WHERE EXISTS (SELECT FROM {rule.table} WHERE {_condition(rule)})"  # noqa: S608
        for rule in _rules_of(service)
        if not isinstance(rule, Kept)
    )
    return Rule("I9", f"what {service} prunes is not behind", (service, late))


def _condition(rule: Ageing) -> str:
    return is_over(rule, f"({period_of(rule)} + {_LATE})")


RULES = tuple(rule for service in Queue for rule in (_without_row(service), _overdue(service)))
