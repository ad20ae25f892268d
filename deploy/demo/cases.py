"""The demonstration's cases, read from ``cases.toml``: every person in it is invented."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deploy.stack.leaks import words_of

CODES = {"CCCD", "CMND", "PASSPORT", "OTHER"}
"""Types of papers, which are not about anybody."""
FILE = Path(__file__).with_name("cases.toml")


@dataclass(frozen=True)
class DemoCase:
    """One submission: who sends it, what it says, what should become of it."""

    key: str
    submit_as: str
    expect: str
    case: dict[str, Any]
    ends: Mapping[str, Sequence[str]]
    """How each decision and each referral must end, in their order; empty for a case that must be
    refused.
    """
    refused: str = ""
    """The field and the rule that a refusal must name."""
    mistypes: Mapping[str, Any] = field(default_factory=dict)
    """What of the person is written wrongly when the case is submitted first."""
    refused_first: str = ""
    """The field and the rule that the refusal of that must name; then it is corrected."""
    withdraw: dict[str, str] | None = None
    """A consent withdrawn right after submission."""
    reopens: bool = False
    """The first decision is negative, and the case owner has it opened again."""
    tells: Mapping[str, Any] | None = None
    """A fact that the case owner tells when a need waits for it."""
    needs_again: str = ""
    """The code of a need that the case owner adds again once it was met."""
    undelivered: str = ""
    """The code of a need whose first offer cannot arrive."""
    unread: str = ""
    """The code of a need whose offer nobody reads until its last day."""
    is_silenced: bool = False
    """Whether a text to the person is kept back, for somebody else is found to read that phone."""

    @property
    def must(self) -> list[tuple[str, str]]:
        """What must have ended, and how: one for each line of its journey."""
        return [(of, end) for of, ends in self.ends.items() for end in ends]

    @property
    def secrets(self) -> list[str]:
        """What must be found nowhere outside the vault: names, numbers, addresses, remarks."""
        person = self.case.get("person", {})
        told = [
            person.get("full_name"),
            person.get("aliases"),
            person.get("identity_documents"),
            person.get("phones"),
            person.get("present_address"),
            [minor["full_name"] for minor in self.case.get("accompanying_minors", [])],
            self.case.get("representative", {}).get("full_name"),
            self.case.get("best_interest_note"),
            self.case.get("sender_reference"),
        ]
        # A number is kept as it is dialled.
        numbers = [it["number"].replace(" ", "") for it in person.get("phones", [])]
        return [word for word in words_of([told, numbers]) if word not in CODES]


def load(path: Path = FILE) -> list[DemoCase]:
    """All cases, in the order of the file."""
    stored = tomllib.loads(path.read_text(encoding="utf-8"))
    return [
        DemoCase(
            key=it["key"],
            submit_as=it["submit_as"],
            expect=it["expect"],
            case=it["case"],
            ends={of: _listed(end) for of, end in it.get("ends", {}).items()},
            refused=it.get("refused", ""),
            mistypes=it.get("mistypes", {}),
            refused_first=it.get("refused_first", ""),
            withdraw=it.get("withdraw"),
            reopens=it.get("reopens", False),
            tells=it.get("tells"),
            needs_again=it.get("needs_again", ""),
            undelivered=it.get("undelivered", ""),
            unread=it.get("unread", ""),
            is_silenced=it.get("is_silenced", False),
        )
        for it in stored["cases"]
    ]


def _listed(end: str | list[str]) -> list[str]:
    return [end] if isinstance(end, str) else end
