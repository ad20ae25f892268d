"""Who may do what, to which: one table, asked the same way by routes and by domains."""

from shared.access.permissions import (
    NOTED,
    PERMISSIONS,
    Permission,
    Scope,
    needs_second_factor,
    roles_with,
)
from shared.access.sight import Sight, visible

__all__ = [
    "NOTED",
    "PERMISSIONS",
    "Permission",
    "Scope",
    "Sight",
    "needs_second_factor",
    "roles_with",
    "visible",
]
