"""How well a rule or a fact is known. One scale for all of them: what is shown is comparable."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from shared.contracts.law import Certainty


class Grounded(Protocol):
    """Whatever rests on a text and says how well that text is known."""

    @property
    def legal_ref(self) -> str:
        """The text."""

    @property
    def status(self) -> Certainty:
        """How certain it is."""


@dataclass(frozen=True)
class Basis:
    """The text something rests on, and how certain it is."""

    legal_ref: str
    status: Certainty


G = TypeVar("G", bound=Grounded)

_ORDER = list(Certainty)


def weakest(rows: Iterable[G]) -> G:
    """The least certain of these, the first of equals: an answer is no surer than it."""
    return max(rows, key=lambda each: _ORDER.index(each.status))
