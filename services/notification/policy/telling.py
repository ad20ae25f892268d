"""Words that say too much on a phone that others may look at.

What is on a screen is read by whoever holds the phone: a relative, a partner, the trafficker.
So a text that may reach one says nothing of trafficking, of victims, of help, of police or courts,
nothing of who sends it, and has no link. Words stand in a list of data, and are found with and
without their marks, in any case, and with anything between their letters.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Any

INSIDE_FROM = 7
"""Letters from which on a word is found inside of others, too; a shorter one stands alone."""

LANGUAGES = frozenset({"", "en", "vi"})

_BETWEEN = r"[\W_]*"
_ALONE = r"(?<![^\W_]){}(?![^\W_])"
_TONES = {"\N{COMBINING GRAVE ACCENT}", "\N{COMBINING ACUTE ACCENT}", "\N{COMBINING TILDE}",
          "\N{COMBINING HOOK ABOVE}", "\N{COMBINING DOT BELOW}"}  # fmt: skip
# An address of the web or of a mailbox, or a name with a dot and an ending.
_LINK = re.compile(
    r"[a-z][a-z0-9+.-]*://\S+|[^\s@]+@[^\s@]+|(?:[a-z0-9-]+\.)+[a-z]{2,}(?:[/?#]\S*)?"
)


class TellingKind(Enum):
    """Of what a word tells."""

    CRIME = "crime"
    PERSON = "person"
    """What a person is called, or what befell one."""
    SUPPORT = "support"
    PROCEDURE = "procedure"
    AGENCY = "agency"
    SENDER = "sender"
    ABBREVIATION = "abbreviation"
    LINK = "link"


@dataclass(frozen=True)
class TellingWord:
    """A word or phrase of the list."""

    word: str
    kind: TellingKind
    language: str = ""
    """``vi`` or ``en``; of neither are names, abbreviations and links."""

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What finds it in a text that is ``composed``.

        Each letter may lack its tone, or all its marks; with other ones it is another word.
        """
        letters = _letters(composed(self.word))
        is_short = len(letters) < INSIDE_FROM
        # Between the digits of a short number there is nothing, or a date would be one.
        between = "" if is_short and letters.isdigit() else _BETWEEN
        found = between.join(_as_written(letter) for letter in letters)
        return re.compile(_ALONE.format(found) if is_short else found)


class TellingText(ValueError):
    """A text says too much for a phone that others may look at."""

    def __init__(self, found: Iterable[TellingWord]) -> None:
        """Keep what was found, so that whoever writes the text can be told."""
        self.found = tuple(found)
        super().__init__(", ".join(f"{each.word} ({each.kind.value})" for each in self.found))


def parse_telling(text: str) -> tuple[TellingWord, ...]:
    """The words of a list; an unknown kind, or a word that has no letters, is a ``ValueError``."""
    return tuple(_word(row) for row in tomllib.loads(text)["words"])


def _word(row: Mapping[str, Any]) -> TellingWord:
    made = TellingWord(row["word"], TellingKind(row["kind"]), row.get("language", ""))
    if made.language not in LANGUAGES:
        raise ValueError(f"no language: {made.language!r}")
    if not _letters(made.word):
        raise ValueError(f"no letters: {made.word!r}")
    return made


def find_telling(text: str, words: Iterable[TellingWord]) -> list[TellingWord]:
    """What of a list a text says, in the order of the list, then its links."""
    read = composed(text)
    found = [each for each in words if each.pattern.search(read)]
    return found + [TellingWord(it[0], TellingKind.LINK) for it in _LINK.finditer(read)]


def check_telling(text: str, words: Iterable[TellingWord]) -> None:
    """Raise ``TellingText``, naming every word, for a text that says too much."""
    found = find_telling(text, words)
    if found:
        raise TellingText(found)


def composed(text: str) -> str:
    """In lower case, each letter with its marks, in place of letters that only look different."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKC", text).casefold())


def without_marks(text: str) -> str:
    """As somebody types who has no Vietnamese keyboard."""
    parted = unicodedata.normalize("NFD", text)
    bare = "".join(letter for letter in parted if not unicodedata.combining(letter))
    return bare.replace("đ", "d").replace("Đ", "D")


def _as_written(letter: str) -> str:
    parted = unicodedata.normalize("NFD", letter)
    toneless = "".join(part for part in parted if part not in _TONES)
    written = {letter, unicodedata.normalize("NFC", toneless), without_marks(letter)}
    return f"[{''.join(sorted(written))}]"


def _letters(word: str) -> str:
    return "".join(letter for letter in word if letter.isalnum())
