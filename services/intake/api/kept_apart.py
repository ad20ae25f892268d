"""Who is kept apart from whom, over HTTP: told, seen by few, opened with a trace, ended."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Path
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from services.intake import domain, schemas
from services.intake.api.advance_notices import NoticeId
from services.intake.api.edge import CaseId, Keys
from shared.access import Permission
from shared.access.asking import permitted
from shared.kit.http import NotedRead, Now, OnceOnly
from shared.kit.idempotency import Answer
from shared.kit.problems import refusals
from shared.kit.routing import Router
from shared.kit.shapes import Id
from shared.kit.subjects import Subject

router = Router(tags=["kept-apart"])

Teller = Annotated[Subject, Depends(permitted(Permission.KEPT_APART_TELL))]
Reader = Annotated[Subject, Depends(permitted(Permission.KEPT_APART_READ))]
ApartId = Annotated[Id, Path(description="The id of the flag.")]
CHANGING = refusals(400, 401, 403, 404, 409, 422)
ID = "id"


@router.post(
    "/kept-apart", status_code=201, response_model=schemas.KeptApartTold, responses=CHANGING
)
def tell_apart(
    *, body: schemas.KeptApartCreate, once: OnceOnly, caller: Teller, keys: Keys
) -> JSONResponse:
    """Say that two people are kept apart, and why: two of a notice, or two cases you may read.

    Two of a notice are kept apart as cases, too, once both are one.
    """

    def act(session: Session, now: datetime) -> Answer:
        made = domain.tell_apart(session, keys, _pair(body), body.reason, subject=caller, now=now)
        return _answer(made)

    return once.answer(act)


def _pair(body: schemas.KeptApartCreate) -> domain.OfNotice | domain.OfCases:
    if body.notice_id is not None and body.numbers is not None:
        return domain.OfNotice(body.notice_id, frozenset(body.numbers))
    return domain.OfCases(frozenset(body.case_ids or ()))


@router.post(
    "/kept-apart/{apart_id}/openings",
    status_code=201,
    response_model=schemas.KeptApartOpened,
    responses=CHANGING,
)
def open_apart(
    *, apart_id: ApartId, once: OnceOnly, caller: Reader, keys: Keys, now: Now
) -> JSONResponse:
    """Open why two people are kept apart; each time stands in the audit.

    For whoever told it, whoever owns both cases, and a facility that has a part in both.
    """

    def act(session: Session, now: datetime) -> Answer:
        domain.check_openable(session, apart_id, subject=caller, now=now)
        # The ledger of keys keeps the id, and never why.
        return Answer(201, {ID: str(apart_id)})

    def reveal(session: Session, answer: Answer) -> dict[str, Any]:
        wanted = UUID(answer.body[ID])
        found, reason = domain.open_kept_apart(session, keys, wanted, subject=caller, now=now)
        return schemas.KeptApartOpened(id=found.id, reason=reason).model_dump(mode="json")

    return once.answer(act, reveal=reveal)


@router.post(
    "/kept-apart/{apart_id}/endings",
    status_code=201,
    response_model=schemas.KeptApartTold,
    responses=CHANGING,
)
def end_apart(
    *, apart_id: ApartId, body: schemas.KeptApartEnd, once: OnceOnly, caller: Teller
) -> JSONResponse:
    """Say that two people need to be kept apart no more; why they were is destroyed."""

    def act(session: Session, now: datetime) -> Answer:
        return _answer(domain.end_apart(session, apart_id, body.reason, subject=caller, now=now))

    return once.answer(act)


@router.get("/cases/{case_id}/kept-apart", responses=refusals(401, 403, 404, 422))
def list_of_case(
    *, case_id: CaseId, read: NotedRead, caller: Reader, now: Now
) -> schemas.KeptApartList:
    """Read whether the person is kept apart from somebody.

    The other case is named to whoever may know of both. Whoever owns this one alone reads that
    there is somebody, and whether in the same house; a facility reads it in that case only.
    """
    found = domain.find_apart_of_case(read.session, case_id, subject=caller, now=now)
    read.shows(case_id)
    return _listed(found)


@router.get("/advance-notices/{notice_id}/kept-apart", responses=refusals(401, 403, 404, 422))
def list_of_notice(
    *, notice_id: NoticeId, read: NotedRead, caller: Reader, now: Now
) -> schemas.KeptApartList:
    """Read which people of a notice are kept apart: those you told of, or as owner there all."""
    found = domain.find_apart_of_notice(read.session, notice_id, subject=caller, now=now)
    read.shows(notice_id)
    return _listed(found)


def _listed(found: list[domain.ApartView]) -> schemas.KeptApartList:
    return schemas.KeptApartList(items=[schemas.KeptApartRead.model_validate(it) for it in found])


def _answer(made: object) -> Answer:
    """That it is so, and since when."""
    told = schemas.KeptApartTold.model_validate(made)
    return Answer(201, told.model_dump(mode="json"))
