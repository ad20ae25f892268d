"""Every row of every table in one list, as whoever checks the law reads it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from shared.contracts import Queue
from shared.contracts.law import Certainty
from shared.contracts.vocabulary import EntitlementCode, PersonCategory, Regime
from shared.law.certainty import Basis, weakest
from shared.law.entitlements import Condition, Grants, Of, Rulebook, rulebook
from shared.law.periods import Period
from shared.law.regimes import NEW_LAW_FROM
from shared.law.rows import Rules, rules
from shared.law.verifying import VerificationRules, verification_rules


class Table(StrEnum):
    """What a row is about."""

    PERIOD = "period"
    COUNTING = "counting"
    PROOF = "proof"
    AUTHORITY = "authority"
    GRANT = "grant"
    CONDITION = "condition"
    CATEGORY = "category"
    """A condition on the person, whatever the code."""
    CERTAINTY = "certainty"
    CONTENT = "content"
    AMOUNT = "amount"


@dataclass(frozen=True)
class Entry:
    """One row: its name, its text, how certain it is, and which services act on it."""

    table: Table
    key: str
    regime: Regime | None
    legal_ref: str
    status: Certainty
    services: tuple[Queue, ...]
    is_unset: bool = False
    """Whether nobody has found its value."""

    @property
    def is_uncertain(self) -> bool:
        """Whether a lawyer has to look at it before it is relied on."""
        return self.is_unset or self.status is not Certainty.CONFIRMED


def entries_of_periods(found: Rules) -> Iterator[Entry]:
    """The rows about time. Of several due times of one start one entry is enough."""
    of_periods = (_of_period(each) for each in found.periods)
    yield from dict.fromkeys(of_periods)
    counting = tuple(it for it in Queue if any(it in row.services for row in found.periods))
    for it in found.countings:
        yield Entry(Table.COUNTING, it.key, None, it.legal_ref, it.status, counting)


def _of_period(row: Period) -> Entry:
    return Entry(
        Table.PERIOD,
        row.key,
        row.regime,
        row.legal_ref,
        row.status,
        row.services,
        is_unset=row.amount is None,
    )


def entries_of_verification(found: VerificationRules) -> Iterator[Entry]:
    """The papers that prove, and who verifies."""
    acting = found.services
    for proof in found.proofs:
        yield Entry(Table.PROOF, proof.key, proof.regime, proof.legal_ref, proof.status, acting)
    for kind in found.authorities:
        regime = Regime.LAW_2024 if kind.valid_from >= NEW_LAW_FROM else Regime.LAW_2011
        yield Entry(Table.AUTHORITY, kind.key, regime, kind.legal_ref, kind.status, acting)


def entries_of_entitlements(book: Rulebook) -> Iterator[Entry]:
    """The lists of what is granted, and every row that narrows, doubts, fills or values a grant."""
    yield from map(_of_list, book.bases.values())
    for (regime, category), conditions in book.category_conditions.items():
        yield from _of_category(book, regime, category, conditions)
    for of in dict.fromkeys((*book.conditions, *book.certainties, *book.contents, *book.amounts)):
        yield from entries_of_code(book, of)


def _of_list(it: Grants) -> Entry:
    return Entry(Table.GRANT, it.key, it.regime, it.legal_ref, it.status, it.services)


def _of_category(
    book: Rulebook, regime: Regime, category: PersonCategory, conditions: Iterable[Condition]
) -> Iterator[Entry]:
    acting = book.bases[regime].services
    for it in conditions:
        key = f"category.{category.lower()}.{it.requires}"
        yield Entry(Table.CATEGORY, key, regime, it.legal_ref, it.status, acting)


def entries_of_code(book: Rulebook, of: Of) -> Iterator[Entry]:
    """The rows about one code under one law."""
    regime, code = of
    name, acting = code.lower(), book.bases[regime].services
    for condition in book.conditions.get(of, ()):
        key, ref = f"condition.{name}.{condition.requires}", condition.legal_ref
        yield Entry(Table.CONDITION, key, regime, ref, condition.status, acting)
    for basis in book.certainties.get(of, ()):
        key = f"certainty.{name}"
        yield Entry(Table.CERTAINTY, key, regime, basis.legal_ref, basis.status, acting)
    for content in book.contents.get(of, ()):
        key, ref = f"content.{name}.{content.when}", content.legal_ref
        unset = content.en is None
        yield Entry(Table.CONTENT, key, regime, ref, content.status, acting, is_unset=unset)
    for amount in book.amounts.get(of, ()):
        key, ref = f"amount.{name}.{amount.kind}", amount.legal_ref
        unset = amount.vnd is None
        yield Entry(Table.AMOUNT, key, regime, ref, amount.status, acting, is_unset=unset)


def as_known_now(book: Rulebook, regime: Regime, kept: Basis) -> Basis:
    """What was kept with an answer, no surer than the rows say today: a text may turn out worse."""
    rows = (it for it in entries_of_entitlements(book) if it.regime is regime)
    same = (Basis(it.legal_ref, it.status) for it in rows if it.legal_ref == kept.legal_ref)
    return weakest((kept, *same))


def resting_on(
    book: Rulebook, regime: Regime, category: PersonCategory, codes: Iterable[EntitlementCode]
) -> Sequence[Entry]:
    """Every row that the answers for these codes rest on, for somebody of this category."""
    personal = book.category_conditions.get((regime, category), ())
    return [
        _of_list(book.bases[regime]),
        *_of_category(book, regime, category, personal),
        *(entry for code in codes for entry in entries_of_code(book, (regime, code))),
    ]


@cache
def entries() -> tuple[Entry, ...]:
    """Every row of this release."""
    return (
        *entries_of_periods(rules()),
        *entries_of_verification(verification_rules()),
        *entries_of_entitlements(rulebook()),
    )


@cache
def uncertain() -> Mapping[tuple[str, Regime | None], Entry]:
    """The rows a lawyer has to look at, by name and law."""
    return {(it.key, it.regime): it for it in entries() if it.is_uncertain}
