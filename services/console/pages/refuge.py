"""Where a person is kept safe, told by whoever protects them; shown where the file is opened."""

from typing import Annotated
from uuid import UUID

from fastapi import Form, Response
from starlette.responses import HTMLResponse

from services.console.clients import Problem
from services.console.pages.case_frame import case_page, head_at_hand
from services.console.pages.done import Done
from services.console.pages.edge import FromHere
from services.console.pages.forms import Sent
from services.console.pages.visit import Visit, Visiting, only_with
from shared.access import Permission
from shared.contracts.vocabulary import Queue
from shared.kit.routing import Router

router = Router(include_in_schema=False, dependencies=[only_with(Permission.REFUGE_RECORD)])


class Told(Sent):
    """Where the person is."""

    place: str = ""


@router.get("/cases/{case_id}/refuge")
async def show_refuge(case_id: UUID, visit: Visiting) -> HTMLResponse:
    """What is asked; never where somebody is."""
    return await _page(visit, case_id)


@router.post("/cases/{case_id}/refuge", dependencies=[FromHere])
async def record_refuge(case_id: UUID, form: Annotated[Told, Form()], visit: Visiting) -> Response:
    """Record where the person is kept safe from now on."""
    path = f"/cases/{case_id}/refuges"
    try:
        await visit.change("POST", Queue.INTAKE, path, body=form.said(), key=form.key)
    except Problem as problem:
        return await _page(visit, case_id, problem, form)
    return visit.go(f"/cases/{case_id}/refuge", Done.REFUGE_RECORDED)


@router.post("/cases/{case_id}/refuge/end", dependencies=[FromHere])
async def end_refuge(case_id: UUID, form: Annotated[Sent, Form()], visit: Visiting) -> Response:
    """Record that the person is there no more."""
    path = f"/cases/{case_id}/refuges/endings"
    try:
        await visit.change("POST", Queue.INTAKE, path, key=form.key)
    except Problem as problem:
        return await _page(visit, case_id, problem)
    return visit.go(f"/cases/{case_id}/refuge", Done.REFUGE_ENDED)


async def _page(
    visit: Visit, case_id: UUID, problem: Problem | None = None, typed: Told | None = None
) -> HTMLResponse:
    case = await head_at_hand(visit, case_id)
    return case_page(visit, "refuge.html", case, problem=problem, typed=typed or Told())
