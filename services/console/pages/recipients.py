"""Whoever is told things, and whether what is told arrives."""

from collections.abc import Mapping
from typing import Any

from services.console.pages.visit import MOST, Panel, Visit
from shared.contracts import Queue

FAILING = 5
"""Failures in a row after which an endpoint rests."""


async def recipients_of(visit: Visit) -> Panel:
    """All of them, those first to whom something does not arrive, the oldest of it first.

    Notification tells them by id, and by no more than a page at once.
    """
    found: list[Any] = []
    cursor = ""
    while True:
        panel = await visit.panel(Queue.NOTIFICATION, "/recipients", page_size=MOST, cursor=cursor)
        if panel.told is None:
            return panel
        found += panel.told["items"]
        cursor = panel.told["next_cursor"] or ""
        if not cursor:
            return Panel(sorted(found, key=_order))


def is_down(recipient: Mapping[str, Any]) -> bool:
    """Whether nothing is sent there, or what is sent does not arrive."""
    endpoint = recipient["endpoint"]
    if endpoint is None:
        return bool(recipient["no_endpoint"])
    is_resting = endpoint["consecutive_failures"] >= FAILING
    is_stopped = endpoint["suspended_at"] is not None or endpoint["status"] != "active"
    return is_resting or is_stopped or recipient["parked"] > 0


def _order(recipient: Mapping[str, Any]) -> tuple[bool, str]:
    return not is_down(recipient), recipient["oldest_at"] or "9"
