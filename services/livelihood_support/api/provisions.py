"""Routes about what was given to a person directly: recorded, read, and said to be wrong."""

from datetime import datetime
from typing import Annotated

from fastapi import Depends, Path, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from services.livelihood_support import domain, schemas
from shared.access import Permission
from shared.access.asking import permitted
from shared.kit.conditional import etag, expected_versions
from shared.kit.http import NotedRead, Now, OnceOnly, place_of
from shared.kit.idempotency import Answer
from shared.kit.pages import PageParams
from shared.kit.problems import refusals
from shared.kit.routing import Router
from shared.kit.shapes import Id
from shared.kit.subjects import Subject
from shared.kit.versions import Versions

router = Router(tags=["provisions"])

CaseId = Annotated[Id, Path(description="The id of the case.")]
ProvisionId = Annotated[Id, Path(description="The id of the record.")]


@router.post(
    "/cases/{case_id}/provisions",
    status_code=201,
    response_model=schemas.ProvisionRead,
    responses=refusals(400, 401, 403, 404, 409, 422),
)
def record_provision(
    *,
    case_id: CaseId,
    body: schemas.ProvisionCreate,
    once: OnceOnly,
    caller: Annotated[Subject, Depends(permitted(Permission.PROVISION_RECORD))],
    request: Request,
) -> JSONResponse:
    """Record what was given to a person directly; nobody has to be identified for it.

    The organisation that owns the case today records what anybody gave, and whoever received the
    person what it gave itself. Where the law has a ceiling the sum is asked for, and refused if
    more would be given: the answer names what may still be.
    """

    def act(session: Session, now: datetime) -> Answer:
        made = domain.record_provision(
            session, case_id=case_id, facts=_facts(body), subject=caller, now=now
        )
        told = schemas.ProvisionRead.model_validate(made)
        place = {"Location": f"{place_of(request)}/{told.id}", "ETag": etag(told.version)}
        return Answer(201, told.model_dump(mode="json"), place)

    return once.answer(act)


@router.get("/cases/{case_id}/provisions", responses=refusals(401, 403, 404, 422))
def list_provisions(
    case_id: CaseId,
    read: NotedRead,
    caller: Annotated[Subject, Depends(permitted(Permission.PROVISION_READ))],
    now: Now,
    page: PageParams,
) -> schemas.ProvisionList:
    """List what was given to a person, oldest record first, and what they have had in all.

    Whoever received the person reads what it recorded itself.
    """
    found = domain.find_provisions(
        read.session, case_id=case_id, subject=caller, now=now, after=page.after, size=page.reach
    )
    read.shows(case_id)
    shown = page.of(found)
    received = domain.received_of(read.session, case_id=case_id, subject=caller, now=now)
    return schemas.ProvisionList(
        items=[schemas.ProvisionRead.model_validate(each) for each in shown.rows],
        received=[schemas.ReceivedRead.model_validate(each) for each in received],
        may_change=domain.may_record(read.session, case_id, caller, now),
        next_cursor=shown.next_cursor,
    )


@router.get("/cases/{case_id}/provisions/{provision_id}", responses=refusals(401, 403, 404, 422))
def read_provision(
    *,
    case_id: CaseId,
    provision_id: ProvisionId,
    read: NotedRead,
    caller: Annotated[Subject, Depends(permitted(Permission.PROVISION_READ))],
    now: Now,
    response: Response,
) -> schemas.ProvisionRead:
    """Read one record; its ETag is what a move sends back as If-Match."""
    found = domain.read_provision(
        read.session, case_id=case_id, provision_id=provision_id, subject=caller, now=now
    )
    read.shows(case_id)
    response.headers["ETag"] = etag(found.version)
    return schemas.ProvisionRead.model_validate(found)


@router.post(
    "/cases/{case_id}/provisions/{provision_id}/moves",
    status_code=201,
    response_model=schemas.ProvisionRead,
    responses=refusals(400, 401, 403, 404, 409, 412, 422, 428),
)
def correct_provision(
    *,
    case_id: CaseId,
    provision_id: ProvisionId,
    body: schemas.ProvisionMoveCreate,
    once: OnceOnly,
    caller: Annotated[Subject, Depends(permitted(Permission.PROVISION_RECORD))],
    version: Annotated[Versions, Depends(expected_versions)],
) -> JSONResponse:
    """Say that a record is wrong: it stays to be read, and counts no longer."""

    def act(session: Session, now: datetime) -> Answer:
        corrected = domain.correct_provision(
            session,
            case_id=case_id,
            provision_id=provision_id,
            reason=body.reason,
            expected_version=version,
            subject=caller,
            now=now,
        )
        told = schemas.ProvisionRead.model_validate(corrected)
        return Answer(201, told.model_dump(mode="json"), {"ETag": etag(told.version)})

    return once.answer(act)


def _facts(body: schemas.ProvisionCreate) -> domain.ProvisionFacts:
    return domain.ProvisionFacts(
        code=body.code,
        given_on=body.given_on,
        paper=domain.Paper(body.paper, body.paper_number, body.paper_on),
        vnd=body.vnd,
        days=body.days,
        organisation_id=body.organisation_id,
        referral_id=body.referral_id,
    )
