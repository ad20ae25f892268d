"""What organisations are called: asked of the directory, each once for a page."""

from asyncio import gather
from collections.abc import Iterable, Mapping

from services.console.pages.visit import Panel, Visit
from shared.texts import TextLanguage

PAGE = "100"
"""As many as the directory tells at once."""


async def names_of(visit: Visit, ids: Iterable[str | None]) -> Mapping[str, str]:
    """Organisations' names by id; who cannot be asked for now is left out."""
    asked = sorted({each for each in ids if each})
    told = await gather(*(visit.panel("directory", f"/organisations/{it}") for it in asked))
    return dict(_named(visit, panel) for panel in told if panel.told)


async def organisations_with(visit: Visit, role: str) -> list[tuple[str, str]]:
    """Whoever holds a role today, as the choices of a form: id and name."""
    listed = await visit.read("directory", "/organisations", role=role, page_size=PAGE)
    found = [_named(visit, Panel(each)) for each in listed["items"] if each["is_active"]]
    return sorted(found, key=lambda each: each[1])


def _named(visit: Visit, panel: Panel) -> tuple[str, str]:
    is_vietnamese = visit.person.language is TextLanguage.VIETNAMESE
    return panel.told["id"], panel.told["name_vi" if is_vietnamese else "name_en"]
