"""Submitting a case, and following it."""

from typing import Annotated

from fastapi import Depends, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import ValidationError
from starlette.requests import ClientDisconnect

from services.intake import domain, schemas
from services.intake.api.edge import CaseId, Submitter, links, submitter
from services.intake.api.reception import submission
from services.intake.policy import CaseStatus
from shared.access import Permission
from shared.access.asking import permitted
from shared.contracts.vocabulary import PaperType, Route, Sex
from shared.kit import trace
from shared.kit.clock import local_date
from shared.kit.conditional import etag
from shared.kit.errors import DomainError
from shared.kit.http import Asked, NotedRead, Now, answered, asked_by, attempt_of, respond
from shared.kit.pages import PageParams
from shared.kit.problems import refusals
from shared.kit.routing import Router, StrictRequest, with_shortcut
from shared.kit.shapes import Day, Id
from shared.kit.subjects import Subject

router = Router(tags=["cases"])

JSON = ["application/json"]


async def submit_plainly(request: StrictRequest) -> JSONResponse | None:
    """Submit a case as agencies' systems send it; anything else is the framework's."""
    try:
        await request.body()
    except ClientDisconnect:
        return None
    if request.headers.getlist("content-type") != JSON:
        return None
    try:
        caller = await submitter(request)
        asked = await asked_by(request, caller, await attempt_of(request, caller))
        body = schemas.CaseCreate.model_validate(await request.json())
    except (DomainError, ValidationError):
        return None
    return await submit(request, body, asked, caller)


async def submit(
    request: Request,
    body: schemas.CaseCreate,
    asked: Asked,
    caller: Subject,
    draft: domain.DraftSent | None = None,
) -> JSONResponse:
    """Hand a submission to the desk, and answer after its commit."""
    state = request.app.state
    submitted = submission(
        asked,
        body,
        caller,
        keys=state.master_keys,
        clock=state.edge.clock,
        traceparent=trace.step_of(request.headers.get("traceparent")),
        draft=draft,
    )
    return respond(await answered(request, state.desk.submit(submitted)))


@router.post(
    "/cases",
    status_code=201,
    response_model=schemas.CaseReceipt,
    responses=refusals(400, 401, 403, 409, 413, 422, 503),
)
@with_shortcut(submit_plainly)
async def submit_case(
    *,
    body: schemas.CaseCreate,
    asked: Annotated[Asked, Depends(asked_by)],
    caller: Submitter,
    request: Request,
) -> JSONResponse:
    """Submit a case. An answer with 201 means that it is stored and will be verified.

    The routes SELF_REPORT and SELF_REPORT_BORDER need a DECLARATION among the papers;
    BILATERAL_HANDOVER needs a HANDOVER_RECORD, MISSION_ABROAD needs the country of exploitation,
    and RESCUED needs none of these. A person under 18 needs a representative and a note on what is
    best for them. Unlikely numbers are stored and named in ``warnings``.

    A unit's code is read as of today, or of the day you tell with it. One of the city that means
    nothing on its day is refused as `unit-not-in-force`: each of its ``errors`` has ``successors``
    with ``code``, ``name`` and ``valid_from``; where ``asks`` is true, ask the person in which of
    them they live. For an address of before the reform of July 2025, tell its day.
    """
    return await submit(request, body, asked, caller)


@router.get("/cases", responses=refusals(401, 403, 422))
def list_cases(
    *,
    read: NotedRead,
    caller: Annotated[Subject, Depends(permitted(Permission.CASE_READ))],
    page: PageParams,
    now: Now,
    status: Annotated[CaseStatus | None, Query(description="Only cases in this status.")] = None,
    route: Annotated[Route | None, Query(description="Only cases of this route.")] = None,
    code: Annotated[
        str | None, Query(max_length=40, description="Only the case of this code.")
    ] = None,
    unit: Annotated[
        schemas.UnitCode | None,
        Query(description="Only cases whose commune this is today, by the state's list."),
    ] = None,
    responsible_id: Annotated[
        Id | None, Query(description="Only cases that were handed to this organisation.")
    ] = None,
    officer_id: Annotated[
        Id | None, Query(description="Only cases in which this staff account is named.")
    ] = None,
    since: Annotated[
        Day | None, Query(description="Only cases that were stored on this day or later.")
    ] = None,
    receiver_id: Annotated[
        Id | None, Query(description="Only cases that this organisation submitted.")
    ] = None,
) -> schemas.CaseList:
    """List cases, newest first: those you submitted, and as case owner those of your areas.

    New is what was stored last, so that a case which comes in late is seen at the top.

    ``code`` is read as people dictate it; a mistyped one is refused instead of finding nothing.
    """
    found = domain.find_cases(
        read.session,
        subject=caller,
        wanted=domain.Wanted(
            status, route, code, unit, responsible_id, officer_id, since, receiver_id
        ),
        on=local_date(now),
        after=page.after,
        size=page.reach,
    )
    shown = page.of(found)
    read.lists(shown.rows, of=shown.rows[0].id if code and shown.rows else None)
    items = [schemas.CaseSummary.model_validate(each) for each in shown.rows]
    return schemas.CaseList(items=items, next_cursor=shown.next_cursor)


@router.get(
    "/cases/{case_id}",
    responses={304: {"description": "Not changed."}, **refusals(401, 403, 404, 422)},
)
def read_case(
    case_id: CaseId,
    read: NotedRead,
    caller: Annotated[Subject, Depends(permitted(Permission.CASE_READ))],
    response: Response,
    now: Now,
) -> schemas.CaseRead:
    """Read a case: codes only, no identity.

    A request with If-None-Match is answered with 304 while the case has not changed.
    """
    view = domain.find_case(read.session, case_id=case_id, subject=caller, on=local_date(now))
    read.shows(case_id)
    response.headers["ETag"] = etag(view.case.version)
    return _read(view)


def _read(view: domain.CaseView) -> schemas.CaseRead:
    summary = schemas.CaseSummary.model_validate(view.case)
    return schemas.CaseRead(
        **summary.model_dump(),
        languages=view.case.languages,
        needs_interpreter=view.case.needs_interpreter,
        asked_staff_sex=view.case.asked_staff_sex and Sex(view.case.asked_staff_sex),
        papers=list(map(PaperType, view.papers)),
        consents=[schemas.ConsentRead.model_validate(each) for each in view.consents],
        accompanies=view.accompanies and schemas.Companion.model_validate(view.accompanies),
        accompanied_by=[schemas.Companion.model_validate(each) for each in view.accompanied_by],
        links=links(view.case.id),
    )


@router.get("/cases/{case_id}/journey", responses=refusals(401, 403, 404, 422))
def read_journey(
    case_id: CaseId,
    read: NotedRead,
    caller: Annotated[Subject, Depends(permitted(Permission.CASE_READ))],
    now: Now,
) -> schemas.Journey:
    """Read what happened to a case so far, oldest first, and whose turn it is now.

    Of a referral, the organisation that submitted the case learns which kind of need it is for and
    how it goes; which service, of which organisation, is shown to case owners of its place.
    """
    steps = domain.find_journey(read.session, case_id=case_id, subject=caller, on=local_date(now))
    read.shows(case_id)
    shown = [schemas.StepRead.model_validate(each) for each in steps]
    turn = domain.find_turn(read.session, case_id=case_id, subject=caller, now=now)
    return schemas.Journey(case_id=case_id, steps=shown, turn=schemas.TurnRead.model_validate(turn))
