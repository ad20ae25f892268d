"""How I log in: passkeys, app and recovery codes, changed after showing again who I am."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Form, Response
from starlette.responses import HTMLResponse

from services.console.clients import Problem
from services.console.pages.desk import app_of
from services.console.pages.done import Done
from services.console.pages.edge import FromHere
from services.console.pages.forms import Sent
from services.console.pages.visit import Visit, Visiting
from shared.contracts.vocabulary import Queue
from shared.kit.routing import Router

router = Router(include_in_schema=False)

NOT_CONFIRMED = "not-confirmed"
PASSKEYS = "/account/passkeys"
PLACES = {
    "passkeys": PASSKEYS,
    "passkey": f"{PASSKEYS}/new",
    "codes": "/account/recovery-codes",
    "app": "/account/app",
}
"""Where somebody goes on who has shown who they are; a page leads nowhere else."""


class Signed(Sent):
    """What a passkey answered, if one was shown."""

    credential_id: str = ""
    client_data: str = ""
    authenticator_data: str = ""
    signature: str = ""

    def passkey(self) -> dict[str, str] | None:
        """As the API takes it."""
        told = self.model_dump(include=set(Signed.model_fields) - set(Sent.model_fields))
        return told if self.credential_id else None


class Proof(Signed):
    """What shows who somebody is, and where they were going."""

    password: str = ""
    code: str = ""
    to: str = ""


class NewPasskey(Sent):
    """What an authenticator has made, and what its owner calls it."""

    name: str = ""
    credential_id: str = ""
    client_data: str = ""
    attestation: str = ""


class AppCode(Sent):
    """The first code of a new app, which is shown again until it is right."""

    code: str = ""
    secret: str = ""
    address: str = ""


@router.get("/account/confirm")
async def show_confirm(visit: Visiting, to: str = "passkeys") -> HTMLResponse:
    """Who are you?"""
    return await _confirm_page(visit, to)


@router.post("/account/confirm", dependencies=[FromHere])
async def confirm(form: Annotated[Proof, Form()], visit: Visiting) -> Response:
    """Show it, and go on."""
    told = {"password": form.password, "code": form.code.strip(), "passkey": form.passkey()}
    body = {name: said for name, said in told.items() if said}
    try:
        await visit.change("POST", Queue.DIRECTORY, "/me/confirmations", body=body, key=form.key)
    except Problem as problem:
        return await _confirm_page(visit, form.to, problem)
    return visit.go(PLACES.get(form.to, PASSKEYS))


@router.get(PASSKEYS)
async def list_passkeys(visit: Visiting) -> HTMLResponse:
    """My passkeys."""
    return await _passkeys_page(visit)


@router.post(f"{PASSKEYS}/{{passkey_id}}/remove", dependencies=[FromHere])
async def remove_passkey(passkey_id: UUID, visit: Visiting) -> Response:
    """Forget one of them."""
    try:
        await visit.change("DELETE", Queue.DIRECTORY, f"/me/passkeys/{passkey_id}")
    except Problem as problem:
        return _first_confirm(visit, "passkeys", problem) or await _passkeys_page(visit, problem)
    return visit.go(PASSKEYS, Done.PASSKEY_REMOVED)


@router.get(f"{PASSKEYS}/new")
async def show_new_passkey(visit: Visiting) -> Response:
    """What a new one is made with."""
    return await _new_passkey_page(visit, NewPasskey())


@router.post(f"{PASSKEYS}/new", dependencies=[FromHere])
async def add_passkey(form: Annotated[NewPasskey, Form()], visit: Visiting) -> Response:
    """Keep it."""
    body = form.model_dump(exclude={"key", "version"})
    try:
        added = await visit.change("POST", Queue.DIRECTORY, "/me/passkeys", body=body, key=form.key)
    except Problem as problem:
        return await _new_passkey_page(visit, form, problem)
    codes = _codes_page(visit, added["recovery_codes"])
    return codes or visit.go(PASSKEYS, Done.PASSKEY_ADDED)


@router.get("/account/recovery-codes")
async def show_recovery_codes(visit: Visiting) -> HTMLResponse:
    """What new codes would mean."""
    return visit.page("recovery_codes_new.html", "recovery-new-title", problem=None)


@router.post("/account/recovery-codes", dependencies=[FromHere])
async def make_recovery_codes(visit: Visiting) -> Response:
    """Make them: shown once."""
    try:
        made = await visit.change("POST", Queue.DIRECTORY, "/me/recovery-codes")
    except Problem as problem:
        page = _refused(visit, "recovery_codes_new.html", "recovery-new-title", problem)
        return _first_confirm(visit, "codes", problem) or page
    return _codes_page(visit, made["recovery_codes"]) or visit.go("/account")


@router.get("/account/app")
async def show_app(visit: Visiting) -> HTMLResponse:
    """What another app would mean."""
    return visit.page("app_new.html", "app-title", problem=None, app=None)


@router.post("/account/app", dependencies=[FromHere])
async def begin_app(visit: Visiting) -> Response:
    """Begin to set it up; the present one is good until its first code is given."""
    try:
        begun = await visit.change("POST", Queue.DIRECTORY, "/me/authenticator")
    except Problem as problem:
        page = _refused(visit, "app_new.html", "app-title", problem, app=None)
        return _first_confirm(visit, "app", problem) or page
    return visit.page("app_new.html", "app-title", problem=None, app=app_of(**begun))


@router.post("/account/app/code", dependencies=[FromHere])
async def set_app(form: Annotated[AppCode, Form()], visit: Visiting) -> Response:
    """Its first code."""
    body = {"code": form.code.strip()}
    try:
        done = await visit.change(
            "PUT", Queue.DIRECTORY, "/me/authenticator", body=body, key=form.key
        )
    except Problem as problem:
        app = app_of(form.secret, form.address)
        page = _refused(visit, "app_new.html", "app-title", problem, app=app)
        return _first_confirm(visit, "app", problem) or page
    codes = _codes_page(visit, done["recovery_codes"])
    return codes or visit.go("/account", Done.APP_SET)


def _refused(
    visit: Visit, template: str, title: str, problem: Problem, **facts: Any
) -> HTMLResponse:
    return visit.page(template, title, status=problem.status, problem=problem, **facts)


def _first_confirm(visit: Visit, to: str, problem: Problem) -> Response | None:
    """The page that asks who it is, if that is what was missing."""
    return visit.go(f"/account/confirm?to={to}") if problem.code == NOT_CONFIRMED else None


def _codes_page(visit: Visit, codes: list[str]) -> HTMLResponse | None:
    """New codes, shown once; nothing where there are none."""
    return visit.page("recovery_codes.html", "recovery-title", codes=codes) if codes else None


async def _confirm_page(visit: Visit, to: str, problem: Problem | None = None) -> HTMLResponse:
    asked: Any = await visit.change("POST", Queue.DIRECTORY, "/me/confirmations/passkey")
    account = await visit.read(Queue.DIRECTORY, "/me")
    return visit.page(
        "confirm.html",
        "confirm-title",
        problem=problem,
        to=to,
        user_name=account["user_name"],
        passkey=asked["passkey"],
    )


async def _passkeys_page(visit: Visit, problem: Problem | None = None) -> HTMLResponse:
    found = await visit.read(Queue.DIRECTORY, "/me/passkeys")
    account = await visit.read(Queue.DIRECTORY, "/me")
    return visit.page(
        "passkeys.html",
        "passkeys-title",
        problem=problem,
        passkeys=found["items"],
        is_possible=account["passkeys_possible"],
    )


async def _new_passkey_page(
    visit: Visit, form: NewPasskey, problem: Problem | None = None
) -> Response:
    try:
        invited = await visit.change("POST", Queue.DIRECTORY, "/me/passkeys/invitation")
    except Problem as refused:
        return _first_confirm(visit, "passkey", refused) or await _passkeys_page(visit, refused)
    return visit.page(
        "passkey_new.html",
        "passkey-new-title",
        problem=problem,
        invited=invited,
        name=form.name,
    )
