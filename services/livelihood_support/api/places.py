"""Routes about places: how many of an organisation's programmes are held."""

from typing import Annotated

from fastapi import Depends

from services.livelihood_support import domain, schemas
from shared.access import Permission
from shared.access.asking import permitted
from shared.kit.http import Now, ReadSession
from shared.kit.pages import PageParams
from shared.kit.problems import refusals
from shared.kit.routing import Router
from shared.kit.subjects import Subject

router = Router(tags=["places"])


@router.get("/places", responses=refusals(401, 403, 422))
def list_places(
    session: ReadSession,
    caller: Annotated[Subject, Depends(permitted(Permission.PLACE_READ))],
    now: Now,
    page: PageParams,
) -> schemas.PlacesList:
    """List the places in your organisation's programmes, and until when each is assured."""
    found = domain.find_places(session, subject=caller, now=now, after=page.after, size=page.reach)
    shown = page.of(found)
    items = [schemas.PlacesRead.model_validate(each) for each in shown.rows]
    return schemas.PlacesList(items=items, next_cursor=shown.next_cursor)
