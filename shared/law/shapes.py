"""How a rule, and the reason of a date, are shown: one shape in the API of every service."""

from datetime import date
from typing import Annotated, Any

from pydantic import AwareDatetime, BeforeValidator, Field
from pydantic_core import PydanticKnownError

from shared.contracts.law import Certainty, PeriodKey, Unit
from shared.contracts.vocabulary import Regime
from shared.kit.shapes import Shape
from shared.law.calendar import SkipReason
from shared.law.documents import LONGEST, NUMBER, parse_number, plain_number
from shared.law.periods import CountingKey, OwnerRole
from shared.law.rows import rules


def _numbered(value: Any) -> Any:
    """A number spelled one way; anything but text is left to the type, which refuses it."""
    if not isinstance(value, str):
        return value
    if parse_number(value) is None:
        raise PydanticKnownError("string_pattern_mismatch", {"pattern": NUMBER})
    return plain_number(value)


EvidenceNumber = Annotated[
    str,
    Field(
        pattern=NUMBER,
        max_length=LONGEST,
        description="The number of an official paper, for example 15/QĐ-SLĐTB&XH.",
    ),
    BeforeValidator(_numbered),
]
"""The paper that something rests on: its number as Decree 30/2020/NĐ-CP has it, never a text."""


class BasisRead(Shape):
    """The text that something rests on, and how certain it is."""

    legal_ref: str
    """The legal text that it rests on."""
    status: Certainty
    """How certain the rule is: `confirmed` (a published source was read), `recalled` (from memory,
    to be confirmed by a lawyer) or `assumed` (chosen here, no legal text behind it).
    """


class GroundRead(BasisRead):
    """The dated rule that something rests on, and why it is no more certain."""

    key: str
    """The name of the rule, for example `proof.police_certificate`."""
    note: str | None
    """Why the rule is no more certain; unset where it is confirmed."""


class RuleRead(BasisRead):
    """The dated rule that decides a date, and how certain it is; ``amount`` may be unset."""

    key: PeriodKey
    """The name of the rule, for example `verification.normal`."""
    amount: int | None
    """How many of the unit; unset while no lawful period is known, and then nothing falls due."""
    unit: Unit
    """What is counted; working days leave out weekends and the public holidays of Viet Nam."""
    owner_role: OwnerRole
    """Who has to act before the period ends."""


def example_rule(key: PeriodKey, *, on: date, regime: Regime | None = None) -> dict[str, Any]:
    """The row that decides on a day, as an example shows it: no text is cited twice."""
    return RuleRead.model_validate(rules().find(key, on=on, regime=regime)).model_dump(mode="json")


class CountingRead(BasisRead):
    """A rule about how periods are counted, and how certain it is."""

    key: CountingKey
    """The name of the rule about counting."""


class MovedRead(Shape):
    """A period that would have ended on a day off, and the rule that moved its end."""

    day: date
    """The day off on which the period would have ended."""
    by: CountingRead
    """The rule that moved the end to the next working day."""


class SkippedRead(Shape):
    """A day that does not count."""

    day: date
    """The day that does not count."""
    reason: SkipReason
    """The reason why the day does not count."""
    name: str | None
    """The name of the public holiday, in Vietnamese; unset for every other reason."""


class PauseRead(Shape):
    """A pause, which moves the end of a period."""

    since: AwareDatetime
    """When the work was paused."""
    until: AwareDatetime
    """When the work went on."""
    reason: str | None
    """The reason of the pause, as a code."""


class EndRead(Shape):
    """Why a period ends when it does."""

    rule: RuleRead = Field(validation_alias="period")
    """The rule that says how long the period is."""
    started_on: date
    """The day of the event that the period begins with; the day itself does not count."""
    last_day: date
    """The last day of the period; it ends with the end of this day."""
    at: AwareDatetime
    """The first moment after the period."""
    skipped: list[SkippedRead]
    """The days that were left out, each with its reason: days off in a period of working days, days
    on which the work was paused, and the days until the next working day if the end was moved.
    """
    moved: MovedRead | None
    """Set if the period would have ended on a day off, and so ends with the next working day."""
    pauses: list[PauseRead]
    """The pauses within the period that are over, in order."""
