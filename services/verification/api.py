"""Routes: parse, ask the domain, serialise."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Path, Query, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from services.verification import domain, schemas
from services.verification.policy import MoveFacts, VerificationStatus
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
from shared.law import End

router = Router(tags=["verifications"])


VerificationId = Annotated[Id, Path(description="The id of the verification.")]


def _shown(
    session: Session, found: Sequence[Any], *, caller: Subject, now: datetime
) -> list[schemas.VerificationRead]:
    """Verifications with their dates, the rules behind them, and what may be done with them."""
    ends = domain.find_ends(session, found)
    grounds = domain.find_grounds(session, found)
    can = domain.find_possible_moves(session, found, subject=caller, now=now)
    return [_read(it, ends[it.id], can=can[it.id], **vars(grounds[it.id])) for it in found]


def _read(found: Any, end: End | None, **facts: Any) -> schemas.VerificationRead:
    kept = {
        name: getattr(found, name)
        for name in schemas.VerificationRead.model_fields
        if hasattr(found, name)
    }
    rules = {
        "due_on": end.last_day if end else None,
        "due_rule": domain.decision_period(found),
        "due_why": end,
        "complaint": domain.complaint_window(found),
        **facts,
    }
    return schemas.VerificationRead.model_validate({**kept, **rules})


@router.get("/verifications", responses=refusals(401, 403, 422))
def list_verifications(
    *,
    read: NotedRead,
    caller: Annotated[Subject, Depends(permitted(Permission.VERIFICATION_READ))],
    now: Now,
    page: PageParams,
    status: Annotated[
        VerificationStatus | None, Query(description="Only verifications in this status.")
    ] = None,
    is_open: Annotated[
        bool, Query(description="Only verifications that are not concluded.")
    ] = False,
    case_id: Annotated[Id | None, Query(description="Only the verification of this case.")] = None,
) -> schemas.VerificationList:
    """List verifications: a case owner those of its areas, a verifier those it is asked to decide.

    ``status=opened`` lists those for which no authority was found yet.
    """
    session = read.session
    found = domain.find_verifications(
        session,
        subject=caller,
        now=now,
        status=status,
        case_id=case_id,
        is_open=is_open,
        after=page.after,
        size=page.reach,
    )
    shown = page.of(found)
    read.lists(shown.rows, of=case_id)
    items = _shown(session, shown.rows, caller=caller, now=now)
    return schemas.VerificationList(items=items, next_cursor=shown.next_cursor)


@router.get("/verifications/{verification_id}", responses=refusals(401, 403, 404, 422))
def read_verification(
    verification_id: VerificationId,
    read: NotedRead,
    caller: Annotated[Subject, Depends(permitted(Permission.VERIFICATION_READ))],
    now: Now,
    response: Response,
) -> schemas.VerificationRead:
    """Read a verification; its ETag is what a move sends back as If-Match."""
    session = read.session
    found = domain.find_verification(
        session, verification_id=verification_id, subject=caller, now=now
    )
    read.shows(verification_id)
    response.headers["ETag"] = etag(found.version)
    (shown,) = _shown(session, [found], caller=caller, now=now)
    return shown


@router.post(
    "/verifications/{verification_id}/moves",
    status_code=201,
    response_model=schemas.MoveRead,
    responses=refusals(400, 401, 403, 404, 409, 412, 422, 428),
)
def move_verification(
    *,
    verification_id: VerificationId,
    body: schemas.MoveCreate,
    once: OnceOnly,
    caller: Annotated[Subject, Depends(permitted(Permission.VERIFICATION_MOVE))],
    version: Annotated[Versions, Depends(expected_versions)],
    request: Request,
) -> JSONResponse:
    """Carry a verification on, decide it, or give it to an authority.

    Its verifier sends ``start``, ``pause``, ``resume``, ``extend`` (once) and ``conclude``; a case
    owner sends ``assign``; both may ``reopen`` one that did not identify. A move that is not
    legal now is a 409 that names the legal ones.
    """

    def act(session: Session, now: datetime) -> Answer:
        moved = domain.move_verification(
            session,
            verification_id=verification_id,
            subject=caller,
            facts=MoveFacts(**body.model_dump()),
            expected_version=version,
            actor=caller.actor,
            now=now,
        )
        made = schemas.MoveRead.model_validate(moved)
        place = {"Location": place_of(request), "ETag": etag(made.version)}
        return Answer(201, made.model_dump(mode="json"), place)

    return once.answer(act)


@router.get("/verifications/{verification_id}/moves", responses=refusals(401, 403, 404, 422))
def list_moves(
    *,
    verification_id: VerificationId,
    read: NotedRead,
    caller: Annotated[Subject, Depends(permitted(Permission.VERIFICATION_READ))],
    now: Now,
    page: PageParams,
) -> schemas.MoveList:
    """List the moves of a verification, oldest first."""
    found = domain.find_moves(
        read.session,
        verification_id=verification_id,
        subject=caller,
        now=now,
        after=page.after,
        size=page.reach,
    )
    shown = page.of(found)
    read.shows(verification_id)
    items = [schemas.MoveRead.model_validate(each) for each in shown.rows]
    return schemas.MoveList(items=items, next_cursor=shown.next_cursor)
