"""What a rule of the field is."""

from dataclasses import dataclass

from shared.contracts import Queue

Ids = tuple[Queue, str]
"""A service, and a statement whose first column names rows.

``%(soon)s`` in it is for how many seconds a row may be on its way; a percent sign is doubled.
"""


@dataclass(frozen=True)
class Rule:
    """What is found breaks the rule, unless another service knows of it."""

    invariant: str
    says: str
    found: Ids
    except_for: Ids | None = None


@dataclass(frozen=True)
class Breach:
    """A rule that does not hold, and the rows that break it."""

    invariant: str
    rule: str
    rows: tuple[str, ...]
