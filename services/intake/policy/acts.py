"""Whether a person was a minor when it was done to them: what the means of an act hang on.

Law 53/2024/QH15 Art. 2(1) asks for an act, a purpose and, for adults only, a means. It speaks of
the age when the act was done, not of the age at which somebody reports it years later.

*An act that went on past the eighteenth birthday counts as done to a minor if it began before it.*
Whoever was recruited, carried off or held as a child was trafficked then, without a means; that it
did not end in time takes nothing back. So the day on which it began decides.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.intake.policy.ages import ADULTHOOD, LAST_DAY, Birth, next_month


class CorrectionReason(StrEnum):
    """Why a birth date, or the time of an act, is another now."""

    PAPER_SHOWN = "paper_shown"
    """A paper names it."""
    PERSON_SAID = "person_said"
    """The person remembers, or dares to say, more than at first."""
    AGE_DETERMINED = "age_determined"
    """A body that may do so has determined the age."""
    RECORDED_WRONGLY = "recorded_wrongly"
    """It was written down otherwise than it was told."""


@dataclass(frozen=True, repr=False)
class Span:
    """The first and the last day that something told as a day, a month or a year can mean."""

    first: date
    last: date


def read_span(written: str) -> Span:
    """``2019-05-04``, ``2019-05`` or ``2019``; a ``ValueError`` if there is no such day."""
    year, *rest = map(int, written.split("-"))
    if not rest:
        return Span(date(year, 1, 1), date(year, *LAST_DAY))
    if len(rest) == 1:
        first = date(year, rest[0], 1)
        return Span(first, date.fromordinal(next_month(first).toordinal() - 1))
    return Span(date(year, *rest), date(year, *rest))


@dataclass(frozen=True, repr=False)
class Act:
    """When exploitation began and ended, as far as it was told."""

    began: Span | None = None
    ended: Span | None = None


def was_minor_at_act(birth: Birth, act: Act, today: date) -> bool | None:
    """Whether it began before the person was 18; ``None`` where what was told leaves it open.

    Whoever is a minor today was one then. Of a year of birth alone the younger reading counts, as
    everywhere; when it was done is not guessed.
    """
    grown_on = birth.reaches(ADULTHOOD)
    ends = [span.last for span in (act.began, act.ended) if span is not None]
    if min([*ends, today]) < grown_on:
        return True
    is_after = act.began is not None and act.began.first >= grown_on
    return False if is_after else None
