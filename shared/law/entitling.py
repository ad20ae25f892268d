"""Who is entitled to what, from dated rows and from facts that are known.

A fact nobody has told yet never becomes a "no": the answer is that information is needed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from shared.contracts.law import Certainty
from shared.contracts.vocabulary import (
    AgeBand,
    Citizenship,
    EntitlementCode,
    PersonCategory,
    Regime,
)
from shared.law.certainty import Grounded, weakest
from shared.law.entitlements import Condition, Fact, Rulebook


class Decision(StrEnum):
    """The three answers of the calculator."""

    ENTITLED = "entitled"
    NOT_ENTITLED = "not_entitled"
    NEEDS_INFORMATION = "needs_information"


@dataclass(frozen=True)
class Entitlement:
    """The answer for one code: what was decided, on which text, and which facts decided it.

    ``facts`` are the missing ones when information is needed, the unmet ones when the answer is
    no; a "no" without facts means that the law does not grant the code to the category at all.
    """

    code: EntitlementCode
    decision: Decision
    facts: tuple[Fact, ...]
    legal_ref: str
    status: Certainty
    used: tuple[Fact, ...] = ()
    """The known facts that the conditions of the code asked for."""


def category_of(citizenship: Citizenship) -> PersonCategory:
    """The category of an identified person, the one the law names by citizenship."""
    if citizenship is Citizenship.FOREIGN:
        return PersonCategory.FOREIGNER
    return PersonCategory.VICTIM_RESIDENT


def known_facts(*, age_band: AgeBand, citizenship: Citizenship) -> Mapping[Fact, bool]:
    """What a received case already tells; every other fact is unknown.

    A citizen is a "citizen or permanent resident"; where a stateless person lives for good is not
    told with a case.
    """
    is_citizen = citizenship is Citizenship.VIETNAMESE
    known = {Fact.VIETNAMESE_CITIZEN: is_citizen, Fact.UNDER_18: age_band is not AgeBand.ADULT}
    return {**known, Fact.CITIZEN_OR_PERMANENT_RESIDENT: True} if is_citizen else known


def compute_entitlements(
    rulebook: Rulebook,
    *,
    regime: Regime,
    category: PersonCategory,
    known: Mapping[Fact, bool],
) -> tuple[Entitlement, ...]:
    """The answer for every code, in the order of the vocabulary."""
    granted = rulebook.grants.get((regime, category), frozenset())
    basis = rulebook.bases[regime]
    personal = rulebook.category_conditions.get((regime, category), ())
    certain = rulebook.certainties
    return tuple(
        _narrowed(
            code,
            certain.get((regime, code), (basis,)),
            rulebook.conditions.get((regime, code), ()),
            personal,
            known,
        )
        if code in granted
        else Entitlement(code, Decision.NOT_ENTITLED, (), basis.legal_ref, basis.status)
        for code in EntitlementCode
    )


def _narrowed(
    code: EntitlementCode,
    listed: tuple[Grounded, ...],
    conditions: tuple[Condition, ...],
    personal: tuple[Condition, ...],
    known: Mapping[Fact, bool],
) -> Entitlement:
    """A granted code under its conditions. A known "no" decides, whatever else is missing.

    A grant rests on the list and on every condition at once, so it is as certain as the least
    certain of these, and names that one.
    """
    every = (*conditions, *personal)
    used = tuple(dict.fromkeys(it.requires for it in every if it.requires in known))
    unmet = [it for it in every if known.get(it.requires) is not True]
    refused = [it for it in unmet if it.requires in known and not it.asks_if_unmet]
    answers = (Decision.NOT_ENTITLED, refused), (Decision.NEEDS_INFORMATION, unmet)
    for decision, found in answers:
        if found:
            facts = tuple(each.requires for each in found)
            first = found[0]
            return Entitlement(code, decision, facts, first.legal_ref, first.status, used)
    by_text = [it for it in personal if not it.asks_if_unmet]
    rests_on: tuple[Grounded, ...] = (*conditions, *listed, *by_text)
    deciding = weakest(rests_on)
    return Entitlement(code, Decision.ENTITLED, (), deciding.legal_ref, deciding.status, used)
