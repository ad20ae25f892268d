"""``docs/retention.md``: what keeps each table of every service."""

from collections.abc import Iterable
from importlib import import_module

from shared.contracts import Queue
from shared.kit.retention import Kept, Reduced, Retention
from shared.messaging.retention import common

_HEAD = """# What keeps each table

Made by `make documents` from `shared/messaging/retention.py` and
`services/*/domain/retention.py`; do not edit it here.

No period here is one of the law. Where the law's period is not known it is *unset*: nothing is
deleted, and the row says so. What is deleted is technical, goes in bounded steps by the database's
clock, and never before what it guards against is impossible
([decision 0016](adr/0016-what-keeps-each-table.md)).
"""


def render() -> str:
    """The whole page."""
    services = [
        f"## {service}\n\n{_table(import_module(f'services.{service}.domain').RETENTION)}"
        for service in Queue
    ]
    return "\n".join([_HEAD, f"## every service\n\n{_table(common())}", *services])


def _table(rules: Iterable[Retention]) -> str:
    rows = [f"| `{it.table}` | {_period(it)} | {it.why} | {it.since} |" for it in rules]
    return "\n".join(["| table | deleted | why | since |", "|---|---|---|---|", *rows, ""])


def _period(rule: Retention) -> str:
    if isinstance(rule, Kept):
        return "never"
    hours = int(rule.after.total_seconds() // 3600)
    span = f"{hours // 24} days" if hours > 24 else "1 day" if hours == 24 else f"{hours} h"
    if isinstance(rule, Reduced):
        return f"never; says less {span} after `{rule.by}`"
    return f"{span} after `{rule.by}`{' was made' if rule.is_id else ''}"
