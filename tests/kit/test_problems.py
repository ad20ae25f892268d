"""Every refusal and fault is a problem document that repeats nothing of what was sent."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import orjson
import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from shared.kit import errors, problems
from shared.kit.database import Database
from shared.kit.errors import STATUS_OF_KIND, DomainError
from shared.kit.http import Edge, create_api
from tests.published import published

SCHEMA = Draft202012Validator(published("problem.schema.json"))
THINGS_AT = "/verification/v1/things"
CANARY = "canary7f3a"
"""Stands for a name or a number: it must be in no answer."""

Keyed = Callable[..., dict[str, str]]


def is_problem(answer: Any, status: int) -> None:
    body = answer.json()
    assert answer.status_code == status, body
    assert answer.headers["Content-Type"] == problems.MEDIA_TYPE
    assert answer.headers["Cache-Control"] == "no-store"
    assert body["status"] == status
    assert body["type"].startswith(problems.TYPE_PREFIX)
    assert body["title"]
    SCHEMA.validate(body)


def silent(answer: Any) -> None:
    assert CANARY not in answer.text.lower()
    assert CANARY not in repr(answer.headers).lower()


BAD_BODIES: dict[str, Any] = {
    "a wrong value": {"colour": f"{CANARY} 1"},
    "a long value": {"colour": CANARY * 10},
    "an unknown field": {"colour": "red", CANARY: 1},
    "an unknown field within": {"colour": "red", "inner": {CANARY: CANARY}},
    "an unknown field in a list": {"colour": "red", "many": [{"size": 1}, {CANARY: 2}]},
    "a value within": {"colour": "red", "inner": {"size": CANARY}},
    "another type": {"colour": {"is": CANARY}},
    "a text": CANARY,
    "a list": [CANARY],
    "nothing of it": {},
}


@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=BAD_BODIES)
def test_a_bad_body_names_the_field_and_the_rule_and_repeats_nothing(
    client: TestClient, keyed: Keyed, body: Any
) -> None:
    answer = client.post(THINGS_AT, headers=keyed(), json=body)
    is_problem(answer, 422)
    silent(answer)
    for error in answer.json()["errors"]:
        assert set(error) >= {"in", "pointer", "rule"}
        assert error["pointer"].startswith("/")


def test_the_pointer_leads_to_the_field(client: TestClient, keyed: Keyed) -> None:
    body = {"colour": "UPPER", "many": [{"size": 1}, {"size": "x"}]}
    errors = client.post(THINGS_AT, headers=keyed(), json=body).json()["errors"]
    assert {(error["pointer"], error["rule"]) for error in errors} == {
        ("/colour", "string_pattern_mismatch"),
        ("/many/1/size", "int_type"),
    }


RAW = {
    "broken json": b'{"colour": "' + CANARY.encode(),
    "no json": CANARY.encode(),
    "invalid utf-8": b'{"colour": "\xff' + CANARY.encode() + b'"}',
    "nothing": b"",
    "deep": b"[" * 20_000 + CANARY.encode(),
}


@pytest.mark.parametrize("body", RAW.values(), ids=RAW)
def test_what_is_no_json_is_refused_in_silence(
    client: TestClient, keyed: Keyed, body: bytes
) -> None:
    headers = {**keyed(), "Content-Type": "application/json"}
    answer = client.post(THINGS_AT, headers=headers, content=body)
    assert answer.status_code in {400, 422}
    is_problem(answer, answer.status_code)
    silent(answer)


json_values = st.recursive(
    st.none() | st.integers() | st.just(CANARY) | st.just(CANARY.upper()),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["colour", "inner", "many", "size", f"{CANARY} x", CANARY]), inner
        )
    ),
    max_leaves=8,
)


@given(body=json_values)
@settings(
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_no_body_whatever_is_repeated(client: TestClient, keyed: Keyed, body: Any) -> None:
    answer = client.post(THINGS_AT, headers=keyed(), json=body)
    assert answer.status_code in {201, 422}
    silent(answer)


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("GET", f"/verification/v1/{CANARY}", 404),
        ("GET", f"/{CANARY}", 404),
        ("DELETE", THINGS_AT, 405),
        ("GET", f"{THINGS_AT}?page_size={CANARY}", 422),
        ("GET", f"{THINGS_AT}?cursor={CANARY}", 422),
        ("PATCH", f"{THINGS_AT}/{CANARY}", 422),
        ("GET", f"/verification/v1/broken?word={CANARY}", 500),
    ],
)
def test_no_address_is_repeated(
    client: TestClient, token_for: Keyed, method: str, address: str, status: int
) -> None:
    answer = client.request(method, address, headers={**token_for("x"), "If-Match": '"1"'})
    is_problem(answer, status)
    silent(answer)


def test_no_header_is_repeated(client: TestClient, token_for: Keyed) -> None:
    asked = {**token_for("receiver"), "Idempotency-Key": CANARY, "If-Match": CANARY}
    for answer in (
        client.post(THINGS_AT, headers=asked, json={"colour": "red"}),
        client.patch(f"{THINGS_AT}/{uuid4()}", headers=asked),
        client.get(THINGS_AT, headers={"Authorization": f"Bearer {CANARY}"}),
    ):
        is_problem(answer, answer.status_code)
        assert answer.status_code in {400, 401}
        silent(answer)


def test_a_fault_says_nothing_of_itself(client: TestClient, capsys: Any) -> None:
    answer = client.get(f"/verification/v1/broken?word={CANARY}")
    is_problem(answer, 500)
    assert CANARY not in capsys.readouterr().out


def test_who_does_not_say_who_they_are_is_told_how(client: TestClient) -> None:
    answer = client.get(THINGS_AT)
    is_problem(answer, 401)
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_missing_role_is_forbidden_and_named(client: TestClient, token_for: Keyed) -> None:
    headers = {**token_for("verifier"), "Idempotency-Key": f'"{uuid4()}"'}
    answer = client.post(THINGS_AT, headers=headers, json={"colour": "red"})
    is_problem(answer, 403)
    assert answer.json()["needs"] == ["case_owner", "receiver"]


def test_a_database_that_is_away_is_said_to_be_and_when_to_come_back(
    client: TestClient, token_for: Keyed
) -> None:
    def away() -> Iterator[None]:
        lost = Exception(CANARY)
        raise OperationalError(f"SELECT '{CANARY}'", None, lost, connection_invalidated=True)

    edge: Edge = client.app.state.edge  # type: ignore[attr-defined]
    state = client.app.state  # type: ignore[attr-defined]
    state.edge = Edge(**{**vars(edge), "read": away})
    answer = client.get(THINGS_AT, headers=token_for("receiver"))
    is_problem(answer, 503)
    assert answer.headers["Retry-After"] == "5"
    silent(answer)


def refusals(base: type[DomainError] = DomainError) -> list[type[DomainError]]:
    return [base, *(found for child in base.__subclasses__() for found in refusals(child))]


def test_every_kind_of_refusal_has_a_status() -> None:
    assert len(refusals()) > 10
    for refusal in refusals():
        assert refusal.kind in STATUS_OF_KIND, refusal


def test_a_refusals_code_is_made_of_its_name() -> None:
    assert errors.VersionChanged.code() == "version-changed"
    assert problems.members(errors.NotFound(case_id="1")) == {
        "type": "urn:nhipcau:problem:not-found",
        "status": 404,
        "case_id": "1",
    }


@pytest.mark.parametrize("size", [65_537, 1_000_000])
def test_a_body_over_64_kib_is_refused_by_its_length(
    client: TestClient, keyed: Keyed, size: int
) -> None:
    is_problem(client.post(THINGS_AT, headers=keyed(), content=b" " * size), 413)


def test_a_body_over_64_kib_is_refused_even_if_it_hides_its_length(
    client: TestClient, keyed: Keyed
) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(65):
            yield b" " * 1024

    headers = {**keyed(), "Content-Type": "application/json"}
    is_problem(client.post(THINGS_AT, headers=headers, content=pieces()), 413)


def test_a_body_of_64_kib_is_read(client: TestClient, keyed: Keyed) -> None:
    body = orjson.dumps({"colour": "red"})
    headers = {**keyed(), "Content-Type": "application/json"}
    padded = body + b" " * (64 * 1024 - len(body))
    assert client.post(THINGS_AT, headers=headers, content=padded).status_code == 201


@pytest.mark.parametrize("length", ["-1", "many", "1e9", ""])
def test_a_length_that_is_no_number_is_refused(
    client: TestClient, keyed: Keyed, length: str
) -> None:
    headers = {**keyed(), "Content-Length": length}
    assert client.post(THINGS_AT, headers=headers, content=b"{}").status_code >= 400


def test_health_is_public_and_asks_the_database(client: TestClient) -> None:
    for address in ("/healthz", "/verification/healthz"):
        assert client.get(address).json() == {"status": "ready"}


def test_readiness_is_public_and_asks_for_a_commit(client: TestClient, database: Database) -> None:
    for address in ("/readyz", "/verification/readyz"):
        assert client.get(address).json() == {"status": "ready"}
    edge: Edge = client.app.state.edge  # type: ignore[attr-defined]
    numbered = text("SELECT pg_current_xact_id()::text::bigint")
    with edge.begin() as session:
        before = session.scalar(numbered)
    asked = create_api(edge, [])
    with TestClient(asked) as fresh:
        assert fresh.get("/readyz").status_code == fresh.get("/readyz").status_code == 200
    with edge.begin() as session:
        assert session.scalar(numbered) >= before + 2, "a transaction of its own had a number"
