"""Places that are held for people whose handover was announced, and what is lacking for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.livelihood_support.policy.readiness import Lack, SheetFacts
from shared.contracts.vocabulary import AgeBand, ExpectedStatus, Sex
from shared.kit.languages import is_shared


class HeldStatus(StrEnum):
    """How a place stands that was held for somebody."""

    HELD = "held"
    TAKEN = "taken"
    """They are a case."""
    RELEASED = "released"
    """They do not come."""


_AFTER = {
    ExpectedStatus.EXPECTED: HeldStatus.HELD,
    ExpectedStatus.RECEIVED: HeldStatus.TAKEN,
    ExpectedStatus.ABSENT: HeldStatus.RELEASED,
}


def held_status(status: ExpectedStatus, *, is_cancelled: bool) -> HeldStatus:
    """How a place stands by what is told of whom it is for."""
    found = _AFTER[status]
    return HeldStatus.RELEASED if is_cancelled and found is HeldStatus.HELD else found


@dataclass(frozen=True)
class Awaited:
    """Somebody for whom a place is held."""

    age_band: AgeBand
    sex: Sex
    languages: tuple[str, ...]
    needs_interpreter: bool
    needs_escort: bool


@dataclass(frozen=True)
class House:
    """The facility that holds the places: what it has, and how many more could come."""

    sheet: SheetFacts | None
    free: int | None
    """Less than 0 if too many are there or expected."""


def escorts_needed(awaited: Sequence[Awaited]) -> int:
    """How many of them somebody goes with; one of a house may go with one."""
    return sum(each.needs_escort for each in awaited)


def handover_lacks(
    house: House | None, awaited: Sequence[Awaited], escorts: int | None
) -> list[Lack]:
    """What is to be seen to before these people come, in the order of the list."""
    if not awaited:
        return []
    if house is None:
        return [Lack.FACILITY]
    sheet = house.sheet
    found = {
        Lack.SHEET: sheet is None,
        Lack.PLACES: house.free is not None and house.free < 0,
        Lack.INTERPRETERS: sheet is not None
        and any(
            each.needs_interpreter and not is_shared(each.languages, sheet.interpreters)
            for each in awaited
        ),
        Lack.ESCORTS: (escorts or 0) < escorts_needed(awaited),
    }
    return [each for each, is_lacking in found.items() if is_lacking]
