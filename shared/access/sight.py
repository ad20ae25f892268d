"""What exists for a subject: one rule for a thing and for a list, as facts and as a WHERE."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from shared.access.codes import Permission, Scope
from shared.access.demands import FOR_OFFICES
from shared.access.permissions import PERMISSIONS
from shared.contracts.vocabulary import Role
from shared.kit.subjects import Subject

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, SQLColumnExpression

    from shared.access.columns import PlaceColumns


@dataclass(frozen=True)
class Sight:
    """How far one permission of a subject reaches."""

    organisation_id: UUID
    scopes: frozenset[Scope]
    areas: frozenset[str]
    """Where a role with the scope AREA is held."""
    bound_to: UUID | None = None
    """The one thing that is reached at all, where the subject is bound to one."""

    @property
    def is_over_areas(self) -> bool:
        """Whether things are reached for where they are, and so as whoever answers for them."""
        return Scope.AREA in self.scopes

    @property
    def is_over_all(self) -> bool:
        """Whether every thing is reached."""
        return Scope.ALL in self.scopes and self.bound_to is None

    def owns(self, organisation_id: UUID) -> bool:
        """Whether a thing of this organisation is reached as one's own."""
        is_own = Scope.OWN in self.scopes and organisation_id == self.organisation_id
        return is_own and self.bound_to is None

    def reaches(
        self,
        *,
        on: date | None = None,
        own: "Sequence[SQLColumnExpression[UUID] | SQLColumnExpression[UUID | None]]" = (),
        assigned: "Sequence[SQLColumnExpression[UUID] | SQLColumnExpression[UUID | None]]" = (),
        place: "PlaceColumns | None" = None,
        thing: "SQLColumnExpression[UUID] | None" = None,
    ) -> "ColumnElement[bool]":
        """The WHERE: of these columns, those that the scopes mean; a place is asked of on a day.

        ``thing`` is the id by which a subject may be bound to it. Where it is not said, whoever is
        bound to something reaches nothing.
        """
        # The console asks how far a permission reaches, and has no database.
        from shared.access.columns import named_by  # noqa: PLC0415

        return named_by(self, on=on, own=own, assigned=assigned, place=place, thing=thing)


def visible(subject: Subject, permission: Permission, *, through: Role | None = None) -> Sight:
    """How far a permission reaches for a subject; nowhere, if none of its roles has it.

    ``through`` asks for one role alone: what a thing is reached as decides what is shown of it and
    what may be done with it.
    """
    reach = {
        role: scopes
        for role, scopes in PERMISSIONS[permission].reach.items()
        if role in subject.roles and through in {None, role}
    }
    if subject.bound_to is not None and permission not in FOR_OFFICES:
        reach = {}
    return Sight(
        organisation_id=subject.organisation_id,
        scopes=frozenset().union(*reach.values()),
        areas=frozenset().union(*(subject.areas_of(role) for role in _over_areas(reach))),
        bound_to=subject.bound_to,
    )


def _over_areas(reach: "dict[Role, frozenset[Scope]]") -> list[Role]:
    return [role for role, scopes in reach.items() if Scope.AREA in scopes]
