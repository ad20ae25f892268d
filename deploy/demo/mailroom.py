"""The mail server of offices and of an officer: what comes is kept before it is taken."""

import re
from collections.abc import Mapping
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from deploy.demo.ledger import Ledger

HERE = "127.0.0.1"
ASKED, TOLD = "mail.referral.requested", "mail"
"""What a mail is: one that asks for an answer has a link for it, any other only tells."""
TAKEN, NOBODY = "250 2.0.0 taken", "550 5.1.1 no such mailbox"

_LINK = re.compile(r"/answer/([\w-]+)")
_OFFER = re.compile(r"/offers/([0-9a-f-]{36})")


class Mailroom:
    """Mailboxes on one server, each by the code of its organisation."""

    def __init__(self, offices: Mapping[str, str], ledger: Ledger) -> None:
        self._offices = offices
        self._ledger = ledger

    def open(self, port: int) -> None:
        """Take mails from now on, on a thread beside the caller's."""
        Controller(self, hostname=HERE, port=port, server_hostname="offices.example").start()

    async def handle_RCPT(  # noqa: N802 - a name of aiosmtpd
        self, _server: SMTP, _session: Session, envelope: Envelope, recipient: str, _options: Any
    ) -> str:
        """Take what is for one of our offices."""
        if recipient not in self._offices:
            return NOBODY
        envelope.rcpt_tos.append(recipient)
        return TAKEN

    async def handle_DATA(  # noqa: N802 - a name of aiosmtpd
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Keep the mail; the same one again is known by its Message-ID."""
        content = envelope.content
        mail = message_from_bytes(content if isinstance(content, bytes) else b"", policy=default)
        words = _words_of(mail)
        for recipient in envelope.rcpt_tos:
            self._keep(recipient, str(mail["Message-ID"]), words)
        return TAKEN

    def _keep(self, recipient: str, message_id: str, words: str) -> None:
        link, offer = _LINK.search(words), _OFFER.search(words)
        event: dict[str, Any] = {"type": TOLD, "data": {"to": recipient, "words": words}}
        if link and offer:
            event = {"type": ASKED, "data": {"link": link[1], "referral_id": offer[1]}}
        # A link is for one offer, so that the same offer asked for in two mails would be seen.
        partner = self._offices[recipient]
        self._ledger.keep(message_id, partner, event, link[1] if link else message_id)


def _words_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    return "" if part is None else str(part.get_content())
