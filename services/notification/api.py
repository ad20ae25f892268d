"""Routes: parse, ask the domain, serialise."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import Depends, Path, Query, Request
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from services.notification import domain, schemas
from services.notification.policy import DeliveryState
from shared.access import Permission
from shared.access.asking import permitted
from shared.contracts.vocabulary import EndpointStatus
from shared.kit.http import OnceOnly, ReadSession, place_of
from shared.kit.idempotency import Answer
from shared.kit.pages import PageParams
from shared.kit.problems import refusals
from shared.kit.routing import Router
from shared.kit.shapes import Id
from shared.kit.subjects import Subject

router = Router()


DeliveryId = Annotated[Id, Path(description="The id of the delivery.")]
EndpointId = Annotated[Id, Path(description="The id of the endpoint.")]


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


@router.get("/endpoints", tags=["endpoints"], responses=refusals(401, 422))
def list_endpoints(
    *,
    session: ReadSession,
    caller: Annotated[Subject, Depends(permitted(Permission.ENDPOINT_WATCH))],
    page: PageParams,
    status: Annotated[
        EndpointStatus | None, Query(description="Only endpoints in this status.")
    ] = None,
    organisation_id: Annotated[
        Id | None, Query(description="Only endpoints of this organisation.")
    ] = None,
) -> schemas.EndpointList:
    """List endpoints with their health: an operator reads all, anyone else their own."""
    found = domain.find_endpoints(
        session,
        subject=caller,
        status=status,
        organisation_id=organisation_id,
        after=page.after,
        size=page.reach,
    )
    shown = page.of(found, lambda each: each.endpoint_id)
    items = [schemas.EndpointRead.model_validate(each) for each in shown.rows]
    return schemas.EndpointList(items=items, next_cursor=shown.next_cursor)


CHANGING = refusals(400, 401, 403, 404, 409, 422)


@router.post(
    "/endpoints/{endpoint_id}/suspensions",
    tags=["endpoints"],
    status_code=201,
    response_model=schemas.EndpointRead,
    responses=CHANGING,
)
def suspend_endpoint(
    endpoint_id: EndpointId,
    body: schemas.SuspensionCreate,
    once: OnceOnly,
    operator: Annotated[Subject, Depends(permitted(Permission.ENDPOINT_SUSPEND))],
) -> JSONResponse:
    """Send nothing to an endpoint for a while; what is to be sent waits (role operator)."""

    def act(session: Session, now: datetime) -> Answer:
        found = domain.suspend_endpoint(
            session, endpoint_id=endpoint_id, subject=operator, reason=body.reason, now=now
        )
        return _endpoint(found)

    return once.answer(act)


@router.post(
    "/endpoints/{endpoint_id}/resumptions",
    tags=["endpoints"],
    status_code=201,
    response_model=schemas.EndpointRead,
    responses=CHANGING,
)
def resume_endpoint(
    endpoint_id: EndpointId,
    once: OnceOnly,
    operator: Annotated[Subject, Depends(permitted(Permission.ENDPOINT_SUSPEND))],
) -> JSONResponse:
    """Send to a suspended endpoint again; what has waited is due at once (role operator)."""

    def act(session: Session, now: datetime) -> Answer:
        found = domain.resume_endpoint(session, endpoint_id=endpoint_id, subject=operator, now=now)
        return _endpoint(found)

    return once.answer(act)


@router.post(
    "/endpoints/{endpoint_id}/tests",
    tags=["endpoints"],
    status_code=201,
    response_model=schemas.DeliverySummary,
    responses=CHANGING,
)
def try_endpoint(
    *,
    endpoint_id: EndpointId,
    once: OnceOnly,
    caller: Annotated[Subject, Depends(permitted(Permission.ENDPOINT_TEST))],
) -> JSONResponse:
    """Have a signed event sent that says nothing, once, to see whether webhooks arrive.

    It is a delivery like every other: read it to see how it ended. One that did not arrive is
    `failed`, and is not tried again.
    """

    def act(session: Session, now: datetime) -> Answer:
        made = domain.try_endpoint(session, endpoint_id=endpoint_id, subject=caller, now=now)
        read = schemas.DeliverySummary.model_validate(made)
        place = f"/notification/v1/deliveries/{made.id}"
        return Answer(201, read.model_dump(mode="json"), {"Location": place})

    return once.answer(act)


def _endpoint(found: object) -> Answer:
    return Answer(201, schemas.EndpointRead.model_validate(found).model_dump(mode="json"))


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
