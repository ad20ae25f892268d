"""Who may do what, to which: one table, asked the same way by routes and by domains."""

from shared.access.permissions import PERMISSIONS, Permission, Scope, roles_with
from shared.access.sight import Sight, visible

__all__ = ["PERMISSIONS", "Permission", "Scope", "Sight", "roles_with", "visible"]
