"""Endpoints and their health over HTTP, and a test of one."""

from datetime import datetime
from typing import Annotated

from fastapi import Depends, Query
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from services.notification import domain, schemas
from services.notification.api.edge import CHANGING, EndpointId
from shared.access import Permission
from shared.access.asking import permitted
from shared.contracts.vocabulary import EndpointStatus
from shared.kit.http import OnceOnly, ReadSession
from shared.kit.idempotency import Answer
from shared.kit.pages import PageParams
from shared.kit.problems import refusals
from shared.kit.routing import Router
from shared.kit.shapes import Id
from shared.kit.subjects import Subject

router = Router()


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
