"""All five behind one port: whatever the path, the answer is a service's or a problem."""

from collections.abc import Callable

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from deploy.stack.front import before

PATHS = [
    "/",
    "//",
    "/nothing",
    "/%0A",
    "/%0A/verification/v1/things",
    "/verification%0A/v1/things",
    "/verification/%0Ax",
    "/verification/v1/things/%0D%0AX:%20y",
    "/verification/v1/things/%E2%80%A8/x",
    "/verification/v1/%FF",
]


def running(client: TestClient) -> FastAPI:
    """A service's application, started already by its own client."""
    assert isinstance(client.app, FastAPI)
    return client.app


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_every_path_that_leads_nowhere_is_a_problem(
    client: TestClient, method: str, path: str
) -> None:
    front = TestClient(before({"verification": running(client)}), follow_redirects=False)
    answer = front.request(method, path)
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_path_leads_to_the_service_it_begins_with(
    client: TestClient, token_for: Callable[..., dict[str, str]]
) -> None:
    front = TestClient(before({"verification": running(client)}))
    answer = front.get("/verification/v1/things", headers=token_for("receiver"))
    assert answer.status_code == 200
