"""What the pages share: templates, the APIs, who is logged in, and where a form was sent from."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Annotated, Any, Self
from uuid import UUID, uuid4

import orjson
from fastapi import Depends, Request, Response

from services.console.assets import Assets
from services.console.clients import Exchange, LoggedOut
from services.console.views import Views, language_of
from shared.access import Permission, Scope, visible
from shared.contracts.vocabulary import Queue
from shared.kit.claims import unchecked
from shared.kit.errors import Forbidden
from shared.kit.subjects import Subject
from shared.texts import TextLanguage

SESSION = "session"
"""The cookie that holds the token of a session: a secret, which no script can read."""
TEN_MINUTES = 600
"""As many seconds as something is kept for that belongs to logging in."""
A_YEAR = 365 * 24 * 3600


class SentFromElsewhere(Forbidden):
    """A form must be sent from a page of the console."""


async def _views(request: Request) -> Views:
    views: Views = request.app.state.views
    return views


async def _assets(request: Request) -> Assets:
    assets: Assets = request.app.state.assets
    return assets


async def _exchange(request: Request) -> Exchange:
    exchange: Exchange = request.app.state.exchange
    return exchange


@dataclass(frozen=True)
class Rules:
    """What this installation has decided about its pages."""

    public_url: str
    """The address that people open."""
    exit_url: str
    """Where a quick exit leads."""
    is_behind_proxy: bool
    """Whether every request comes through our own proxy, which says where it came from."""


async def _rules(request: Request) -> Rules:
    rules: Rules = request.app.state.rules
    return rules


Rendering = Annotated[Views, Depends(_views)]
Built = Annotated[Assets, Depends(_assets)]
Apis = Annotated[Exchange, Depends(_exchange)]
Decided = Annotated[Rules, Depends(_rules)]


@dataclass(frozen=True, repr=False)
class Cookies:
    """The console's own cookies: over HTTPS they are bound to this very host (RFC 6265bis)."""

    is_secure: bool

    @classmethod
    def of(cls, rules: Rules) -> Self:
        """Those of an installation."""
        return cls(rules.public_url.startswith("https://"))

    def name(self, of: str) -> str:
        """The name of a cookie."""
        return f"__Host-{of}" if self.is_secure else of

    def read(self, request: Request, of: str) -> str | None:
        """What a browser sent."""
        return request.cookies.get(self.name(of))

    def keep(self, answer: Response, of: str, value: str, *, seconds: int | None = None) -> None:
        """Leave a secret in the browser, until it is closed or for so long."""
        answer.set_cookie(
            self.name(of),
            value,
            max_age=seconds,
            httponly=True,
            secure=self.is_secure,
            samesite="strict",
        )

    def forget(self, answer: Response, of: str) -> None:
        """Take it away again."""
        answer.delete_cookie(self.name(of), httponly=True, secure=self.is_secure, samesite="strict")


async def _cookies(rules: Decided) -> Cookies:
    return Cookies.of(rules)


Kept = Annotated[Cookies, Depends(_cookies)]


def has_session(request: Request) -> bool:
    """Whether a browser has the cookie of a session, which may have ended meanwhile."""
    rules: Rules = request.app.state.rules
    return bool(Cookies.of(rules).read(request, SESSION))


async def sent_from_here(request: Request, rules: Decided) -> None:
    """Dependency of whatever changes anything; raises ``SentFromElsewhere``.

    Browsers say where a request comes from (Fetch Metadata), old ones at least its origin. What was
    sent is at hand afterwards, for a page that has to keep it (``pages.kept``).
    """
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin", "")
    ours = {f"{request.url.scheme}://{request.url.netloc}", rules.public_url}
    if not (site == "same-origin" if site else origin in ours):
        raise SentFromElsewhere
    request.state.form = await request.form()


FromHere = Depends(sent_from_here)


@dataclass(frozen=True, repr=False)
class Person:
    """Whoever is logged in: the APIs judge them as they judge every client."""

    session: str
    token: str
    language: TextLanguage
    exchange: Exchange

    @cached_property
    def subject(self) -> Subject:
        """Who this is and with which roles, to know which links to show."""
        return unchecked(self.token)

    def may(self, permission: Permission, scope: Scope | None = None) -> bool:
        """Whether one of this person's roles has a permission, for some things at least.

        With a scope: whether it reaches what that means.
        """
        scopes = visible(self.subject, permission).scopes
        return bool(scopes) if scope is None else scope in scopes

    async def read(self, service: Queue, path: str, **query: str) -> Any:
        """What an API shows this person; raises ``Problem`` and ``ServiceDown``.

        What is empty is not asked for: a page hands on what stands in its own address.
        """
        asked = {name: value for name, value in query.items() if value}
        return await self.exchange.ask(
            self.token, "GET", service, path, language=self.language, query=asked
        )

    async def change(
        self,
        method: str,
        service: Queue,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        key: str = "",
        version: int | str | None = None,
    ) -> Any:
        """Have an API do something for this person; raises ``Problem`` and ``ServiceDown``.

        ``key`` is the one that came with the form. Sent twice as it is, a form counts once, and
        the second, though the first is under way still, gets the answer of the first; what was
        changed in it meanwhile is another request.
        """
        once = _key_of(key or fresh_key(), method, path, body)
        async with self.exchange.turn(once):
            return await self.exchange.ask(
                self.token,
                method,
                service,
                path,
                language=self.language,
                body=body,
                key=once,
                version=version,
            )


def fresh_key() -> str:
    """What makes one showing of a form different from every other."""
    return str(uuid4())


def _key_of(key: str, method: str, path: str, body: Mapping[str, Any] | None) -> str:
    said = orjson.dumps([key, method, path, body], option=orjson.OPT_SORT_KEYS)
    return str(UUID(bytes=sha256(said).digest()[:16]))


async def person_of(request: Request, exchange: Apis, cookies: Kept) -> Person:
    """Dependency: whoever is logged in; raises ``LoggedOut``."""
    session = cookies.read(request, SESSION)
    if not session:
        raise LoggedOut
    token = await exchange.as_person(session)
    return Person(session, token, language_of(request), exchange)


LoggedIn = Annotated[Person, Depends(person_of)]
