"""Whoever is told things, and whether what is told arrives."""

from collections.abc import Mapping
from typing import Any

from services.console.pages.visit import Panel, Visit
from shared.contracts import Queue

FAILING = 5
"""Failures in a row after which an endpoint rests."""


async def recipients_of(visit: Visit) -> Panel:
    """All of them, those first to whom something does not arrive, the oldest of it first."""
    panel = await visit.whole_panel(Queue.NOTIFICATION, "/recipients")
    return panel if panel.told is None else Panel(sorted(panel.told["items"], key=_order))


def is_down(recipient: Mapping[str, Any]) -> bool:
    """Whether nothing is sent there, or what is sent does not arrive."""
    if recipient["no_endpoint"] or recipient["suspensions"]:
        return True
    called = recipient["endpoints"]
    return bool(called) and (recipient["parked"] > 0 or any(map(_is_down, called)))


def _is_down(endpoint: Mapping[str, Any]) -> bool:
    is_resting = endpoint["consecutive_failures"] >= FAILING
    return is_resting or endpoint["suspended_at"] is not None or endpoint["status"] != "active"


def _order(recipient: Mapping[str, Any]) -> tuple[bool, str]:
    return not is_down(recipient), recipient["oldest_at"] or "9"
