"""What a lawyer is asked about a row that is not certain: ``rules/questions.toml``."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from shared.contracts.vocabulary import Regime
from shared.law.rows import ANY, read

RowName = tuple[str, Regime | None]
"""The name of a row and its law; unset where it is one of both."""


@dataclass(frozen=True)
class Question:
    """One question, in both languages, and the rows that wait for its answer."""

    vi: str
    en: str
    about: tuple[RowName, ...]


def parse_questions(text: str) -> tuple[Question, ...]:
    """The questions of a file, in its order; a law it does not know is an error."""
    return tuple(
        Question(
            row["vi"],
            row["en"],
            tuple(
                (key, None if regime == ANY else Regime(regime))
                for key in row["keys"]
                for regime in row["regimes"]
            ),
        )
        for row in tomllib.loads(text)["question"]
    )


@cache
def questions() -> tuple[Question, ...]:
    """The questions of this release."""
    return parse_questions(read("questions.toml"))


@cache
def questions_by_row() -> Mapping[RowName, Question]:
    """The question about each row that has one."""
    return {name: each for each in questions() for name in each.about}
