"""Which roles no organisation, and so no client, holds together on one day.

Who lets others in, who sets messages right and who looks at what both did are three: none of them
could be seen to do wrong by itself.
"""

from collections.abc import Sequence
from itertools import combinations

from services.directory.errors import RolesExcludeEachOther
from shared.contracts.directory import DatedRole
from shared.contracts.vocabulary import Role

EXCLUSIVE: frozenset[frozenset[Role]] = frozenset(
    frozenset(pair) for pair in combinations((Role.ADMINISTRATOR, Role.OPERATOR, Role.AUDITOR), 2)
)
"""Pairs of roles that exclude each other, in whatever areas they are held."""


def check_separation(roles: Sequence[DatedRole]) -> None:
    """Raise ``RolesExcludeEachOther`` for two roles that are held on one day and must not be."""
    for one, other in combinations(roles, 2):
        if frozenset({one.role, other.role}) in EXCLUSIVE and _meet(one, other):
            raise RolesExcludeEachOther(roles=sorted({one.role, other.role}))


def are_separate(roles: Sequence[DatedRole]) -> bool:
    """Whether no two of these roles exclude each other on any day."""
    try:
        check_separation(roles)
    except RolesExcludeEachOther:
        return False
    return True


def _meet(one: DatedRole, other: DatedRole) -> bool:
    """Whether there is a day on which both are held."""
    return (other.valid_to is None or one.valid_from < other.valid_to) and (
        one.valid_to is None or other.valid_from < one.valid_to
    )
