"""Who answers for a case: its owner hands it over, one or many at once, and gives it back."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from services.intake import domain, schemas
from services.intake.api.edge import BASE, CaseId
from services.intake.policy import HandedOutcome
from shared.access import Permission
from shared.access.asking import permitted
from shared.kit.conditional import etag, expected_versions
from shared.kit.http import NotedRead, Now, OnceOnly
from shared.kit.idempotency import Answer
from shared.kit.problems import refusals
from shared.kit.routing import Router
from shared.kit.subjects import Subject
from shared.kit.versions import Versions

router = Router(tags=["responsibility"])

Owner = Annotated[Subject, Depends(permitted(Permission.CASE_HAND_OVER))]
ReadVersion = Annotated[Versions, Depends(expected_versions)]


@router.get("/cases/{case_id}/responsibility", responses=refusals(401, 403, 404, 422))
def read_responsibility(
    *,
    case_id: CaseId,
    read: NotedRead,
    caller: Annotated[Subject, Depends(permitted(Permission.RESPONSIBILITY_READ))],
    now: Now,
) -> schemas.ResponsibilityRead:
    """Read which organisation owns a case today and by what, and to whom it was handed so far."""
    found = domain.find_responsibility(read.session, case_id=case_id, subject=caller, now=now)
    read.shows(case_id)
    return schemas.ResponsibilityRead.model_validate(found)


@router.post(
    "/cases/{case_id}/hand-overs",
    status_code=201,
    response_model=schemas.HandOverRead,
    responses=refusals(400, 401, 403, 404, 409, 412, 422, 428),
)
def hand_case_over(
    *,
    case_id: CaseId,
    body: schemas.HandOverCreate,
    once: OnceOnly,
    caller: Owner,
    version: ReadVersion,
) -> JSONResponse:
    """Say which organisation answers for your case from now on, and which officer of it.

    It owns the case as long as it may own cases anywhere; otherwise whoever holds the area does.
    Both sides are told. If somebody has handed it over since the version that If-Match names, the
    answer is 412.
    """
    return _hand_over(case_id, _facts(body), version, once, caller)


@router.post(
    "/cases/{case_id}/hand-overs/releases",
    status_code=201,
    response_model=schemas.HandOverRead,
    responses=refusals(400, 401, 403, 404, 409, 412, 422, 428),
)
def release_case(
    *,
    case_id: CaseId,
    body: schemas.ReleaseCreate,
    once: OnceOnly,
    caller: Owner,
    version: ReadVersion,
) -> JSONResponse:
    """Give your case back to whoever holds its area."""
    facts = domain.HandOverFacts(responsible_id=None, officer_id=None, reason=body.reason)
    return _hand_over(case_id, facts, version, once, caller)


@router.post(
    "/hand-overs",
    status_code=201,
    response_model=schemas.HandedList,
    responses=refusals(400, 401, 403, 409, 422),
)
def hand_cases_over(*, body: schemas.HandOverOfMany, once: OnceOnly, caller: Owner) -> JSONResponse:
    """Say the same of up to a hundred cases: each is handed over or refused, with a reason.

    So is one that somebody has handed over since it was read (`version-changed`).
    """

    def act(session: Session, now: datetime) -> Answer:
        found = domain.hand_over_many(
            session,
            versions=body.versions(),
            subject=caller,
            facts=_facts(body),
            actor=caller.actor,
            now=now,
        )
        items = [_handed(each) for each in found]
        return Answer(201, schemas.HandedList(items=items).model_dump(mode="json"))

    return once.answer(act)


def _facts(body: schemas.HandOverCreate) -> domain.HandOverFacts:
    return domain.HandOverFacts(body.organisation_id, body.officer_id, body.reason)


def _hand_over(
    case_id: UUID,
    facts: domain.HandOverFacts,
    version: Versions,
    once: OnceOnly,
    caller: Subject,
) -> JSONResponse:
    def act(session: Session, now: datetime) -> Answer:
        made = domain.hand_over(
            session,
            case_id=case_id,
            subject=caller,
            facts=facts,
            expected_version=version,
            actor=caller.actor,
            now=now,
        )
        read = schemas.HandOverRead.model_validate(made)
        where = {"Location": f"{BASE}/{case_id}/responsibility", "ETag": etag(made.version)}
        return Answer(201, read.model_dump(mode="json"), where)

    return once.answer(act)


def _handed(each: domain.Handed) -> schemas.HandedRead:
    made, refusal = each.made, each.refusal
    return schemas.HandedRead(
        case_id=each.case_id,
        outcome=HandedOutcome.DONE if made else HandedOutcome.REFUSED,
        hand_over_id=made and made.id,
        problem=refusal and refusal.code(),
    )
