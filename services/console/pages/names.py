"""What organisations are called: asked of the directory, and remembered for some minutes.

A page of a case names several; who they are is public to everybody who may log in.
"""

import time
from asyncio import gather
from collections.abc import Iterable, Mapping
from typing import Any

from services.console.pages.visit import MOST, Visit
from services.console.views import name_in
from shared.contracts.vocabulary import Queue

REMEMBERED = 300.0
"""Seconds until a name is asked for again."""
REMEMBERED_AT_MOST = 2000
"""Names remembered; then all are asked for anew."""


class KnownNames:
    """Organisations by id, as the directory told them a while ago."""

    def __init__(self) -> None:
        self._told: dict[str, tuple[float, Mapping[str, Any]]] = {}

    def get(self, organisation_id: str) -> Mapping[str, Any] | None:
        """What is remembered, if it is not too old."""
        at, told = self._told.get(organisation_id, (float("-inf"), None))
        return told if time.monotonic() - at < REMEMBERED else None

    def note(self, told: Mapping[str, Any]) -> None:
        """Remember what was told just now."""
        if len(self._told) >= REMEMBERED_AT_MOST:
            self._told.clear()
        self._told[told["id"]] = time.monotonic(), told


async def names_of(visit: Visit, ids: Iterable[str | None]) -> Mapping[str, str]:
    """Organisations' names by id; who cannot be asked for now is left out."""
    known: KnownNames = visit.request.app.state.known_names
    wanted = {each for each in ids if each}
    unknown = sorted(each for each in wanted if known.get(each) is None)
    for panel in await gather(
        *(visit.panel(Queue.DIRECTORY, f"/organisations/{it}") for it in unknown)
    ):
        if panel.told:
            known.note(panel.told)
    return dict(_named(visit, told) for each in wanted if (told := known.get(each)))


async def organisations_with(visit: Visit, role: str) -> list[tuple[str, str]]:
    """Whoever holds a role today, as the choices of a form: id and name."""
    listed = await visit.read(Queue.DIRECTORY, "/organisations", role=role, page_size=MOST)
    found = [_named(visit, each) for each in listed["items"] if each["is_active"]]
    return sorted(found, key=lambda each: each[1])


def _named(visit: Visit, told: Mapping[str, Any]) -> tuple[str, str]:
    return told["id"], name_in(visit.person.language, told)
