"""A handover that is announced before it happens: who comes, by number, and what became of each.

Immigration, a border post or a mission knows the day before the people come. What a house prepares
is told of each of them, and nothing by which anybody could find out who it is. Whoever is under 18
is escorted, whatever is told (Decree 09/2013 Art. 19; Decree 162/2025 Art. 17).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.intake.errors import (
    AdvanceNoticeCancelled,
    ExpectedPersonNotFound,
    ExpectedPersonSettled,
    NobodyExpected,
)
from services.intake.policy.findings import Rule
from shared import places
from shared.contracts.vocabulary import AgeBand, ExpectedStatus, Route, Sex
from shared.places.units import meaning

ANNOUNCED = frozenset({Route.BILATERAL_HANDOVER, Route.MISSION_ABROAD})
"""The routes on which somebody knows before the people come."""
MOST_EXPECTED = 100
"""People of one notice; whoever expects more gives another."""


class NoticeMove(StrEnum):
    """What may be done with a notice, or with one of its people."""

    GIVE = "give"
    CHANGE_DAY = "change_day"
    CANCEL = "cancel"
    RECEIVE = "receive"
    MISS = "miss"


class NoticeCancelReason(StrEnum):
    """Why a handover that was announced does not take place."""

    CALLED_OFF = "called_off"
    TO_ANOTHER_PLACE = "to_another_place"
    """The people are handed over elsewhere."""
    ANNOUNCED_TWICE = "announced_twice"
    GIVEN_IN_ERROR = "given_in_error"


class AbsenceReason(StrEnum):
    """Why somebody who was expected did not come."""

    NOT_HANDED_OVER = "not_handed_over"
    PERSON_DECLINED = "person_declined"
    """They went their own way, as anybody may."""
    TAKEN_ELSEWHERE = "taken_elsewhere"
    """To a hospital, or to another authority."""
    COUNTED_WRONGLY = "counted_wrongly"
    """There never was such a person."""


@dataclass(frozen=True)
class Expected:
    """Somebody who is to come: what a house prepares for, and nothing of who it is."""

    age_band: AgeBand
    sex: Sex
    languages: tuple[str, ...]
    needs_interpreter: bool
    needs_escort: bool
    """Whether somebody must go with them, as it was told."""

    @property
    def is_escorted(self) -> bool:
        """Whether somebody goes with them: always with whoever is under 18."""
        return self.needs_escort or self.age_band is not AgeBand.ADULT


def unit_fault(code: str, today: date) -> Rule | None:
    """Why people cannot be expected in a unit of this code, if they cannot."""
    if not places.can_exist(code):
        return Rule.UNIT_IMPOSSIBLE
    known = meaning(code, today)
    return None if known is None or known.has(today) else Rule.UNIT_REPLACED


def check_open(people: Mapping[int, ExpectedStatus], *, is_cancelled: bool) -> None:
    """Refuse to change a notice that was cancelled, or in which nobody is expected any more."""
    if is_cancelled:
        raise AdvanceNoticeCancelled
    if ExpectedStatus.EXPECTED not in people.values():
        raise NobodyExpected


def check_settling(
    people: Mapping[int, ExpectedStatus], number: int, to: ExpectedStatus, *, is_cancelled: bool
) -> None:
    """Refuse what one of the people cannot become.

    Whoever did not come may come later; nobody who was received is expected again.
    """
    if is_cancelled:
        raise AdvanceNoticeCancelled
    if number not in people:
        raise ExpectedPersonNotFound
    if people[number] in {ExpectedStatus.RECEIVED, to}:
        raise ExpectedPersonSettled
