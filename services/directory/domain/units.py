"""Administrative units by date."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from services.directory.models import Unit, UnitSuccession


def find_units(
    session: Session,
    *,
    on: date,
    parent: str | None,
    after: str | None,
    size: int,
) -> Sequence[Unit]:
    """The units of a day in the order of their codes; with a parent, those directly in it."""
    wanted = (
        select(Unit)
        .where(Unit.valid_from <= on, or_(Unit.valid_to.is_(None), Unit.valid_to > on))
        .order_by(Unit.code)
        .limit(size)
    )
    if parent is not None:
        wanted = wanted.where(Unit.parent_code == parent)
    if after is not None:
        wanted = wanted.where(Unit.code > after)
    return session.scalars(wanted).all()


def find_successors(session: Session, *, code: str) -> Sequence[UnitSuccession]:
    """What a unit became, earliest first; several on one day mean that it was split."""
    return session.scalars(
        select(UnitSuccession)
        .where(UnitSuccession.old_code == code)
        .order_by(UnitSuccession.changed_on, UnitSuccession.new_code),
    ).all()
