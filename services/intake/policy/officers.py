"""Whoever acts in cases, and from when no longer."""

from collections.abc import Sequence
from datetime import datetime

from shared.contracts.directory import DatedRole
from shared.kit.clock import start_of_day


def gone_at(roles: Sequence[DatedRole], *, is_active: bool, told_at: datetime) -> datetime | None:
    """From when an account acts in no case any more; unset while no end is known.

    Once it is deactivated, or has no role left, from when that was told; else from the day on
    which its last role ends, which may be still to come.
    """
    ends = [role.valid_to for role in roles if role.valid_to is not None]
    found = [] if is_active and roles else [told_at]
    if roles and len(ends) == len(roles):
        found.append(start_of_day(max(ends)))
    return min(found, default=None)
