"""What HTTP (RFC 9110) promises of every address, whoever made its route."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, insert, select

from shared.kit import audit
from shared.kit.database import Database
from shared.kit.idempotency import KEYS
from tests.kit.things import THINGS

THINGS_AT = "/verification/v1/things"

TokenFor = Callable[..., dict[str, str]]


def made(database: Database) -> int:
    with database.read() as session:
        return int(session.scalar(select(func.count()).select_from(THINGS)) or 0)


@pytest.fixture
def thing(database: Database) -> str:
    thing_id = uuid4()
    with database.begin() as session:
        session.execute(insert(THINGS), {"id": thing_id, "colour": "red", "version": 3})
    return str(thing_id)


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_a_slash_too_many_leads_nowhere(client: TestClient, keyed: TokenFor, method: str) -> None:
    headers = {**keyed(), "Host": "evil.example"}
    answer = client.request(method, f"{THINGS_AT}/", headers=headers, follow_redirects=False)
    assert answer.status_code == 404
    assert "Location" not in answer.headers


@pytest.mark.parametrize("end", ["%0A", "%0D%0A", "%00", "%7F", "%09", "%0Ax"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_control_character_in_a_path_leads_nowhere(
    client: TestClient, keyed: TokenFor, database: Database, method: str, end: str
) -> None:
    body = {"json": {"colour": "red"}} if method == "POST" else {}
    answer = client.request(method, f"{THINGS_AT}{end}", headers=keyed(), **body)  # type: ignore[arg-type]
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert made(database) == 0


def test_head_is_get_without_the_content(
    client: TestClient, token_for: TokenFor, thing: str
) -> None:
    headers = token_for("receiver")
    for address in (THINGS_AT, f"{THINGS_AT}/{thing}", f"{THINGS_AT}/{uuid4()}", "/nothing"):
        got, head = client.get(address, headers=headers), client.head(address, headers=headers)
        assert head.status_code == got.status_code, address
        assert head.content == b""
        assert dict(head.headers) == dict(got.headers)


def test_head_of_what_cannot_be_read_is_not_allowed(client: TestClient, keyed: TokenFor) -> None:
    answer = client.head(f"{THINGS_AT}/{uuid4()}/swaps", headers=keyed())
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")


def test_every_method_of_an_address_is_allowed(client: TestClient, keyed: TokenFor) -> None:
    answer = client.delete(THINGS_AT, headers=keyed())
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, POST")
    answer = client.post(f"{THINGS_AT}/{uuid4()}", headers=keyed())
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, PATCH")


@pytest.mark.parametrize(
    ("field", "status"),
    [
        (['"3"'], 304),
        (['W/"3"'], 304),
        (['"1", "3"'], 304),
        (['"1"', '"3"'], 304),
        (["*"], 304),
        (['"1"'], 200),
        (["nonsense"], 200),
        ([], 200),
    ],
)
def test_who_holds_the_version_is_told_so(
    client: TestClient, token_for: TokenFor, thing: str, field: list[str], status: int
) -> None:
    headers = [*token_for("receiver").items(), *(("If-None-Match", it) for it in field)]
    for method in ("GET", "HEAD"):
        answer = client.request(method, f"{THINGS_AT}/{thing}", headers=headers)
        assert answer.status_code == status
        assert answer.headers["ETag"] == '"3"'
        assert answer.headers["Cache-Control"] == "no-store"
        if status == 304:
            assert answer.content == b""
            assert "Content-Length" not in answer.headers


def swap(client: TestClient, headers: Any, one: str, other: str, **sent: Any) -> Any:
    client.app.state.between = lambda: None  # type: ignore[attr-defined]
    body = sent or {"json": {"other_id": other}}
    return client.post(f"{THINGS_AT}/{one}/swaps", headers=headers, **body)


def answers_kept(database: Database) -> int:
    with database.read() as session:
        return int(session.scalar(select(func.count()).select_from(KEYS)) or 0)


def test_an_id_in_capitals_is_the_same_request(
    client: TestClient, keyed: TokenFor, database: Database, thing: str
) -> None:
    headers = keyed()
    swap(client, headers, thing, thing)
    again = swap(client, headers, thing.upper(), thing)
    assert again.status_code == 201
    assert answers_kept(database) == 1


def test_an_escaped_letter_in_the_path_is_the_same_request(
    client: TestClient, keyed: TokenFor, database: Database, thing: str
) -> None:
    headers = keyed()
    swap(client, headers, thing, thing)
    swap(client, headers, "".join(f"%{ord(letter):02x}" for letter in thing), thing)
    assert answers_kept(database) == 1


@pytest.mark.parametrize(
    "written",
    [
        b'{"colour":"red","inner":{"size":1}}',
        b'{ "inner": { "size": 1 },\r\n\t"colour": "red" }',
        b'{"colour":"\\u0072ed","inner":{"size":1}}',
    ],
)
def test_json_written_anew_is_the_same_request(
    client: TestClient, keyed: TokenFor, database: Database, written: bytes
) -> None:
    headers = {**keyed(), "Content-Type": "application/json"}
    body = b'{"colour": "red", "inner": {"size": 1}}'
    first = client.post(THINGS_AT, headers=headers, content=body)
    again = client.post(THINGS_AT, headers=headers, content=written)
    assert again.json() == first.json()
    assert made(database) == 1


def test_another_version_under_the_same_key_is_another_request(
    client: TestClient, keyed: TokenFor, thing: str
) -> None:
    headers = keyed()
    first = swap(client, {**headers, "If-Match": '"1"'}, thing, thing)
    assert first.status_code == 201
    again = swap(client, {**headers, "If-Match": '"1"'}, thing, thing)
    assert (again.status_code, again.json()) == (201, first.json())
    other = swap(client, {**headers, "If-Match": '"2"'}, thing, thing)
    assert other.status_code == 422
    assert other.json()["type"] == "urn:nhipcau:problem:idempotency-key-reused"


def test_a_key_in_two_lines_is_refused(client: TestClient, keyed: TokenFor) -> None:
    headers = [*keyed().items(), ("Idempotency-Key", '"another"')]
    answer = client.post(THINGS_AT, headers=headers, json={"colour": "red"})
    assert answer.status_code == 400
    assert answer.json()["type"] == "urn:nhipcau:problem:idempotency-key-unreadable"


def test_a_refusal_that_passes_by_itself_is_recorded_and_not_kept(
    client: TestClient, keyed: TokenFor, database: Database
) -> None:
    headers = keyed()
    early = client.post(THINGS_AT, headers=headers, json={"colour": "early"})
    assert early.status_code == 409
    assert early.headers["Retry-After"] == "1"
    assert made(database) == answers_kept(database) == 0
    with database.read() as session:
        assert session.scalars(select(audit.AUDIT.c.outcome)).all() == ["colour-not-known-yet"]
