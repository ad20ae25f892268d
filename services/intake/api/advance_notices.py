"""Handovers over HTTP: announced, put on another day, cancelled, and met by those who come."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Path, Query, Response
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from services.intake import domain, policy, schemas
from services.intake.errors import InvalidRequest
from services.intake.policy import ANNOUNCED, MOST_EXPECTED
from shared.access import Permission
from shared.access.asking import permitted
from shared.contracts.vocabulary import ExpectedStatus
from shared.kit.clock import local_date
from shared.kit.conditional import etag, expected_versions
from shared.kit.http import NotedRead, Now, OnceOnly
from shared.kit.idempotency import Answer
from shared.kit.pages import PageParams
from shared.kit.problems import refusals
from shared.kit.routing import Router
from shared.kit.shapes import Count, Id
from shared.kit.subjects import Subject
from shared.kit.versions import Versions

router = Router(tags=["advance-notices"])

NOTICES = "/intake/v1/advance-notices"
NoticeId = Annotated[Id, Path(description="The id of the notice.")]
Number = Annotated[Count, Path(ge=1, le=MOST_EXPECTED, description="The number of the person.")]
Reader = Annotated[Subject, Depends(permitted(Permission.ADVANCE_NOTICE_READ))]
Changer = Annotated[Subject, Depends(permitted(Permission.ADVANCE_NOTICE_CHANGE))]
Expected = Annotated[Versions, Depends(expected_versions)]
SETTLING = refusals(400, 401, 403, 404, 409, 422)
CHANGING = refusals(400, 401, 403, 404, 409, 412, 422, 428)


@router.post(
    "/advance-notices",
    status_code=201,
    response_model=schemas.AdvanceNoticeRead,
    responses=refusals(400, 401, 403, 409, 422),
)
def give_notice(
    *, body: schemas.AdvanceNoticeCreate, once: OnceOnly, caller: Changer
) -> JSONResponse:
    """Announce a handover: how many people come, what a house prepares for each, when and where.

    Whoever owns cases there is told, and the nearest facility holds a place for each. On the day
    each is submitted as a case that names the notice and the number (`advance_notice`).
    """

    def act(session: Session, now: datetime) -> Answer:
        facts = _facts(body, now)
        return _answer(
            session, domain.give_notice(session, facts, subject=caller, now=now), caller, now
        )

    return once.answer(act)


def _facts(body: schemas.AdvanceNoticeCreate, now: datetime) -> domain.NoticeFacts:
    faults = []
    if body.route not in ANNOUNCED:
        faults.append(("/route", policy.Rule.ROUTE_NOT_ANNOUNCED))
    if (rule := policy.unit_fault(body.unit_code, local_date(now))) is not None:
        faults.append(("/unit_code", rule))
    if faults:
        errors = [{"in": "body", "pointer": at, "rule": rule} for at, rule in faults]
        raise InvalidRequest(errors=errors)
    people = [each.expected() for each in body.people]
    return domain.NoticeFacts(body.route, body.expected_on, body.unit_code, people)


@router.get("/advance-notices", responses=refusals(401, 403, 422))
def list_notices(
    *,
    read: NotedRead,
    caller: Reader,
    page: PageParams,
    now: Now,
    is_open: Annotated[bool, Query(description="Only those that expect somebody.")] = False,
) -> schemas.AdvanceNoticeList:
    """List the notices that you gave, and as case owner those of your place, newest first."""
    found = domain.find_notices(
        read.session, subject=caller, now=now, is_open=is_open, after=page.after, size=page.reach
    )
    shown = page.of(found)
    read.lists(shown.rows)
    views = domain.show_notices(read.session, shown.rows, subject=caller, now=now)
    items = [schemas.AdvanceNoticeSummary.model_validate(_summary(each)) for each in views]
    return schemas.AdvanceNoticeList(items=items, next_cursor=shown.next_cursor)


@router.get("/advance-notices/{notice_id}", responses=refusals(401, 403, 404, 422))
def read_notice(
    *, notice_id: NoticeId, read: NotedRead, caller: Reader, now: Now, response: Response
) -> schemas.AdvanceNoticeRead:
    """Read a notice: who is expected, who was received as which case, and who did not come."""
    found = domain.find_notice(read.session, notice_id, subject=caller, now=now)
    read.shows(notice_id)
    response.headers["ETag"] = etag(found.version)
    (view,) = domain.show_notices(read.session, [found], subject=caller, now=now)
    return _read(view)


@router.post(
    "/advance-notices/{notice_id}/day",
    status_code=201,
    response_model=schemas.AdvanceNoticeRead,
    responses=CHANGING,
)
def change_day(
    *,
    notice_id: NoticeId,
    body: schemas.NoticeDayChange,
    once: OnceOnly,
    caller: Changer,
    version: Expected,
) -> JSONResponse:
    """Put the handover on another day, as the notice was read (`If-Match`)."""

    def act(session: Session, now: datetime) -> Answer:
        made = domain.change_day(
            session,
            notice_id,
            body.expected_on,
            subject=caller,
            expected_version=version,
            now=now,
        )
        return _answer(session, made, caller, now)

    return once.answer(act)


@router.post(
    "/advance-notices/{notice_id}/cancellation",
    status_code=201,
    response_model=schemas.AdvanceNoticeRead,
    responses=CHANGING,
)
def cancel_notice(
    *,
    notice_id: NoticeId,
    body: schemas.NoticeCancel,
    once: OnceOnly,
    caller: Changer,
    version: Expected,
) -> JSONResponse:
    """Say that the handover does not take place; whoever was received stays received."""

    def act(session: Session, now: datetime) -> Answer:
        made = domain.cancel_notice(
            session, notice_id, body.reason, subject=caller, expected_version=version, now=now
        )
        return _answer(session, made, caller, now)

    return once.answer(act)


@router.post(
    "/advance-notices/{notice_id}/people/{number}/reception",
    status_code=201,
    response_model=schemas.AdvanceNoticeRead,
    responses=SETTLING,
)
def receive_person(
    *,
    notice_id: NoticeId,
    number: Number,
    body: schemas.NoticeReception,
    once: OnceOnly,
    caller: Changer,
) -> JSONResponse:
    """Say that a case which was submitted already is this person."""

    def act(session: Session, now: datetime) -> Answer:
        met = domain.NoticeMet(notice_id, number, caller)
        made = domain.receive_by_hand(session, met, body.case_id, now=now)
        return _answer(session, made, caller, now)

    return once.answer(act)


@router.post(
    "/advance-notices/{notice_id}/people/{number}/absence",
    status_code=201,
    response_model=schemas.AdvanceNoticeRead,
    responses=SETTLING,
)
def miss_person(
    *,
    notice_id: NoticeId,
    number: Number,
    body: schemas.NoticeAbsence,
    once: OnceOnly,
    caller: Changer,
) -> JSONResponse:
    """Say that this person did not come, and why; whoever comes later is received all the same."""

    def act(session: Session, now: datetime) -> Answer:
        met = domain.NoticeMet(notice_id, number, caller)
        return _answer(session, domain.miss(session, met, body.reason, now=now), caller, now)

    return once.answer(act)


def _answer(session: Session, made: object, caller: Subject, now: datetime) -> Answer:
    (view,) = domain.show_notices(session, [made], subject=caller, now=now)  # type: ignore[list-item]
    read = _read(view)
    headers = {"Location": f"{NOTICES}/{read.id}", "ETag": etag(read.version)}
    return Answer(201, read.model_dump(mode="json"), headers)


def _summary(view: domain.NoticeView) -> dict[str, object]:
    counted = {str(each): view.count(each) for each in ExpectedStatus}
    names = schemas.AdvanceNoticeSummary.model_fields.keys() - counted.keys()
    return {name: getattr(view.notice, name) for name in names} | counted


def _read(view: domain.NoticeView) -> schemas.AdvanceNoticeRead:
    people = [_person(each, view.codes) for each in view.people]
    return schemas.AdvanceNoticeRead.model_validate({**_summary(view), "people": people})


def _person(person: object, codes: dict[UUID, str]) -> dict[str, object]:
    """Of the case nothing but to whoever may read it."""
    names = schemas.ExpectedPersonRead.model_fields.keys() - {"case_code"}
    said = {name: getattr(person, name) for name in names}
    became: UUID | None = said["case_id"]
    code = codes.get(became) if became else None
    return {**said, "case_id": became if code else None, "case_code": code}
