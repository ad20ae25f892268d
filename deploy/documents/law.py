"""``docs/law.md``: every row the exchange decides by, with its text and how certain it is."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from services.livelihood_support.domain import rules as support
from services.livelihood_support.policy import (
    Condition,
    Decision,
    Fact,
    Rulebook,
    compute_entitlements,
)
from shared.contracts.vocabulary import EntitlementCode, PersonCategory, Regime
from shared.law import Grounded, Period, rules
from shared.law.calendar import parse_overrides
from shared.law.rows import read
from shared.law.verifying import Authority, Proof, verification_rules

_HEAD = """# What the exchange decides by

Made by `make documents` from `shared/law/rules` and `services/livelihood_support/rules`; do not
edit it here. Behind every text stands how certain it is: *confirmed* (a published source was read),
*recalled* (from memory; a lawyer confirms it before real use) or *assumed* (chosen here, no legal
text behind it). The interface shows the same text and the same word with every answer. *Unset*
means that nobody has found a lawful value: it starts no clock and pays nothing.

A case has the law of the day of identification, and until then that of the day of reception.
The two are known by their years; which texts they are stands under *Entitlements*.
"""
NONE = "-"
_PERIODS = """## Periods

How each is counted is said in [shared/law](../shared/law/README.md). "Nobody yet" means that no
service acts on the row.
"""
_VERIFICATION = """## Papers that prove

`verification` concludes at once by a paper of these, judged by the law of the day of its issue. Of
papers of one day the first in this order counts.
"""
_ENTITLEMENTS = """## Entitlements

`livelihood_support` answers by these rows. A code is *entitled*, *not entitled* or *needs
information*: a fact that nobody has told is asked for and never taken for a "no". A grant is as
certain as the least certain row it rests on, and the last column names that row.
"""


def render() -> str:
    """The whole page."""
    data = tomllib.loads(support.rules_text())
    proving = verification_rules().proofs
    parts = [
        _HEAD,
        _PERIODS,
        _table(
            ("period", "law", "length", "begins with", "who acts", "text", "acted on by"),
            map(_period, rules().periods),
        ),
        "## Counting\n",
        _table(
            ("rule", "holds", "for what begins from", "text"),
            (
                (f"`{it.key}`", "yes" if it.is_applied else "no", it.valid_from, _text(it))
                for it in rules().countings
            ),
        ),
        _overrides(),
        _VERIFICATION,
        _table(("paper", "law", "route", "text", "why no more certain"), map(_proof, proving)),
        "## Who verifies\n\nOf the organisations that the directory says verify somewhere.\n",
        _table(
            ("kind", "from", "to", "text", "why no more certain"),
            map(_authority, verification_rules().authorities),
        ),
        _ENTITLEMENTS,
        _table(
            ("law", "the list of what it grants"),
            ((regime, _text(it)) for regime, it in support.rulebook().bases.items()),
        ),
        *_answers(support.rulebook(), data),
        "## What a grant consists of\n",
        _table(("law", "code", "for", "content", "text"), _contents(support.rulebook())),
        "## Sums\n\nIn đồng. No service pays or limits by these yet.\n",
        _table(("law", "code", "sum", "note", "text"), map(_sum, data["amount"])),
    ]
    return "\n".join(parts)


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(map(str, cells))} |\n" for cells in lines)


def _text(row: Grounded) -> str:
    return f"{row.legal_ref} ({row.status})"


def _period(row: Period) -> Sequence[object]:
    length = "unset" if row.amount is None else f"{row.amount} {row.unit}"
    who = (
        f"{row.owner_role}; {row.extended_by} may prolong it" if row.extended_by else row.owner_role
    )
    return (
        f"`{row.key}`",
        row.regime or "both",
        length.replace("_", " "),
        f"`{row.starts_with}`",
        who.replace("_", " "),
        _text(row),
        ", ".join(f"`{each}`" for each in row.services) or "nobody yet",
    )


def _proof(row: Proof) -> Sequence[object]:
    return f"`{row.paper}`", row.regime, row.route or "any", _text(row), row.note or NONE


def _authority(row: Authority) -> Sequence[object]:
    kind = row.kind.replace("_", " ")
    return kind, row.valid_from, row.valid_to or NONE, _text(row), row.note or NONE


def _overrides() -> str:
    found = parse_overrides(read("days.toml"))
    if not found:
        return "No day is declared off or worked besides the published calendar.\n"
    rows = ((it.on, "worked" if it.is_working else "off", _text(it)) for it in found)
    return _table(("day", "is", "text"), rows)


def _answers(book: Rulebook, data: Mapping[str, Any]) -> Iterator[str]:
    """For each law and category one table, with a row for every code."""
    for regime in Regime:
        for category in PersonCategory:
            yield f"### {regime} {category}: {data['categories'][category]['en']}\n"
            yield _table(
                ("code", "answer", "on condition of", "rests on"),
                _codes(book, regime, category, data["codes"]),
            )


def _codes(
    book: Rulebook,
    regime: Regime,
    category: PersonCategory,
    names: Mapping[str, Any],
) -> Iterator[Sequence[object]]:
    known = dict.fromkeys(Fact, True)
    for each in compute_entitlements(book, regime=regime, category=category, known=known):
        name = f"`{each.code}` {names[each.code]['en']}"
        if each.decision is Decision.NOT_ENTITLED:
            yield name, "not entitled", NONE, _text(each)
        else:
            found = _conditions(book, regime, category, each.code)
            asked = "; ".join(f"`{it.requires}`: {_text(it)}" for it in found)
            yield name, "entitled", asked or NONE, _text(each)


def _conditions(
    book: Rulebook,
    regime: Regime,
    category: PersonCategory,
    code: EntitlementCode,
) -> Sequence[Condition]:
    of_code = book.conditions.get((regime, code), ())
    return (*of_code, *book.category_conditions.get((regime, category), ()))


def _contents(book: Rulebook) -> Iterator[Sequence[object]]:
    for (regime, code), rows in book.contents.items():
        for it in rows:
            yield regime, f"`{code}`", str(it.when).replace("_", " "), it.note, _text(it)


def _sum(row: Mapping[str, Any]) -> Sequence[object]:
    (name,) = (each for each in row if each.startswith("vnd_"))
    how = name.removeprefix("vnd_").replace("_", " ")
    amount = row[name] if isinstance(row[name], str) else f"{row[name]:,}"
    text = f"{row['legal_ref']} ({row['status']})"
    return row["regime"], f"`{row['code']}`", f"{amount}, {how}", row.get("note", NONE), text
