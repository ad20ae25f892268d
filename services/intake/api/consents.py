"""Giving and withdrawing consent after a case was received."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from services.intake import domain, schemas
from services.intake.api.edge import CaseId, Keys, links
from shared.access import Permission
from shared.access.asking import permitted
from shared.kit.conditional import etag, versions_if_sent
from shared.kit.http import OnceOnly
from shared.kit.idempotency import Answer
from shared.kit.problems import refusals
from shared.kit.routing import Router
from shared.kit.subjects import Subject
from shared.kit.versions import Versions

router = Router(tags=["consents"])

ReadVersion = Annotated[Versions, Depends(versions_if_sent)]


@router.post(
    "/cases/{case_id}/consents",
    status_code=201,
    response_model=schemas.ConsentRead,
    responses=refusals(400, 401, 403, 404, 409, 412, 422),
)
def give_consent(
    *,
    case_id: CaseId,
    body: schemas.ConsentCreate,
    once: OnceOnly,
    caller: Annotated[Subject, Depends(permitted(Permission.CONSENT_RECORD))],
    keys: Keys,
    version: ReadVersion,
) -> JSONResponse:
    """Record that the person agreed; referrals to that kind of organisation become possible.

    With If-Match it is recorded only if no consent was given or withdrawn since it was read.
    """

    def act(session: Session, now: datetime) -> Answer:
        given, case = domain.give_consent(
            session,
            keys=keys,
            case_id=case_id,
            subject=caller,
            scope=domain.Scope(body.organisation_kind, body.purpose),
            witness=body.witness,
            expected_version=version,
            actor=caller.actor,
            now=now,
        )
        return _answer(case_id, schemas.ConsentRead.model_validate(given), case.version)

    return once.answer(act)


@router.post(
    "/cases/{case_id}/consents/withdrawals",
    status_code=201,
    response_model=schemas.ConsentRead,
    responses=refusals(400, 401, 403, 404, 409, 412, 422),
)
def withdraw_consent(
    *,
    case_id: CaseId,
    body: schemas.ConsentScope,
    once: OnceOnly,
    caller: Annotated[Subject, Depends(permitted(Permission.CONSENT_WITHDRAW))],
    version: ReadVersion,
) -> JSONResponse:
    """Record that the person withdrew consent; from now on nothing is disclosed under it.

    With If-Match it is recorded only if no consent was given or withdrawn since it was read;
    without, a withdrawal waits for nobody.
    """

    def act(session: Session, now: datetime) -> Answer:
        ended, case = domain.withdraw_consent(
            session,
            case_id=case_id,
            subject=caller,
            scope=domain.Scope(body.organisation_kind, body.purpose),
            expected_version=version,
            actor=caller.actor,
            now=now,
        )
        return _answer(case_id, schemas.ConsentRead.model_validate(ended), case.version)

    return once.answer(act)


def _answer(case_id: UUID, consent: schemas.ConsentRead, version: int) -> Answer:
    """The ledger entry; it is read with its case."""
    where = {"Location": links(case_id).self, "ETag": etag(version)}
    return Answer(201, consent.model_dump(mode="json"), where)
