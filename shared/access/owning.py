"""Who owns which cases on a day: what ``owner_of`` says of one, as a WHERE for all."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, or_
from sqlalchemy.orm import InstrumentedAttribute

from shared.access.columns import PlaceColumns
from shared.kit.arrays import among
from shared.places.holders import Tenure, holding_of, may_own


@dataclass(frozen=True)
class OwnedColumns:
    """Where a case is, and to whom it was handed."""

    place: PlaceColumns
    handed_to: InstrumentedAttribute[Any]

    def are_owned(
        self, tenures: Collection[Tenure], organisation_id: UUID, on: date
    ) -> ColumnElement[bool]:
        """Whether the organisation owns the case; whoever may own none on that day owns none."""
        if not may_own(tenures, organisation_id, on=on):
            return false()
        is_handed = self._are_handed(tenures, on)
        held = self.place.are_held(holding_of(tenures, organisation_id, on=on))
        return or_(and_(is_handed, self.handed_to == organisation_id), and_(~is_handed, held))

    def are_ownerless(self, tenures: Collection[Tenure], on: date) -> ColumnElement[bool]:
        """Whether nobody owns the case: neither whom it was handed to, nor who holds its place."""
        unheld = holding_of(tenures, None, on=on)
        if unheld.is_empty:
            return false()
        return and_(~self._are_handed(tenures, on), self.place.are_held(unheld))

    def are_left(self, tenures: Collection[Tenure], on: date) -> ColumnElement[bool]:
        """Whether the case was handed to somebody who may own none on that day."""
        return and_(self.handed_to.is_not(None), ~self._are_handed(tenures, on))

    def _are_handed(self, tenures: Collection[Tenure], on: date) -> ColumnElement[bool]:
        owning = {each.organisation_id for each in tenures if each.is_held(on)}
        return and_(self.handed_to.is_not(None), among(self.handed_to, owning))
