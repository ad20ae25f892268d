"""What is told to organisations, and how it went, over HTTP."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import Depends, Path, Query, Request
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from services.notification import domain, schemas
from services.notification.policy import DeliveryState
from shared.access import Permission
from shared.access.asking import permitted
from shared.kit.http import OnceOnly, ReadSession, place_of
from shared.kit.idempotency import Answer
from shared.kit.pages import PageParams
from shared.kit.problems import refusals
from shared.kit.routing import Router
from shared.kit.shapes import Id
from shared.kit.subjects import Subject

router = Router()

DeliveryId = Annotated[Id, Path(description="The id of the delivery.")]


@router.get("/deliveries", tags=["deliveries"], responses=refusals(401, 422))
def list_deliveries(
    *,
    session: ReadSession,
    caller: Annotated[Subject, Depends(permitted(Permission.DELIVERY_READ))],
    page: PageParams,
    state: Annotated[
        DeliveryState | None, Query(description="Only deliveries in this state.")
    ] = None,
    case_id: Annotated[Id | None, Query(description="Only deliveries about this case.")] = None,
    organisation_id: Annotated[
        Id | None, Query(description="Only deliveries to this organisation.")
    ] = None,
    order: Annotated[
        Literal["oldest_first", "newest_first"], Query(description="Which ones come first.")
    ] = "oldest_first",
) -> schemas.DeliveryList:
    """List deliveries: an operator reads all, anyone else those to their own organisation."""
    found = domain.find_deliveries(
        session,
        subject=caller,
        state=state,
        case_id=case_id,
        organisation_id=organisation_id,
        after=page.after,
        size=page.reach,
        is_newest_first=order == "newest_first",
    )
    shown = page.of(found)
    items = [schemas.DeliverySummary.model_validate(each) for each in shown.rows]
    return schemas.DeliveryList(items=items, next_cursor=shown.next_cursor)


@router.get("/deliveries/{delivery_id}", tags=["deliveries"], responses=refusals(401, 404, 422))
def read_delivery(
    delivery_id: DeliveryId,
    session: ReadSession,
    caller: Annotated[Subject, Depends(permitted(Permission.DELIVERY_READ))],
) -> schemas.DeliveryRead:
    """Read a delivery: what is sent, and every try with how it ended."""
    subject = caller
    found = domain.find_delivery(session, delivery_id=delivery_id, subject=subject)
    tries = domain.find_attempts(session, delivery_id=delivery_id, subject=subject)
    read = schemas.DeliveryRead.model_validate(found)
    return read.model_copy(
        update={"tries": [schemas.AttemptRead.model_validate(each) for each in tries]},
    )


@router.post(
    "/deliveries/{delivery_id}/replays",
    tags=["deliveries"],
    status_code=201,
    response_model=schemas.DeliverySummary,
    responses=refusals(400, 401, 403, 404, 409, 422),
)
def replay_delivery(
    *,
    delivery_id: DeliveryId,
    body: schemas.ReplayCreate,
    once: OnceOnly,
    operator: Annotated[Subject, Depends(permitted(Permission.DELIVERY_REPLAY))],
    request: Request,
) -> JSONResponse:
    """Send a parked delivery again, under its own id; who did so and why is kept."""
    place = {"Location": place_of(request).removesuffix("/replays")}

    def act(session: Session, now: datetime) -> Answer:
        made = domain.replay_delivery(
            session,
            delivery_id=delivery_id,
            subject=operator,
            reason=body.reason,
            actor=operator.actor,
            now=now,
        )
        read = schemas.DeliverySummary.model_validate(made)
        return Answer(201, read.model_dump(mode="json"), place)

    return once.answer(act)


@router.get("/recipients", tags=["deliveries"], responses=refusals(401, 422))
def list_recipients(
    session: ReadSession,
    caller: Annotated[Subject, Depends(permitted(Permission.DELIVERY_READ))],
    page: PageParams,
) -> schemas.RecipientList:
    """List organisations with how it goes: an operator reads all, anyone else their own."""
    found = domain.find_recipients(session, subject=caller, after=page.after, size=page.reach)
    part = page.of(found, lambda each: each.organisation_id)
    items = [schemas.Recipient.model_validate(each) for each in part.rows]
    return schemas.RecipientList(items=items, next_cursor=part.next_cursor)
