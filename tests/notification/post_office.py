"""A real mail server on loopback: it takes, defers, refuses, or breaks off as it is told."""

import asyncio
import ssl
import threading
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, Self

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.notification.receivers import LOOPBACK

TAKEN = "250 2.0.0 taken"
BREAK_OFF = "break off"
"""Instead of a reply: the mail was taken, and the connection ends without a word of it."""


@dataclass(frozen=True)
class Taken:
    """A mail as it arrived."""

    sender: str
    recipient: str
    is_encrypted: bool
    raw: bytes

    @property
    def mail(self) -> EmailMessage:
        """Read as a reader of mails would."""
        read = message_from_bytes(self.raw, policy=default)
        assert isinstance(read, EmailMessage)
        return read


@dataclass
class Replies:
    """What the server says; the first of a list each time, then that it is taken."""

    at_recipient: list[str] = field(default_factory=list)
    at_mail: list[str] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)
    reached: list[str] = field(default_factory=list)
    """The recipients it was asked to take mails for."""
    refuses: set[str] = field(default_factory=set)
    """Mailboxes that are none, whatever else it is told to say."""
    hold: threading.Event = field(default_factory=threading.Event)
    """While it is not set, mails that have come are not answered."""

    async def handle_RCPT(  # noqa: N802 - a name of aiosmtpd
        self, _server: SMTP, _session: Session, envelope: Envelope, recipient: str, _options: Any
    ) -> str:
        self.reached.append(recipient)
        if recipient in self.refuses:
            return "550 5.1.1 no such mailbox"
        said = self.at_recipient.pop(0) if self.at_recipient else TAKEN
        if said.startswith("2"):
            envelope.rcpt_tos.append(recipient)
        return said

    async def handle_DATA(  # noqa: N802 - a name of aiosmtpd
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        said = self.at_mail.pop(0) if self.at_mail else TAKEN
        if said.startswith("2") or said == BREAK_OFF:
            assert isinstance(envelope.content, bytes)
            assert isinstance(server.transport, asyncio.Transport)
            is_encrypted = server.transport.get_extra_info("ssl_object") is not None
            (recipient,) = envelope.rcpt_tos
            sender = envelope.mail_from or ""
            self.taken.append(Taken(sender, recipient, is_encrypted, envelope.content))
        if said == BREAK_OFF:
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
            await asyncio.sleep(60)
        await asyncio.to_thread(self.hold.wait)
        return said


class PostOffice(Replies):
    """The server, on a thread of its own, for as long as its block runs."""

    def __init__(
        self,
        *,
        context: ssl.SSLContext | None = None,
        password: str | None = None,
        host: str = LOOPBACK,
        is_tls_implicit: bool = False,
    ) -> None:
        super().__init__()
        self._is_tls_implicit = is_tls_implicit
        self.hold.set()
        self._context = context
        self._password = password
        self._host = host
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="post office")
        self.port = 0

    def __enter__(self) -> Self:
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        self.hold.set()
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def message_ids(self) -> list[str]:
        """Of all mails that were taken, in their order; no property, for the server asks for each
        of its handler's at every connection.
        """
        return [each.mail["Message-ID"] for each in self.taken]

    async def _listen(self) -> asyncio.Server:
        first = self._context if self._is_tls_implicit else None
        return await self._loop.create_server(self._session, self._host, 0, ssl=first)

    def _session(self) -> SMTP:
        return SMTP(
            self,
            hostname="mail.example",
            tls_context=None if self._is_tls_implicit else self._context,
            require_starttls=self._context is not None and not self._is_tls_implicit,
            auth_required=self._password is not None,
            authenticator=self._authenticated,
            loop=self._loop,
        )

    def _authenticated(self, *told: Any) -> AuthResult:
        given = told[-1]
        is_right = isinstance(given, LoginPassword) and given.password.decode() == self._password
        return AuthResult(success=is_right, handled=False)

    async def _end(self) -> None:
        self._server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
