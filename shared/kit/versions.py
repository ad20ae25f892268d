"""A change names the versions it may be made from; between, nobody changed anything."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from shared.kit.errors import VersionChanged


@dataclass(frozen=True)
class Versions:
    """Some versions of a thing, or every one it may have."""

    named: frozenset[int] | None

    @classmethod
    def any(cls) -> Self:
        """Whatever version there is."""
        return cls(None)

    @classmethod
    def of(cls, named: Iterable[int]) -> Self:
        """One of these."""
        return cls(frozenset(named))

    def __contains__(self, version: int) -> bool:
        return self.named is None or version in self.named


Expected = int | Versions


def check_version(version: int, expected: Expected) -> None:
    """Raise ``VersionChanged`` unless the thing is of an expected version."""
    is_expected = version == expected if isinstance(expected, int) else version in expected
    if not is_expected:
        raise VersionChanged(version=version)
