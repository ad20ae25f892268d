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
from typing import Any
from uuid import UUID

import orjson

from services.notification.domain import Claimed
from services.notification.domain.built_in import built_in
from services.notification.gateways import MailGateway
from services.notification.policy import (
    ANSWERED_AT,
    MAILTO,
    Answer,
    AttemptOutcome,
    EventType,
    MailText,
    ReturnAddress,
    offer_to_answer,
    outcome_of_mail,
    page_of,
)
from services.notification.policy.templates import Filled, facts_of, filled, said
from shared.contracts import Queue
from shared.contracts.vocabulary import ChannelKind
from shared.kit.answer_links import AnswerLink, seal
from shared.texts import TextLanguage, of_service

LANGUAGE = TextLanguage.VIETNAMESE
"""In which offices are written to."""
AUTO_GENERATED = "auto-generated"
"""So that no absent officer's machine answers (RFC 3834 section 5)."""

_PLAIN = SMTP.clone(cte_type="7bit")


@dataclass(frozen=True, repr=False)
class Mail:
    """A mail as it is handed over."""

    sender: str
    """In its envelope: where it comes back to if it cannot be delivered."""
    recipient: str
    message: bytes


class EmailChannel:
    """Tells by e-mail."""

    def __init__(
        self,
        gateway: MailGateway,
        *,
        sender: str,
        console: str,
        master: bytes,
        returns: ReturnAddress | None = None,
    ) -> None:
        """``sender`` is the mailbox that mails come from, ``console`` where it is acted on.

        ``master`` seals the links by which an office answers. ``returns`` is where mails come back
        to; without it that is the sender, and nobody reads what came back.
        """
        self._returns = returns
        self._gateway = gateway
        self._master = master
        self._sender = sender
        self._console = console.rstrip("/")

    def render(self, claimed: Claimed) -> Mail:
        """The mail: its Message-ID is made of the delivery's id, which its effect key gives."""
        event = orjson.loads(claimed.body)
        recipient = claimed.url.removeprefix(MAILTO)
        mail = composed(
            claimed.delivery_id,
            self._words(claimed, event),
            sender=self._sender,
            recipient=recipient,
            at=datetime.fromisoformat(event["time"]),
        )
        return Mail(self._back_to(claimed), recipient, mail.as_bytes())

    def send(self, rendered: Mail) -> Answer:
        """Hand it to our mail server once."""
        return self._gateway.send(rendered.sender, rendered.recipient, rendered.message)

    def read_receipt(self, answer: Answer) -> AttemptOutcome:
        """What the reply of SMTP says: the next server has it, which is not yet the office."""
        return outcome_of_mail(answer)

    def close(self) -> None:
        """Hand over nothing more."""
        self._gateway.close()

    def _back_to(self, claimed: Claimed) -> str:
        if self._returns is None:
            return self._sender
        return self._returns.of(claimed.delivery_id, claimed.tries_before)

    def _words(self, claimed: Claimed, event: dict[str, Any]) -> Filled:
        """What it says: the text that was chosen for it, else the one that is built in."""
        wording = claimed.wording or built_in(claimed.type, ChannelKind.EMAIL, LANGUAGE)
        facts = facts_of(claimed.type, event, **self._links(claimed, event))
        return filled(wording, said(facts, LANGUAGE))

    def _links(self, claimed: Claimed, event: dict[str, Any]) -> dict[str, str]:
        """Where it is acted on, and how the office answers without an account, if it is asked to.

        That link follows from offer, mailbox and time, so that every try says the same.
        """
        if claimed.type is EventType.ENDPOINT_TEST:
            return {}
        links = {"page": self._console + page_of(claimed.type, event["data"])}
        offer_id = offer_to_answer(claimed.type, event["data"])
        if offer_id is None:
            return links
        link = AnswerLink.of(
            sent_to=claimed.endpoint_id,
            about=offer_id,
            asked_at=datetime.fromisoformat(event["time"]),
        )
        return links | {"answer": self._console + ANSWERED_AT + seal(self._master, link)}


def composed(
    mail_id: UUID,
    words: Filled,
    *,
    sender: str,
    recipient: str,
    at: datetime,
    language: TextLanguage = LANGUAGE,
) -> EmailMessage:
    """A mail as it stands, plainly and in HTML, under the one id that it has at every try."""
    mail = EmailMessage(policy=_PLAIN)
    mail["From"] = Address(_from(language), addr_spec=sender)
    mail["To"] = Address(addr_spec=recipient)
    mail["Subject"] = words.subject
    mail["Date"] = at
    mail["Message-ID"] = f"<{mail_id}@{sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = AUTO_GENERATED
    mail.set_content(words.plain + "\n")
    mail.add_alternative(words.html(language), subtype="html")
    mail.set_boundary(f"nhipcau-{mail_id}")
    # Said before, it would go with the plain part alone: what begins so is moved into it.
    mail["Content-Language"] = language
    return mail


def _from(language: TextLanguage) -> str:
    return of_service(Queue.NOTIFICATION).say(language, "mail_text", MailText.FROM)
