"""The work of peers that lose nothing: four steps a case, three rows a step, each exactly once.

It is less than a case of ours does: twelve rows and no signature, in one database. A row of
``inbox`` decides whether a step is new, so nothing a peer repeats is stored twice.
"""

import json
from collections.abc import Iterable
from typing import Any, Protocol

STEPS = 4
WORKERS = 4
"""Processes of each: as many as we have services."""

SCHEMA = """
CREATE TABLE inbox (
    step smallint, case_id bigint, at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (step, case_id)
);
CREATE TABLE state (
    step smallint, case_id bigint, body jsonb NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(), PRIMARY KEY (step, case_id)
);
CREATE TABLE audit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, step smallint, case_id bigint, what text,
    at timestamptz NOT NULL DEFAULT clock_timestamp()
);
"""

_EFFECT = """
WITH fresh AS (
    INSERT INTO inbox (step, case_id) VALUES ({step}::smallint, {case}::bigint)
    ON CONFLICT DO NOTHING RETURNING 1
), kept AS (
    INSERT INTO state (step, case_id, body)
    SELECT {step}::smallint, {case}::bigint, {body}::jsonb FROM fresh
), noted AS (
    INSERT INTO audit (step, case_id, what)
    SELECT {step}::smallint, {case}::bigint, 'done' FROM fresh
)
SELECT count(*) FROM fresh
"""
EFFECT = _EFFECT.format(step="%(step)s", case="%(case)s", body="%(body)s")
"""One round trip for all three rows, as psycopg writes its parameters."""
NUMBERED_EFFECT = _EFFECT.format(step="$1", case="$2", body="$3")
"""The same, as asyncpg does."""


def body_of(case: int) -> dict[str, Any]:
    """What travels: about as many bytes as one of our messages."""
    return {"case": case, "text": "x" * 400, "kind": "livelihood", "people": [1, 2, 3]}


def written(body: dict[str, Any]) -> str:
    """As it is stored."""
    return json.dumps(body)


class Adapter(Protocol):
    """How a peer is set up, worked and fed; each of these is a process of its own."""

    def prepare(self, url: str) -> None:
        """Make its own tables."""
        ...

    def work(self, url: str, place: int) -> None:
        """Carry cases for ever; ``place``: which of the workers this is."""
        ...

    def feed(self, url: str, batches: Iterable[list[int]]) -> None:
        """Put cases into its first queue, a batch per transaction, connected before the first."""
        ...
