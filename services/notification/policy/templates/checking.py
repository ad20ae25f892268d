"""What is wrong with a text, found when it is written: what passes here can always be sent.

A text that may reach a phone is asked the list of words with each fact masked by digits that no
word has, so that what a text says does not depend on an id; the facts of such a text are codes and
days, which say nothing of themselves.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from services.notification.policy.segments import TextTooLong, fitted
from services.notification.policy.telling import TellingKind, TellingWord, find_telling
from services.notification.policy.templates.placeholders import (
    Declared,
    FactType,
    declared,
)
from services.notification.policy.templates.syntax import (
    TemplateUnreadable,
    fill,
    names_in,
    parse,
)
from services.notification.policy.text_kinds import TextKind
from shared.contracts.vocabulary import ChannelKind

MOST_SUBJECT, MOST_WORDING = 150, 4000
"""Characters; a text to a phone is held by its segments much sooner."""

MASKS: Mapping[FactType, str] = {
    FactType.CONFIRMATION_CODE: "000000-0000",
    FactType.COUNT: "000",
    FactType.SHORT_CODE: "0" * 8,
    FactType.DATE: "00/00/0000",
}
"""In the place of facts of texts to phones, as long as each is."""

_BLANK = re.compile(r"[ \t]+(?=\n|$)")


class Rule(StrEnum):
    """What a text must hold to; each says what it asks for."""

    EMPTY = "template_empty"
    TOO_LONG = "template_too_long"
    CHARACTER = "template_character"
    """A character that cannot be seen, and could part a word or a header."""
    ONE_LINE = "template_one_line"
    BRACES = "template_braces"
    UNKNOWN = "template_unknown"
    MISSING = "template_missing"
    SEGMENTS = "template_segments"
    TELLING = "template_telling"
    TELLING_VI = "template_telling_vi"
    TELLING_EN = "template_telling_en"
    LINK = "template_link"


@dataclass(frozen=True)
class Wording:
    """What is said on one channel in one language; a text to a phone has no subject."""

    subject: str
    text: str

    def tidied(self) -> "Wording":
        """The same with composed letters, lines that end alike, and no blanks around."""
        return Wording(_tidy(self.subject), _tidy(self.text))


@dataclass(frozen=True)
class Fault:
    """A rule that a part of a text does not hold to."""

    part: str
    """``subject`` or ``wording``."""
    rule: Rule
    facts: Mapping[str, Any] = field(default_factory=dict)
    """What the rule says in words; never what was typed."""


def may_reach_devices(channel: ChannelKind) -> bool:
    """Whether what goes by this channel may be read by whoever holds somebody's phone."""
    return channel is ChannelKind.SMS


def find_faults(
    kind: TextKind,
    channel: ChannelKind,
    wording: Wording,
    *,
    words: Sequence[TellingWord],
    most: int,
) -> list[Fault]:
    """All that is wrong with a text; none for one that can be sent with any facts of its kind.

    ``words`` may not be on a phone, and ``most`` is how many segments a text to one may take.
    """
    known = declared(kind, channel)
    is_mail = channel is ChannelKind.EMAIL
    if is_mail:
        for_subject = [each for each in known if each.is_for_subjects]
        of_subject = [
            *_of_part(wording.subject, for_subject, MOST_SUBJECT),
            *_of_one_line(wording.subject),
        ]
    else:
        of_subject = [*_of_no_subject(wording.subject)]
    of_text = [
        *([] if is_mail else _of_one_line(wording.text)),
        *_of_part(wording.text, known, MOST_WORDING),
        *(_of_missing(wording.text, known) if wording.text else ()),
    ]
    found = [_at("subject", each) for each in of_subject]
    found += [_at("wording", each) for each in of_text]
    if may_reach_devices(channel) and not found:
        said = masked(wording.text, known)
        found += [_at("wording", each) for each in _of_words(said, words)]
        found += [_at("wording", each) for each in _of_length(said, most)]
    return found


def masked(text: str, known: Iterable[Declared]) -> str:
    """A readable text with each fact as long as it is, and saying nothing."""
    return fill(parse(text), {each.name: MASKS[each.type] for each in known})


_Said = tuple[Rule, Mapping[str, Any]]


def _at(part: str, said: _Said) -> Fault:
    return Fault(part, *said)


def _of_no_subject(subject: str) -> Iterator[_Said]:
    if subject:
        yield Rule.TOO_LONG, {"max_length": 0}


def _of_part(text: str, known: Iterable[Declared], longest: int) -> Iterator[_Said]:
    if not text.strip():
        yield Rule.EMPTY, {}
    if len(text) > longest:
        yield Rule.TOO_LONG, {"max_length": longest}
    if any(not is_shown(letter) for letter in text):
        yield Rule.CHARACTER, {}
    try:
        named = names_in(parse(text))
    except TemplateUnreadable:
        yield Rule.BRACES, {}
        return
    allowed = {str(each.name) for each in known}
    if set(named) - allowed:
        yield Rule.UNKNOWN, {"expected": ", ".join(sorted(allowed))}


def _of_missing(text: str, known: Iterable[Declared]) -> Iterator[_Said]:
    try:
        named = names_in(parse(text))
    except TemplateUnreadable:
        return
    missing = [str(each.name) for each in known if each.is_mandatory and each.name not in named]
    if missing:
        yield Rule.MISSING, {"expected": ", ".join(missing)}


def _of_one_line(text: str) -> Iterator[_Said]:
    if "\n" in text:
        yield Rule.ONE_LINE, {}


_OF_LANGUAGE = {"vi": Rule.TELLING_VI, "en": Rule.TELLING_EN}


def _of_words(said: str, words: Sequence[TellingWord]) -> Iterator[_Said]:
    found = find_telling(said, words)
    listed = [each for each in found if each in words]
    for each in listed:
        yield _OF_LANGUAGE.get(each.language, Rule.TELLING), {"word": each.word}
    if len(found) > len(listed) and all(each.kind is not TellingKind.LINK for each in listed):
        # Found by its shape: its letters are what was typed, and are not repeated.
        yield Rule.LINK, {}


def _of_length(said: str, most: int) -> Iterator[_Said]:
    try:
        fitted(said, most=most)
    except TextTooLong:
        yield Rule.SEGMENTS, {"most": most}


def is_shown(letter: str) -> bool:
    """Whether a character is one that a reader sees, a blank, or the end of a line."""
    return letter == "\n" or unicodedata.category(letter)[0] not in {"C", "Z"} or letter == " "


def _tidy(text: str) -> str:
    lines = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    return _BLANK.sub("", lines.replace("\N{NO-BREAK SPACE}", " ")).strip()
