"""What a person needs that cannot wait: read and ended by whoever received, shelters or owns."""

from datetime import datetime
from typing import Annotated

from fastapi import Depends, Path
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from services.intake import domain, schemas
from services.intake.api.edge import BASE, CaseId, Keys
from services.intake.policy import Need
from shared.access import Permission
from shared.access.asking import permitted
from shared.kit.http import NotedRead, Now, OnceOnly
from shared.kit.idempotency import Answer
from shared.kit.problems import refusals
from shared.kit.routing import Router
from shared.kit.subjects import Subject

router = Router(tags=["cases"])

NeedCode = Annotated[Need, Path(description="The need, as it was stated.")]


@router.get("/cases/{case_id}/immediate-needs", responses=refusals(401, 403, 404, 422))
def read_immediate_needs(
    *,
    case_id: CaseId,
    read: NotedRead,
    caller: Annotated[Subject, Depends(permitted(Permission.IMMEDIATE_NEED_READ))],
    keys: Keys,
    now: Now,
) -> schemas.ImmediateNeeds:
    """Read what could not wait when the person was received, and when each of it was met.

    For whoever received the person, the facility that shelters them, and case owners. Who saw to a
    need is shown to case owners alone.
    """
    found = domain.find_needs(read.session, keys=keys, case_id=case_id, subject=caller, now=now)
    read.shows(case_id)
    return schemas.ImmediateNeeds.model_validate(found)


@router.post(
    "/cases/{case_id}/immediate-needs/{need}/ends",
    status_code=201,
    response_model=schemas.NeedEndRead,
    responses=refusals(400, 401, 403, 404, 409, 422),
)
def end_immediate_need(
    *,
    case_id: CaseId,
    need: NeedCode,
    body: schemas.NeedEndCreate,
    once: OnceOnly,
    caller: Annotated[Subject, Depends(permitted(Permission.URGENCY_SETTLE))],
    keys: Keys,
) -> JSONResponse:
    """Say that a need was met, or is not wanted any more, and on which day: once for each.

    With the last of them the alert of the case ends.
    """

    def act(session: Session, now: datetime) -> Answer:
        facts = domain.EndFacts(need, body.outcome, body.ended_on)
        made = domain.end_need(
            session, keys=keys, case_id=case_id, subject=caller, facts=facts, now=now
        )
        read = schemas.NeedEndRead.model_validate(made)
        where = {"Location": f"{BASE}/{case_id}/immediate-needs"}
        return Answer(201, read.model_dump(mode="json"), where)

    return once.answer(act)
