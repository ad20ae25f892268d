"""What organisations are called: asked of the directory, and remembered for some minutes.

A page of a case names several; who they are is public to everybody who may log in.
"""

from asyncio import gather
from collections.abc import Iterable, Mapping
from typing import Any

from services.console.pages.known import KnownNames
from services.console.pages.ordering import in_order
from services.console.pages.visit import Panel, Visit
from services.console.views import name_in
from shared.access import Permission
from shared.contracts.vocabulary import Queue
from shared.texts import TextLanguage


async def names_of(
    visit: Visit, ids: Iterable[str | None], language: TextLanguage | None = None
) -> Mapping[str, str]:
    """Organisations' names by id; who cannot be asked for now is left out.

    In the reader's language, unless another is asked for.
    """
    known: KnownNames = visit.request.app.state.known_names
    wanted = {each for each in ids if each}
    unknown = sorted(each for each in wanted if known.get(each) is None)
    for panel in await gather(
        *(visit.panel(Queue.DIRECTORY, f"/organisations/{it}") for it in unknown)
    ):
        if panel.told:
            known.note(panel.told)
    spoken = language or visit.person.language
    return {each: name_in(spoken, told) for each in wanted if (told := known.get(each))}


async def organisations_with(visit: Visit, role: str) -> Panel:
    """Whoever holds a role today, as the choices of a form: id and name, in order."""
    listed = await visit.whole_panel(Queue.DIRECTORY, "/organisations", role=role)
    if listed.told is None:
        return listed
    found = [_named(visit, each) for each in listed.told["items"] if each["is_active"]]
    return Panel(sorted(found, key=lambda each: in_order(each[1])))


async def officers_of(visit: Visit) -> list[tuple[str, str]]:
    """Who of one's own organisation acts in cases, as the choices of a form: oneself first."""
    if not visit.may(Permission.OFFICER_READ):
        return []
    listed = await visit.whole_panel(Queue.DIRECTORY, "/officers")
    found = [(it["id"], it["display_name"]) for it in (listed.told or {"items": ()})["items"]]
    me = visit.person.subject.id
    return sorted(found, key=lambda each: (each[0] != me, in_order(each[1])))


def _named(visit: Visit, told: Mapping[str, Any]) -> tuple[str, str]:
    return told["id"], name_in(visit.person.language, told)
