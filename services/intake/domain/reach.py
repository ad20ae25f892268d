"""Which cases exist for a subject: one WHERE for a case and for a list of them."""

from datetime import date

from sqlalchemy import ColumnElement, func, or_

from services.intake.models import Case
from shared.access import Sight
from shared.access.columns import PlaceColumns
from shared.access.owning import OwnedColumns

AREA = func.coalesce(Case.present_unit_code, Case.origin_unit_code)
"""Where a case is: where the person is, or else is from."""

AREA_ON = func.coalesce(Case.present_unit_on, Case.origin_unit_on)
"""The day by which that code is read."""

PLACE = PlaceColumns(AREA, AREA_ON)

OWNED = OwnedColumns(PLACE, Case.responsible_id)
"""What decides who owns a case."""


def reached(sight: Sight, on: date) -> ColumnElement[bool]:
    """The cases that a sight reaches, as whoever submitted them too."""
    return or_(sight.reaches(own=[Case.receiver_id]), reached_as_owner(sight, on))


def reached_as_owner(sight: Sight, on: date) -> ColumnElement[bool]:
    """Those that it reaches for where they are, and those that were handed to its organisation."""
    return sight.reaches(on=on, assigned=[Case.responsible_id], place=PLACE)
