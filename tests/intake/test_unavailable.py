"""A database that cannot take a case: 503, nothing stored, and the same request later is taken.

Faults 13 (no connection left) and 36 (the disk is full in the middle of a case).
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from uuid import uuid4

import psycopg
import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import Engine, func, select, text
from sqlalchemy.engine import make_url

from services.intake import api
from services.intake.models import Case, JourneyStep, Paper, Person
from shared.contracts import Queue
from shared.kit.audit import AUDIT
from shared.kit.auth import TokenVerifier
from shared.kit.crypto import MasterKeys
from shared.kit.database import Database, make_engine
from shared.kit.http import Edge, create_api
from shared.kit.idempotency import KEYS
from shared.messaging.tables import OUTBOX
from tests.intake.answers import CASES, Headers
from tests.intake.builders import NOON, submission

STORED = (Case, Person, Paper, JourneyStep, AUDIT, KEYS, OUTBOX)


def rows(database: Database) -> list[int]:
    with database.read() as session:
        return [int(session.scalar(select(func.count()).select_from(it)) or 0) for it in STORED]


@pytest.fixture
def submit(client: TestClient, sender: Headers) -> Callable[[str], Response]:
    def post(key: str) -> Response:
        return client.post(CASES, headers={**sender, "Idempotency-Key": key}, json=submission())

    return post


@contextmanager
def full_disk(engine: Engine, table: str) -> Iterator[None]:
    """Whatever is written to this table meets what PostgreSQL says of a full disk."""
    with engine.begin() as connection:
        connection.execute(
            text(
                "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                " RAISE EXCEPTION 'No space left on device' USING ERRCODE = '53100'; END $$"
            )
        )
        connection.execute(
            text(
                f"CREATE TRIGGER no_room AFTER INSERT ON {table}"
                " FOR EACH STATEMENT EXECUTE FUNCTION no_room()"
            )
        )
    try:
        yield
    finally:
        with engine.begin() as connection:
            connection.execute(text("DROP FUNCTION no_room CASCADE"))


@pytest.mark.parametrize("table", ["persons", "journey_steps", "outbox", "idempotency_keys"])
def test_a_disk_that_is_full_in_the_middle_of_a_case_leaves_no_half_of_it(
    submit: Callable[[str], Response], engine: Engine, database: Database, table: str
) -> None:
    keys = [str(uuid4()) for _ in range(6)]
    with full_disk(engine, table), ThreadPoolExecutor(len(keys)) as threads:
        answers = list(threads.map(submit, keys))
    assert {answer.status_code for answer in answers} == {503}
    assert all(answer.headers["Retry-After"].isdigit() for answer in answers)
    assert rows(database) == [0] * len(STORED)
    again = [submit(key) for key in keys]
    assert {answer.status_code for answer in again} == {201}
    assert rows(database)[0] == len(keys)
    assert [submit(key).json() for key in keys] == [answer.json() for answer in again]


def test_a_server_without_a_connection_to_give_is_unavailable_and_stores_nothing(
    engine: Engine, database: Database, verifier: TokenVerifier, keys: MasterKeys, sender: Headers
) -> None:
    role, password = f"narrow_{uuid4().hex[:8]}", "narrow"
    with engine.begin() as connection:
        connection.execute(
            text(f"CREATE ROLE {role} LOGIN PASSWORD '{password}' CONNECTION LIMIT 1")
        )
        connection.execute(text(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}"))
    url = make_url(str(engine.url)).set(username=role, password=password)
    narrow = Database(make_engine(url.render_as_string(hide_password=False)))
    desk = api.open_desk(narrow.begin, lambda: NOON)
    edge = Edge(
        service=Queue.INTAKE,
        title="intake",
        begin=narrow.begin,
        read=narrow.read,
        verifier=verifier,
        clock=lambda: NOON,
    )
    app = create_api(edge, [api.router], desk=desk, master_keys=keys)
    headers = {**sender, "Idempotency-Key": str(uuid4())}
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with TestClient(app) as client:
        with psycopg.connect(plain):
            refused = client.post(CASES, headers=headers, json=submission())
            assert client.get("/intake/readyz").status_code == 503
        assert refused.status_code == 503
        assert refused.headers["Retry-After"].isdigit()
        assert rows(database) == [0] * len(STORED)
        assert client.post(CASES, headers=headers, json=submission()).status_code == 201
    desk.close()
    narrow.engine.dispose()
    with engine.begin() as connection:
        connection.execute(text(f"DROP OWNED BY {role}"))
        connection.execute(text(f"DROP ROLE {role}"))
