"""Which organisations take people in, and which of them is the nearest to a case."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.livelihood_support.models import FacilityRole, Organisation
from shared.places.holders import Place, Tenure, holder_of


def facilities(session: Session) -> list[Tenure]:
    """Who takes people in, where and when, as the directory has told; those that still act."""
    rows = session.execute(
        select(
            Organisation.id,
            Organisation.code,
            FacilityRole.area_code,
            FacilityRole.valid_from,
            FacilityRole.valid_to,
        )
        .join(FacilityRole, FacilityRole.organisation_id == Organisation.id)
        .where(Organisation.is_active),
    )
    return [Tenure(*row) for row in rows]


def may_take_in(
    tenures: Collection[Tenure], place: Place, organisation_id: UUID, *, on: date
) -> bool:
    """Whether an organisation takes people in there on a day, near or wide."""
    theirs = [each for each in tenures if each.organisation_id == organisation_id]
    return holder_of(theirs, place, on=on) is not None


def held_on(tenures: Collection[Tenure], on: date) -> frozenset[UUID]:
    """Who takes people in on a day, wherever that is."""
    return frozenset(each.organisation_id for each in tenures if each.is_held(on))
