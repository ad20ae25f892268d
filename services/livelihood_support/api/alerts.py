"""Routes about alerts: what waits for a case owner."""

from typing import Annotated

from fastapi import Query

from services.livelihood_support import domain, schemas
from services.livelihood_support.api.callers import Watcher
from shared.kit.http import ReadSession
from shared.kit.pages import PageParams
from shared.kit.problems import refusals
from shared.kit.routing import Router
from shared.kit.shapes import Id

router = Router(tags=["alerts"])


@router.get("/alerts", responses=refusals(401, 403, 422))
def list_alerts(
    session: ReadSession,
    caller: Watcher,
    page: PageParams,
    case_id: Annotated[Id | None, Query(description="Only alerts of this case.")] = None,
) -> schemas.AlertList:
    """List what waits for a case owner, oldest first; operators see theirs, too."""
    found = domain.waiting_alerts(
        session, reader=caller.reader, case_id=case_id, after=page.after, size=page.reach
    )
    shown = page.of(found)
    items = [schemas.AlertRead.model_validate(each) for each in shown.rows]
    return schemas.AlertList(items=items, next_cursor=shown.next_cursor)
