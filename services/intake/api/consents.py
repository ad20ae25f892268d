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
from shared.kit.http import OnceOnly
from shared.kit.idempotency import Answer
from shared.kit.problems import refusals
from shared.kit.routing import Router
from shared.kit.subjects import Subject

router = Router(tags=["consents"])


@router.post(
    "/cases/{case_id}/consents",
    status_code=201,
    response_model=schemas.ConsentRead,
    responses=refusals(400, 401, 403, 404, 409, 422),
)
def give_consent(
    *,
    case_id: CaseId,
    body: schemas.ConsentCreate,
    once: OnceOnly,
    caller: Annotated[Subject, Depends(permitted(Permission.CONSENT_RECORD))],
    keys: Keys,
) -> JSONResponse:
    """Record that the person agreed; referrals to that kind of organisation become possible."""

    def act(session: Session, now: datetime) -> Answer:
        given = domain.give_consent(
            session,
            keys=keys,
            case_id=case_id,
            subject=caller,
            scope=domain.Scope(body.organisation_kind, body.purpose),
            witness=body.witness,
            actor=caller.actor,
            now=now,
        )
        return _answer(case_id, schemas.ConsentRead.model_validate(given))

    return once.answer(act)


@router.post(
    "/cases/{case_id}/consents/withdrawals",
    status_code=201,
    response_model=schemas.ConsentRead,
    responses=refusals(400, 401, 403, 404, 409, 422),
)
def withdraw_consent(
    *,
    case_id: CaseId,
    body: schemas.ConsentScope,
    once: OnceOnly,
    caller: Annotated[Subject, Depends(permitted(Permission.CONSENT_WITHDRAW))],
) -> JSONResponse:
    """Record that the person withdrew consent; from now on nothing is disclosed under it."""

    def act(session: Session, now: datetime) -> Answer:
        ended = domain.withdraw_consent(
            session,
            case_id=case_id,
            subject=caller,
            scope=domain.Scope(body.organisation_kind, body.purpose),
            actor=caller.actor,
            now=now,
        )
        return _answer(case_id, schemas.ConsentRead.model_validate(ended))

    return once.answer(act)


def _answer(case_id: UUID, consent: schemas.ConsentRead) -> Answer:
    """The ledger entry; it is read with its case."""
    return Answer(201, consent.model_dump(mode="json"), {"Location": links(case_id).self})
