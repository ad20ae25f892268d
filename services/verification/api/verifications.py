"""Routes of verifications: their moves, and the papers about them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Path, Query, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from services.verification import domain, schemas
from services.verification.policy import EvidenceFacts, MoveFacts, PaperFacts, VerificationStatus
from shared.access import Permission
from shared.access.asking import permitted
from shared.clocks import Clock
from shared.kit.clock import local_date
from shared.kit.conditional import etag, expected_versions
from shared.kit.http import NotedRead, Now, OnceOnly, place_of
from shared.kit.idempotency import Answer
from shared.kit.pages import PageParams
from shared.kit.problems import refusals
from shared.kit.routing import Router
from shared.kit.shapes import Id
from shared.kit.subjects import Subject
from shared.kit.versions import Versions
from shared.law import Rules
from shared.rulebook import rules_of

router = Router(tags=["verifications"])


VerificationId = Annotated[Id, Path(description="The id of the verification.")]


def _shown(
    session: Session, found: Sequence[Any], *, caller: Subject, now: datetime
) -> list[schemas.VerificationRead]:
    """Verifications with their dates, the rules behind them, and what may be done with them."""
    timed = domain.find_clocks(session, found)
    grounds = domain.find_grounds(session, found, timed)
    complaints = domain.find_complaints(session, found)
    can = domain.find_possible_moves(session, found, timed, subject=caller, now=now)
    rules = rules_of(session)
    return [
        _read(
            rules,
            it,
            timed.get(it.id),
            can=can[it.id],
            **vars(grounds[it.id]),
            **complaints[it.id],
        )
        for it in found
    ]


def _read(rules: Rules, found: Any, clock: Clock | None, **facts: Any) -> schemas.VerificationRead:
    kept = {
        name: getattr(found, name)
        for name in schemas.VerificationRead.model_fields
        if hasattr(found, name)
    }
    end = clock.end if clock else None
    dated = {
        "requested_on": local_date(clock.started_at) if clock else None,
        "is_extended": domain.is_extended(clock),
        "due_on": end.last_day if end else None,
        "due_rule": domain.decision_period(rules, found, clock),
        "due_why": end,
        **facts,
    }
    return schemas.VerificationRead.model_validate({**kept, **dated})


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
    owner sends ``assign``; both may ``reopen`` one that did not identify. Both ``complain`` for
    the person of a decision that did not identify, and the verifier answers: it sends ``keep``, or
    ``reopen``. A move that is not legal now is a 409 that names the legal ones.
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


@router.post(
    "/verifications/{verification_id}/papers",
    status_code=201,
    response_model=schemas.PaperRead,
    responses=refusals(400, 401, 403, 404, 409, 422),
)
def record_paper(
    *,
    verification_id: VerificationId,
    body: schemas.PaperCreate,
    once: OnceOnly,
    caller: Annotated[Subject, Depends(permitted(Permission.VERIFICATION_RECORD))],
    request: Request,
) -> JSONResponse:
    """Record the number and the day of a paper that your organisation has issued about it.

    A case owner records its request to the authority; the authority its certificate, or its notice
    to a person who was not identified. Recorded again, it replaces what was recorded before.
    """

    def act(session: Session, now: datetime) -> Answer:
        made = domain.record_paper(
            session,
            verification_id=verification_id,
            subject=caller,
            facts=PaperFacts(**body.model_dump()),
            actor=caller.actor,
            now=now,
        )
        shown = schemas.PaperRead.of(made, is_current=True)
        return Answer(201, shown.model_dump(mode="json"), {"Location": place_of(request)})

    return once.answer(act)


@router.get("/verifications/{verification_id}/papers", responses=refusals(401, 403, 404, 422))
def list_papers(
    verification_id: VerificationId,
    read: NotedRead,
    caller: Annotated[Subject, Depends(permitted(Permission.VERIFICATION_READ))],
    now: Now,
) -> schemas.PaperList:
    """List the papers about a verification, oldest first, and which of them you may issue now."""
    found = domain.find_papers(
        read.session, verification_id=verification_id, subject=caller, now=now
    )
    read.shows(verification_id)
    items = [
        schemas.PaperRead.of(each, is_current=each.id in found.current) for each in found.items
    ]
    return schemas.PaperList(items=items, can=list(found.can))


@router.post(
    "/verifications/{verification_id}/evidence",
    status_code=201,
    response_model=schemas.EvidenceRead,
    responses=refusals(400, 401, 403, 404, 409, 422),
)
def record_evidence(
    *,
    verification_id: VerificationId,
    body: schemas.EvidenceCreate,
    once: OnceOnly,
    caller: Annotated[Subject, Depends(permitted(Permission.VERIFICATION_RECORD))],
    request: Request,
) -> JSONResponse:
    """Record a paper that speaks for or against an identification, by its number and day.

    The authority and whoever owns the case record what they have; a decision cites what it rests
    on. What was recorded wrong stays, and is not cited.
    """

    def act(session: Session, now: datetime) -> Answer:
        made = domain.record_evidence(
            session,
            verification_id=verification_id,
            subject=caller,
            facts=EvidenceFacts(**body.model_dump()),
            actor=caller.actor,
            now=now,
        )
        shown = schemas.EvidenceRead.of(made, is_cited=False)
        return Answer(201, shown.model_dump(mode="json"), {"Location": place_of(request)})

    return once.answer(act)


@router.get("/verifications/{verification_id}/evidence", responses=refusals(401, 403, 404, 422))
def list_evidence(
    verification_id: VerificationId,
    read: NotedRead,
    caller: Annotated[Subject, Depends(permitted(Permission.VERIFICATION_READ))],
    now: Now,
) -> schemas.EvidenceList:
    """List the evidence of a verification, oldest first, and which of it the decision cites."""
    found = domain.find_evidence(
        read.session, verification_id=verification_id, subject=caller, now=now
    )
    read.shows(verification_id)
    items = [schemas.EvidenceRead.of(it, is_cited=it.id in found.cited) for it in found.items]
    return schemas.EvidenceList(items=items)
