"""Routes about alerts: what waits for a case owner."""

from datetime import datetime
from typing import Annotated

from fastapi import Depends, Path, Query
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from services.livelihood_support import domain, schemas
from shared.access import Permission
from shared.access.asking import permitted
from shared.kit.http import Now, OnceOnly, ReadSession
from shared.kit.idempotency import Answer
from shared.kit.pages import PageParams
from shared.kit.problems import refusals
from shared.kit.routing import Router
from shared.kit.shapes import Id
from shared.kit.subjects import Subject

router = Router(tags=["alerts"])


@router.get("/alerts", responses=refusals(401, 403, 422))
def list_alerts(
    session: ReadSession,
    caller: Annotated[Subject, Depends(permitted(Permission.ALERT_READ))],
    now: Now,
    page: PageParams,
    case_id: Annotated[Id | None, Query(description="Only alerts of this case.")] = None,
) -> schemas.AlertList:
    """List what waits for a case owner, oldest first; operators see theirs, too."""
    found = domain.waiting_alerts(
        session, subject=caller, now=now, case_id=case_id, after=page.after, size=page.reach
    )
    shown = page.of(found)
    items = [schemas.AlertRead.model_validate(each) for each in shown.rows]
    return schemas.AlertList(items=items, next_cursor=shown.next_cursor)


@router.post(
    "/alerts/{alert_id}/moves",
    status_code=201,
    response_model=schemas.AlertMoved,
    responses=refusals(400, 401, 403, 404, 409, 422),
)
def move_alert(
    *,
    alert_id: Annotated[Id, Path(description="The id of the alert.")],
    body: schemas.AlertMoveCreate,
    once: OnceOnly,
    caller: Annotated[Subject, Depends(permitted(Permission.ALERT_SETTLE))],
) -> JSONResponse:
    """Settle an alert of a window that closes soon: the person does not want to apply.

    Any other alert ends with its cause. Until the window closes the need can be added nevertheless.
    """

    def act(session: Session, now: datetime) -> Answer:
        moved = domain.move_alert(
            session,
            alert_id=alert_id,
            move=body.move,
            subject=caller,
            actor=caller.actor,
            now=now,
        )
        return Answer(201, schemas.AlertMoved.model_validate(moved).model_dump(mode="json"))

    return once.answer(act)
