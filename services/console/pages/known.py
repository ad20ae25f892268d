"""What the directory told a while ago, by id: names of organisations, and of who is logged in."""

import time
from collections.abc import Mapping
from typing import Any

REMEMBERED = 300.0
"""Seconds until something is asked for again."""
REMEMBERED_AT_MOST = 2000
"""So many are remembered; then all are asked for anew."""


class KnownNames:
    """Organisations and members of staff by id; nobody whom a case is about."""

    def __init__(self) -> None:
        self._told: dict[str, tuple[float, Mapping[str, Any]]] = {}

    def get(self, known_id: str) -> Mapping[str, Any] | None:
        """What is remembered, if it is not too old."""
        at, told = self._told.get(known_id, (float("-inf"), None))
        return told if time.monotonic() - at < REMEMBERED else None

    def note(self, told: Mapping[str, Any]) -> None:
        """Remember what was told just now."""
        if len(self._told) >= REMEMBERED_AT_MOST:
            self._told.clear()
        self._told[told["id"]] = time.monotonic(), told
