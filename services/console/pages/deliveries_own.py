"""Where one's own organisation takes webhooks: its address and secret, and what it was told."""

from typing import Annotated, Any

from fastapi import Form, Response
from starlette.responses import HTMLResponse

from services.console.clients import Problem
from services.console.pages.deliveries import told_to
from services.console.pages.done import Done
from services.console.pages.edge import FromHere
from services.console.pages.forms import Sent
from services.console.pages.names import names_of
from services.console.pages.visit import Visit, Visiting
from shared.contracts.vocabulary import Queue
from shared.kit.routing import Router

router = Router(include_in_schema=False)

HERE = "/deliveries/own"


class Address(Sent):
    """Where webhooks go."""

    url: str = ""


@router.get(HERE)
async def show_own(visit: Visiting, state: str = "", cursor: str = "") -> HTMLResponse:
    """The address of one's own organisation, how it is doing, and what was sent there."""
    return await _own_page(visit, state=state, cursor=cursor)


@router.post(f"{HERE}/endpoint", dependencies=[FromHere])
async def register(form: Annotated[Address, Form()], visit: Visiting) -> Response:
    """Another address, or another secret for the same; the secret is shown once."""
    body = {"url": form.url.strip()}
    try:
        made = await visit.change("POST", Queue.DIRECTORY, _path_of(visit), body=body, key=form.key)
    except Problem as problem:
        return await _own_page(visit, problem, typed=form.url)
    return await _own_page(visit, secret=made["secret"])


@router.post(f"{HERE}/endpoint/end", dependencies=[FromHere])
async def end(form: Annotated[Sent, Form()], visit: Visiting) -> Response:
    """Take no webhooks any more."""
    try:
        await visit.change("DELETE", Queue.DIRECTORY, _path_of(visit), key=form.key)
    except Problem as problem:
        return await _own_page(visit, problem)
    return visit.go(HERE, Done.ENDPOINT_STOPPED)


def _path_of(visit: Visit) -> str:
    return f"/organisations/{visit.person.subject.organisation_id}/endpoint"


async def _own_page(
    visit: Visit,
    problem: Problem | None = None,
    *,
    state: str = "",
    cursor: str = "",
    **facts: Any,
) -> HTMLResponse:
    own = visit.person.subject.organisation_id
    told = await told_to(visit, own, state, cursor)
    address = await visit.panel(Queue.DIRECTORY, _path_of(visit))
    names = await names_of(visit, [str(own)])
    return visit.page(
        "deliveries_own.html",
        "own-deliveries-title",
        problem=problem,
        where=HERE,
        name=names.get(str(own), str(own)),
        address=address.told,
        **{"secret": None, "typed": "", **told, **facts},
    )
