"""The first look at what a person reported, by the owner of the case."""

from datetime import datetime
from typing import Annotated

from fastapi import Depends
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from services.intake import domain, schemas
from services.intake.api.edge import BASE, CaseId
from shared.access import Permission
from shared.access.asking import permitted
from shared.kit.clock import local_date
from shared.kit.http import NotedRead, Now, OnceOnly
from shared.kit.idempotency import Answer
from shared.kit.problems import refusals
from shared.kit.routing import Router
from shared.kit.subjects import Subject

router = Router(tags=["cases"])


@router.get("/cases/{case_id}/initial-check", responses=refusals(401, 403, 404, 422))
def read_initial_check(
    *,
    case_id: CaseId,
    read: NotedRead,
    caller: Annotated[Subject, Depends(permitted(Permission.INITIAL_CHECK_READ))],
    now: Now,
) -> schemas.InitialCheckStanding:
    """Read whether the initial check of a case is owed, by when, and what it found."""
    found = domain.find_check(read.session, case_id=case_id, subject=caller, on=local_date(now))
    read.shows(case_id)
    return schemas.InitialCheckStanding.model_validate(found)


@router.post(
    "/cases/{case_id}/initial-check",
    status_code=201,
    response_model=schemas.InitialCheckRead,
    responses=refusals(400, 401, 403, 404, 409, 422),
)
def record_initial_check(
    *,
    case_id: CaseId,
    body: schemas.InitialCheckCreate,
    once: OnceOnly,
    caller: Annotated[Subject, Depends(permitted(Permission.INITIAL_CHECK_RECORD))],
) -> JSONResponse:
    """Record the initial check of your case: once, and whatever it found the verification goes on.

    Whoever reported themselves is checked within the days of `reception.initial_check`; on other
    routes it can be recorded, and nobody waits for it.
    """

    def act(session: Session, now: datetime) -> Answer:
        made = domain.record_check(
            session,
            case_id=case_id,
            subject=caller,
            facts=domain.CheckFacts(**body.model_dump()),
            now=now,
        )
        read = schemas.InitialCheckRead.model_validate(made)
        where = {"Location": f"{BASE}/{case_id}/initial-check"}
        return Answer(201, read.model_dump(mode="json"), where)

    return once.answer(act)
