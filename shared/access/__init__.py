"""Who may do what, to which: one table, asked the same way by routes and by domains."""

from shared.access.permissions import NOTED, PERMISSIONS, Permission, Scope, roles_with
from shared.access.sight import Sight, visible

__all__ = ["NOTED", "PERMISSIONS", "Permission", "Scope", "Sight", "roles_with", "visible"]
