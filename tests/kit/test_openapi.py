"""The OpenAPI document says what callers have to do, and what they meet if they do not."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from openapi_spec_validator import validate

from deploy.stack.keys import Keys
from shared.contracts import Queue
from shared.contracts.directory import TOKEN_PATH
from tests.architecture.applications import SERVICES, compose

BASE = "/verification/v1"
OPERATORS_OWN = {
    "list_parked_groups",
    "list_parked_messages",
    "preview_replay",
    "propose_skip",
    "read_parked_message",
    "read_replay",
    "replay_message",
    "replay_messages",
    "skip_message",
}

READING = ("list_", "read_", "preview_")

Document = dict[str, Any]


@pytest.fixture
def document(client: TestClient) -> Document:
    """Of the tiny service."""
    found: Document = client.get("/verification/openapi.json").json()
    return found


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return Keys.make(tmp_path_factory.mktemp("secrets"))


@pytest.fixture
def published(
    queue: Queue, keys: Keys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Document:
    """Of a service of the product."""
    return compose(queue, keys, tmp_path, monkeypatch).openapi()


def operations(document: Document) -> Iterator[tuple[str, str, Document]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def parameters(operation: Document) -> dict[str, Document]:
    return {it["name"]: it for it in operation.get("parameters", [])}


def call(client: TestClient, method: str, path: str, headers: dict[str, str], **query: str) -> int:
    address = path.replace("{thing_id}", str(uuid4()))
    body = {"colour": "red"} if method == "post" else None
    return client.request(
        method, address, headers=headers, json=body, params={"word": "x", **query}
    ).status_code


def test_who_may_call_is_told_as_it_is(
    client: TestClient, document: Document, token_for: Callable[..., dict[str, str]]
) -> None:
    headers = {"Idempotency-Key": str(uuid4()), "If-Match": '"1"'}
    for method, path, operation in operations(document):
        asked = operation.get("security")
        assert (call(client, method, path, headers) == 401) is (asked is not None), path
        roles = {role for option in asked or [] for role in option["access_token"]}
        without = call(client, method, path, token_for("verifier") | headers)
        assert (without == 403) is bool(roles), path
    made = document["paths"][f"{BASE}/things"]["post"]
    assert made["security"] == [{"access_token": ["case_owner"]}, {"access_token": ["receiver"]}]
    assert "security" not in document["paths"][f"{BASE}/broken"]["get"]


def test_a_header_whose_absence_is_refused_is_required(
    client: TestClient, document: Document, token_for: Callable[..., dict[str, str]]
) -> None:
    refused = {"Idempotency-Key": 400, "If-Match": 428}
    met = set()
    for method, path, operation in operations(document):
        status = call(client, method, path, token_for("receiver"))
        for name in parameters(operation).keys() & refused.keys():
            met.add(name)
            header = parameters(operation)[name]
            assert status == refused[name]
            assert header["required"] is True
            assert header["schema"]["type"] == "string"
            assert len(header["description"]) > 20
            assert str(status) in operation["responses"]
    assert met == refused.keys()


def test_headers_of_answers_are_told(document: Document) -> None:
    def carried(method: str, path: str, status: str) -> set[str]:
        answer = document["paths"][BASE + path][method]["responses"][status]
        return set(answer.get("headers", {}))

    assert carried("get", "/things", "200") == {"Link"}
    assert carried("post", "/things", "201") == {"Location", "ETag"}
    assert carried("patch", "/things/{thing_id}", "204") == {"ETag"}
    assert carried("get", "/things", "401") == {"WWW-Authenticate"}


def test_a_token_is_asked_for_with_client_credentials(document: Document) -> None:
    (scheme,) = document["components"]["securitySchemes"].values()
    flow = scheme["flows"]["clientCredentials"]
    assert scheme["type"] == "oauth2"
    assert "private_key_jwt" in scheme["description"]
    assert set(flow["scopes"]) == {"receiver", "case_owner", "operator"}


def test_who_may_call_is_said_in_words_too(document: Document) -> None:
    made = document["paths"][f"{BASE}/things"]["post"]["description"]
    assert made.endswith("**For:** whoever holds the role `case_owner` or `receiver`.")
    broken = document["paths"][f"{BASE}/broken"]["get"]["description"]
    assert "**For:**" not in broken


@SERVICES
def test_a_published_document_is_valid(queue: Queue, published: Document) -> None:
    validate(published)
    assert published["openapi"].startswith("3.1")


@SERVICES
def test_every_refusal_is_told_as_a_problem(queue: Queue, published: Document) -> None:
    told = {
        (path, status, kind)
        for _, path, operation in operations(published)
        for status, answer in operation["responses"].items()
        if status[0] in "45d"
        for kind in answer["content"]
    }
    others = {(path, status) for path, status, kind in told if kind != "application/problem+json"}
    assert others <= {(TOKEN_PATH, "400"), (TOKEN_PATH, "401")}, "RFC 6749 has its own"
    assert "HTTPValidationError" not in str(published)
    problem = published["components"]["schemas"]["Problem"]
    assert {"type", "title", "status"} <= set(problem["properties"])


@SERVICES
def test_parked_messages_are_told_as_completely_as_the_rest(
    queue: Queue, published: Document
) -> None:
    found = {
        operation["operationId"]: (path, operation)
        for _, path, operation in operations(published)
        if "/parked-messages" in path
    }
    assert found.keys() == OPERATORS_OWN
    for name, (path, operation) in found.items():
        expected = {"401", "403"} | (set() if name == "list_parked_groups" else {"422"})
        expected |= set() if name.startswith(READING) else {"400", "409"}
        expected |= {"404"} if "{" in path else set()
        assert expected <= operation["responses"].keys()
        success = operation["responses"].get("200") or operation["responses"]["201"]
        assert "$ref" in success["content"]["application/json"]["schema"]
        assert operation["security"] == [{"access_token": ["operator"]}]


@SERVICES
def test_every_service_says_where_tokens_come_from(queue: Queue, published: Document) -> None:
    (scheme,) = published["components"]["securitySchemes"].values()
    assert scheme["flows"]["clientCredentials"]["tokenUrl"] == TOKEN_PATH
