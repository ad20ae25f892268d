"""Requests to the directory and what they are expected to answer."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

import httpx2
from fastapi.testclient import TestClient

V1 = "/directory/v1"
PROBLEM = "application/problem+json"
URL = "https://truong.edu.vn/hooks"
SCHOOL = {
    "code": "truong-nghe",
    "name_vi": "Trường nghề",
    "name_en": "A school",
    "kind": "vocational_school",
    "roles": [{"role": "provider", "area_code": "31", "valid_from": "2020-02-12"}],
}
OFFER = {
    "name_vi": "Lớp may",
    "name_en": "Sewing",
    "codes": ["VOCATIONAL"],
    "area_codes": ["31"],
    "capacity": 12,
}

Headers = dict[str, str]
TokenFor = Callable[..., Headers]


def key(value: str | None = None) -> Headers:
    return {"Idempotency-Key": f'"{value or uuid4()}"'}


def match(version: int) -> Headers:
    return {"If-Match": f'"{version}"'}


def post(
    client: TestClient, path: str, body: Mapping[str, Any], headers: Headers
) -> httpx2.Response:
    """A creating request that is expected to succeed."""
    answer = client.post(V1 + path, json=body, headers=headers | key())
    assert answer.status_code == 201, answer.text
    return answer


def refused(answer: httpx2.Response, status: int, problem: str) -> dict[str, Any]:
    """The problem a request was refused with."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == PROBLEM
    body: dict[str, Any] = answer.json()
    assert body["type"] == f"urn:nhipcau:problem:{problem}"
    return body
