"""Facts that a person tells of a case, and what they mean for the calculator.

What intake told of a case is where everything begins; a told fact counts before it. Some facts of
the calculator follow from several told ones: a citizen needs no permanent residence.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from shared.contracts.vocabulary import AgeBand, Citizenship, PersonCategory
from shared.law.entitlements import Fact
from shared.law.entitling import category_of, known_facts


class ToldFact(StrEnum):
    """What can be told of a case."""

    FINANCIAL_HARDSHIP = "financial_hardship"
    POOR_HOUSEHOLD = "poor_household"
    VIETNAMESE_CITIZEN = "vietnamese_citizen"
    """Whatever the case says: citizenship was acquired, given back, or recorded wrongly."""
    UNDER_18 = "under_18"
    """Whatever the age band says: somebody has determined the age."""
    PERMANENT_RESIDENCE = "permanent_residence"
    GRANTED_IN_THIS_CASE = "granted_in_this_case"
    IDENTIFIED = "identified"
    """The day on which the person was certified, where the verification does not say it."""
    WINDOW_EXCEPTION = "window_exception"
    """Somebody has let the person apply although the window is closed."""
    CATEGORY = "category"
    """Which category of persons the law speaks of, where it leaves that to somebody to decide."""


class WithdrawalReason(StrEnum):
    """Why a told fact counts no longer."""

    TOLD_IN_ERROR = "told_in_error"
    HOLDS_NO_LONGER = "holds_no_longer"
    EVIDENCE_WITHDRAWN = "evidence_withdrawn"
    """Whoever issued the paper has withdrawn it."""


class RevisionCause(StrEnum):
    """Why the entitlements of a plan were computed anew."""

    FACT_TOLD = "fact_told"
    FACT_WITHDRAWN = "fact_withdrawn"
    AGE_CHANGED = "age_changed"
    """The person came into another age band, by a birthday or a correction."""
    IDENTIFIED = "identified"
    """The person is identified who was presumed to be a victim when the plan was opened."""
    WINDOW_CLOSED = "window_closed"
    """The last day passed on which somebody could apply under the older law."""


Value = bool | PersonCategory

TOLD_BY: Mapping[Fact, tuple[ToldFact, ...]] = MappingProxyType(
    {
        Fact.FINANCIAL_HARDSHIP: (ToldFact.FINANCIAL_HARDSHIP,),
        Fact.POOR_HOUSEHOLD: (ToldFact.POOR_HOUSEHOLD,),
        Fact.VIETNAMESE_CITIZEN: (ToldFact.VIETNAMESE_CITIZEN,),
        Fact.UNDER_18: (ToldFact.UNDER_18, ToldFact.CATEGORY),
        Fact.CITIZEN_OR_PERMANENT_RESIDENT: (
            ToldFact.VIETNAMESE_CITIZEN,
            ToldFact.PERMANENT_RESIDENCE,
        ),
        Fact.GRANTED_IN_THIS_CASE: (ToldFact.GRANTED_IN_THIS_CASE,),
        Fact.APPLIED_IN_TIME: (ToldFact.IDENTIFIED, ToldFact.WINDOW_EXCEPTION),
    },
)
"""By which told facts each fact of the calculator becomes known, or is asked for no more."""

PRESUMED = frozenset({PersonCategory.PRESUMED_ABROAD, PersonCategory.PRESUMED_IN_COUNTRY})
"""Categories of somebody who is still being identified."""

_POSSIBLE: Mapping[bool, frozenset[PersonCategory]] = MappingProxyType(
    {
        True: frozenset(PersonCategory) - PRESUMED,
        False: PRESUMED | {PersonCategory.FOREIGNER},
    }
)
"""What somebody who is identified, or is not yet, can be by decision."""

EXCLUDES: Mapping[PersonCategory, Citizenship] = MappingProxyType(
    {
        PersonCategory.FOREIGNER: Citizenship.VIETNAMESE,
        PersonCategory.VICTIM_RESIDENT: Citizenship.FOREIGN,
        PersonCategory.PRESUMED_ABROAD: Citizenship.FOREIGN,
    },
)
"""The citizenship with which somebody cannot be of a category."""


@dataclass(frozen=True)
class Recorded:
    """What a case itself says that the calculator asks for."""

    age_band: AgeBand
    citizenship: Citizenship


@dataclass(frozen=True)
class Known:
    """A fact of the calculator, and which told fact it follows from; unset: from the case."""

    holds: bool
    told: ToldFact | None = None


Told = Mapping[ToldFact, Value]
"""The newest value of each fact that was told of a case and not withdrawn."""


def written(value: Value) -> str:
    """A value as it is kept: one word, whatever its type."""
    return str(value) if isinstance(value, PersonCategory) else str(value).lower()


def read_value(fact: ToldFact, kept: str) -> Value:
    """A kept value in the type of its fact."""
    return PersonCategory(kept) if fact is ToldFact.CATEGORY else kept == written(value=True)


def know(recorded: Recorded, told: Told) -> Mapping[Fact, Known]:
    """Everything that is known of a person; a fact that is not in it is unknown."""
    citizenship = citizenship_of(recorded, told)
    case = known_facts(age_band=recorded.age_band, citizenship=citizenship)
    known = {fact: Known(holds) for fact, holds in case.items()}
    for fact, sources in TOLD_BY.items():
        for source in sources:
            if source in told and _decides(source, fact, citizenship):
                known[fact] = Known(told[source] is True, source)
    return known


def _decides(source: ToldFact, fact: Fact, citizenship: Citizenship) -> bool:
    """Whether this fact follows from a told one: a citizen may live anywhere.

    Whether somebody applied in time follows from days, and is computed for each code. A category
    says nothing of an age: of another category the age is not asked.
    """
    if fact is Fact.APPLIED_IN_TIME or source is ToldFact.CATEGORY:
        return False
    if fact is not Fact.CITIZEN_OR_PERMANENT_RESIDENT:
        return True
    is_citizen = citizenship is Citizenship.VIETNAMESE
    return is_citizen is (source is ToldFact.VIETNAMESE_CITIZEN)


def citizenship_of(recorded: Recorded, told: Told) -> Citizenship:
    """The citizenship as far as an entitlement depends on it.

    A recorded citizen who is told to be none counts as stateless: whether the person lives here for
    good, or is a foreigner by ``CATEGORY``, has to be told then.
    """
    is_citizen = told.get(ToldFact.VIETNAMESE_CITIZEN)
    if is_citizen is True:
        return Citizenship.VIETNAMESE
    if is_citizen is False and recorded.citizenship is Citizenship.VIETNAMESE:
        return Citizenship.STATELESS
    return recorded.citizenship


def category_for(
    recorded: Recorded, told: Told, *, is_identified: bool, is_abroad: bool = False
) -> PersonCategory:
    """The category somebody has decided on, else the one that follows from the citizenship.

    Whoever is identified is presumed no longer, and until then nobody is what only an identified
    person can be. ``is_abroad``: the person came to a mission, and is presumed a victim abroad.
    """
    chosen = told.get(ToldFact.CATEGORY)
    if isinstance(chosen, PersonCategory) and chosen in _POSSIBLE[is_identified]:
        return chosen
    found = category_of(citizenship_of(recorded, told))
    if is_identified or found is PersonCategory.FOREIGNER:
        return found
    return PersonCategory.PRESUMED_ABROAD if is_abroad else PersonCategory.PRESUMED_IN_COUNTRY


def contradicted(recorded: Recorded, told: Told) -> PersonCategory | None:
    """The decided category, if the citizenship known now does not allow it."""
    chosen = told.get(ToldFact.CATEGORY)
    if not isinstance(chosen, PersonCategory):
        return None
    excluded = EXCLUDES.get(chosen)
    return chosen if excluded and citizenship_of(recorded, told) is excluded else None
