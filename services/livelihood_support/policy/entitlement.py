"""Who is entitled to what, from dated rows and from facts that are known.

A fact nobody has told yet never becomes a "no": the answer is that information is needed.
"""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from shared.contracts.vocabulary import (
    AgeBand,
    Citizenship,
    EntitlementCode,
    PersonCategory,
    Regime,
)
from shared.law import Basis, Certainty, Grounded, weakest

T = TypeVar("T")
SUM, UNSET = "vnd_", "unset"
"""How a row names its sum, and what it says while nobody has found one."""


class Decision(StrEnum):
    """The three answers of the calculator."""

    ENTITLED = "entitled"
    NOT_ENTITLED = "not_entitled"
    NEEDS_INFORMATION = "needs_information"


class Fact(StrEnum):
    """What a condition may depend on."""

    FINANCIAL_HARDSHIP = "financial_hardship"
    POOR_HOUSEHOLD = "poor_household"
    VIETNAMESE_CITIZEN = "vietnamese_citizen"
    UNDER_18 = "under_18"
    CITIZEN_OR_PERMANENT_RESIDENT = "citizen_or_permanent_resident"
    APPLIED_IN_TIME = "applied_in_time"
    """Applied for before the window of the older law closed, or by an exception."""
    GRANTED_IN_THIS_CASE = "granted_in_this_case"
    """Somebody has judged this person's own case, where the law gives no rule for all."""


@dataclass(frozen=True)
class Condition:
    """What narrows an entitlement, and the text that says so.

    ``asks_if_unmet``: the list says whom it is for, and no text says what holds for others. Who
    does not meet it is not refused, and who meets it is granted by the list alone.
    """

    requires: Fact
    legal_ref: str
    status: Certainty
    asks_if_unmet: bool = False


class ContentOf(StrEnum):
    """Whom a content row speaks of."""

    UNDER_18 = "under_18"
    ADULT = "adult"


@dataclass(frozen=True)
class Content:
    """What a grant contains for somebody. It narrows what is given, never whether."""

    when: ContentOf
    note: str
    legal_ref: str
    status: Certainty


class AmountKind(StrEnum):
    """What a sum of money is."""

    PER_DAY = "per_day"
    ONCE = "once"
    MOST = "max"
    """The ceiling of what can be given."""


@dataclass(frozen=True)
class Amount:
    """A sum that a text names, in đồng; ``vnd`` is unset while nobody has found one."""

    kind: AmountKind
    vnd: int | None
    legal_ref: str
    status: Certainty


@dataclass(frozen=True)
class Rulebook:
    """Which codes each category is granted, and under which conditions, in each regime."""

    bases: Mapping[Regime, Basis]
    grants: Mapping[tuple[Regime, PersonCategory], frozenset[EntitlementCode]]
    conditions: Mapping[tuple[Regime, EntitlementCode], tuple[Condition, ...]]
    category_conditions: Mapping[tuple[Regime, PersonCategory], tuple[Condition, ...]]
    """What a person must be, beyond the category, for anything to be granted at all."""
    certainties: Mapping[tuple[Regime, EntitlementCode], Basis]
    """Codes whose grant is less certain than the text that lists them."""
    contents: Mapping[tuple[Regime, EntitlementCode], tuple[Content, ...]]
    amounts: Mapping[tuple[Regime, EntitlementCode], tuple[Amount, ...]]


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


def parse_rulebook(text: str) -> Rulebook:
    """The rules written in ``entitlements.toml``; an unknown word in it is a ``ValueError``."""
    data = tomllib.loads(text)
    grants = {
        (Regime(regime), PersonCategory(category)): frozenset(map(EntitlementCode, codes))
        for regime, categories in data["regime"].items()
        for category, codes in categories.items()
    }
    personal: dict[tuple[Regime, PersonCategory], tuple[Condition, ...]] = {}
    for row in data.get("category_condition", ()):
        whose = Regime(row["regime"]), PersonCategory(row["category"])
        personal[whose] = (*personal.get(whose, ()), _condition(row))
    return Rulebook(
        bases={Regime(regime): _basis(row) for regime, row in data["basis"].items()},
        grants=grants,
        conditions=_by_code(data, "condition", _condition),
        category_conditions=personal,
        certainties={
            place: weakest(rows) for place, rows in _by_code(data, "certainty", _basis).items()
        },
        contents=_by_code(data, "content", _content),
        amounts=_by_code(data, "amount", _amount),
    )


def _by_code(
    data: Mapping[str, Any],
    table: str,
    read: Callable[[Mapping[str, Any]], T],
) -> Mapping[tuple[Regime, EntitlementCode], tuple[T, ...]]:
    """The rows of a table, by the law and the code they are about, in their order."""
    found: dict[tuple[Regime, EntitlementCode], tuple[T, ...]] = {}
    for row in data.get(table, ()):
        place = Regime(row["regime"]), EntitlementCode(row["code"])
        found[place] = (*found.get(place, ()), read(row))
    return found


def _basis(row: Mapping[str, Any]) -> Basis:
    return Basis(row["legal_ref"], Certainty(row["status"]))


def _condition(row: Mapping[str, Any]) -> Condition:
    return Condition(
        Fact(row["requires"]),
        row["legal_ref"],
        Certainty(row["status"]),
        asks_if_unmet=row.get("unmet") == "ask",
    )


def _content(row: Mapping[str, Any]) -> Content:
    return Content(ContentOf(row["when"]), row["note"], row["legal_ref"], Certainty(row["status"]))


def _amount(row: Mapping[str, Any]) -> Amount:
    (name,) = (each for each in row if each.startswith(SUM))
    vnd = None if row[name] == UNSET else int(row[name])
    kind = AmountKind(name.removeprefix(SUM))
    return Amount(kind, vnd, row["legal_ref"], Certainty(row["status"]))


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
            certain.get((regime, code), basis),
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
    basis: Basis,
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
    rests_on: tuple[Grounded, ...] = (*conditions, basis, *by_text)
    deciding = weakest(rests_on)
    return Entitlement(code, Decision.ENTITLED, (), deciding.legal_ref, deciding.status, used)
