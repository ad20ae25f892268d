"""A step of logging in: what it is sent with, and what a right one leads to."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Any

import segno
from fastapi import Depends, Request, Response
from markupsafe import Markup
from starlette.responses import HTMLResponse, RedirectResponse

from services.console.clients import Exchange, ServiceDown
from services.console.pages.edge import (
    A_YEAR,
    SESSION,
    TEN_MINUTES,
    Apis,
    Cookies,
    Decided,
    Kept,
    Rendering,
    Rules,
)
from services.console.pages.forms import as_sent
from services.console.pages.place import place_of
from services.console.pages.ways import WANTED, wanted
from services.console.views import Views, language_of
from shared.contracts.vocabulary import Queue

LOG_IN = "log-in"
"""The cookie that holds what the next step is sent with."""
DEVICE = "device"
"""The cookie by which a browser is known again: nobody elsewhere can keep it waiting."""
NOT_KEPT_FOR = 2.0
"""Seconds that whoever logs out or leaves waits for the directory."""
REFUSED = 422
DONE, SECOND_FACTOR = "done", "second_factor"


@dataclass(frozen=True, repr=False)
class Desk:
    """One request of somebody who logs in."""

    request: Request
    views: Views
    apis: Exchange
    cookies: Cookies
    rules: Rules

    @property
    def begun(self) -> str | None:
        """What the step before was answered."""
        return self.cookies.read(self.request, LOG_IN)

    async def ask(self, path: str, **body: Any) -> Any:
        """Ask the directory for something of logging in, as the console itself."""
        return await self._asked("POST", path, body)

    async def read(self, path: str) -> Any:
        """Read something that belongs to logging in."""
        return await self._asked("GET", path, None)

    async def _asked(self, method: str, path: str, body: Mapping[str, Any] | None) -> Any:
        token = await self.apis.as_console()
        language = language_of(self.request)
        return await self.apis.ask(
            token, method, Queue.DIRECTORY, f"/log-ins{path}", language=language, body=body
        )

    async def step(self, path: str, **body: Any) -> Response:
        """Take a step, and go where it leads; raises ``Problem``."""
        device = self.cookies.read(self.request, DEVICE)
        return self._next(
            await self.ask(path, **body, **place_of(self.request, self.rules, device))
        )

    async def end(self, answer: Response) -> None:
        """End the session here, and in the directory if it answers soon; there it ends by itself.

        Whoever leaves in a hurry is not kept by a server that is down.
        """
        session = self.cookies.read(self.request, SESSION)
        self.cookies.forget(answer, SESSION)
        self.cookies.forget(answer, LOG_IN)
        self.cookies.forget(answer, WANTED)
        if session:
            with suppress(ServiceDown, TimeoutError):
                async with asyncio.timeout(NOT_KEPT_FOR):
                    await self.ask("/log-out", session=session)

    def onward(self) -> Response:
        """To the page that was asked for before anybody was logged in, else to the first one."""
        return RedirectResponse(wanted(self.request, self.cookies), status_code=303)

    def page(self, template: str, title: str, *, status: int = 200, **facts: Any) -> HTMLResponse:
        """A page of these."""
        facts |= {"problem": as_sent(facts.get("problem"), self.request)}
        return self.views.page(self.request, template, title, status=status, **facts)

    def _next(self, step: Mapping[str, Any]) -> Response:
        if step["step"] == DONE:
            return self._logged_in(step)
        if step["step"] == SECOND_FACTOR:
            answer: Response = RedirectResponse("/log-in/code", status_code=303)
        else:
            app = app_of(**step["authenticator"])
            answer = self.page("log_in_code.html", "app-title", problem=None, app=app, passkey=None)
        self.cookies.keep(answer, LOG_IN, step["log_in"], seconds=TEN_MINUTES)
        self._know_again(answer, step)
        return answer

    def _logged_in(self, step: Mapping[str, Any]) -> Response:
        codes = step["recovery_codes"]
        answer: Response = self.onward()
        if codes:
            facts = {"codes": codes, "is_logged_in": True}
            answer = self.page("recovery_codes.html", "recovery-title", **facts)
        self.cookies.keep(answer, SESSION, step["session"])
        self.cookies.forget(answer, LOG_IN)
        self.cookies.forget(answer, WANTED)
        self._know_again(answer, step)
        return answer

    def _know_again(self, answer: Response, step: Mapping[str, Any]) -> None:
        if step["device_token"]:
            self.cookies.keep(answer, DEVICE, step["device_token"], seconds=A_YEAR)


async def desk_of(
    request: Request, views: Rendering, apis: Apis, cookies: Kept, rules: Decided
) -> Desk:
    """Dependency: what a step of logging in stands on."""
    return Desk(request, views, apis, cookies, rules)


AtDesk = Annotated[Desk, Depends(desk_of)]


def app_of(secret: str, address: str) -> dict[str, Any] | None:
    """What an authenticator app is set up with: a secret to type, and a picture of it."""
    if not secret or not address.startswith("otpauth://totp/"):
        return None
    drawn = segno.make(address, micro=False).svg_inline(
        scale=5, dark="#000", light="#fff", border=3
    )
    return {"secret": secret, "address": address, "picture": Markup(drawn)}  # noqa: S704 - ours
