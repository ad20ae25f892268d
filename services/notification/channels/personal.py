"""E-mail to people and to offices about themselves: ids, what, due and a link; never a name.

What it says is found when it is sent, so a mail that is sent again may say less than before, under
the same Message-ID: what was read or done meanwhile.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from services.notification.channels.mail import composed
from services.notification.domain import NoticeView, Written
from services.notification.gateways import MailGateway
from services.notification.gateways.exchange import DutiesTold, DutyTold, Recipient
from services.notification.policy import (
    OPTIONAL,
    Answer,
    AttemptOutcome,
    MailText,
    PersonalMail,
    PersonalText,
    ReturnAddress,
    outcome_of_mail,
)
from services.notification.policy.templates import Filled
from shared.contracts import Queue
from shared.duties import last_day_of
from shared.kit.unsubscribe_links import UnsubscribeLink, seal
from shared.texts import TextLanguage, Texts, of_service

UNSUBSCRIBED_AT = "/unsubscribe/"
"""Where an optional mail is ended; the link itself follows."""
SETTINGS_AT = "/account/mails"
DAY = "%d/%m/%Y"
LEAD = {
    PersonalMail.CONFIRMATION: PersonalText.CODE_LEAD,
    PersonalMail.DIGEST: PersonalText.DIGEST_LEAD,
    PersonalMail.URGENT: PersonalText.URGENT_LEAD,
    PersonalMail.WEEK: PersonalText.WEEK_LEAD,
}


MOST = 20
"""How many notices and how many duties stand in a mail; of all there are it says the number."""


@dataclass(frozen=True)
class Said:
    """What there is to say to somebody at a moment."""

    unread: int = 0
    """How many notices there are in all, of which ``notices`` may be the newest."""
    notices: Sequence[NoticeView] = ()
    duties: DutiesTold = field(default_factory=DutiesTold)

    @property
    def is_nothing(self) -> bool:
        """Whether nobody has to be written to."""
        return not (self.unread or self.duties.open)


class PersonalWay(Protocol):
    """Whatever tells people something: by e-mail, or by SMS."""

    def send(self, mail: Written, to: Recipient, said: Said, now: datetime, /) -> AttemptOutcome:
        """Hand it over once; how that ended."""

    def close(self) -> None:
        """Hand over nothing more."""


class PersonalMails:
    """Writes them, and hands them over."""

    def __init__(
        self,
        gateway: MailGateway,
        *,
        sender: str,
        console: str,
        master: bytes,
        returns: ReturnAddress | None = None,
    ) -> None:
        """``master`` seals the links by which an optional mail is ended.

        ``returns`` is where mails come back to that cannot be delivered, if anybody reads that.
        """
        self._returns = returns
        self._gateway = gateway
        self._sender = sender
        self._console = console.rstrip("/")
        self._master = master

    def send(self, mail: Written, to: Recipient, said: Said, now: datetime) -> AttemptOutcome:
        """Hand it over once; how that ended."""
        return outcome_of_mail(self._handed_over(mail, to, said, now))

    def close(self) -> None:
        """Hand over nothing more."""
        self._gateway.close()

    def _handed_over(self, mail: Written, to: Recipient, said: Said, now: datetime) -> Answer:
        written = composed(
            mail.id,
            self._words(mail, to, said),
            sender=self._sender,
            recipient=to.address,
            at=now,
            language=to.language,
        )
        if mail.kind in OPTIONAL:
            # Angle brackets, and one click: RFC 2369 section 2, RFC 8058 section 3.1.
            written["List-Unsubscribe"] = f"<{self._unsubscribing(mail, to)}>"
            written["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        back_to = self._returns.of(mail.id) if self._returns else self._sender
        return self._gateway.send(back_to, to.address, written.as_bytes())

    def _words(self, mail: Written, to: Recipient, said: Said) -> Filled:
        name = _texts().say(to.language, "mail_text", MailText.FROM)
        what = _texts().say(to.language, "personal_mail", mail.kind)
        return Filled(f"{name}: {what}", "\n\n".join(self._lines(mail, to, said)))

    def _lines(self, mail: Written, to: Recipient, said: Said) -> Iterator[str]:
        say = _Saying(to.language)
        yield f"{say(LEAD[mail.kind])}."
        if mail.kind is PersonalMail.CONFIRMATION:
            yield f"{say(PersonalText.CODE)}: {to.code}"
        else:
            yield from self._found(said, say)
            yield f"{say(PersonalText.LINK)}: {self._console}/"
        if mail.kind in OPTIONAL:
            yield f"{say(PersonalText.UNSUBSCRIBE)}: {self._unsubscribing(mail, to)}"
        else:
            yield f"{say(PersonalText.SETTINGS)}: {self._console}{SETTINGS_AT}"
        yield _texts().say(to.language, "mail_text", MailText.AUTOMATIC) + "."

    def _found(self, said: Said, say: "_Saying") -> Iterator[str]:
        if said.unread:
            yield f"{say(PersonalText.UNREAD)}: {said.unread}"
            for notice in said.notices[:MOST]:
                yield say.notice(notice, self._console)
            yield from say.more(PersonalText.MORE_UNREAD, said.unread)
        if said.duties.open:
            counts = (
                (PersonalText.DUTIES, said.duties.open),
                (PersonalText.LATE, said.duties.late),
                (PersonalText.WAITING, said.duties.waiting),
            )
            yield "; ".join(f"{say(each)}: {count}" for each, count in counts)
            for duty in said.duties.items[:MOST]:
                yield say.duty(duty)
            yield from say.more(PersonalText.MORE, said.duties.open)

    def _unsubscribing(self, mail: Written, to: Recipient) -> str:
        link = seal(self._master, UnsubscribeLink(mail.recipient_id, to.address_id))
        return f"{self._console}{UNSUBSCRIBED_AT}{link}"


@dataclass(frozen=True)
class _Saying:
    """The words of these mails in one language."""

    language: TextLanguage

    def __call__(self, text: PersonalText) -> str:
        return _texts().say(self.language, "personal_text", text)

    def notice(self, notice: NoticeView, console: str) -> str:
        """What kind of thing happened, under which id, and where it is acted on."""
        what = _texts().say(self.language, "event_type", notice.type)
        return f"- {what}. {self._reference(notice.subject)}. {console}{notice.page}"

    def duty(self, duty: DutyTold) -> str:
        """What is to be done, with what, and by when."""
        what = of_service(duty.service).say(self.language, "duty", duty.what)
        told = f"- {what}. {self._reference(f'{duty.subject}/{duty.object_id}')}"
        if duty.due_at is None:
            return f"{told}."
        return f"{told}. {self(PersonalText.DUE)}: {last_day_of(duty.due_at):{DAY}}."

    def more(self, text: PersonalText, of: int) -> Iterator[str]:
        """How many there are beside those that are listed, if there are."""
        if of > MOST:
            yield f"{self(text)}: {of - MOST}"

    def _reference(self, of: str) -> str:
        return f"{self(PersonalText.REFERENCE)}: {of}"


def _texts() -> Texts:
    return of_service(Queue.NOTIFICATION)
