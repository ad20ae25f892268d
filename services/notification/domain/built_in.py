"""What notices say until somebody publishes another text: version 0, from the catalogues.

Whoever writes to nobody does not import this: it holds texts.
"""

from functools import cache

from services.notification.policy import (
    TO_BE_ANSWERED,
    EventType,
    MailText,
    SmsText,
    TextKind,
    texts_of,
)
from services.notification.policy.templates import Placeholder, Wording, place
from shared.contracts import Queue
from shared.contracts.vocabulary import ChannelKind
from shared.texts import TextLanguage, of_service


@cache
def built_in(kind: TextKind, channel: ChannelKind, language: TextLanguage) -> Wording:
    """The text that this release ships with."""
    if channel is ChannelKind.SMS:
        return Wording("", _sms(kind, language))
    what = _say(language, "event_type", kind)
    subject = f"{_mail(language, MailText.FROM)}: {what}"
    return Wording(subject, "\n\n".join(_lines(kind, language, what)))


def _lines(kind: TextKind, language: TextLanguage, what: str) -> list[str]:
    automatic = f"{_mail(language, MailText.AUTOMATIC)}."
    if kind is EventType.ENDPOINT_TEST:
        return [f"{_mail(language, MailText.TEST)}.", automatic]
    return [
        f"{what}.",
        _line(language, MailText.REFERENCE, Placeholder.REFERENCE),
        *_of_answer(kind, language),
        _line(language, MailText.LINK, Placeholder.PAGE),
        automatic,
    ]


def _of_answer(kind: TextKind, language: TextLanguage) -> list[str]:
    """How it is answered, if it is; the moment is known of the offer when it is made."""
    due = _line(language, MailText.DUE, Placeholder.NOT_DUE_BEFORE)
    answer = _line(language, MailText.ANSWER, Placeholder.ANSWER)
    if kind is EventType.REFERRAL_REQUESTED:
        return [due, answer]
    return [answer] if kind in TO_BE_ANSWERED else []


def _line(language: TextLanguage, text: MailText, fact: Placeholder) -> str:
    return f"{_mail(language, text)}: {place(fact)}"


_FACT_OF = {
    SmsText.CODE: Placeholder.CODE,
    SmsText.CONFIRMATION: Placeholder.CONFIRMATION,
    SmsText.URGENT: Placeholder.URGENT,
}
"""What follows the name of it in a text to a phone."""


def _sms(kind: TextKind, language: TextLanguage) -> str:
    def said(part: SmsText) -> str:
        text = _say(language, "sms_text", part)
        return f"{text}: {place(_FACT_OF[part])}." if part in _FACT_OF else f"{text}."

    return " ".join(map(said, texts_of(kind)))


def _mail(language: TextLanguage, text: MailText) -> str:
    return _say(language, "mail_text", text)


def _say(language: TextLanguage, vocabulary: str, code: str) -> str:
    return of_service(Queue.NOTIFICATION).say(language, vocabulary, code)
