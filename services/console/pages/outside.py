"""Logging in at an identity provider of one's organisation: there, and back again."""

from typing import Annotated

from fastapi import Form, Response
from starlette.responses import HTMLResponse, RedirectResponse

from services.console.clients import Problem
from services.console.pages.desk import LOG_IN, REFUSED, AtDesk, Desk
from services.console.pages.edge import TEN_MINUTES, FromHere
from services.console.pages.forms import Sent
from shared.kit.routing import Router

router = Router(include_in_schema=False)

BEGIN = "/log-in"


class Start(Sent):
    """Whose provider is asked; with the code of a slip for whoever comes for the first time."""

    organisation_id: str = ""
    code: str = ""


class Returned(Sent):
    """What the provider sent a person back with."""

    code: str = ""
    state: str = ""


@router.get("/log-in/outside")
async def show_outside(desk: AtDesk) -> HTMLResponse:
    """Whose people may log in so."""
    return await _page(desk, Start())


@router.post("/log-in/outside", dependencies=[FromHere])
async def begin_outside(form: Annotated[Start, Form()], desk: AtDesk) -> Response:
    """Go there: by a page that leads on, for a form of this policy may not lead elsewhere."""
    asked = {"organisation_id": form.organisation_id, "code": form.code.strip()}
    try:
        begun = await desk.ask("/outside", **{name: it for name, it in asked.items() if it})
    except Problem as problem:
        return await _page(desk, form, problem)
    answer = desk.page("leave.html", "outside-leads-on", to=begun["address"])
    desk.cookies.keep(answer, LOG_IN, begun["log_in"], seconds=TEN_MINUTES)
    return answer


@router.get("/log-in/outside/return")
async def come_back(desk: AtDesk, code: str = "", state: str = "") -> HTMLResponse:
    """Back: a browser sends our cookies only with what a page of ours sends on."""
    return desk.page("outside_return.html", "outside-title", code=code, state=state)


@router.post("/log-in/outside/return", dependencies=[FromHere])
async def end_outside(form: Annotated[Returned, Form()], desk: AtDesk) -> Response:
    """The next step, whatever it is."""
    if desk.begun is None or not form.code:
        return RedirectResponse(BEGIN, status_code=303)
    told = {"log_in": desk.begun, "code": form.code, "state": form.state}
    try:
        return await desk.step("/outside/return", **told)
    except Problem as problem:
        return await _page(desk, Start(), problem)


async def _page(desk: Desk, form: Start, problem: Problem | None = None) -> HTMLResponse:
    found = await desk.read("/outside")
    return desk.page(
        "outside.html",
        "outside-title",
        status=REFUSED if problem else 200,
        problem=problem,
        organisations=found["items"],
        form_sent=form,
    )
