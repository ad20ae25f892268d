"""How many segments a text takes on its way to a phone (3GPP TS 23.038, TS 23.040 9.2.3.24).

A text whose letters are all in the default alphabet goes as septets: 160 in one segment, 153 in
each of several, for six octets of each then say which one it is. Any other letter makes the whole
text UCS-2: 70 in one, 67 in each of several. Vietnamese with its marks is UCS-2, without them not.
"""

from dataclasses import dataclass
from enum import Enum

from services.notification.policy.telling import without_marks

BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The default alphabet (TS 23.038 section 6.2.1), without the escape to its extension."""
EXTENSION = "\f^{}\\[~]|€"
"""Its extension (section 6.2.1.1): each is an escape and a letter, two septets."""

_SEPTETS = dict.fromkeys(BASIC, 1) | dict.fromkeys(EXTENSION, 2)


class Encoding(Enum):
    """How the letters of a text are sent; the value is what the gateway is told."""

    GSM7 = "gsm7"
    UCS2 = "ucs2"


_ROOM = {Encoding.GSM7: (160, 153), Encoding.UCS2: (70, 67)}
"""Units in a text of one segment, and in each segment of several."""


@dataclass(frozen=True)
class Segments:
    """What a text takes."""

    encoding: Encoding
    units: int
    """Septets, or pairs of octets."""
    count: int


class TextTooLong(ValueError):
    """A text takes more segments than it may."""


def segments_of(text: str) -> Segments:
    """What a text takes; a letter of two units is never parted between two segments."""
    is_default = all(letter in _SEPTETS for letter in text)
    encoding = Encoding.GSM7 if is_default else Encoding.UCS2
    sizes = [_SEPTETS[letter] if is_default else _pairs(letter) for letter in text]
    single, each = _ROOM[encoding]
    units = sum(sizes)
    return Segments(encoding, units, 1 if units <= single else _packed(sizes, each))


def check_length(text: str, *, most: int) -> Segments:
    """What a text takes; raises ``TextTooLong`` if that is more than ``most`` segments."""
    found = segments_of(text)
    if found.count > most:
        raise TextTooLong(f"{found.count} segments, {most} at most")
    return found


def fitted(text: str, *, most: int) -> tuple[str, Segments]:
    """A text as it is sent, and what it takes: with its marks if there is room, else without.

    Raises ``TextTooLong`` for what has no room either way.
    """
    try:
        return text, check_length(text, most=most)
    except TextTooLong:
        bare = without_marks(text)
        return bare, check_length(bare, most=most)


def _packed(sizes: list[int], room: int) -> int:
    count, taken = 1, 0
    for size in sizes:
        if taken + size > room:
            count, taken = count + 1, 0
        taken += size
    return count


def _pairs(letter: str) -> int:
    return len(letter.encode("utf-16-be")) // 2
