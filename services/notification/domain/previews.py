"""A text with invented facts, as it would be read, for whoever looks before it is sent."""

from collections import defaultdict
from dataclasses import dataclass

from services.notification.domain.templates import Said
from services.notification.policy import Segments, TextTooLong, fitted, segments_of
from services.notification.policy.templates import SAMPLES, UNKNOWN, filled, said
from shared.contracts.vocabulary import ChannelKind
from shared.texts import TextLanguage


@dataclass(frozen=True)
class Preview:
    """How a text is read in one language; a mail has no segments, a text to a phone no subject."""

    language: TextLanguage
    subject: str | None
    plain: str
    html: str | None
    encoding: str | None = None
    units: int | None = None
    segments: int | None = None


def previews(channel: ChannelKind, texts: Said, *, most: int) -> list[Preview]:
    """What is read in each language.

    A text that could not be sent any more is shown as well, for whoever looks why: how many
    segments more it takes than ``most``, and where a fact is missing that there was once.
    """
    return [_preview(channel, texts, language, most) for language in TextLanguage]


def _preview(channel: ChannelKind, texts: Said, language: TextLanguage, most: int) -> Preview:
    read = filled(texts[language], defaultdict(lambda: UNKNOWN, said(SAMPLES, language)))
    if channel is ChannelKind.SMS:
        text, taken = _as_sent(read.text, most)
        return Preview(language, None, text, None, taken.encoding.value, taken.units, taken.count)
    return Preview(language, read.subject, read.plain, read.html(language))


def _as_sent(text: str, most: int) -> tuple[str, Segments]:
    try:
        return fitted(text, most=most)
    except TextTooLong:
        return text, segments_of(text)
