"""Logging in, in steps; a password by link or slip; logging out, and leaving quickly."""

from typing import Annotated, Any

from fastapi import Form, Response
from pydantic import BaseModel, ConfigDict
from starlette.responses import HTMLResponse, RedirectResponse

from services.console.clients import Problem
from services.console.pages.desk import REFUSED, AtDesk, Desk, app_of
from services.console.pages.edge import FromHere
from services.console.pages.factors import Signed
from shared.kit.routing import Router

router = Router(include_in_schema=False)

OK = 200


class Sent(BaseModel):
    """A form as it was sent; whatever is in it, the directory judges it."""

    model_config = ConfigDict(extra="forbid")


class NameAndPassword(Sent):
    """The first step."""

    user_name: str = ""
    password: str = ""


class Code(Signed):
    """A code of an authenticator app, a recovery code, or what a passkey answered."""

    code: str = ""
    secret: str = ""
    """Where the app is being set up: shown again until the first code is right."""
    address: str = ""


class Slip(Sent):
    """The code of a link or slip, and the new password."""

    code: str = ""
    password: str = ""


@router.get("/log-in")
async def show_log_in(desk: AtDesk) -> HTMLResponse:
    """User name and password."""
    return _first_page(desk)


@router.get("/log-in/wanted")
async def go_on(desk: AtDesk) -> Response:
    """To the page that a link led to, for whoever is logged in.

    A browser sends our cookies only where somebody comes from a page of ours.
    """
    return desk.onward()


@router.post("/log-in", dependencies=[FromHere])
async def begin(form: Annotated[NameAndPassword, Form()], desk: AtDesk) -> Response:
    """The first step."""
    try:
        return await desk.step("", **form.model_dump())
    except Problem as problem:
        return _first_page(desk, form.user_name, problem)


@router.get("/log-in/code")
async def show_code(desk: AtDesk) -> HTMLResponse:
    """A code, or a passkey."""
    return await _code_page(desk)


@router.post("/log-in/code", dependencies=[FromHere])
async def give_code(form: Annotated[Code, Form()], desk: AtDesk) -> Response:
    """The second step; whose first one is too long ago begins again."""
    if desk.begun is None:
        return RedirectResponse("/log-in", status_code=303)
    shown = {"passkey": form.passkey()} if form.credential_id else {"code": form.code.strip()}
    try:
        return await desk.step("/second-factor", log_in=desk.begun, **shown)
    except Problem as problem:
        return await _code_page(desk, problem, app_of(form.secret, form.address))


@router.get("/log-in/link")
@router.get("/log-in/link/{code}")
async def show_link(desk: AtDesk, code: str = "") -> HTMLResponse:
    """The code of a link or slip, and a new password."""
    return desk.page("log_in_link.html", "link-title", code=code, problem=None)


@router.post("/log-in/link", dependencies=[FromHere])
async def redeem(form: Annotated[Slip, Form()], desk: AtDesk) -> Response:
    """Set the password, and be logged in with it."""
    try:
        return await desk.step("/link", code=form.code.strip(), password=form.password)
    except Problem as problem:
        facts = {"code": form.code, "problem": problem}
        return desk.page("log_in_link.html", "link-title", status=REFUSED, **facts)


@router.post("/log-out", dependencies=[FromHere])
async def log_out(desk: AtDesk) -> Response:
    """End the session."""
    answer = RedirectResponse("/log-in", status_code=303)
    await desk.end(answer)
    return answer


@router.post("/leave", dependencies=[FromHere])
async def leave(desk: AtDesk) -> Response:
    """Leave quickly for a page that nobody wonders about; the session ends with it.

    A page that leads on by itself, for a form of this policy may not lead elsewhere.
    """
    answer = desk.page("leave.html", "leave-title", to=desk.rules.exit_url)
    answer.headers["Clear-Site-Data"] = '"cache"'
    await desk.end(answer)
    return answer


def _first_page(desk: Desk, user_name: str = "", problem: Problem | None = None) -> HTMLResponse:
    """The first step. Whoever followed a link from elsewhere may be logged in already."""
    return desk.page(
        "log_in.html",
        "log-in-title",
        status=REFUSED if problem else OK,
        user_name=user_name,
        problem=problem,
        is_from_elsewhere=desk.request.headers.get("sec-fetch-site") == "cross-site",
    )


async def _code_page(
    desk: Desk, problem: Problem | None = None, app: dict[str, Any] | None = None
) -> HTMLResponse:
    """The second step. Whoever sets an app up has no passkey; for others each page asks anew."""
    passkey = None if app else await _passkey(desk)
    return desk.page(
        "log_in_code.html",
        "app-title" if app else "code-title",
        status=REFUSED if problem else OK,
        problem=problem,
        app=app,
        passkey=passkey,
    )


async def _passkey(desk: Desk) -> Any:
    """What a passkey has to sign; none where there is none, or nobody has begun."""
    if desk.begun is None:
        return None
    try:
        return (await desk.ask("/passkey", log_in=desk.begun))["passkey"]
    except Problem:
        return None
