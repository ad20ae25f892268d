"""The rows this release ships with, read once: static data of the package, like its code."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from shared.contracts import Queue
from shared.contracts.law import Certainty, PeriodKey, Unit
from shared.contracts.vocabulary import Regime
from shared.law.periods import Counting, CountingKey, OwnerRole, Period

UNSET = "unset"
ANY = "any"
_MONTHS = "m"


class RuleMissing(LookupError):
    """No row, or more than one, says how long a period of this name is: nothing is made up."""


@dataclass(frozen=True)
class Rules:
    """All rows about time."""

    periods: tuple[Period, ...]
    countings: tuple[Counting, ...]

    def find(self, key: PeriodKey, *, on: date, regime: Regime | None = None) -> Period:
        """The one row for a period that begins on a day; ``RuleMissing`` without it.

        A row for both laws is found under either. Without ``regime`` only such a row is.
        """
        found = [
            each
            for each in self.periods
            if each.key is key and each.regime in {None, regime} and each.holds(on)
        ]
        if len(found) != 1:
            raise RuleMissing(key, regime, on)
        return found[0]

    def last(self, key: PeriodKey, regime: Regime | None) -> Period | None:
        """The last row of a name and a law, which another one can go before.

        ``None`` without one, and where the rows are several due times of one start.
        """
        found = [each for each in self.periods if (each.key, each.regime) == (key, regime)]
        shipped = [each.valid_from for each in found if each.row_id is None]
        is_one = len(set(shipped)) == len(shipped)
        return found[-1] if found and is_one else None

    def counting(self, key: CountingKey, *, on: date) -> Counting | None:
        """The newest rule of this name for a period that begins on a day; ``None`` if it is off."""
        found = [each for each in self.countings if each.key is key and each.valid_from <= on]
        newest = max(found, key=lambda each: each.valid_from, default=None)
        return newest if newest is not None and newest.is_applied else None


def parse_rules(text: str) -> Rules:
    """The rows of a rule file; an unknown word in it, or an amount below one, is an error."""
    data = tomllib.loads(text)
    periods = tuple(each for row in data["rule"] for each in _periods(row))
    return Rules(periods, tuple(_counting(row) for row in data.get("counting", ())))


def _periods(row: Mapping[str, Any]) -> Iterator[Period]:
    """One period; or several of one name, where a row lists due times of one start."""
    amounts: Sequence[int | str] = (
        row["amount"] if isinstance(row["amount"], list) else [row["amount"]]
    )
    for written in amounts:
        amount, unit = _amount(written, Unit(row["unit"]))
        yield Period(
            key=PeriodKey(row["key"]),
            regime=None if row["regime"] == ANY else Regime(row["regime"]),
            amount=amount,
            unit=unit,
            owner_role=OwnerRole(row["owner_role"]),
            legal_ref=row["legal_ref"],
            status=Certainty(row["status"]),
            starts_with=row["from"],
            services=tuple(map(Queue, row.get("services", ()))),
            extended_by=OwnerRole(row["extended_by"]) if "extended_by" in row else None,
            valid_from=row.get("valid_from"),
            valid_to=row.get("valid_to"),
        )


def _amount(written: int | str, unit: Unit) -> tuple[int | None, Unit]:
    if written == UNSET:
        return None, unit
    if isinstance(written, str):
        written, unit = int(written.removesuffix(_MONTHS)), Unit.MONTH
    if written < 1:
        raise ValueError(f"a period of {written}")
    return written, unit


def _counting(row: Mapping[str, Any]) -> Counting:
    return Counting(
        key=CountingKey(row["key"]),
        is_applied=row["is_applied"],
        valid_from=row["valid_from"],
        legal_ref=row["legal_ref"],
        status=Certainty(row["status"]),
    )


def read(name: str) -> str:
    """The text of a rule file of this package."""
    return files("shared.law").joinpath("rules", name).read_text(encoding="utf-8")


@cache
def rules() -> Rules:
    """The rows of this release."""
    return parse_rules(read("deadlines.toml"))
