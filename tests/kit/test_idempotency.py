"""A creating request has one effect, and every repeat of it gets the first answer."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, insert, select

from shared.kit import audit, idempotency
from shared.kit.database import Database
from shared.kit.errors import DomainError
from shared.kit.idempotency import KEYS, Answer, Attempt, IdempotencyKeyUnreadable
from tests.kit.things import THINGS
from tests.published import published

THINGS_AT = "/verification/v1/things"

NIL = UUID(int=0)

Keyed = Callable[..., dict[str, str]]


def make(client: TestClient, headers: dict[str, str], colour: str = "red") -> Response:
    return client.post(THINGS_AT, headers=headers, json={"colour": colour})


def made(database: Database) -> int:
    with database.read() as session:
        return int(session.scalar(select(func.count()).select_from(THINGS)) or 0)


@pytest.mark.parametrize(
    "case", published("idempotency_keys.json"), ids=lambda case: repr(case["raw"])
)
def test_keys_are_read_as_the_public_vectors_say(case: dict[str, Any]) -> None:
    # A bare UUID is no structured string, but widely sent: it is taken.
    if case["is_taken"]:
        assert idempotency.parse_key(case["raw"])
    else:
        with pytest.raises(IdempotencyKeyUnreadable):
            idempotency.parse_key(case["raw"])


@given(raw=st.text(max_size=300))
def test_any_header_is_read_or_refused(raw: str) -> None:
    try:
        key = idempotency.parse_key(raw)
    except DomainError:
        return
    assert 0 < len(key) <= idempotency.LONGEST
    assert key.isascii()
    assert key.isprintable()


def test_a_creating_request_without_a_key_is_refused(
    client: TestClient, token_for: Keyed, database: Database
) -> None:
    answer = make(client, token_for("receiver"))
    assert answer.status_code == 400
    assert answer.json()["type"] == "urn:nhipcau:problem:idempotency-key-missing"
    assert made(database) == 0


def test_a_repeat_gets_the_first_answer_and_has_no_effect(
    client: TestClient, keyed: Keyed, database: Database
) -> None:
    headers = keyed()
    first, second = make(client, headers), make(client, headers)
    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    assert first.headers["Location"] == second.headers["Location"]
    assert first.headers["ETag"] == second.headers["ETag"] == '"1"'
    assert made(database) == 1


def test_the_same_key_with_another_body_is_refused(
    client: TestClient, keyed: Keyed, database: Database
) -> None:
    headers = keyed()
    make(client, headers, "red")
    answer = make(client, headers, "blue")
    assert answer.status_code == 422
    assert answer.json()["type"].endswith(":idempotency-key-reused")
    assert made(database) == 1


def test_a_repeat_of_what_the_release_before_answered_gets_its_answer(
    client: TestClient, keyed: Keyed, database: Database
) -> None:
    key, first = str(uuid4()), {"id": str(uuid4())}
    sent = b'{ "many": [],  "colour": "red" }'
    # That release kept the digest of the bytes as they came.
    before = Attempt("test-client", f"POST {THINGS_AT}", key, sha256(sent).hexdigest())
    with database.begin() as session:
        idempotency.remember(session, [(before, Answer(201, first))], now=datetime.now(UTC))
    headers = {**keyed(key), "Content-Type": "application/json"}
    answer = client.post(THINGS_AT, headers=headers, content=sent)
    assert (answer.status_code, answer.json()) == (201, first)
    other = client.post(THINGS_AT, headers=headers, content=sent.replace(b"red", b"blue"))
    assert other.status_code == 422
    assert made(database) == 0


def test_keys_of_different_clients_have_nothing_to_do_with_each_other(
    client: TestClient, keyed: Keyed, database: Database
) -> None:
    key = f'"{uuid4()}"'
    ids = {
        make(client, keyed(key, client_id=name)).json()["id"] for name in ("one", "two", "three")
    }
    assert len(ids) == made(database) == 3


def test_a_refusal_is_answered_again_and_leaves_only_its_audit(
    client: TestClient, keyed: Keyed, database: Database
) -> None:
    headers = keyed()
    first, second = make(client, headers, "taken"), make(client, headers, "taken")
    assert first.status_code == second.status_code == 409
    assert first.json() == second.json()
    assert second.headers["Content-Type"] == "application/problem+json"
    assert made(database) == 0
    with database.read() as session:
        entries = session.execute(select(audit.AUDIT)).all()
    assert [(entry.action, entry.outcome) for entry in entries] == [
        (f"POST {THINGS_AT}", "colour-taken")
    ]


def test_a_fault_stores_nothing_so_that_the_same_key_may_be_tried_again(
    client: TestClient, keyed: Keyed, database: Database
) -> None:
    headers = keyed()
    assert make(client, headers, "broken").status_code == 500
    assert made(database) == 0
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(KEYS)) == 0


def test_a_request_still_running_is_reported_to_its_repeat(
    client: TestClient, keyed: Keyed, database: Database
) -> None:
    inside, go = threading.Event(), threading.Event()

    def pause() -> None:
        inside.set()
        go.wait(10)

    client.app.state.before = pause  # type: ignore[attr-defined]
    headers = keyed()
    with ThreadPoolExecutor(1) as threads:
        running = threads.submit(make, client, headers)
        assert inside.wait(10)
        repeat = make(client, headers)
        go.set()
        assert running.result().status_code == 201
    assert repeat.status_code == 409
    assert repeat.json()["type"].endswith(":request-in-flight")
    assert made(database) == 1


def test_one_request_sent_by_twenty_at_once_has_one_effect(
    client: TestClient, keyed: Keyed, database: Database
) -> None:
    headers = keyed()
    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(lambda _: make(client, headers), range(20)))
    statuses = {answer.status_code for answer in answers}
    assert 201 in statuses
    assert statuses <= {201, 409}, "the first answer, or that it is on its way"
    assert made(database) == 1
    assert make(client, headers).status_code == 201
    assert len({answer.json()["id"] for answer in answers if answer.status_code == 201}) == 1


def test_a_repeat_whose_first_request_commits_behind_its_back_gets_the_first_answer(
    client: TestClient, keyed: Keyed, database: Database
) -> None:
    key, first = str(uuid4()), {"id": str(uuid4())}
    body = orjson.dumps({"colour": "red"})
    attempt = Attempt("test-client", f"POST {THINGS_AT}", key, idempotency.fingerprint(body))
    looks: list[int] = []

    def overtake() -> None:
        looks.append(1)
        with database.begin() as session:
            answer = Answer(201, first, {"ETag": '"1"'})
            idempotency.remember(session, [(attempt, answer)], now=datetime.now(UTC))

    client.app.state.before = overtake  # type: ignore[attr-defined]
    headers = {**keyed(key), "Content-Type": "application/json"}
    answer = client.post(THINGS_AT, headers=headers, content=body)
    assert (answer.status_code, answer.json()) == (201, first)
    assert answer.headers["ETag"] == '"1"'
    assert looks == [1], "the second time it was seen before anything was done"
    assert made(database) == 0


def test_what_breaks_a_constraint_by_itself_is_a_fault_after_the_second_try(
    client: TestClient, keyed: Keyed, database: Database
) -> None:
    tries: list[int] = []

    def break_it() -> None:
        tries.append(1)
        with database.begin() as session:
            session.execute(insert(THINGS), [{"id": NIL, "colour": "red", "version": 1}] * 2)

    client.app.state.before = break_it  # type: ignore[attr-defined]
    assert make(client, keyed()).status_code == 500
    assert tries == [1, 1]
    assert made(database) == 0


def test_what_is_revealed_is_answered_again_but_never_stored(
    client: TestClient, keyed: Keyed, database: Database
) -> None:
    headers = keyed()
    answers = [make(client, headers, "secret").json() for _ in range(2)]
    assert answers[0] == answers[1]
    assert answers[0]["colour"] == "revealed"
    with database.read() as session:
        (stored,) = session.scalars(select(KEYS.c.body))
    assert "colour" not in stored


def test_a_body_is_kept_as_a_digest_only(
    client: TestClient, keyed: Keyed, database: Database
) -> None:
    make(client, keyed(), "crimson")
    with database.read() as session:
        rows = session.execute(select(KEYS)).all()
    assert "crimson" not in repr(rows)


def test_answers_are_kept_for_thirty_days(
    client: TestClient, keyed: Keyed, database: Database
) -> None:
    make(client, keyed())
    with database.read() as session:
        expires_at = session.scalar(select(KEYS.c.expires_at))
        acted_at = session.scalar(select(audit.AUDIT.c.recorded_at))
    assert expires_at is not None
    assert expires_at - acted_at == timedelta(days=30)


def test_many_attempts_are_looked_up_together(database: Database) -> None:
    def attempt(key: str, body: str = "a") -> Attempt:
        return Attempt("client", "POST /things", key, idempotency.fingerprint(body.encode()))

    now = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
    with database.begin() as session:
        idempotency.remember(session, [(attempt("known"), Answer(201, {"id": 1}))], now=now)
    asked = [attempt("new"), attempt("known"), attempt("known", "b"), attempt("new")]
    with database.begin() as session:
        found = idempotency.recall(session, asked)
    assert found[0] is None
    assert found[1] == Answer(201, {"id": 1})
    assert [type(one).__name__ for one in found[2:]] == ["IdempotencyKeyReused", "RequestInFlight"]
