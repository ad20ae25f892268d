"""A change names the versions it may be made from; since, nobody changed what it is about.

A version also grows by what a change is not about: by what other services tell, by a birthday, by
an act on another part. So a change is refused for what somebody did to its own part, and only then.
"""

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

    def has_one_of(self, first: int, last: int) -> bool:
        """Whether one of these lies between two versions, those two included."""
        return self.named is None or any(first <= each <= last for each in self.named)


Expected = int | Versions


def check_version(version: int, expected: Expected, *, since: int | None = None) -> None:
    """Raise ``VersionChanged`` unless the thing is of an expected version.

    ``since`` is the version in which the part that is to be changed became what it is: whoever
    read that one, or one after it, has seen what they decide about. Unset, the whole is the part.
    """
    first = version if since is None else since
    named = Versions.of([expected]) if isinstance(expected, int) else expected
    if not named.has_one_of(first, version):
        raise VersionChanged(version=version)
