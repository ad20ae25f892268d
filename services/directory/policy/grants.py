"""What a person may act in: never more than their organisation holds, there and on that day."""

from collections.abc import Iterable, Sequence
from datetime import date

from services.directory.errors import GrantBeyondOrganisation, LastManagerLeaves
from services.directory.policy.roles import roles_in_force
from shared.contracts.directory import DatedRole
from shared.contracts.vocabulary import Role
from shared.kit.subjects import Grant
from shared.places.pieces import is_covered

FOREVER = date.max
"""The end of what has no last day."""


def check_grants(
    asked: Iterable[DatedRole], *, known: Iterable[DatedRole], held: Sequence[DatedRole]
) -> None:
    """Raise ``GrantBeyondOrganisation`` for a grant that the organisation does not hold whole.

    A grant that stands already may stay, whatever became of the organisation's roles: what counts
    on a day is found on that day, by ``in_force_for``.
    """
    given = set(known)
    for grant in asked:
        if grant not in given and not _is_within(grant, held):
            raise GrantBeyondOrganisation(role=grant.role, area_code=grant.area_code)


def in_force_for(
    grants: Iterable[DatedRole], *, held: Iterable[DatedRole], on: date
) -> frozenset[Grant]:
    """What a person may act in on a day: their grants, as far as their organisation holds them.

    Where the organisation has kept a part of an area, that part is left.
    """
    ours = roles_in_force(held, on)
    found: set[Grant] = set()
    for grant in roles_in_force(grants, on):
        for role in ours:
            if role.role is grant.role:
                found |= _common(grant, role, on)
    return frozenset(found)


def managed_until(people: Iterable[Sequence[DatedRole]], on: date) -> date | None:
    """The first day on which none of these people is a manager any more; none is one today."""
    ends = [
        grant.valid_to or FOREVER
        for grants in people
        for grant in roles_in_force(grants, on)
        if grant.role is Role.MANAGER
    ]
    return max(ends, default=None)


def check_still_managed(before: date | None, after: date | None) -> None:
    """Raise ``LastManagerLeaves`` where an organisation would be managed for a shorter time.

    So nobody leaves it without a manager: not by a change, not by deactivating, and not by letting
    the only one's grant run out earlier.
    """
    if before is not None and (after is None or after < before):
        raise LastManagerLeaves


def _common(grant: DatedRole, role: DatedRole, on: date) -> set[Grant]:
    if _covers(role.area_code, grant.area_code, on):
        return {Grant(str(grant.role), grant.area_code)}
    if _covers(grant.area_code, role.area_code, on):
        return {Grant(str(grant.role), role.area_code)}
    return set()


def _covers(outer: str, inner: str, on: date) -> bool:
    return outer == inner or is_covered(inner, on, {outer}, on)


def _is_within(grant: DatedRole, held: Sequence[DatedRole]) -> bool:
    """Whether the organisation holds it on every day of the grant, without a gap."""
    reached, end = grant.valid_from, grant.valid_to or FOREVER
    for role in sorted(held, key=lambda each: each.valid_from):
        is_same = role.role is grant.role and _covers(role.area_code, grant.area_code, reached)
        if is_same and role.valid_from <= reached:
            reached = max(reached, role.valid_to or FOREVER)
    return reached >= end
