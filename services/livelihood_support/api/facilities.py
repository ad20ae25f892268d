"""Routes of what facilities have ready."""

from datetime import datetime
from typing import Annotated

from fastapi import Depends, Path, Request
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from services.livelihood_support import domain, schemas
from services.livelihood_support.policy import SheetFacts
from shared.access import Permission
from shared.access.asking import permitted
from shared.kit.http import Now, OnceOnly, ReadSession, place_of
from shared.kit.idempotency import Answer
from shared.kit.problems import refusals
from shared.kit.routing import Router
from shared.kit.shapes import Id
from shared.kit.subjects import Subject

router = Router(tags=["facilities"])


@router.get("/facilities", responses=refusals(401, 403, 422))
def list_facilities(
    session: ReadSession,
    caller: Annotated[Subject, Depends(permitted(Permission.FACILITY_READ))],
    now: Now,
) -> schemas.ReadinessList:
    """List what the facilities have ready, how many people stay and are expected, what is lacking.

    A facility reads its own; whoever owns cases all that take people in today.
    """
    found = domain.find_readiness(session, subject=caller, now=now)
    return schemas.ReadinessList(items=[schemas.ReadinessRead.model_validate(it) for it in found])


@router.post(
    "/readiness-sheets",
    status_code=201,
    response_model=schemas.ReadinessSheetRead,
    responses=refusals(400, 401, 403, 409, 422),
)
def write_sheet(
    *,
    body: schemas.ReadinessSheetCreate,
    once: OnceOnly,
    caller: Annotated[Subject, Depends(permitted(Permission.FACILITY_TELL))],
    request: Request,
) -> JSONResponse:
    """Tell what your facility has from a day on: rooms, places, staff, interpreters, equipment.

    It counts from that day on; somebody else of your facility attests it. What was told before
    stays to be read by auditors, and nobody who stays is turned out by it.
    """

    def act(session: Session, now: datetime) -> Answer:
        facts = SheetFacts(**body.model_dump())
        made = domain.write_sheet(session, facts, subject=caller, now=now)
        told = schemas.ReadinessSheetRead.model_validate(made)
        return Answer(201, told.model_dump(mode="json"), {"Location": place_of(request)})

    return once.answer(act)


@router.post(
    "/readiness-sheets/{sheet_id}/attestation",
    status_code=201,
    response_model=schemas.AttestationRead,
    responses=refusals(400, 401, 403, 404, 409, 422),
)
def attest_sheet(
    *,
    sheet_id: Annotated[Id, Path(description="The id of the sheet.")],
    once: OnceOnly,
    caller: Annotated[Subject, Depends(permitted(Permission.FACILITY_TELL))],
    request: Request,
) -> JSONResponse:
    """Say that a sheet of your facility is true. Whoever wrote it cannot attest it."""

    def act(session: Session, now: datetime) -> Answer:
        made = domain.attest_sheet(session, sheet_id, subject=caller, now=now)
        told = schemas.AttestationRead.model_validate(made)
        return Answer(201, told.model_dump(mode="json"), {"Location": place_of(request)})

    return once.answer(act)
