"""Routes about what stays open to somebody who was not identified."""

from datetime import datetime
from typing import Annotated

from fastapi import Depends, Path
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from services.livelihood_support import domain, schemas
from shared.access import Permission
from shared.access.asking import permitted
from shared.kit.conditional import etag, expected_versions
from shared.kit.http import NotedRead, Now, OnceOnly
from shared.kit.idempotency import Answer
from shared.kit.problems import refusals
from shared.kit.routing import Router
from shared.kit.shapes import Id
from shared.kit.subjects import Subject
from shared.kit.versions import Versions

router = Router(tags=["ways on"])

CaseId = Annotated[Id, Path(description="The id of the case.")]


@router.get("/cases/{case_id}/ways-on", responses=refusals(401, 403, 404, 422))
def list_ways(
    case_id: CaseId,
    read: NotedRead,
    caller: Annotated[Subject, Depends(permitted(Permission.NEED_READ))],
    now: Now,
) -> schemas.WayList:
    """List what stays open to a person whom the verification did not identify.

    Ordinary social assistance, and child protection for a child: neither depends on it.
    """
    found = domain.find_ways(read.session, case_id=case_id, subject=caller, now=now)
    read.shows(case_id)
    may_change = domain.may_change(read.session, case_id, caller, Permission.NEED_READ, now)
    items = [schemas.WayRead.model_validate(each) for each in found]
    return schemas.WayList(items=items, may_change=may_change)


@router.post(
    "/cases/{case_id}/ways-on/{way_id}/moves",
    status_code=201,
    response_model=schemas.WayRead,
    responses=refusals(400, 401, 403, 404, 409, 412, 422, 428),
)
def settle_way(
    *,
    case_id: CaseId,
    way_id: Annotated[Id, Path(description="The id under which it is offered.")],
    body: schemas.WayMoveCreate,
    once: OnceOnly,
    caller: Annotated[Subject, Depends(permitted(Permission.NEED_CHANGE))],
    version: Annotated[Versions, Depends(expected_versions)],
) -> JSONResponse:
    """Record what the person said to a way on; only the organisation that owns the case does."""

    def act(session: Session, now: datetime) -> Answer:
        settled = domain.settle_way(
            session,
            case_id=case_id,
            way_id=way_id,
            move=body.move,
            expected_version=version,
            subject=caller,
            now=now,
        )
        told = schemas.WayRead.model_validate(settled)
        return Answer(201, told.model_dump(mode="json"), {"ETag": etag(told.version)})

    return once.answer(act)
