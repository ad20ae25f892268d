"""Whoever must decide or protect by law opens a file: its own part of it, and while it must."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from services.intake import domain, schemas
from services.intake.api.edge import CaseId, Keys
from shared.access import Permission
from shared.access.asking import permitted
from shared.kit.errors import DomainError
from shared.kit.http import Now, OnceOnly, Outcome
from shared.kit.idempotency import Answer
from shared.kit.problems import refusals
from shared.kit.routing import Router
from shared.kit.subjects import Subject

router = Router(tags=["disclosures"])

ID = "disclosure_id"


@router.post(
    "/cases/{case_id}/disclosures",
    status_code=201,
    response_model=schemas.FileDisclosureRead,
    response_model_exclude_unset=True,
    responses=refusals(400, 401, 403, 404, 409, 422),
)
def open_file(
    *,
    case_id: CaseId,
    body: schemas.FileDisclosureCreate,
    once: OnceOnly,
    caller: Annotated[Subject, Depends(permitted(Permission.CASE_FILE_READ))],
    keys: Keys,
    now: Now,
) -> JSONResponse:
    """Open a file by law: no consent is needed, and every request is recorded with its reason.

    The verifier of the case, its owner, and the facility or the protector that the owner assigned
    each read fields of their own. A case you have no part in is answered with 404, and so is one
    about which the message has not arrived here: the same request can be repeated. Whoever had a
    part in it and has none today is answered with 403 `not-responsible-now`.
    """

    def act(session: Session, now: datetime) -> Outcome:
        asked = domain.FileRequest(
            case_id=case_id,
            subject=caller,
            purpose=body.purpose,
            reason=body.reason,
            wanted=frozenset(body.fields) if body.fields else None,
        )
        made = domain.disclose_file(
            session, asked=asked, actor=caller.actor, tally=once.tally, now=now
        )
        # The ledger of keys keeps an id or the refusal, and never a person.
        return made if isinstance(made, DomainError) else Answer(201, {ID: str(made)})

    def reveal(session: Session, answer: Answer) -> dict[str, Any]:
        opened = domain.reveal_file(
            session,
            keys=keys,
            disclosure_id=UUID(answer.body[ID]),
            subject=caller,
            actor=caller.actor,
            now=now,
        )
        return _shown(opened, case_id)

    return once.answer(act, reveal=reveal)


def _shown(opened: domain.OpenedFile, case_id: UUID) -> dict[str, Any]:
    person = opened.person and schemas.OpenedPerson.model_validate(opened.person)
    read = schemas.FileDisclosureRead(
        disclosure_id=opened.disclosure_id,
        case_id=case_id,
        purpose=opened.purpose,
        reason=opened.reason,
        person=person,
        withheld=opened.withheld,
    )
    return read.model_dump(mode="json", exclude_unset=True)
