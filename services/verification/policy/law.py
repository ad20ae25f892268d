"""What the two laws say: which papers prove."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from shared.contracts.vocabulary import (
    AgeBand,
    PaperType,
    Route,
)
from shared.law import FIRST_LAW_FROM, regime_at
from shared.law.verifying import Proof, verification_rules

GROWN_UP: Mapping[AgeBand, int] = {AgeBand.UNDER_16: 16, AgeBand.UNDER_18: 18}
"""Years within which a person of a band was born; all that is known here of a birth."""


@dataclass(frozen=True)
class Paper:
    """A paper of a case, by its type and the day it was issued."""

    type: PaperType
    issued_on: date


def is_plausible(paper: Paper, *, age_band: AgeBand, shown_on: date) -> bool:
    """Whether a paper can have identified this person on the day it names.

    Not before there was a law to do so by, not before a minor can have been born, not after it was
    shown. One that cannot is left to the authority, who sees it.
    """
    years = GROWN_UP.get(age_band)
    born_after = date.min if years is None else _years_before(shown_on, years)
    return max(FIRST_LAW_FROM, born_after) <= paper.issued_on <= shown_on


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February
        return day.replace(year=day.year - years, day=28)


def proof_among(
    papers: Collection[Paper],
    *,
    route: Route,
    age_band: AgeBand,
    shown_on: date,
) -> Paper | None:
    """The paper that concludes a verification by itself; ``None`` if none of these does.

    An implausible one never does. Each is judged by the law of the day it was issued. Of several
    the earliest counts, for the person was identified then; of one day, the first in the order of
    the law.
    """
    found = [
        (paper.issued_on, place, paper)
        for paper in papers
        if is_plausible(paper, age_band=age_band, shown_on=shown_on)
        for place, proof in enumerate(_proving(paper, route))
        if paper.type is proof.paper
    ]
    return min(found)[2] if found else None


def _proving(paper: Paper, route: Route) -> tuple[Proof, ...]:
    return verification_rules().proving(regime_at(paper.issued_on), route)
