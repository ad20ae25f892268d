"""Routes of stays in a facility: announced, recorded by the facility, counted, ended."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Path, Query, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from services.livelihood_support import domain, schemas
from services.livelihood_support.policy import Announcement, StayFacts
from shared.access import Permission
from shared.access.asking import permitted
from shared.contracts.vocabulary import StayStatus
from shared.kit.conditional import etag, expected_versions
from shared.kit.http import NotedRead, Now, OnceOnly, place_of
from shared.kit.idempotency import Answer
from shared.kit.pages import PageParams
from shared.kit.problems import refusals
from shared.kit.routing import Router
from shared.kit.shapes import Id
from shared.kit.subjects import Subject
from shared.kit.versions import Versions

router = Router(tags=["stays"])

StayId = Annotated[Id, Path(description="The id of the stay.")]
_OF_THE_CASE = ("age_band", "sex", "languages", "needs_interpreter")


def _read(shown: domain.ShownStay) -> schemas.StayRead:
    clock, case_file = shown.clock, shown.case_file
    kept = {
        name: getattr(shown.stay, name)
        for name in schemas.StayRead.model_fields
        if hasattr(shown.stay, name)
    }
    facts = {
        **kept,
        **{name: getattr(case_file, name) for name in _OF_THE_CASE},
        "case_code": case_file.code,
        "days": shown.days,
        "last_day": shown.last_day,
        "due_at": clock.due_at if clock and clock.ended_at is None else None,
        "due_rule": clock.period if clock else None,
        "due_why": clock.end if clock else None,
        "can": shown.can,
    }
    return schemas.StayRead.model_validate(facts)


def _shown(
    session: Session, rows: Sequence[Any], *, caller: Subject, now: datetime
) -> list[schemas.StayRead]:
    return [_read(each) for each in domain.show_stays(session, rows, subject=caller, now=now)]


@router.post(
    "/cases/{case_id}/stays",
    status_code=201,
    response_model=schemas.StayRead,
    responses=refusals(400, 401, 403, 404, 409, 422),
)
def announce_stay(
    *,
    case_id: Annotated[Id, Path(description="The id of the case.")],
    body: schemas.StayCreate,
    once: OnceOnly,
    caller: Annotated[Subject, Depends(permitted(Permission.STAY_ANNOUNCE))],
    request: Request,
) -> JSONResponse:
    """Announce the person of a case to a facility; nobody has to be identified for it.

    It goes to the facility that is named, or to the nearest. Somebody is expected, or stays, in one
    facility at a time. Who the person is the facility reads in the file, once it has its part in
    the case.
    """

    def act(session: Session, now: datetime) -> Answer:
        made = domain.announce_stay(
            session,
            case_id=case_id,
            announcement=Announcement(body.expected_on, body.facility_id),
            subject=caller,
            now=now,
        )
        (told,) = _shown(session, [made], caller=caller, now=now)
        place = {"Location": place_of(request), "ETag": etag(told.version)}
        return Answer(201, told.model_dump(mode="json"), place)

    return once.answer(act)


@router.get("/stays", responses=refusals(401, 403, 422))
def list_stays(
    *,
    read: NotedRead,
    caller: Annotated[Subject, Depends(permitted(Permission.STAY_READ))],
    now: Now,
    page: PageParams,
    status: Annotated[StayStatus | None, Query(description="Only stays in this status.")] = None,
    is_open: Annotated[
        bool, Query(description="Only stays of people who are expected, or there.")
    ] = False,
    case_id: Annotated[Id | None, Query(description="Only the stays of this case.")] = None,
) -> schemas.StayList:
    """List the stays in your facility, or of your cases, in the order of their announcement."""
    found = domain.find_stays(
        read.session,
        subject=caller,
        now=now,
        wanted=domain.StaysWanted(status, case_id, is_open),
        after=page.after,
        size=page.reach,
    )
    shown = page.of(found)
    read.lists(shown.rows, of=case_id)
    items = _shown(read.session, shown.rows, caller=caller, now=now)
    return schemas.StayList(items=items, next_cursor=shown.next_cursor)


@router.get("/stays/{stay_id}", responses=refusals(401, 403, 404, 422))
def read_stay(
    stay_id: StayId,
    read: NotedRead,
    caller: Annotated[Subject, Depends(permitted(Permission.STAY_READ))],
    now: Now,
    response: Response,
) -> schemas.StayRead:
    """Read a stay; its ETag is what a move sends back as If-Match."""
    found = domain.find_stay(read.session, stay_id=stay_id, subject=caller, now=now)
    read.shows(stay_id)
    response.headers["ETag"] = etag(found.version)
    (told,) = _shown(read.session, [found], caller=caller, now=now)
    return told


@router.post(
    "/stays/{stay_id}/moves",
    status_code=201,
    response_model=schemas.StayMoveRead,
    responses=refusals(400, 401, 403, 404, 409, 412, 422, 428),
)
def move_stay(
    *,
    stay_id: StayId,
    body: schemas.StayMoveCreate,
    once: OnceOnly,
    caller: Annotated[Subject, Depends(permitted(Permission.STAY_MOVE))],
    version: Annotated[Versions, Depends(expected_versions)],
    request: Request,
) -> JSONResponse:
    """Record what happens in a stay, or take an announcement back.

    The facility sends ``arrive``, ``decline``, ``provide``, ``extend`` (only where the law names
    who may prolong a stay), ``leave`` and ``entered_in_error``; whoever owns the case ``cancel``. A
    move that is not legal now is a 409 that names the legal ones.
    """

    def act(session: Session, now: datetime) -> Answer:
        moved = domain.move_stay(
            session,
            stay_id=stay_id,
            subject=caller,
            facts=StayFacts(**body.model_dump()),
            expected_version=version,
            now=now,
        )
        made = schemas.StayMoveRead.model_validate(moved)
        place = {"Location": place_of(request), "ETag": etag(made.version)}
        return Answer(201, made.model_dump(mode="json"), place)

    return once.answer(act)


@router.get("/stays/{stay_id}/moves", responses=refusals(401, 403, 404, 422))
def list_stay_moves(
    *,
    stay_id: StayId,
    read: NotedRead,
    caller: Annotated[Subject, Depends(permitted(Permission.STAY_READ))],
    now: Now,
    page: PageParams,
) -> schemas.StayMoveList:
    """List the moves of a stay, oldest first."""
    found = domain.find_stay_moves(
        read.session, stay_id=stay_id, subject=caller, now=now, after=page.after, size=page.reach
    )
    shown = page.of(found)
    read.shows(stay_id)
    items = [schemas.StayMoveRead.model_validate(each) for each in shown.rows]
    return schemas.StayMoveList(items=items, next_cursor=shown.next_cursor)
