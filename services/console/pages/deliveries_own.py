"""Where one's own organisation is told: by webhook or at a mailbox, and what it was told."""

from typing import Annotated, Any
from uuid import UUID

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
    """Where webhooks go; none, where an administrator may stop them so."""

    url: str = ""


class Mailbox(Sent):
    """Where the office is written to."""

    mailbox: str = ""


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


@router.post(f"{HERE}/mailbox", dependencies=[FromHere])
async def write_to(form: Annotated[Mailbox, Form()], visit: Visiting) -> Response:
    """Have the office written to at a mailbox."""
    body = {"mailbox": form.mailbox.strip()}
    try:
        await visit.change("POST", Queue.DIRECTORY, _mailboxes_of(visit), body=body, key=form.key)
    except Problem as problem:
        return await _own_page(visit, problem, wrong="mailbox", typed_mailbox=form.mailbox)
    return visit.go(HERE, Done.MAILBOX_SAVED)


@router.post(f"{HERE}/mailbox/{{contact_point_id}}/end", dependencies=[FromHere])
async def write_no_more(
    contact_point_id: UUID, form: Annotated[Sent, Form()], visit: Visiting
) -> Response:
    """Have nothing more written to a mailbox."""
    path = f"{_mailboxes_of(visit)}/{contact_point_id}"
    try:
        await visit.change("DELETE", Queue.DIRECTORY, path, key=form.key)
    except Problem as problem:
        return await _own_page(visit, problem)
    return visit.go(HERE, Done.MAILBOX_ENDED)


def _path_of(visit: Visit) -> str:
    return f"/organisations/{visit.person.subject.organisation_id}/endpoint"


def _mailboxes_of(visit: Visit) -> str:
    return f"/organisations/{visit.person.subject.organisation_id}/contact-points"


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
    mailboxes = await visit.panel(Queue.DIRECTORY, _mailboxes_of(visit))
    names = await names_of(visit, [str(own)])
    return visit.page(
        "deliveries_own.html",
        "own-deliveries-title",
        problem=problem,
        where=HERE,
        name=names.get(str(own), str(own)),
        address=address.told,
        contact_points=mailboxes.told["items"] if mailboxes.told else [],
        **{"secret": None, "typed": "", "typed_mailbox": "", "wrong": "url", **told, **facts},
    )
