"""Which roles no organisation, and so no client, holds together on one day.

Who lets others in, who sets messages right and who looks at what both did are three: none of them
could be seen to do wrong by itself. Whoever asks in the names of people has no power of its own.
"""

from collections.abc import Sequence
from itertools import combinations

from services.directory.errors import RolesExcludeEachOther
from shared.contracts.directory import DatedRole
from shared.contracts.vocabulary import Role

SEPARATE = (Role.ADMINISTRATOR, Role.OPERATOR, Role.AUDITOR, Role.CONSOLE)
"""Roles that exclude each other, in whatever areas they are held. Of those it held together an
organisation keeps the first: others need the administrator to be let in at all.
"""


def check_separation(roles: Sequence[DatedRole]) -> None:
    """Raise ``RolesExcludeEachOther`` for two roles that are held on one day and must not be."""
    apart = [role for role in roles if role.role in SEPARATE]
    for one, other in combinations(apart, 2):
        if one.role is not other.role and _meet(one, other):
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
