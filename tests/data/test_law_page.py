"""``docs/law.md``: for every answer of the calculator the row, its certainty and its source."""

from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.vocabulary import PersonCategory, Regime
from shared.law import rules
from shared.law.entitlements import Fact, rulebook
from shared.law.entitling import compute_entitlements

PAGE = (Path(__file__).parents[2] / "docs" / "law.md").read_text("utf-8")


@cache
def section(title: str) -> list[str]:
    """The lines under a heading, until the next."""
    return PAGE.split(f"\n{title}", maxsplit=1)[1].split("\n#", maxsplit=1)[0].splitlines()


@given(
    regime=st.sampled_from(Regime),
    category=st.sampled_from(PersonCategory),
    known=st.dictionaries(st.sampled_from(Fact), st.booleans()),
)
def test_every_answer_stands_on_a_line_of_the_page_with_its_text_and_certainty(
    regime: Regime, category: PersonCategory, known: dict[Fact, bool]
) -> None:
    lines = section(f"### {regime} {category}:")
    for answer in compute_entitlements(rulebook(), regime=regime, category=category, known=known):
        (line,) = (each for each in lines if each.startswith(f"| `{answer.code}` "))
        assert f"{answer.legal_ref} ({answer.status})" in line
        assert all(f"`{fact}`" in line for fact in answer.facts)


def test_every_period_stands_on_the_page_with_its_text_and_certainty() -> None:
    lines = section("## Periods")
    for row in rules().periods:
        length = "unset" if row.amount is None else f"{row.amount} "
        found = [
            line
            for line in lines
            if line.startswith(f"| `{row.key}` | {row.regime or 'both'} | {length}")
            and f"{row.legal_ref} ({row.status})" in line
        ]
        assert found, row
        acted_on_by = ", ".join(f"`{each}`" for each in row.services)
        assert (acted_on_by or "nobody yet") in found[0]


@pytest.mark.parametrize(
    "words", ["Art. 148(5) (recalled)", "| unset, once |", "| adult | unset |"]
)
def test_what_nobody_knows_or_has_read_is_said(words: str) -> None:
    assert words in PAGE
