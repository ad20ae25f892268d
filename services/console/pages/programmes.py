"""One's own programmes: their places, and that they are still as they are told (page 24)."""

from typing import Annotated
from uuid import UUID

from fastapi import Form, Response
from starlette.responses import HTMLResponse

from services.console.clients import Problem
from services.console.pages.done import Done
from services.console.pages.edge import FromHere
from services.console.pages.forms import Sent
from services.console.pages.offers import own_programmes
from services.console.pages.visit import Visit, Visiting
from shared.contracts.vocabulary import Queue
from shared.kit.routing import Router

router = Router(include_in_schema=False)


@router.get("/programmes")
async def list_programmes(visit: Visiting, assured: str = "") -> HTMLResponse:
    """What is told of one's programmes, how many places are held, until when it is assured."""
    return await _programmes_page(visit, assured=assured)


@router.post("/programmes/{programme_id}/assurances", dependencies=[FromHere])
async def assure_programme(
    programme_id: UUID, form: Annotated[Sent, Form()], visit: Visiting
) -> Response:
    """Say that a programme is still right, as the version says that was read."""
    path = f"/programmes/{programme_id}/assurances"
    try:
        await visit.change(
            "POST", Queue.DIRECTORY, path, body={}, key=form.key, version=form.version
        )
    except Problem as problem:
        return await _programmes_page(visit, problem)
    return visit.go(f"/programmes?assured={programme_id}", Done.STILL_RIGHT)


async def _programmes_page(
    visit: Visit, problem: Problem | None = None, *, assured: str = ""
) -> HTMLResponse:
    programmes = await own_programmes(visit)
    places = await visit.whole_panel(Queue.LIVELIHOOD_SUPPORT, "/places")
    held = {each["id"]: each for each in places.told["items"]} if places.told else {}
    return visit.page(
        "programmes.html",
        "programmes-title",
        problem=problem,
        programmes=list(programmes.values()),
        places=places,
        held=held,
        assured=assured,
    )
