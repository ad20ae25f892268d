"""What a period of the law is: how long, counted in what, whose, by which text, how certain."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from shared.contracts import Queue
from shared.contracts.law import Certainty, PeriodKey, Unit
from shared.contracts.vocabulary import Regime


class OwnerRole(StrEnum):
    """Who has to act before a period ends."""

    CASE_OWNER = "case_owner"
    VERIFIER = "verifier"
    COMMUNE = "commune"
    FACILITY = "facility"
    FACILITY_DIRECTOR = "facility_director"
    PROTECTOR = "protector"
    PARTNER = "partner"
    PERSON = "person"


@dataclass(frozen=True)
class Period:
    """One dated row. Without an amount nobody has found a lawful period: it starts no clock."""

    key: PeriodKey
    regime: Regime | None
    """The law it belongs to; unset if it is the same under both."""
    amount: int | None
    unit: Unit
    owner_role: OwnerRole
    legal_ref: str
    status: Certainty
    starts_with: str
    """The event it begins at."""
    services: tuple[Queue, ...] = ()
    """The services that act on it; none while nobody does."""
    extended_by: OwnerRole | None = None
    """Who may prolong it, where the text names somebody."""
    valid_from: date | None = None
    valid_to: date | None = None
    """The first and the last day on which a period may begin by this row; unset means always."""
    row_id: UUID | None = None
    """The row that an administrator published; unset for one of this release."""

    @property
    def is_replaced(self) -> bool:
        """Whether later rows cover every day of it, so that it holds on none."""
        return self.valid_from is not None and not self.holds(self.valid_from)

    def holds(self, on: date) -> bool:
        """Whether a period that begins on a day is one of this row."""
        begins = self.valid_from is None or self.valid_from <= on
        return begins and (self.valid_to is None or on <= self.valid_to)


class CountingKey(StrEnum):
    """The names of the rules about counting that can be switched."""

    DAY_OFF = "civil_code.day_off"
    """A calendar period that ends on a day off ends with the next working day."""


@dataclass(frozen=True)
class Counting:
    """A rule about how periods are counted: for those that begin from a day on."""

    key: CountingKey
    is_applied: bool
    valid_from: date
    legal_ref: str
    status: Certainty
