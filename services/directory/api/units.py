"""Administrative units over HTTP."""

from typing import Annotated

from fastapi import Depends, Path, Query

from services.directory import domain, schemas
from services.directory.api.edge import LISTING, AreaCode, Now, OnDay, day
from shared.access import Permission
from shared.access.asking import permitted
from shared.kit.pages import PageParamsByCode
from shared.kit.routing import Router
from shared.kit.subjects import Subject

router = Router(tags=["units"])


@router.get("/units", responses=LISTING)
def list_units(
    *,
    _caller: Annotated[Subject, Depends(permitted(Permission.UNIT_READ))],
    page: PageParamsByCode,
    now: Now,
    on: OnDay = None,
    parent: Annotated[AreaCode | None, Query(description="Only units within this unit.")] = None,
) -> schemas.UnitList:
    """List the units of a day in the order of their codes; with a parent, those directly in it."""
    found = domain.find_units(on=day(on, now), parent=parent, after=page.after, size=page.reach)
    shown = page.of(found, lambda each: each.code)
    items = [schemas.UnitRead.model_validate(each) for each in shown.rows]
    return schemas.UnitList(items=items, next_cursor=shown.next_cursor)


@router.get("/units/{code}/successors", responses=LISTING)
def list_successors(
    code: Annotated[AreaCode, Path(description="The code of the unit.")],
    _caller: Annotated[Subject, Depends(permitted(Permission.UNIT_READ))],
) -> schemas.SuccessionList:
    """List what a unit became. Several on one day: it was split, so ask the person."""
    found = domain.find_successors(code=code)
    return schemas.SuccessionList(
        items=[schemas.SuccessionRead.model_validate(each) for each in found],
    )
