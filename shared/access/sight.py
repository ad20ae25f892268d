"""What exists for a subject: one rule for a thing and for a list, as facts and as a WHERE."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    SQLColumnExpression,
    String,
    and_,
    cast,
    false,
    literal,
    or_,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY

from shared.access.permissions import PERMISSIONS, Permission, Scope
from shared.contracts.vocabulary import Role
from shared.kit.subjects import Subject
from shared.places import MERGED_ON
from shared.places.holders import Holding
from shared.places.reach import reach_of


@dataclass(frozen=True)
class Sight:
    """How far one permission of a subject reaches."""

    organisation_id: UUID
    scopes: frozenset[Scope]
    areas: frozenset[str]
    """Where a role with the scope AREA is held."""

    @property
    def is_over_areas(self) -> bool:
        """Whether things are reached for where they are, and so as whoever answers for them."""
        return Scope.AREA in self.scopes

    @property
    def is_over_all(self) -> bool:
        """Whether every thing is reached."""
        return Scope.ALL in self.scopes

    def owns(self, organisation_id: UUID) -> bool:
        """Whether a thing of this organisation is reached as one's own."""
        return Scope.OWN in self.scopes and organisation_id == self.organisation_id

    def reaches(
        self,
        *,
        on: date | None = None,
        own: Sequence[SQLColumnExpression[UUID] | SQLColumnExpression[UUID | None]] = (),
        assigned: Sequence[SQLColumnExpression[UUID] | SQLColumnExpression[UUID | None]] = (),
        place: "PlaceColumns | None" = None,
    ) -> ColumnElement[bool]:
        """The WHERE: of these columns, those that the scopes mean; a place is asked of on a day."""
        if self.is_over_all:
            return true()
        held: list[ColumnElement[bool]] = []
        if Scope.OWN in self.scopes:
            held += [self._is_named_by(column) for column in own]
        if Scope.ASSIGNED in self.scopes:
            held += [self._is_named_by(column) for column in assigned]
        if self.is_over_areas and place is not None:
            if on is None:
                raise TypeError("where a place lies is asked of on a day")
            held.append(place.lie_in(self.areas, on))
        return or_(false(), *held)

    def _is_named_by(self, column: SQLColumnExpression[Any]) -> ColumnElement[bool]:
        """Never unknown: where nobody is named it is false, so that its contrary is true."""
        return and_(column.is_not(None), column == self.organisation_id)


@dataclass(frozen=True)
class PlaceColumns:
    """Where a thing is: a unit's code, and the day that it was written down."""

    code: SQLColumnExpression[str]
    told_on: SQLColumnExpression[date]

    def lie_in(self, areas: frozenset[str], on: date) -> ColumnElement[bool]:
        """Whether one of these areas covers the place on a day."""
        reach = reach_of(areas, on)
        if reach.is_everywhere:
            return true()
        return self._named(reach.before, reach.since)

    def are_held(self, holding: Holding) -> ColumnElement[bool]:
        """Whether the place is one of those that an organisation holds."""
        is_listed = self._named(holding.before, holding.since)
        return ~is_listed if holding.has_rest else is_listed

    def _named(self, before: frozenset[str], since: frozenset[str]) -> ColumnElement[bool]:
        is_before = self.told_on < MERGED_ON
        return or_(
            and_(is_before, _among(self.code, before)),
            and_(~is_before, _among(self.code, since)),
        )


def _among(column: SQLColumnExpression[str], codes: frozenset[str]) -> ColumnElement[bool]:
    return column == cast(literal(sorted(codes), ARRAY(String)), ARRAY(String)).any_()


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
    return Sight(
        organisation_id=subject.organisation_id,
        scopes=frozenset().union(*reach.values()),
        areas=frozenset().union(*(subject.areas_of(role) for role in _over_areas(reach))),
    )


def _over_areas(reach: "dict[Role, frozenset[Scope]]") -> list[Role]:
    return [role for role, scopes in reach.items() if Scope.AREA in scopes]
