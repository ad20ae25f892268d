"""What a period of the law is: how long, counted in what, whose, by which text, how certain."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from shared.contracts import Queue
from shared.contracts.vocabulary import Regime
from shared.law.certainty import Certainty


class Unit(StrEnum):
    """What a period is counted in."""

    HOUR = "hour"
    DAY = "day"
    """A calendar day, whether offices work on it or not."""
    WORKING_DAY = "working_day"
    MONTH = "month"
    YEAR = "year"


class PeriodKey(StrEnum):
    """The names of all periods; a test compares them with the rows."""

    RECEPTION_INITIAL_CHECK = "reception.initial_check"
    VERIFICATION_NORMAL = "verification.normal"
    VERIFICATION_EXTENDED = "verification.extended_total"
    SUPPORT_APPLICATION_WINDOW = "support.application_window"
    SUPPORT_COMMUNE_FORWARDS = "support.commune_forwards"
    SUPPORT_CASE_OWNER_DECIDES = "support.case_owner_decides"
    STAY_MAXIMUM = "stay.maximum"
    PROTECTION_DECISION = "protection.decision"
    REFERRAL_DELIVERY = "referral.delivery"
    REFERRAL_ANSWER = "referral.answer"
    REFERRAL_START = "referral.start_of_service"
    REFERRAL_CONFIRMATION = "referral.confirmation"
    PURGE_CONFIRMATION = "purge.confirmation"
    DIRECTORY_FRESHNESS = "directory.freshness"
    COMPLAINT_WINDOW = "complaint.window"
    FOLLOW_UP = "follow_up.interval"


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
