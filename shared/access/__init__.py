"""Who may do what, to which: one table, asked the same way by routes and by domains."""

from shared.access.codes import Permission, Scope
from shared.access.demands import FOR_OFFICES, NOTED, needs_second_factor
from shared.access.permissions import PERMISSIONS, roles_with
from shared.access.sight import Sight, visible

__all__ = [
    "FOR_OFFICES",
    "NOTED",
    "PERMISSIONS",
    "Permission",
    "Scope",
    "Sight",
    "needs_second_factor",
    "roles_with",
    "visible",
]
