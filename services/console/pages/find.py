"""Finding a case: by its code, or by what somebody says of the person, which is sent and noted."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Form, Response
from starlette.responses import HTMLResponse

from services.console.clients import Problem
from services.console.pages.edge import FromHere
from services.console.pages.forms import Sent
from services.console.pages.visit import Visit, Visiting
from shared.contracts.vocabulary import Queue
from shared.kit.routing import Router

router = Router(include_in_schema=False)

UNPROCESSABLE = 422
FIELDS = ("phone", "identity_number", "sender_reference")
PURPOSES = ("person_present", "person_called", "body_asked", "submitted_before")


class Search(Sent):
    """What somebody says of a person, and what it is looked up for."""

    field: str = ""
    value: str = ""
    purpose: str = ""


@router.get("/find")
async def show_find(visit: Visiting, code: str = "") -> Response:
    """Two ways to find a case; a code that is known leads to it at once."""
    if not code:
        return _find_page(visit)
    try:
        found = await visit.read(Queue.INTAKE, "/cases", code=code.strip())
    except Problem as problem:
        if problem.status != UNPROCESSABLE:
            raise
        return _find_page(visit, problem, code=code)
    if not found["items"]:
        return _find_page(visit, code=code, found=found)
    return visit.go(f"/cases/{found['items'][0]['id']}")


@router.post("/find", dependencies=[FromHere])
async def search(form: Annotated[Search, Form()], visit: Visiting) -> HTMLResponse:
    """The cases in which this stands; what was typed is in no address and not shown again."""
    try:
        found = await visit.change("POST", Queue.INTAKE, "/cases/searches", body=form.said())
    except Problem as problem:
        return _find_page(visit, problem, chosen=form)
    return _find_page(visit, found=found, chosen=form)


def _find_page(
    visit: Visit,
    problem: Problem | None = None,
    *,
    code: str = "",
    found: Mapping[str, Any] | None = None,
    chosen: Search | None = None,
) -> HTMLResponse:
    return visit.page(
        "find.html",
        "find-title",
        problem=problem,
        code=code,
        found=found,
        chosen=chosen or Search(),
        fields=FIELDS,
        purposes=PURPOSES,
    )
