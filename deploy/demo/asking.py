"""How the people of the demonstration ask the exchange: whole lists, and moves that can be lost."""

from collections.abc import Mapping
from typing import Any

import httpx2

from deploy.demo.cast import key_of
from deploy.stack.client import ApiClient
from shared.contracts import Queue

CASES = "/intake/v1/cases"
VERIFICATIONS = "/verification/v1/verifications"
LIVELIHOOD = "/livelihood-support/v1"
NOTIFICATION = "/notification/v1"

READ_AGAIN = {httpx2.codes.CONFLICT, httpx2.codes.PRECONDITION_FAILED}
"""Refusals of a move that the next look at the verification explains."""


def every(client: ApiClient, path: str, **only: str) -> list[dict[str, Any]]:
    """All rows of a list, or only those that a filter leaves, page after page."""
    found: list[dict[str, Any]] = []
    query: dict[str, Any] = {"page_size": 100, **only}
    while True:
        answer = client.get(path, **query)
        answer.raise_for_status()
        page = answer.json()
        found.extend(page["items"])
        if page["next_cursor"] is None:
            return found
        query["cursor"] = page["next_cursor"]


def move(client: ApiClient, verification: Mapping[str, Any], made: Mapping[str, Any]) -> None:
    """Move a verification, unless it has moved since it was read."""
    version = verification["version"]
    answer = client.post(
        f"{VERIFICATIONS}/{verification['id']}/moves",
        made,
        key=key_of(verification["id"], made["move"], str(version)),
        version=f'"{version}"',
    )
    if answer.status_code not in READ_AGAIN:
        answer.raise_for_status()


def has_been(client: ApiClient, verification: Mapping[str, Any], made: Mapping[str, Any]) -> bool:
    """Whether a verification was moved so.

    Asked of the exchange, since an answer to the move itself may be lost.
    """
    moves = every(client, f"{VERIFICATIONS}/{verification['id']}/moves")
    return any(each["move"] == made["move"] for each in moves)


def duties_of(client: ApiClient, service: Queue, what: str) -> list[dict[str, Any]]:
    """What a service's list of duties has of one kind for whoever asks."""
    duties = every(client, f"/{service.segment}/v1/duties")
    return [duty for duty in duties if duty["what"] == what]
