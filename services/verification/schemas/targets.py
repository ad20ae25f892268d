"""The second target of the city's plan, and each request that is an exception to it."""

from uuid import UUID

from pydantic import AwareDatetime

from services.verification import examples
from services.verification.policy import Protected, ProtectionGap, ProtectionParty
from shared.kit.shapes import Cursor, Shape, shown


class UnprotectedRead(Shape):
    """A request for protection without which somebody in need is not protected."""

    protection_id: UUID
    """The id of the request."""
    case_id: UUID
    """The id of the case."""
    case_code: str | None
    """What people call the case; unset where a former release opened it."""
    for_whom: Protected
    """For whom protection was asked."""
    gap: ProtectionGap
    """Why that person is not protected."""
    since: AwareDatetime
    """Since when: the request, the end of the protector's role, or the end of the day of review."""
    due_at: AwareDatetime | None
    """When it is late if it is not decided; unset where it was granted, or no period is known."""
    who: ProtectionParty | None
    """Who must act; unset where nobody owns the case."""
    organisation_id: UUID | None
    """The organisation that must act."""


class TargetsRead(Shape):
    """Whether everybody in need is protected, of the cases that you reach."""

    model_config = shown(examples.TARGETS_READ)

    in_need: int
    """How many persons are in need: protection was asked for, and is awaited or granted."""
    protected: int
    """How many of them are protected."""
    excepted: int
    """How many of them are not. The target is met while there is none."""
    items: list[UnprotectedRead]
    """The requests of this page that keep somebody from being protected, the oldest first."""
    next_cursor: Cursor = None
