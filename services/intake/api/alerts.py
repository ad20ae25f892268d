"""What cannot wait, for whoever owns the case."""

from typing import Annotated

from fastapi import Depends, Query

from services.intake import domain, schemas
from shared.access import Permission
from shared.access.asking import permitted
from shared.kit.clock import local_date
from shared.kit.http import Now, ReadSession
from shared.kit.pages import PageParams
from shared.kit.problems import refusals
from shared.kit.routing import Router
from shared.kit.shapes import Id
from shared.kit.subjects import Subject
from shared.messaging.api import WaitingAlert

router = Router(tags=["alerts"])


@router.get("/alerts", responses=refusals(401, 403, 422))
def list_alerts(
    *,
    session: ReadSession,
    watcher: Annotated[Subject, Depends(permitted(Permission.ALERT_READ))],
    page: PageParams,
    now: Now,
    case_id: Annotated[Id | None, Query(description="Only alerts of this case.")] = None,
) -> schemas.WaitingList:
    """List what waits in the cases you reach as case owner, oldest first.

    An operator reads all that waits here.
    """
    found = domain.waiting_alerts(
        session,
        subject=watcher,
        case_id=case_id,
        on=local_date(now),
        after=page.after,
        size=page.reach,
    )
    shown = page.of(found)
    items = [WaitingAlert.model_validate(each) for each in shown.rows]
    return schemas.WaitingList(items=items, next_cursor=shown.next_cursor)


@router.get("/urgent-needs", responses=refusals(401, 403, 422))
def list_urgent_needs(
    *,
    session: ReadSession,
    caller: Annotated[Subject, Depends(permitted(Permission.URGENCY_READ))],
    page: PageParams,
    now: Now,
) -> schemas.AlertList:
    """List what cannot wait and was not seen to, in the cases you reach, with who must act."""
    found = domain.find_alerts(
        session,
        subject=caller,
        permission=Permission.URGENCY_READ,
        on=local_date(now),
        after=page.after,
        size=page.reach,
    )
    shown = page.of(found)
    items = [schemas.AlertRead.model_validate(each) for each in shown.rows]
    return schemas.AlertList(items=items, next_cursor=shown.next_cursor)
