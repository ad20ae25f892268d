"""Who holds which role, where and when; ``valid_to`` is the first day it is not held."""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import pairwise

from services.directory.errors import RoleNeverHeld, RolesOverlap
from services.directory.policy.separation import check_separation
from shared.contracts.directory import DatedRole
from shared.contracts.vocabulary import Role


def roles_in_force(roles: Iterable[DatedRole], on: date) -> tuple[DatedRole, ...]:
    """The roles held on a day."""
    return tuple(
        role
        for role in roles
        if role.valid_from <= on and (role.valid_to is None or on < role.valid_to)
    )


def of_systems(roles: Iterable[DatedRole]) -> tuple[DatedRole, ...]:
    """Of an organisation's roles those that its clients have.

    Accounts of people are given by people: a stolen key of a system makes none.
    """
    return tuple(role for role in roles if role.role is not Role.MANAGER)


def of_people(roles: Iterable[DatedRole]) -> tuple[DatedRole, ...]:
    """Of an organisation's roles those that its people may act in."""
    return tuple(role for role in roles if role.role is not Role.CONSOLE)


def check_roles(roles: Sequence[DatedRole]) -> None:
    """Refuse roles that cannot all be true.

    Raises ``RoleNeverHeld``, ``RolesOverlap`` and ``RolesExcludeEachOther``.
    """
    for role in roles:
        if role.valid_to is not None and role.valid_to <= role.valid_from:
            raise RoleNeverHeld(role=role.role, area_code=role.area_code)
    ordered = sorted(roles, key=lambda role: (role.role, role.area_code, role.valid_from))
    for earlier, later in pairwise(ordered):
        is_same = (earlier.role, earlier.area_code) == (later.role, later.area_code)
        if is_same and (earlier.valid_to is None or later.valid_from < earlier.valid_to):
            raise RolesOverlap(role=later.role, area_code=later.area_code)
    check_separation(roles)
