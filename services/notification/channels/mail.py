"""E-mail to offices: that there is something to see to, under which id, and where; never of whom.

A mail passes servers and screens that nobody knows, so it says no more than a webhook, and less of
it. Every try sends the same bytes under the same Message-ID: one that arrives twice is one mail to
whoever sorts by it, and the same words to whoever reads both.
"""

from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from html import escape
from typing import Any

import orjson

from services.notification.domain import Claimed
from services.notification.gateways import MailGateway
from services.notification.policy import (
    MAILTO,
    Answer,
    AttemptOutcome,
    EventType,
    MailText,
    outcome_of_mail,
    page_of,
)
from shared.contracts import Queue
from shared.texts import TextLanguage, of_service

LANGUAGE = TextLanguage.VIETNAMESE
"""In which offices are written to."""
AUTO_GENERATED = "auto-generated"
"""So that no absent officer's machine answers (RFC 3834 section 5)."""

_PLAIN = SMTP.clone(cte_type="7bit")


@dataclass(frozen=True, repr=False)
class Mail:
    """A mail as it is handed over."""

    recipient: str
    message: bytes


class EmailChannel:
    """Tells by e-mail."""

    def __init__(self, gateway: MailGateway, *, sender: str, console: str) -> None:
        """``sender`` is the mailbox that mails come from, ``console`` where it is acted on."""
        self._gateway = gateway
        self._sender = sender
        self._console = console.rstrip("/")

    def render(self, claimed: Claimed) -> Mail:
        """The mail: its Message-ID is made of the delivery's id, which its effect key gives."""
        event = orjson.loads(claimed.body)
        recipient = claimed.url.removeprefix(MAILTO)
        mail = EmailMessage(policy=_PLAIN)
        mail["From"] = Address(_say(MailText.FROM), addr_spec=self._sender)
        mail["To"] = Address(addr_spec=recipient)
        mail["Subject"] = f"{_say(MailText.FROM)}: {_what(claimed.type)}"
        mail["Date"] = datetime.fromisoformat(event["time"])
        mail["Message-ID"] = f"<{claimed.delivery_id}@{self._sender.rpartition('@')[2]}>"
        mail["Auto-Submitted"] = AUTO_GENERATED
        mail["Content-Language"] = LANGUAGE
        lines = self._lines(claimed.type, event)
        mail.set_content("\n\n".join(lines) + "\n")
        mail.add_alternative(_html(lines), subtype="html")
        mail.set_boundary(f"nhipcau-{claimed.delivery_id}")
        return Mail(recipient, mail.as_bytes())

    def send(self, rendered: Mail) -> Answer:
        """Hand it to our mail server once."""
        return self._gateway.send(self._sender, rendered.recipient, rendered.message)

    def read_receipt(self, answer: Answer) -> AttemptOutcome:
        """What the reply of SMTP says: the next server has it, which is not yet the office."""
        return outcome_of_mail(answer)

    def close(self) -> None:
        """Hand over nothing more."""
        self._gateway.close()

    def _lines(self, kind: EventType, event: dict[str, Any]) -> list[str]:
        if kind is EventType.ENDPOINT_TEST:
            return [f"{_say(MailText.TEST)}.", f"{_say(MailText.AUTOMATIC)}."]
        page = self._console + page_of(kind, event["data"])
        return [
            f"{_what(kind)}.",
            f"{_say(MailText.REFERENCE)}: {event['subject']}",
            f"{_say(MailText.LINK)}: {page}",
            f"{_say(MailText.AUTOMATIC)}.",
        ]


def _say(text: MailText) -> str:
    return of_service(Queue.NOTIFICATION).say(LANGUAGE, "mail_text", text)


def _what(kind: EventType) -> str:
    return of_service(Queue.NOTIFICATION).say(LANGUAGE, "event_type", kind)


def _html(lines: list[str]) -> str:
    paragraphs = "\n".join(f"<p>{escape(line)}</p>" for line in lines)
    return f'<!doctype html>\n<html lang="{LANGUAGE}"><body>\n{paragraphs}\n</body></html>\n'
