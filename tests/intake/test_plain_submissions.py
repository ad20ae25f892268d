"""A submission is answered the same, whether the framework has looked at it or not."""

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import orjson
import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.intake.api import cases
from shared.kit import routing
from shared.kit.http import LARGEST_BODY
from tests.intake.answers import CASES, Headers, TokenFor
from tests.intake.builders import minor, paper, person, submission

VARYING = re.compile(rb"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|HP-\w{4}-\w{4}")
Header = tuple[str, str]

JSON: Header = ("Content-Type", "application/json")
ENGLISH: Header = ("Accept-Language", "en")
BODIES: list[bytes] = [
    *map(
        orjson.dumps,
        [
            submission(),
            minor(),
            submission(route="RESCUED", papers=[paper("DECLARATION", issued_on="2020-01-01")]),
            submission(sender_reference=None),
            submission(unknown=1),
            submission(route="NOWHERE"),
            submission(needs_interpreter="false"),
            submission(languages=["vi", "vi"]),
            submission(papers=[]),
            submission(person=person(birth_date=None)),
            submission(person=person(birth_date="1999-02-30")),
            submission(person=person(phones=[{"number": "no", "safe_to_call": True}])),
            submission(person=person(full_name="  ")),
            submission(person=None),
            {},
            [],
            None,
            "text",
        ],
    ),
    b"",
    b" ",
    b"{",
    b"\xef\xbb\xbf{}",
    b"\xff",
    b'{"route": "RESCUED", "route": "RESCUED"}',
    b"[" * 100,
    orjson.dumps(submission(sender_reference="a" * LARGEST_BODY)),
]
TYPES: list[list[Header]] = [
    [JSON],
    [JSON],
    [JSON],
    [],
    [("Content-Type", "application/json; charset=utf-8")],
    [("Content-Type", "APPLICATION/JSON")],
    [("Content-Type", "application/merge-patch+json")],
    [("Content-Type", "text/plain")],
    [("Content-Type", "")],
    [JSON, JSON],
    [JSON, ("Content-Type", "text/plain")],
]
OTHERS: list[list[Header]] = [
    [],
    [],
    [ENGLISH],
    [("If-Match", '"1"')],
    [("If-None-Match", '"1"')],
    [("traceparent", "00-" + "1" * 32 + "-" + "2" * 16 + "-01")],
    [("traceparent", "nonsense")],
]
KEYS: list[Callable[[str], list[Header]]] = [
    lambda key: [("Idempotency-Key", key)],
    lambda key: [("Idempotency-Key", key)],
    lambda key: [("Idempotency-Key", f'"{key}"')],
    lambda key: [("Idempotency-Key", f"  {key} ")],
    lambda key: [("Idempotency-Key", key), ("Idempotency-Key", key)],
    lambda _: [("Idempotency-Key", "no key")],
    lambda _: [],
]
QUERIES = ["", "", "?a=b", "?a=b&a=c", "?"]


@pytest.fixture
def callers(token_for: TokenFor, sender: Headers) -> list[list[Header]]:
    mine = sender["Authorization"]
    others = [token_for("verifier")["Authorization"], mine.replace("Bearer ", "bearer   ")]
    wrong = [f"{mine}x", mine.removeprefix("Bearer "), "Basic YTpi", "Bearer", ""]
    found = [[("Authorization", value)] for value in (mine, mine, mine, *others, *wrong)]
    return [*found, [], [("Authorization", mine), ("Authorization", mine)]]


def told(answer: Response) -> tuple[int, list[tuple[str, str]], bytes]:
    """An answer without what differs between two that are alike: ids, and codes made of them."""
    blank = re.sub(
        rb"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|HP-\w{4}-\w{4}", b"*", answer.content
    )
    fields = [(name, value) for name, value in answer.headers.multi_items() if name != "location"]
    return answer.status_code, fields, blank


Make = Callable[[str], list[Header]]


def assert_alike(
    client: TestClient, body: Any, headers: list[Header], key: Make, query: str
) -> None:
    """Answered without the framework, it is answered as with it, and the other way round."""

    def send(named: str) -> Response:
        content = iter(body) if isinstance(body, list) else body
        where = f"{CASES}{query}"
        found: Response = client.post(where, content=content, headers=[*headers, *key(named)])
        return found

    first, second = str(uuid4()), str(uuid4())
    plainly = send(first)
    with pytest.MonkeyPatch.context() as patch:
        patch.delitem(routing._SHORTCUTS, cases.submit_case)
        slowly, again = send(second), send(first)
    assert told(plainly) == told(slowly)
    if plainly.status_code == 201:
        # A repeat is read out of the database, which keeps the names in another order.
        assert (again.json(), dict(again.headers)) == (plainly.json(), dict(plainly.headers))
        assert send(second).json() == slowly.json()


@pytest.mark.parametrize("body", BODIES)
def test_every_body_is_answered_alike_with_and_without_the_framework(
    client: TestClient, callers: list[list[Header]], body: bytes
) -> None:
    assert_alike(client, body, [*callers[0], JSON], KEYS[0], "")


CHOICES = st.integers(0, 1000)


@given(st.data())
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_every_request_is_answered_alike_with_and_without_the_framework(
    client: TestClient, callers: list[list[Header]], data: st.DataObject
) -> None:
    def pick(some: list[Any]) -> Any:
        return some[data.draw(CHOICES) % len(some)]

    body, query, key = pick(BODIES), pick(QUERIES), pick(KEYS)
    headers = [*pick(callers), *pick(TYPES), *pick(OTHERS)]
    pieces = [body[:100], body[100:]] if data.draw(st.booleans()) else body
    assert_alike(client, pieces, headers, key, query)


def test_a_plain_submission_does_not_need_the_framework(
    client: TestClient, sender: Headers, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unneeded(*_words: Any, **_named: Any) -> None:
        pytest.fail("the framework was asked")

    monkeypatch.setattr("fastapi.routing.solve_dependencies", unneeded)
    answer = client.post(
        CASES, json=submission(), headers={**sender, "Idempotency-Key": str(uuid4())}
    )
    assert answer.status_code == 201
