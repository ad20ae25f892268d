"""The demonstration's cases, read from ``cases.toml``: every person in it is invented."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("cases.toml")


@dataclass(frozen=True)
class DemoCase:
    """One submission: who sends it, what it says, what should become of it."""

    key: str
    submit_as: str
    expect: str
    case: dict[str, Any]
    withdraw: dict[str, str] | None = None
    """A consent withdrawn right after submission."""

    @property
    def is_refused(self) -> bool:
        """Whether intake must refuse it."""
        return self.expect.startswith("refused")


def load(path: Path = FILE) -> list[DemoCase]:
    """All cases, in the order of the file."""
    stored = tomllib.loads(path.read_text(encoding="utf-8"))
    return [
        DemoCase(
            key=it["key"],
            submit_as=it["submit_as"],
            expect=it["expect"],
            case=it["case"],
            withdraw=it.get("withdraw"),
        )
        for it in stored["cases"]
    ]
