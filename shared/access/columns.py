"""What exists for a subject, as a WHERE."""

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

from shared.access.codes import Scope
from shared.access.sight import Sight
from shared.places import MERGED_ON
from shared.places.holders import Holding
from shared.places.reach import reach_of


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


def named_by(
    sight: Sight,
    *,
    on: date | None,
    own: Sequence[SQLColumnExpression[UUID] | SQLColumnExpression[UUID | None]],
    assigned: Sequence[SQLColumnExpression[UUID] | SQLColumnExpression[UUID | None]],
    place: PlaceColumns | None,
    thing: SQLColumnExpression[UUID] | None,
) -> ColumnElement[bool]:
    """Whether a row is reached: by these columns, as ``Sight.reaches`` says."""
    reached = _by_scopes(sight, on=on, own=own, assigned=assigned, place=place)
    if sight.bound_to is None:
        return reached
    return false() if thing is None else and_(reached, thing == sight.bound_to)


def _by_scopes(
    sight: Sight,
    *,
    on: date | None,
    own: Sequence[SQLColumnExpression[UUID] | SQLColumnExpression[UUID | None]],
    assigned: Sequence[SQLColumnExpression[UUID] | SQLColumnExpression[UUID | None]],
    place: PlaceColumns | None,
) -> ColumnElement[bool]:
    if sight.is_over_all:
        return true()
    held: list[ColumnElement[bool]] = []
    if Scope.OWN in sight.scopes:
        held += [_is(column, sight.organisation_id) for column in own]
    if Scope.ASSIGNED in sight.scopes:
        held += [_is(column, sight.organisation_id) for column in assigned]
    if sight.is_over_areas and place is not None:
        if on is None:
            raise TypeError("where a place lies is asked of on a day")
        held.append(place.lie_in(sight.areas, on))
    return or_(false(), *held)


def _is(column: SQLColumnExpression[Any], organisation_id: UUID) -> ColumnElement[bool]:
    """Never unknown: where nobody is named it is false, so that its contrary is true."""
    return and_(column.is_not(None), column == organisation_id)
