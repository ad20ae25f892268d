"""Routes about needs: what a person asks for is added, read and ended."""

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

router = Router(tags=["needs"])

CaseId = Annotated[Id, Path(description="The id of the case.")]
NeedId = Annotated[Id, Path(description="The id of the need.")]


@router.post(
    "/cases/{case_id}/needs",
    status_code=201,
    response_model=schemas.NeedRead,
    responses=refusals(400, 401, 403, 404, 409, 422),
)
def add_need(
    *,
    case_id: CaseId,
    body: schemas.NeedCreate,
    once: OnceOnly,
    caller: Annotated[Subject, Depends(permitted(Permission.NEED_CHANGE))],
    request: Request,
) -> JSONResponse:
    """Add a need of a person, for the first time or again; a place is sought at once.

    The person is identified, or their verification runs and the law grants the code meanwhile.

    Only the organisation that owns the case today adds one. Refused while the same code is sought
    already, and if it is not granted: the answer names the decision and the facts it hangs on.
    """

    def act(session: Session, now: datetime) -> Answer:
        added = domain.add_need(
            session,
            case_id=case_id,
            code=body.code,
            subject=caller,
            actor=caller.actor,
            now=now,
        )
        made = schemas.NeedRead.model_validate(added)
        place = {"Location": f"{place_of(request)}/{made.id}", "ETag": etag(made.version)}
        return Answer(201, made.model_dump(mode="json"), place)

    return once.answer(act)


@router.get("/cases/{case_id}/needs", responses=refusals(401, 403, 404, 422))
def list_needs(
    case_id: CaseId,
    read: NotedRead,
    caller: Annotated[Subject, Depends(permitted(Permission.NEED_READ))],
    now: Now,
    page: PageParams,
) -> schemas.NeedList:
    """List the needs of a case, oldest first, with those that have ended."""
    found = domain.find_needs(
        read.session, case_id=case_id, subject=caller, now=now, after=page.after, size=page.reach
    )
    shown = page.of(found)
    read.shows(case_id)
    items = [schemas.NeedRead.model_validate(each) for each in shown.rows]
    may_change = domain.may_change(read.session, case_id, caller, Permission.NEED_READ, now)
    return schemas.NeedList(
        items=items,
        may_change=may_change,
        granted=domain.granted_codes(read.session, case_id, now),
        next_cursor=shown.next_cursor,
    )


@router.get("/cases/{case_id}/needs/{need_id}", responses=refusals(401, 403, 404, 422))
def read_need(
    *,
    case_id: CaseId,
    need_id: NeedId,
    read: NotedRead,
    caller: Annotated[Subject, Depends(permitted(Permission.NEED_READ))],
    now: Now,
    response: Response,
) -> schemas.NeedRead:
    """Read a need; its ETag is what a move sends back as If-Match."""
    found = domain.read_need(
        read.session, case_id=case_id, need_id=need_id, subject=caller, now=now
    )
    read.shows(case_id)
    response.headers["ETag"] = etag(found.version)
    return schemas.NeedRead.model_validate(found)


@router.post(
    "/cases/{case_id}/needs/{need_id}/moves",
    status_code=201,
    response_model=schemas.NeedRead,
    responses=refusals(400, 401, 403, 404, 409, 412, 422, 428),
)
def move_need(
    *,
    case_id: CaseId,
    need_id: NeedId,
    body: schemas.NeedMoveCreate,
    once: OnceOnly,
    caller: Annotated[Subject, Depends(permitted(Permission.NEED_CHANGE))],
    version: Annotated[Versions, Depends(expected_versions)],
) -> JSONResponse:
    """End a need: its referral is cancelled, and whoever was told who it is about has to purge.

    Only the organisation that owns the case today ends one.
    """

    def act(session: Session, now: datetime) -> Answer:
        ended = domain.end_need(
            session,
            case_id=case_id,
            need_id=need_id,
            reason=body.reason,
            subject=caller,
            expected_version=version,
            actor=caller.actor,
            now=now,
        )
        made = schemas.NeedRead.model_validate(ended)
        return Answer(201, made.model_dump(mode="json"), {"ETag": etag(made.version)})

    return once.answer(act)
