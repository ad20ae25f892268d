"""Routes: parse, ask the domain, serialise."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from services.verification import domain, schemas
from services.verification.policy import MoveFacts, Reader, VerificationStatus
from shared.contracts.vocabulary import Role
from shared.kit.auth import Caller, caller_with
from shared.kit.conditional import etag, expected_version
from shared.kit.http import OnceOnly, ReadSession
from shared.kit.idempotency import Answer
from shared.kit.pages import Page, link_next, page
from shared.kit.problems import refusals
from shared.kit.routing import Router
from shared.kit.shapes import Id

router = Router(tags=["verifications"])


Involved = Annotated[Caller, Depends(caller_with(Role.VERIFIER, Role.CASE_OWNER))]
Asking = Annotated[Page, Depends(page)]


def _reader(caller: Caller) -> Reader:
    return Reader(caller.organisation_id, caller.roles)


def _last(found: Sequence[Any], asked: Page) -> UUID | None:
    """The row the next page starts after; nothing when this page was not full."""
    last: UUID | None = found[-1].id if len(found) == asked.size else None
    return last


def _read(found: Any) -> schemas.VerificationRead:
    """A verification with the rules behind its dates."""
    kept = {
        name: getattr(found, name)
        for name in schemas.VerificationRead.model_fields
        if hasattr(found, name)
    }
    rules = {
        "due_rule": domain.decision_period(found),
        "complaint": domain.complaint_window(found),
    }
    return schemas.VerificationRead.model_validate({**kept, **rules})


@router.get("/verifications", responses=refusals(401, 403, 422))
def list_verifications(
    *,
    session: ReadSession,
    caller: Involved,
    asked: Asking,
    request: Request,
    response: Response,
    status: Annotated[VerificationStatus | None, Query()] = None,
    case_id: Annotated[Id | None, Query()] = None,
) -> schemas.VerificationList:
    """List verifications: a case owner's are all, a verifier's those it is asked to decide.

    ``status=opened`` are those no authority was found for yet.
    """
    found = domain.find_verifications(
        session,
        reader=_reader(caller),
        status=status,
        case_id=case_id,
        after=asked.after,
        size=asked.size,
    )
    following = link_next(request, response, _last(found, asked))
    return schemas.VerificationList(items=[_read(each) for each in found], next_cursor=following)


@router.get("/verifications/{verification_id}", responses=refusals(401, 403, 404, 422))
def read_verification(
    verification_id: Id,
    session: ReadSession,
    caller: Involved,
    response: Response,
) -> schemas.VerificationRead:
    """Read a verification; its ETag is what a move sends back as If-Match."""
    found = domain.find_verification(
        session, verification_id=verification_id, reader=_reader(caller)
    )
    response.headers["ETag"] = etag(found.version)
    return _read(found)


@router.post(
    "/verifications/{verification_id}/moves",
    status_code=201,
    response_model=schemas.MoveRead,
    responses=refusals(400, 401, 403, 404, 409, 412, 422, 428),
)
def move_verification(
    *,
    verification_id: Id,
    body: schemas.MoveCreate,
    once: OnceOnly,
    caller: Involved,
    version: Annotated[int, Depends(expected_version)],
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
            reader=_reader(caller),
            facts=MoveFacts(**body.model_dump()),
            expected_version=version,
            actor=caller.actor,
            now=now,
        )
        made = schemas.MoveRead.model_validate(moved)
        place = {"Location": request.url.path, "ETag": etag(made.version)}
        return Answer(201, made.model_dump(mode="json"), place)

    return once.answer(act)


@router.get("/verifications/{verification_id}/moves", responses=refusals(401, 403, 404, 422))
def list_moves(
    *,
    verification_id: Id,
    session: ReadSession,
    caller: Involved,
    asked: Asking,
    request: Request,
    response: Response,
) -> schemas.MoveList:
    """List the moves of a verification, oldest first."""
    found = domain.find_moves(
        session,
        verification_id=verification_id,
        reader=_reader(caller),
        after=asked.after,
        size=asked.size,
    )
    following = link_next(request, response, _last(found, asked))
    items = [schemas.MoveRead.model_validate(each) for each in found]
    return schemas.MoveList(items=items, next_cursor=following)
