"""Before any route: how large a body may be, and what HTTP (RFC 9110) promises of every answer.

- A body over 64 KiB is refused, whatever length it claims (section 15.5.14).
- A path with a control character leads nowhere: it is no name of ours, and belongs in no header.
- HEAD is answered as GET would be, without the content (section 9.3.2).
- A GET whose ``If-None-Match`` names what would be sent is answered 304 (section 13.1.2).
- No answer may be stored by anything in between (RFC 9111 section 5.2.2.5) unless it says itself
  how it may be.
"""

from collections.abc import Iterable

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.kit import problems
from shared.kit.conditional import names_tag
from shared.kit.errors import DomainError

LARGEST_BODY = 64 * 1024
DELETE = 0x7F
NOT_MODIFIED = 304
DESCRIBES_CONTENT = frozenset({b"content-length", b"content-type"})


class BodyTooLarge(DomainError):
    """A request body may have at most 65,536 bytes."""

    kind = "too_large"


class Gate:
    """The outermost layer of every application."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102 - ASGI
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(scope, receive, send)
        refusal = _refusal(scope)
        if refusal is not None:
            await refusal(scope, exchange.receive, exchange.send)
            return
        within = {**scope, "method": "GET"} if scope["method"] == "HEAD" else scope
        await self._app(within, exchange.receive, exchange.send)


def _refusal(scope: Scope) -> ASGIApp | None:
    """What no route need look at."""
    if any(ord(letter) < ord(" ") or ord(letter) == DELETE for letter in scope["path"]):
        return problems.nothing_here()
    lengths = Headers(scope=scope).getlist("content-length") or ["0"]
    if not all(it.isascii() and it.isdigit() and int(it) <= LARGEST_BODY for it in lengths):
        return problems.refusal(BodyTooLarge())
    return None


class _Exchange:
    """One request, whose body is counted while it is read, and its answer."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._taken = 0
        self._is_head = scope["method"] == "HEAD"
        self._known_tags = (
            Headers(scope=scope).getlist("if-none-match")
            if scope["method"] in {"GET", "HEAD"}
            else []
        )
        self._is_without_content = self._is_head

    async def receive(self) -> Message:
        """The next piece of the body; raises ``BodyTooLarge``."""
        message = await self._receive()
        self._taken += len(message.get("body", b""))
        if self._taken > LARGEST_BODY:
            raise BodyTooLarge
        return message

    async def send(self, message: Message) -> None:
        """Send a piece of the answer, as far as this request is to get it."""
        if message["type"] == "http.response.start":
            message = self._begun(message)
        elif self._is_without_content and message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await self._send(message)

    def _begun(self, message: Message) -> Message:
        headers = list(message["headers"])
        if all(name.lower() != b"cache-control" for name, _ in headers):
            headers.append((b"cache-control", b"no-store"))
        if message["status"] == problems.OK and self._is_known(headers):
            self._is_without_content = True
            kept = [it for it in headers if it[0].lower() not in DESCRIBES_CONTENT]
            return {**message, "status": NOT_MODIFIED, "headers": kept}
        return {**message, "headers": headers}

    def _is_known(self, headers: Iterable[tuple[bytes, bytes]]) -> bool:
        """Whether the caller holds what would be sent."""
        tags = [value.decode("latin-1") for name, value in headers if name.lower() == b"etag"]
        return bool(self._known_tags and tags) and names_tag(self._known_tags, tags[0])
