"""My account: who I am here, where I am logged in, what happened to it, my password."""

from typing import Annotated
from uuid import UUID

from fastapi import Form, Request, Response
from pydantic import BaseModel, ConfigDict
from starlette.responses import HTMLResponse, RedirectResponse

from services.console.clients import Problem
from services.console.pages.edge import FromHere, LoggedIn, Person, Rendering
from services.console.views import Views
from shared.kit.routing import Router

router = Router(include_in_schema=False)

OK, UNPROCESSABLE = 200, 422


class Passwords(BaseModel):
    """The present password and the new one."""

    model_config = ConfigDict(extra="forbid")

    password: str = ""
    new_password: str = ""


@router.get("/account")
async def show_account(
    request: Request, person: LoggedIn, views: Rendering, cursor: str = ""
) -> HTMLResponse:
    """All of it on one page; what happened before is on the next ones."""
    account = await person.read("directory", "/me")
    sessions = await person.read("directory", "/me/sessions")
    log = await person.read("directory", "/me/log", **({"cursor": cursor} if cursor else {}))
    return views.page(
        request,
        "account.html",
        "account-title",
        account=account,
        sessions=sessions["items"],
        log=log,
        is_later=bool(cursor),
        person=account["display_name"],
    )


@router.post("/account/sessions/{session_id}/end", dependencies=[FromHere])
async def end_session(session_id: UUID, person: LoggedIn) -> Response:
    """End one of one's own sessions."""
    await person.change("DELETE", "directory", f"/me/sessions/{session_id}")
    return RedirectResponse("/account", status_code=303)


@router.get("/account/password")
async def show_password(request: Request, person: LoggedIn, views: Rendering) -> HTMLResponse:
    """The present password and a new one."""
    return await _password_page(request, person, views, problem=None)


@router.post("/account/password", dependencies=[FromHere])
async def change_password(
    request: Request, form: Annotated[Passwords, Form()], person: LoggedIn, views: Rendering
) -> Response:
    """Set the new password; all other sessions end."""
    try:
        await person.change("POST", "directory", "/me/password", body=form.model_dump())
    except Problem as problem:
        return await _password_page(request, person, views, problem=problem)
    return RedirectResponse("/account", status_code=303)


async def _password_page(
    request: Request, person: Person, views: Views, *, problem: Problem | None
) -> HTMLResponse:
    account = await person.read("directory", "/me")
    return views.page(
        request,
        "password.html",
        "password-title",
        status=UNPROCESSABLE if problem else OK,
        problem=problem,
        user_name=account["user_name"],
        person=account["display_name"],
    )
