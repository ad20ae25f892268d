"""Mails, handed to the one server that sends them on for us (RFC 6409), behind a protocol.

Outside loopback nothing is said before TLS, and a server that does not offer it is told nothing.
One deadline covers connecting, greeting, TLS, log-in and the mail itself.
"""

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Protocol

from services.notification.policy import Answer, Trouble
from shared.outbound.addresses import LOOPBACK
from shared.outbound.deadlines import Call, Watch

DONE = (250, 251)
SEND_THE_MAIL = 354
LASTING, NO_SUCH_FEATURE = 500, 504
REPLIES = range(200, 600)
_LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)


@dataclass(frozen=True, repr=False)
class MailServer:
    """The server that sends mails on for us, and as whom it knows us."""

    host: str
    port: int
    hello: str
    """What we call ourselves there: a domain of ours."""
    is_tls_implicit: bool = False
    """TLS from the first byte (RFC 8314) instead of after STARTTLS."""
    user: str | None = None
    password: str = ""


class MailGateway(Protocol):
    """Whatever can hand a mail on; never raises for what the other side does."""

    def send(self, sender: str, recipient: str, message: bytes) -> Answer:
        """Hand it over once; what was said of recipient or mail, or the trouble before that."""

    def close(self) -> None:
        """End it."""


class SmtpGateway:
    """Hands mails on over SMTP, each over its own connection. Safe to use from many threads."""

    def __init__(self, server: MailServer, *, seconds: float, context: ssl.SSLContext) -> None:
        self._server = server
        self._seconds = seconds
        self._context = context
        self._watch = Watch()

    def send(self, sender: str, recipient: str, message: bytes) -> Answer:
        """Hand it over once; what was said of recipient or mail, or the trouble before that.

        Whatever breaks once the mail has begun to leave may have been taken.
        """
        call = Call(self._seconds)
        with self._watch.over(call):
            try:
                return self._hand_over(call, sender, recipient, message)
            except (ssl.SSLError, smtplib.SMTPNotSupportedError):
                return Answer(trouble=_broken(call, Trouble.TLS_FAILED))
            except OSError:
                return Answer(trouble=_broken(call, Trouble.UNREACHABLE))

    def close(self) -> None:
        """Look for overdue mails no more."""
        self._watch.close()

    def _hand_over(self, call: Call, sender: str, recipient: str, message: bytes) -> Answer:
        with self._connected(call) as session:
            try:
                self._introduce(session)
                _expect(session.mail(sender), *DONE)
            except smtplib.SMTPResponseException as answered:
                return Answer(trouble=_of_ours(answered))
            code, _ = session.rcpt(recipient)
            if code in DONE:
                code = _transmit(session, call, message)
            if code not in REPLIES:
                raise smtplib.SMTPServerDisconnected("what came is no reply")
            return Answer(status=code)

    @contextmanager
    def _connected(self, call: Call) -> Iterator[smtplib.SMTP]:
        server = self._server
        place = (server.host, server.port)
        named: dict[str, Any] = {"local_hostname": server.hello, "timeout": call.remaining}
        if server.is_tls_implicit:
            session: smtplib.SMTP = _TlsSession(call, *place, **named, context=self._context)
        else:
            session = _Session(call, *place, **named)
        try:
            yield session
        finally:
            # A server that takes no leave changes nothing of what it has said.
            with suppress(OSError):
                session.quit()
            session.close()

    def _introduce(self, session: smtplib.SMTP) -> None:
        """Say who we are, over TLS; plainly on loopback only, where it offers nothing else."""
        session.ehlo_or_helo_if_needed()
        if not self._server.is_tls_implicit:
            if session.has_extn("starttls"):
                session.starttls(context=self._context)
                session.ehlo_or_helo_if_needed()
            elif self._server.host != LOOPBACK:
                raise smtplib.SMTPNotSupportedError("no TLS")
        if self._server.user is not None:
            if not session.has_extn("auth"):
                raise smtplib.SMTPResponseException(NO_SUCH_FEATURE, b"no log-in")
            session.login(self._server.user, self._server.password)


class _Session(smtplib.SMTP):
    """A connection that its call can cut off while it is still being made."""

    def __init__(self, call: Call, *args: Any, **options: Any) -> None:
        call.use(self)
        super().__init__(*args, **options)


class _TlsSession(_Session, smtplib.SMTP_SSL):
    """The same, with TLS from the first byte."""


def _transmit(session: smtplib.SMTP, call: Call, message: bytes) -> int:
    """Send the mail itself; the reply to DATA, or to the mail once its last line was sent."""
    code, _ = session.docmd("DATA")
    if code != SEND_THE_MAIL:
        return code
    call.is_sent = True
    session.send(_LEADING_DOT.sub(b"..", message) + b".\r\n")
    code, _ = session.getreply()
    return code


def _expect(reply: tuple[int, bytes], *codes: int) -> None:
    if reply[0] not in codes:
        raise smtplib.SMTPResponseException(*reply)


def _of_ours(answered: smtplib.SMTPResponseException) -> Trouble:
    """What the server says before it has heard of the receiver is between it and us."""
    is_lasting = answered.smtp_code >= LASTING
    return Trouble.FAULT if is_lasting else Trouble.UNREACHABLE


def _broken(call: Call, trouble: Trouble) -> Trouble:
    """What it means that there is no reply, by how far the mail had come."""
    if call.is_sent:
        return Trouble.UNKNOWN
    return Trouble.UNREACHABLE if call.is_overdue else trouble
