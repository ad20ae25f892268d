"""The dependency of a route that needs a permission."""

from fastapi import Request

from shared.access.codes import Permission
from shared.access.demands import FOR_OFFICES
from shared.access.permissions import roles_with
from shared.kit.auth import Asking, note_roles, subject_of
from shared.kit.errors import Forbidden
from shared.kit.subjects import Subject


class RoleMissing(Forbidden):
    """The organisation does not hold the role that this requires."""


_PERMITTED: dict[Asking, Permission] = {}


def permitted(permission: Permission) -> Asking:
    """Dependency: a subject that holds a role with this permission; raises ``RoleMissing``."""
    roles = roles_with(permission)

    async def allowed(request: Request) -> Subject:
        subject = await subject_of(request)
        is_beyond = subject.bound_to is not None and permission not in FOR_OFFICES
        is_beyond |= subject.is_for_duties and permission is not Permission.DUTY_READ
        if is_beyond or subject.roles.isdisjoint(roles):
            raise RoleMissing(needs=sorted(roles))
        return subject

    note_roles(allowed, tuple(sorted(roles)))
    _PERMITTED[allowed] = permission
    return allowed


def permission_asked_by(dependency: object) -> Permission | None:
    """The permission that a dependency asks for, if it asks for one."""
    return _PERMITTED.get(dependency)  # type: ignore[call-overload, no-any-return]
