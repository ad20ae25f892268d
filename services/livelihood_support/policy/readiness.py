"""What a facility says it has ready, and what it lacks for whom it houses and expects.

The plan of the city has one facility for everybody, and asks it to be ready: rooms, people who
work there, interpreters, equipment. No text says how many of each; what is lacking is lacking for
somebody who is there or expected, and never measured against a number of ours.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from shared.kit.languages import is_shared


class Equipment(StrEnum):
    """What a facility needs for what the laws have it see to (Decree 162/2025 Art. 17)."""

    SEPARATE_ROOMS = "separate_rooms"
    """Women and men sleep apart."""
    CHILDRENS_ROOM = "childrens_room"
    MEDICAL_ROOM = "medical_room"
    COUNSELLING_ROOM = "counselling_room"
    KITCHEN = "kitchen"
    WASHROOM = "washroom"
    ARRIVAL_KITS = "arrival_kits"
    """What a person is given when they arrive is in store."""
    TRANSPORT = "transport"
    """A vehicle fetches somebody, or brings them to a hospital."""


class Lack(StrEnum):
    """What somebody must see to before the next person comes."""

    SHEET = "sheet"
    """The facility has not said what it has."""
    ATTESTATION = "attestation"
    """Nobody but its writer has said that this is so."""
    PLACES = "places"
    """More people are there or expected than there are places."""
    INTERPRETERS = "interpreters"
    """Somebody needs an interpreter, and nobody there speaks a language of theirs."""
    EQUIPMENT = "equipment"
    ESCORTS = "escorts"
    """Fewer people of the facility go with whoever is announced than must be escorted."""
    FACILITY = "facility"
    """No facility takes people in where they are handed over."""


@dataclass(frozen=True)
class SheetFacts:
    """A readiness sheet as its facility tells it."""

    valid_from: date
    rooms: int
    places: int
    """How many people can sleep there."""
    staff: int
    """How many people work there."""
    interpreters: tuple[str, ...] = ()
    """The languages that somebody there interprets, as BCP 47 tags."""
    equipment: frozenset[Equipment] = frozenset()


@dataclass(frozen=True)
class Guests:
    """Whom a facility houses and expects: how many, and who needs an interpreter."""

    count: int = 0
    spoken: Sequence[Sequence[str]] = ()
    """The languages of each of those who need an interpreter."""
    lacks_escorts: bool = False
    """Whether somebody who is announced must be escorted, and nobody goes with them."""


def missing(sheet: SheetFacts) -> list[Equipment]:
    """What a facility does not have, in the order of the list."""
    return [each for each in Equipment if each not in sheet.equipment]


def lacks(sheet: SheetFacts | None, guests: Guests, *, is_attested: bool) -> list[Lack]:
    """What is to be seen to, in the order of the list."""
    if sheet is None:
        return [Lack.SHEET, *([Lack.ESCORTS] if guests.lacks_escorts else [])]
    found = {
        Lack.ATTESTATION: not is_attested,
        Lack.PLACES: guests.count > sheet.places,
        Lack.INTERPRETERS: any(
            not is_shared(languages, sheet.interpreters) for languages in guests.spoken
        ),
        Lack.EQUIPMENT: bool(missing(sheet)),
        Lack.ESCORTS: guests.lacks_escorts,
    }
    return [each for each, is_lacking in found.items() if is_lacking]
