"""The APIs, asked as the console itself or in the name of a person who is logged in."""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from weakref import WeakValueDictionary

import httpx2
import orjson
from joserfc.jwk import OKPKey

from shared.contracts.directory import (
    CLIENT_ASSERTION,
    SESSION_TOKEN,
    TOKEN_EXCHANGE,
    TOKEN_PATH,
)
from shared.contracts.vocabulary import Queue
from shared.kit.assertions import assertion_of
from shared.texts import TextLanguage, of_service

PATIENCE = 15.0
"""Seconds until an API that does not answer counts as down."""
CONNECTIONS = 100
"""To the APIs, all together."""
KEPT = 60.0
"""Seconds for which a connection without work is kept: less than the APIs keep it."""
RENEW_BEFORE = 60.0
OK = 200
BAD_REQUEST = 400
NO_CONTENT = 204
UNAVAILABLE = 503
ELSEWHERE = frozenset({"provider-down"})
"""What a service says of somebody else, who does not answer it: the page tells it as it is said."""
MISSING = "missing"
"""The rule that a field breaks which was left empty."""


class ServiceDown(Exception):
    """An API did not answer, or not in its time, or said that it cannot now."""


class LoggedOut(Exception):
    """The session has ended: nothing more is asked in this person's name."""


@dataclass(frozen=True)
class WrongField:
    """A field that breaks a rule."""

    field: str
    """Its name in our forms: the API's JSON pointer, with dots between its steps."""
    said: str
    """What the rule asks for, in the reader's language."""
    is_missing: bool = False
    """Whether it was left empty: a page knows what the field is called, and says which it is."""


class Problem(Exception):
    """What an API refused, as it said it (RFC 9457)."""

    def __init__(self, status: int, code: str, title: str, told: Mapping[str, Any]) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.title = title
        self.told = told
        """The other members: ids and codes."""
        self.errors = _wrong_fields(told.get("errors", ()))

    def beside(self, field_of: Callable[[str], str]) -> "Problem":
        """The same for a form that names its fields otherwise; of each field it is said once."""
        first: dict[str, WrongField] = {}
        for each in self.errors:
            field = field_of(each.field)
            first.setdefault(field, replace(each, field=field))
        return self._of(first.values())

    def where(self, is_empty: Callable[[str], bool]) -> "Problem":
        """The same, of a form that was sent with these fields empty: they are missing.

        An API may see a day that is none, or a choice that is not offered.
        """
        return self._of(
            replace(each, is_missing=each.is_missing or is_empty(each.field))
            for each in self.errors
        )

    def _of(self, errors: Iterable[WrongField]) -> "Problem":
        problem = Problem(self.status, self.code, self.title, self.told)
        problem.errors = tuple(errors)
        return problem

    def at(self, field: str) -> WrongField | None:
        """What is wrong with a field; nothing if it is right."""
        return next((each for each in self.errors if each.field == field), None)


def _wrong_fields(errors: Sequence[Mapping[str, Any]]) -> tuple[WrongField, ...]:
    return tuple(
        WrongField(
            each["pointer"].strip("/").replace("/", "."),
            each["message"],
            rule_of(each) == MISSING,
        )
        for each in errors
    )


@dataclass(frozen=True, repr=False)
class Access:
    """Where the APIs are, and as whom the console asks."""

    api_url: str
    """Where a service's API answers; ``{service}`` stands for its name in addresses."""
    token_url: str
    """The address of the token endpoint, which assertions are made for."""
    client_id: str
    key: OKPKey

    @classmethod
    def of(cls, *, api_url: str, token_url: str, client_id: str, jwk: bytes) -> "Access":
        """With the content of the key file."""
        return cls(api_url, token_url, client_id, OKPKey.import_key(orjson.loads(jwk)))


