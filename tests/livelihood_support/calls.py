"""One referral over HTTP, and who may have to do with it."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from fastapi.testclient import TestClient
from httpx2 import Response

BASE = "/livelihood-support/v1"
TokenFor = Callable[..., dict[str, str]]
Headers = dict[str, str]
Moves = Callable[..., Response]


@dataclass
class Scene:
    """One case, referred to the first of two schools, committed."""

    case_id: UUID
    referral_id: UUID
    first: Headers
    second: Headers
    owner: Headers
    stranger: Headers


def problem(answer: Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["type"].removeprefix("urn:nhipcau:problem:")


def read(client: TestClient, scene: Scene, caller: Headers) -> Response:
    answer: Response = client.get(f"{BASE}/referrals/{scene.referral_id}", headers=caller)
    return answer
