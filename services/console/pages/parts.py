"""The parts in cases that an organisation was given: whom it shelters, whom it protects."""

from starlette.responses import HTMLResponse

from services.console.pages.visit import Visiting, only_with
from shared.access import Permission, Scope
from shared.contracts.vocabulary import Queue
from shared.kit.routing import Router

having_parts = only_with(Permission.ASSIGNMENT_READ, Scope.OWN)
"""Whoever acts for an organisation that can be given a part."""
router = Router(include_in_schema=False, dependencies=[having_parts])


@router.get("/parts")
async def list_parts(visit: Visiting, past: str = "", cursor: str = "") -> HTMLResponse:
    """What is held today, or else what is over or to come; of whom, and never who it is."""
    is_held = "false" if past else "true"
    found = await visit.read(Queue.INTAKE, "/assignments", is_held=is_held, cursor=cursor)
    return visit.page(
        "parts.html",
        "parts-title",
        parts=found["items"],
        next_cursor=found["next_cursor"],
        is_later=bool(cursor),
        past=past,
    )
