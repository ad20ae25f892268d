"""``docs/law.md``: every row the exchange decides by, with its text and how certain it is."""

from collections.abc import Iterable, Iterator, Sequence

from deploy.documents.law_decides import DECIDES, NOTHING, open_questions
from shared.contracts.vocabulary import EntitlementCode, PersonCategory, Regime
from shared.law import Grounded, Period, rules
from shared.law.calendar import parse_overrides
from shared.law.entitlements import (
    Condition,
    Fact,
    Grants,
    Rulebook,
    names_of_categories,
    names_of_codes,
    rulebook,
)
from shared.law.entitling import Decision, compute_entitlements
from shared.law.rows import UNSET, read
from shared.law.verifying import Authority, Proof, verification_rules

_HEAD = """# What the exchange decides by

Made by `make documents` from `shared/law/rules`; do not edit it here. Behind every text stands how
certain it is: *confirmed* (a published source was read), *recalled* (from memory; a lawyer confirms
it before real use) or *assumed* (chosen here, no legal text behind it). The interface shows the
same text and the same word with every answer. *Unset* means that nobody has found a lawful value:
it starts no clock and pays nothing.

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
papers of one day the first in this order counts. They decide the end of a verification and stand on
its page, `/verifications/<id>`.
"""
_AUTHORITIES = """## Who verifies

Of the organisations that the directory says verify somewhere. These rows decide whom a verification
can be given to.
"""
_ENTITLEMENTS = """## Entitlements

`livelihood_support` answers by these rows; they decide the plan of a case, `/cases/<id>/support`.
A code is *entitled*, *not entitled* or *needs information*: a fact that nobody has told is asked
for and never taken for a "no". A grant is as certain as the least certain row it rests on, and the
last column names that row.
"""


def render() -> str:
    """The whole page."""
    proving = verification_rules().proofs
    parts = [
        _HEAD,
        _PERIODS,
        _table(
            (
                *("period", "law", "length", "from", "to", "begins with", "who acts"),
                *("text", "acted on by", "decides"),
            ),
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
        _AUTHORITIES,
        _table(
            ("kind", "from", "to", "text", "why no more certain"),
            map(_authority, verification_rules().authorities),
        ),
        _ENTITLEMENTS,
        _table(
            ("law", "the list of what it grants", "identified from", "to", "who decides"),
            map(_list, rulebook().bases.values()),
        ),
        *_answers(rulebook()),
        "## What a grant consists of\n",
        _table(("law", "code", "for", "content", "text"), _contents(rulebook())),
        "## Sums\n\nIn đồng. The plan of a case shows them; no service pays by them yet.\n",
        _table(("law", "code", "sum", "note", "text"), _sums(rulebook())),
        *open_questions(),
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
        row.valid_from or NONE,
        row.valid_to or NONE,
        f"`{row.starts_with}`",
        who.replace("_", " "),
        _text(row),
        ", ".join(f"`{each}`" for each in row.services) or "nobody yet",
        DECIDES.get(row.key, NOTHING),
    )


def _proof(row: Proof) -> Sequence[object]:
    return f"`{row.paper}`", row.regime, row.route or "any", _text(row), row.note or NONE


def _authority(row: Authority) -> Sequence[object]:
    kind = row.kind.replace("_", " ")
    return kind, row.valid_from, row.valid_to or NONE, _text(row), row.note or NONE


def _list(row: Grants) -> Sequence[object]:
    who = row.owner_role.replace("_", " ")
    return row.regime, _text(row), row.valid_from, row.valid_to or NONE, who


def _overrides() -> str:
    found = parse_overrides(read("days.toml"))
    if not found:
        return "No day is declared off or worked besides the published calendar.\n"
    rows = ((it.on, "worked" if it.is_working else "off", _text(it)) for it in found)
    return _table(("day", "is", "text"), rows)


def _answers(book: Rulebook) -> Iterator[str]:
    """For each law and category one table, with a row for every code."""
    for regime in Regime:
        for category in PersonCategory:
            yield f"### {regime} {category}: {names_of_categories()[category].en}\n"
            yield _table(
                ("code", "answer", "on condition of", "rests on"),
                _codes(book, regime, category),
            )


def _codes(
    book: Rulebook,
    regime: Regime,
    category: PersonCategory,
) -> Iterator[Sequence[object]]:
    known = dict.fromkeys(Fact, True)
    for each in compute_entitlements(book, regime=regime, category=category, known=known):
        name = f"`{each.code}` {names_of_codes()[each.code].en}"
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
            yield regime, f"`{code}`", str(it.when).replace("_", " "), it.en or UNSET, _text(it)


def _sums(book: Rulebook) -> Iterator[Sequence[object]]:
    for (regime, code), rows in book.amounts.items():
        for it in rows:
            amount = UNSET if it.vnd is None else f"{it.vnd:,}"
            how = f"{amount}, {it.kind.replace('_', ' ')}"
            yield regime, f"`{code}`", how, it.note or NONE, _text(it)
