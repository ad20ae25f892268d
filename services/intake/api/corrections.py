"""Correcting a birth date, or the time of an act."""

from datetime import datetime
from typing import Annotated

from fastapi import Depends
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from services.intake import domain, schemas
from services.intake.api.edge import CaseId, Keys, links
from shared.access import Permission
from shared.access.asking import permitted
from shared.contracts.vocabulary import AgeBand
from shared.kit.conditional import etag, expected_versions
from shared.kit.http import OnceOnly
from shared.kit.idempotency import Answer
from shared.kit.problems import refusals
from shared.kit.routing import Router
from shared.kit.subjects import Subject
from shared.kit.versions import Versions

router = Router(tags=["cases"])


@router.post(
    "/cases/{case_id}/corrections",
    status_code=201,
    response_model=schemas.CorrectionRead,
    responses=refusals(400, 401, 403, 404, 409, 412, 422, 428),
)
def correct_case(
    *,
    case_id: CaseId,
    body: schemas.CorrectionCreate,
    once: OnceOnly,
    caller: Annotated[Subject, Depends(permitted(Permission.CASE_CORRECT))],
    keys: Keys,
    version: Annotated[Versions, Depends(expected_versions)],
) -> JSONResponse:
    """Correct the birth date, or when what was done to the person began and ended.

    What was told first stays sealed beside it. The age band, the age at the act and the warnings
    are computed anew; other services are told of a band that changed, and nothing else. If somebody
    has corrected it since the version that If-Match names, the answer is 412.
    """

    def act(session: Session, now: datetime) -> Answer:
        corrected = domain.Corrected(body.birth(), body.began, body.ended, body.reason)
        made, case = domain.correct_case(
            session,
            keys=keys,
            case_id=case_id,
            subject=caller,
            corrected=corrected,
            expected_version=version,
            actor=caller.actor,
            now=now,
        )
        read = schemas.CorrectionRead(
            id=made.id,
            case_id=case.id,
            reason=body.reason,
            at=now,
            age_band=AgeBand(case.age_band),
            was_minor_at_act=case.was_minor_at_act,
            version=case.version,
        )
        place = {"Location": links(case_id).self, "ETag": etag(case.version)}
        return Answer(201, read.model_dump(mode="json"), place)

    return once.answer(act)
