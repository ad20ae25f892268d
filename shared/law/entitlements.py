"""Who is granted what by which law: the rows of ``rules/entitlements.toml``.

Rows say what a text grants, what narrows it, what a grant contains and which sum it names. What
follows for one person is computed in ``entitling``.
"""

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar

from shared.contracts import Queue
from shared.contracts.law import Certainty
from shared.contracts.vocabulary import EntitlementCode, PersonCategory, Regime
from shared.law.certainty import Basis
from shared.law.periods import OwnerRole
from shared.law.rows import UNSET, read

T = TypeVar("T")
Of = tuple[Regime, EntitlementCode]
"""What most rows are about: one code under one law."""


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
class Grants:
    """The text that lists what a law grants: who decides by it, and which services act on it.

    What it says of days, deciders and services holds for every row of its law.
    """

    regime: Regime
    legal_ref: str
    status: Certainty
    owner_role: OwnerRole
    services: tuple[Queue, ...]
    valid_from: date
    valid_to: date | None
    """The first and the last day of identification for which it holds."""

    @property
    def key(self) -> str:
        """The name of the rule."""
        return "grant"


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

    ANYONE = "anyone"
    UNDER_18 = "under_18"
    ADULT = "adult"


@dataclass(frozen=True)
class Content:
    """What a grant contains for somebody. It narrows what is given, never whether."""

    when: ContentOf
    vi: str | None
    en: str | None
    """In both languages; unset while the text that says it was not seen."""
    legal_ref: str
    status: Certainty


class AmountKind(StrEnum):
    """What a sum of money is."""

    PER_DAY = "per_day"
    ONCE = "once"
    MOST = "max"
    """The ceiling of what can be given."""


class SumUnit(StrEnum):
    """What a sum is counted in."""

    VND = "vnd"


@dataclass(frozen=True)
class Amount:
    """A sum that a text names; ``vnd`` is unset while nobody has found one."""

    kind: AmountKind
    vnd: int | None
    """In đồng."""
    unit: SumUnit
    legal_ref: str
    status: Certainty
    note: str | None = None
    given_on: str | None = None
    """The event at which it is given, where the text names one."""


@dataclass(frozen=True)
class Rulebook:
    """Which codes each category is granted, and under which conditions, in each regime."""

    bases: Mapping[Regime, Grants]
    grants: Mapping[tuple[Regime, PersonCategory], frozenset[EntitlementCode]]
    conditions: Mapping[Of, tuple[Condition, ...]]
    category_conditions: Mapping[tuple[Regime, PersonCategory], tuple[Condition, ...]]
    """What a person must be, beyond the category, for anything to be granted at all."""
    certainties: Mapping[Of, tuple[Basis, ...]]
    """Codes whose grant is less certain than the text that lists them."""
    contents: Mapping[Of, tuple[Content, ...]]
    amounts: Mapping[Of, tuple[Amount, ...]]


@dataclass(frozen=True)
class Named:
    """What a code or a category is called, and the code's kind in exports (HTCDS 2.0 of IOM)."""

    vi: str
    en: str
    htcds: str | None = None


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
        bases={it.regime: it for it in _bases(data["basis"])},
        grants=grants,
        conditions=_by_code(data, "condition", _condition),
        category_conditions=personal,
        certainties=_by_code(data, "certainty", _certified),
        contents=_by_code(data, "content", _content),
        amounts=_by_code(data, "amount", _amount),
    )


def _by_code(
    data: Mapping[str, Any],
    table: str,
    parse: Callable[[Mapping[str, Any]], T],
) -> Mapping[Of, tuple[T, ...]]:
    """The rows of a table, by the law and the code they are about, in their order."""
    found: dict[Of, tuple[T, ...]] = {}
    for row in data.get(table, ()):
        place = Regime(row["regime"]), EntitlementCode(row["code"])
        found[place] = (*found.get(place, ()), parse(row))
    return found


def _bases(rows: Mapping[str, Mapping[str, Any]]) -> Iterator[Grants]:
    for regime, row in rows.items():
        yield Grants(
            regime=Regime(regime),
            legal_ref=row["legal_ref"],
            status=Certainty(row["status"]),
            owner_role=OwnerRole(row["owner_role"]),
            services=tuple(map(Queue, row["services"])),
            valid_from=row["valid_from"],
            valid_to=row.get("valid_to"),
        )


def _condition(row: Mapping[str, Any]) -> Condition:
    return Condition(
        Fact(row["requires"]),
        row["legal_ref"],
        Certainty(row["status"]),
        asks_if_unmet=row.get("unmet") == "ask",
    )


def _certified(row: Mapping[str, Any]) -> Basis:
    return Basis(row["legal_ref"], Certainty(row["status"]))


def _content(row: Mapping[str, Any]) -> Content:
    return Content(
        when=ContentOf(row["when"]),
        vi=_known(row["vi"]),
        en=_known(row["en"]),
        legal_ref=row["legal_ref"],
        status=Certainty(row["status"]),
    )


def _known(written: str) -> str | None:
    return None if written == UNSET else written


def _amount(row: Mapping[str, Any]) -> Amount:
    return Amount(
        kind=AmountKind(row["kind"]),
        vnd=None if row["amount"] == UNSET else int(row["amount"]),
        unit=SumUnit(row["unit"]),
        legal_ref=row["legal_ref"],
        status=Certainty(row["status"]),
        note=row.get("note"),
        given_on=row.get("given_on"),
    )


@cache
def rulebook() -> Rulebook:
    """Who is entitled to what, by this release."""
    return parse_rulebook(read("entitlements.toml"))


@cache
def names_of_codes() -> Mapping[EntitlementCode, Named]:
    """What every code is called in the law."""
    rows = tomllib.loads(read("entitlements.toml"))["codes"]
    return {EntitlementCode(code): Named(**row) for code, row in rows.items()}


@cache
def names_of_categories() -> Mapping[PersonCategory, Named]:
    """What every category of persons is called in the law."""
    rows = tomllib.loads(read("entitlements.toml"))["categories"]
    return {PersonCategory(category): Named(**row) for category, row in rows.items()}
