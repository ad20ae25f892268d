"""My account: who I am here, where I am logged in, what happened to it, my password."""

from typing import Annotated
from uuid import UUID

from fastapi import Form, Response
from starlette.responses import HTMLResponse

from services.console.clients import Problem
from services.console.pages.done import Done
from services.console.pages.edge import FromHere
from services.console.pages.forms import Sent
from services.console.pages.visit import Panel, Visit, Visiting
from shared.access import Permission
from shared.contracts.vocabulary import Queue
from shared.kit.routing import Router

router = Router(include_in_schema=False)

REVEALS = "10"
"""The newest; auditors read all of them."""


class Passwords(Sent):
    """The present password and the new one."""

    password: str = ""
    new_password: str = ""


@router.get("/account")
async def show_account(visit: Visiting, cursor: str = "") -> HTMLResponse:
    """All of it on one page; what happened before is on the next ones."""
    account = await visit.read(Queue.DIRECTORY, "/me")
    sessions = await visit.read(Queue.DIRECTORY, "/me/sessions")
    log = await visit.read(Queue.DIRECTORY, "/me/log", cursor=cursor)
    return visit.page(
        "account.html",
        "account-title",
        account=account,
        sessions=sessions["items"],
        log=log,
        reveals=await _reveals(visit),
        is_later=bool(cursor),
    )


async def _reveals(visit: Visit) -> Panel:
    """When this person last opened who somebody is: a part that the page can do without."""
    if not visit.may(Permission.REVEAL_READ):
        return Panel(None)
    return await visit.panel(Queue.INTAKE, "/reveals", page_size=REVEALS)


@router.post("/account/sessions/{session_id}/end", dependencies=[FromHere])
async def end_session(session_id: UUID, visit: Visiting) -> Response:
    """End one of one's own sessions."""
    await visit.change("DELETE", Queue.DIRECTORY, f"/me/sessions/{session_id}")
    return visit.go("/account", Done.SESSION_ENDED)


@router.get("/account/password")
async def show_password(visit: Visiting) -> HTMLResponse:
    """The present password and a new one."""
    return await _password_page(visit)


@router.post("/account/password", dependencies=[FromHere])
async def change_password(form: Annotated[Passwords, Form()], visit: Visiting) -> Response:
    """Set the new password; all other sessions end."""
    try:
        await visit.change("POST", Queue.DIRECTORY, "/me/password", body=form.said(), key=form.key)
    except Problem as problem:
        return await _password_page(visit, problem)
    return visit.go("/account", Done.PASSWORD_CHANGED)


async def _password_page(visit: Visit, problem: Problem | None = None) -> HTMLResponse:
    account = await visit.read(Queue.DIRECTORY, "/me")
    return visit.page(
        "password.html",
        "password-title",
        problem=problem,
        user_name=account["user_name"],
    )