class Exchange:
    """All five APIs, by the name of the service."""

    def __init__(self, access: Access) -> None:
        self._access = access
        limits = httpx2.Limits(max_connections=CONNECTIONS, keepalive_expiry=KEPT)
        self._http = httpx2.AsyncClient(timeout=PATIENCE, trust_env=False, limits=limits)
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._token = ""
        self._expires_at = 0.0

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    def turn(self, key: str) -> asyncio.Lock:
        """Whoever sends the same once more meanwhile waits for the first, and gets its answer."""
        turn = self._turns.get(key)
        if turn is None:
            turn = self._turns[key] = asyncio.Lock()
        return turn

    async def as_console(self) -> str:
        """An access token of the console itself: it may let people log in, and nothing else."""
        if time.time() > self._expires_at - RENEW_BEFORE:
            granted = await self._granted({"grant_type": "client_credentials"})
            self._token = granted["access_token"]
            self._expires_at = time.time() + granted["expires_in"]
        return self._token

    async def as_person(self, session: str) -> str:
        """An access token of a minute for whoever this session is; raises ``LoggedOut``."""
        asked = {
            "grant_type": TOKEN_EXCHANGE,
            "subject_token": session,
            "subject_token_type": SESSION_TOKEN,
        }
        granted: str = (await self._granted(asked))["access_token"]
        return granted

    async def ask(
        self,
        token: str,
        method: str,
        service: Queue,
        path: str,
        *,
        language: TextLanguage,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
        key: str | None = None,
        version: int | str | None = None,
    ) -> Any:
        """What one API answers; raises ``Problem`` for what it refuses, and ``ServiceDown``.

        ``version`` is the one that was read: whoever was faster is not overwritten.
        """
        headers = {"Authorization": f"Bearer {token}", "Accept-Language": language}
        if key is not None:
            headers["Idempotency-Key"] = f'"{key}"'
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        segment = service.segment
        address = self._access.api_url.replace("{service}", segment)
        sent = await self._sent(
            method,
            f"{address}/{segment}/v1{path}",
            headers=headers,
            json=body,
            params=dict(query or {}),
        )
        if sent.status_code == NO_CONTENT:
            return None
        if not OK <= sent.status_code < BAD_REQUEST:
            raise _problem(sent, language)
        return orjson.loads(sent.content)

    async def _granted(self, asked: Mapping[str, str]) -> dict[str, Any]:
        form = {
            **asked,
            "client_assertion_type": CLIENT_ASSERTION,
            "client_assertion": assertion_of(
                self._access.client_id, self._access.key, audience=self._access.token_url
            ),
        }
        address = self._access.api_url.replace("{service}", Queue.DIRECTORY.segment)
        sent = await self._sent("POST", f"{address}{TOKEN_PATH}", data=form)
        if sent.status_code == BAD_REQUEST and asked["grant_type"] == TOKEN_EXCHANGE:
            raise LoggedOut
        if sent.status_code != OK:
            raise ServiceDown
        granted: dict[str, Any] = orjson.loads(sent.content)
        return granted

    async def _sent(self, method: str, address: str, **options: Any) -> httpx2.Response:
        try:
            return await self._http.request(method, address, **options)
        except httpx2.TransportError:
            raise ServiceDown from None


def typed_rule(rule: str, language: TextLanguage) -> str:
    """What a rule asks of whoever fills a form in; nothing where an API's own words serve.

    An API tells programs how to write a day; people write it otherwise, on every page.
    """
    return of_service("console").vocabularies(language)["typed_rule"].get(rule, "")


def rule_of(error: Mapping[str, Any]) -> str:
    """Its rule; what was sent empty and needs one character at least is missing to a person."""
    return MISSING if error.get("min_length") == 1 else str(error["rule"])


def _problem(sent: httpx2.Response, language: TextLanguage) -> Problem:
    """The problem of an answer; what is none of ours is a service that does not work.

    Nor does one work whose database is away: it says so itself, and it may answer a little later.
    """
    try:
        told = orjson.loads(sent.content)
        code = told["type"].rpartition(":")[2]
        errors = [
            {**each, "message": typed_rule(rule_of(each), language) or each["message"]}
            for each in told.get("errors", ())
        ]
        if sent.status_code == UNAVAILABLE and code not in ELSEWHERE:
            raise ServiceDown
        return Problem(sent.status_code, code, told["title"], {**told, "errors": errors})
    except (orjson.JSONDecodeError, AttributeError, KeyError, TypeError):
        raise ServiceDown from None
