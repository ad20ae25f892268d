"""How tests have texts written by one person and published by another, over the API."""

from typing import Any
from uuid import uuid4

from fastapi.testclient import TestClient
from httpx2 import Response

BASE = "/notification/v1"
REQUESTED = "vn.nhipcau.referral.requested.v1"
Headers = dict[str, str]


def said(words: str, **facts: Any) -> dict[str, Any]:
    """A text to a phone that is to be said, in both languages."""
    body = {
        "kind": REQUESTED,
        "channel": "sms",
        "reason": "clearer",
        "wording_vi": words,
        "wording_en": "Something new. Code: {{ code }}.",
    }
    return {name: value for name, value in (body | facts).items() if value is not None}


def send(
    client: TestClient, who: Headers, path: str, body: Any = None, *, version: int | None = None,
    method: str = "POST",
) -> Response:  # fmt: skip
    match = {} if version is None else {"If-Match": f'"{version}"'}
    headers = {**who, "Idempotency-Key": str(uuid4()), **match}
    answer: Response = client.request(method, f"{BASE}{path}", headers=headers, json=body)
    return answer


def draft(client: TestClient, who: Headers, words: str, **facts: Any) -> dict[str, Any]:
    answer = send(client, who, "/template-versions", said(words, **facts))
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def publish(client: TestClient, who: Headers, made: dict[str, Any]) -> Response:
    path = f"/template-versions/{made['id']}/publications"
    return send(client, who, path, version=made["version"])


def problem(answer: Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].removeprefix("urn:nhipcau:problem:")
