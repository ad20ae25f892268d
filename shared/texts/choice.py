"""In which language somebody is answered: by ``Accept-Language``, or by a terminal's locale."""

import re
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple


class TextLanguage(StrEnum):
    """A language every text is written in; the first is for whoever asks for none."""

    VIETNAMESE = "vi"
    ENGLISH = "en"


ANY = "*"
CHOSEN = "NHIPCAU_LANG"
"""The environment variable that chooses the command's language before any locale does."""
LOCALES = ("LC_ALL", "LC_MESSAGES", "LANG")
"""Those of POSIX, in its order: the first that is not empty counts."""

# RFC 9110 section 12.5.4: a language range of RFC 4647, and section 12.4.2: its weight.
_RANGE = re.compile(
    r"[ \t]*(?P<range>[a-z]{1,8}(?:-[a-z0-9]{1,8})*|\*)"
    r"(?:[ \t]*;[ \t]*q=(?P<weight>0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?))?[ \t]*",
    re.IGNORECASE | re.ASCII,
)


class _Range(NamedTuple):
    place: int
    tag: str
    weight: float


def accepted(lines: Sequence[str]) -> TextLanguage:
    """The language asked for by the lines of ``Accept-Language``; Vietnamese if it asks for none.

    The highest weight counts, and among equals what is named first. ``en-GB`` asks for English
    (RFC 4647 section 3.4). What nobody can read asks for nothing; whoever accepts neither language
    gets Vietnamese rather than a refusal, as RFC 9110 allows.
    """
    ranges = list(_ranges(",".join(lines)))
    wanted = [(found, language) for language in TextLanguage if (found := _wish(language, ranges))]
    if not wanted:
        return TextLanguage.VIETNAMESE
    return min(wanted, key=lambda it: (-it[0].weight, it[0].place))[1]


def _ranges(value: str) -> Iterator[_Range]:
    for place, part in enumerate(value.split(",")):
        if found := _RANGE.fullmatch(part):
            yield _Range(place, found["range"].lower(), float(found["weight"] or 1))


def _wish(language: TextLanguage, ranges: Sequence[_Range]) -> _Range | None:
    """The range that decides about a language: its own, else one within it, else ``*``."""
    own = [it for it in ranges if it.tag == language]
    within = [it for it in ranges if it.tag.startswith(f"{language}-") and it.weight > 0]
    anything = [it for it in ranges if it.tag == ANY]
    deciding = next((some for some in (own, within, anything) if some), [])
    best = max(deciding, key=lambda it: (it.weight, -it.place), default=None)
    return best if best is not None and best.weight > 0 else None


def of_locale(environment: Mapping[str, str]) -> TextLanguage:
    """The language of a terminal: ``NHIPCAU_LANG``, else the locale; Vietnamese only if it says so.

    Without a locale, or in that of C, it is English: what scripts read does not depend on who set
    a machine up.
    """
    named = (environment.get(name, "") for name in (CHOSEN, *LOCALES))
    chosen = next((value for value in named if value), "")
    language = re.split(r"[_.@-]", chosen.lower(), maxsplit=1)[0]
    is_vietnamese = language == TextLanguage.VIETNAMESE
    return TextLanguage.VIETNAMESE if is_vietnamese else TextLanguage.ENGLISH
