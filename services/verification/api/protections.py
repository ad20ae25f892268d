"""Routes of protection: asked for in a case, decided, reviewed, ended."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Path, Query, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from services.verification import domain, schemas
from services.verification.domain import Shown, Wanted
from services.verification.policy import ProtectionFacts, ProtectionStatus
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

router = Router(tags=["protections"])

ProtectionId = Annotated[Id, Path(description="The id of the request for protection.")]


def _read(shown: Shown) -> schemas.ProtectionRead:
    clock = shown.clock
    facts = {
        **{
            name: getattr(shown.protection, name)
            for name in schemas.ProtectionRead.model_fields
            if hasattr(shown.protection, name)
        },
        "case_code": shown.case_code,
        "due_at": clock.due_at,
        "due_rule": clock.period,
        "due_why": clock.end,
        "can": shown.can,
    }
    return schemas.ProtectionRead.model_validate(facts)


@router.post(
    "/cases/{case_id}/protections",
    status_code=201,
    response_model=schemas.ProtectionRead,
    responses=refusals(400, 401, 403, 404, 409, 422),
)
def request_protection(
    *,
    case_id: Annotated[Id, Path(description="The id of the case.")],
    body: schemas.ProtectionCreate,
    once: OnceOnly,
    caller: Annotated[Subject, Depends(permitted(Permission.PROTECTION_REQUEST))],
    request: Request,
) -> JSONResponse:
    """Ask that the person of a case be protected, whoever they are before the law yet.

    It goes to whoever protects where the case is. One request at a time is decided.
    """

    def act(session: Session, now: datetime) -> Answer:
        made = domain.request_protection(
            session,
            case_id=case_id,
            subject=caller,
            request=domain.Request(body.for_whom, body.measures),
            actor=caller.actor,
            now=now,
        )
        (shown,) = domain.show_protections(session, [made], subject=caller, now=now)
        place = {"Location": place_of(request), "ETag": etag(made.version)}
        return Answer(201, _read(shown).model_dump(mode="json"), place)

    return once.answer(act)


@router.get("/protections", responses=refusals(401, 403, 422))
def list_protections(
    *,
    read: NotedRead,
    caller: Annotated[Subject, Depends(permitted(Permission.PROTECTION_READ))],
    now: Now,
    page: PageParams,
    status: Annotated[
        ProtectionStatus | None, Query(description="Only requests in this status.")
    ] = None,
    is_open: Annotated[
        bool, Query(description="Only requests that are awaited or granted.")
    ] = False,
    case_id: Annotated[Id | None, Query(description="Only the requests in this case.")] = None,
) -> schemas.ProtectionList:
    """List the requests for protection that you made, decide about, or whose cases you own."""
    found = domain.find_protections(
        read.session,
        subject=caller,
        now=now,
        wanted=Wanted(status, case_id, is_open),
        after=page.after,
        size=page.reach,
    )
    shown = page.of(found)
    read.lists(shown.rows, of=case_id)
    items = _shown(read.session, shown.rows, caller=caller, now=now)
    return schemas.ProtectionList(items=items, next_cursor=shown.next_cursor)


def _shown(
    session: Session, rows: Sequence[Any], *, caller: Subject, now: datetime
) -> list[schemas.ProtectionRead]:
    found = domain.show_protections(session, rows, subject=caller, now=now)
    return [_read(each) for each in found]


@router.get("/protections/{protection_id}", responses=refusals(401, 403, 404, 422))
def read_protection(
    protection_id: ProtectionId,
    read: NotedRead,
    caller: Annotated[Subject, Depends(permitted(Permission.PROTECTION_READ))],
    now: Now,
    response: Response,
) -> schemas.ProtectionRead:
    """Read a request for protection; its ETag is what a move sends back as If-Match."""
    found = domain.find_protection(
        read.session, protection_id=protection_id, subject=caller, now=now
    )
    read.shows(protection_id)
    response.headers["ETag"] = etag(found.version)
    (shown,) = _shown(read.session, [found], caller=caller, now=now)
    return shown


@router.post(
    "/protections/{protection_id}/moves",
    status_code=201,
    response_model=schemas.ProtectionMoveRead,
    responses=refusals(400, 401, 403, 404, 409, 412, 422, 428),
)
def move_protection(
    *,
    protection_id: ProtectionId,
    body: schemas.ProtectionMoveCreate,
    once: OnceOnly,
    caller: Annotated[Subject, Depends(permitted(Permission.PROTECTION_MOVE))],
    version: Annotated[Versions, Depends(expected_versions)],
    request: Request,
) -> JSONResponse:
    """Decide about protection, review it, end it, or give it to a protector.

    Its protector sends ``grant``, ``refuse``, ``decline`` (the person has declined in writing),
    ``review`` and ``end``; a case owner sends ``assign``. A move that is not legal now is a 409
    that names the legal ones.
    """

    def act(session: Session, now: datetime) -> Answer:
        moved = domain.move_protection(
            session,
            protection_id=protection_id,
            subject=caller,
            facts=ProtectionFacts(**body.model_dump()),
            expected_version=version,
            actor=caller.actor,
            now=now,
        )
        made = schemas.ProtectionMoveRead.model_validate(moved)
        place = {"Location": place_of(request), "ETag": etag(made.version)}
        return Answer(201, made.model_dump(mode="json"), place)

    return once.answer(act)


@router.get("/protections/{protection_id}/moves", responses=refusals(401, 403, 404, 422))
def list_protection_moves(
    *,
    protection_id: ProtectionId,
    read: NotedRead,
    caller: Annotated[Subject, Depends(permitted(Permission.PROTECTION_READ))],
    now: Now,
    page: PageParams,
) -> schemas.ProtectionMoveList:
    """List the moves of a request for protection, oldest first."""
    found = domain.find_protection_moves(
        read.session,
        protection_id=protection_id,
        subject=caller,
        now=now,
        after=page.after,
        size=page.reach,
    )
    shown = page.of(found)
    read.shows(protection_id)
    items = [schemas.ProtectionMoveRead.model_validate(each) for each in shown.rows]
    return schemas.ProtectionMoveList(items=items, next_cursor=shown.next_cursor)
