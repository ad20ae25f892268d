"""The least that a case can cost on this machine: its rows and its messages, and nothing around.

Rows are inserted a thousand per commit, out of one JSON document a statement, into a table with a
key, an index and a JSON column; to change or delete one is taken to cost as much. A message is
read, its body checked against its contract, written again and, a frame at a time, signed and
compared: what any design must do to take a message in and pass another on. No handler, no broker,
no order, no receipt.
"""

import hashlib
import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import orjson
import psycopg

from shared.contracts import BY_TYPE
from tests.bench.exchange import Exchange
from tests.bench.usage import used_by_tree

DATABASE = "floor"
BATCH = 1_000
BATCHES = 40
FRAME = 64
FRAMES = 60
KEY = bytes(32)
GOLDEN = Path(__file__).parents[1] / "contracts" / "golden"
TOLD = (
    "intake.case_received.v1",
    "verification.verification_opened.v1",
    "verification.verification_concluded.v1",
    "livelihood_support.plan_opened.v2",
    "notification.delivery_concluded.v1",
)
"""What a case tells, by types; their samples stand for its messages."""

_TABLE = """
CREATE TABLE IF NOT EXISTS facts (
    id uuid PRIMARY KEY, about uuid NOT NULL, kind text NOT NULL,
    at timestamptz NOT NULL DEFAULT now(), body jsonb NOT NULL
);
CREATE INDEX IF NOT EXISTS facts_about ON facts (about, at);
"""
_INSERT = """
INSERT INTO facts (id, about, kind, body)
SELECT * FROM json_to_recordset(%s::json) AS row(id uuid, about uuid, kind text, body jsonb)
"""


@dataclass(frozen=True)
class Floor:
    """Seconds of processor time, of everybody."""

    row: float
    message: float

    def of(self, rows: float, messages: float) -> float:
        """Of a case of so many rows and messages."""
        return rows * self.row + messages * self.message


def measure(exchange: Exchange) -> Floor:
    """The floor at this moment."""
    return Floor(_seconds_per_row(exchange), _seconds_per_message())


def _seconds_per_row(exchange: Exchange) -> float:
    exchange.drop_database(DATABASE)
    exchange.query("postgres", f"CREATE DATABASE {DATABASE}")
    with psycopg.connect(exchange.database(DATABASE), autocommit=True) as connection:
        connection.execute(_TABLE)

        def insert() -> None:
            connection.execute(_INSERT, [_document()])

        insert()
        server = used_by_tree(exchange.postgres.pid)
        spent = _processor_time(insert, BATCHES)
        spent += used_by_tree(exchange.postgres.pid) - server
    return spent / (BATCH * BATCHES)


def _document() -> str:
    body = {"codes": ["x" * 24] * 4, "area": "31", "count": 3}
    rows = [
        {"id": str(uuid4()), "about": str(uuid4()), "kind": "referral", "body": body}
        for _ in range(BATCH)
    ]
    return orjson.dumps(rows).decode()


def _seconds_per_message() -> float:
    samples = [orjson.loads((GOLDEN / f"{name}.json").read_bytes()) for name in TOLD]
    bodies = [[TOLD[at % len(TOLD)], samples[at % len(TOLD)]] for at in range(FRAME)]
    frame = orjson.dumps(bodies)
    signature = _signature(frame)

    def take_and_tell() -> None:
        if not hmac.compare_digest(_signature(frame), signature):
            raise ValueError("the signature of a frame is another one")
        messages = [BY_TYPE[name].model_validate(body) for name, body in orjson.loads(frame)]
        told = [[message.type, message.model_dump(mode="json")] for message in messages]
        _signature(orjson.dumps(told))

    take_and_tell()
    return _processor_time(take_and_tell, FRAMES) / (FRAME * FRAMES)


def _signature(frame: bytes) -> bytes:
    return hmac.digest(KEY, frame, hashlib.sha256)


def _processor_time(act: Callable[[], None], times: int) -> float:
    began = time.process_time()
    for _ in range(times):
        act()
    return time.process_time() - began
