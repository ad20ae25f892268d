"""Where a person is kept safe, told by whoever protects them."""

from datetime import datetime
from typing import Annotated

from fastapi import Depends
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from services.intake import domain, schemas
from services.intake.api.edge import BASE, CaseId, Keys
from shared.access import Permission
from shared.access.asking import permitted
from shared.kit.http import OnceOnly
from shared.kit.idempotency import Answer
from shared.kit.problems import refusals
from shared.kit.routing import Router
from shared.kit.subjects import Subject

router = Router(tags=["files"])

Protector = Annotated[Subject, Depends(permitted(Permission.REFUGE_RECORD))]
CHANGING = refusals(400, 401, 403, 404, 409, 422)


@router.post(
    "/cases/{case_id}/refuges",
    status_code=201,
    response_model=schemas.RefugeRead,
    responses=CHANGING,
)
def record_refuge(
    *,
    case_id: CaseId,
    body: schemas.RefugeCreate,
    once: OnceOnly,
    caller: Protector,
    keys: Keys,
) -> JSONResponse:
    """Record where the person is kept safe from now on; where they were before is destroyed.

    For whoever has the part of protecting in the case today. It is read where the file is opened
    for `protection` or `shelter`, and nowhere else.
    """

    def act(session: Session, now: datetime) -> Answer:
        made = domain.record_refuge(
            session, keys=keys, case_id=case_id, subject=caller, place=body.place, now=now
        )
        return _answer(made)

    return once.answer(act)


@router.post(
    "/cases/{case_id}/refuges/endings",
    status_code=201,
    response_model=schemas.RefugeRead,
    responses=CHANGING,
)
def end_refuge(*, case_id: CaseId, once: OnceOnly, caller: Protector) -> JSONResponse:
    """Record that the person is there no more: the place is destroyed."""

    def act(session: Session, now: datetime) -> Answer:
        return _answer(domain.end_refuge(session, case_id=case_id, subject=caller, now=now))

    return once.answer(act)


def _answer(made: object) -> Answer:
    """What was recorded; it is read by opening the file."""
    told = schemas.RefugeRead.model_validate(made)
    where = {"Location": f"{BASE}/{told.case_id}/disclosures"}
    return Answer(201, told.model_dump(mode="json"), where)
