"""Administrative units over HTTP."""

from typing import Annotated

from fastapi import Path, Query, Request, Response

from services.directory import domain, schemas
from services.directory.api.edge import LISTING, Anyone, AreaCode, Now, OnDay, day
from shared.kit.http import ReadSession
from shared.kit.pages import MOST
from shared.kit.routing import Router
from shared.kit.shapes import Count

router = Router(tags=["units"])


@router.get("/units", responses=LISTING)
def list_units(
    *,
    session: ReadSession,
    _caller: Anyone,
    request: Request,
    response: Response,
    now: Now,
    on: OnDay = None,
    parent: Annotated[AreaCode | None, Query()] = None,
    page_size: Annotated[Count, Query(ge=1)] = 25,
    cursor: Annotated[AreaCode | None, Query()] = None,
) -> schemas.UnitList:
    """List the units of a day in the order of their codes; with a parent, those directly in it."""
    size = min(page_size, MOST)
    found = domain.find_units(session, on=day(on, now), parent=parent, after=cursor, size=size)
    # A unit is known by its code, so its code is the cursor.
    following = found[-1].code if len(found) == size else None
    if following is not None:
        target = request.url.include_query_params(cursor=following)
        response.headers["Link"] = f'<{target.path}?{target.query}>; rel="next"'
    items = [schemas.UnitRead.model_validate(each) for each in found]
    return schemas.UnitList(items=items, next_cursor=following)


@router.get("/units/{code}/successors", responses=LISTING)
def list_successors(
    code: Annotated[AreaCode, Path()],
    session: ReadSession,
    _caller: Anyone,
) -> schemas.SuccessionList:
    """List what a unit became. Several on one day: it was split, so ask where, never derive it."""
    found = domain.find_successors(session, code=code)
    return schemas.SuccessionList(
        items=[schemas.SuccessionRead.model_validate(each) for each in found],
    )
