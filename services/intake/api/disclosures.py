"""A partner learns who was referred to it: as much as was consented to, and while it is."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from services.intake import domain, schemas
from services.intake.api.edge import Keys
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
    "/disclosures",
    status_code=201,
    response_model=schemas.DisclosureRead,
    response_model_exclude_unset=True,
    responses=refusals(400, 401, 403, 404, 409, 422),
)
def disclose_identity(
    *,
    body: schemas.DisclosureCreate,
    once: OnceOnly,
    caller: Annotated[Subject, Depends(permitted(Permission.IDENTITY_READ))],
    keys: Keys,
    now: Now,
) -> JSONResponse:
    """Learn who was referred: for the organisation that accepted, while the consent lives.

    The answer 409 ``referral-not-known-yet`` with Retry-After means that your acceptance may still
    be on its way here. The answer 404 means that there is no such referral for you, or that the
    message about it has not arrived here. Neither is kept under the Idempotency-Key, so the same
    request can be repeated; they are recorded, of many repeats a few.
    """

    def act(session: Session, now: datetime) -> Outcome:
        made = domain.disclose_identity(
            session,
            referral_id=body.referral_id,
            organisation_id=caller.organisation_id,
            purpose=body.purpose,
            wanted=frozenset(body.fields) if body.fields else None,
            actor=caller.actor,
            tally=once.tally,
            now=now,
        )
        # The ledger of keys keeps an id or the refusal, and never a person.
        return made if isinstance(made, DomainError) else Answer(201, {ID: str(made)})

    def reveal(session: Session, answer: Answer) -> dict[str, Any]:
        disclosure_id = UUID(answer.body[ID])
        revealed = domain.reveal_identity(
            session, keys=keys, disclosure_id=disclosure_id, actor=caller.actor, now=now
        )
        return _shown(revealed, asked=body.referral_id)

    return once.answer(act, reveal=reveal)


def _shown(revealed: domain.Revealed, *, asked: UUID) -> dict[str, Any]:
    person = revealed.person and schemas.DisclosedPerson.model_validate(revealed.person)
    read = schemas.DisclosureRead(
        disclosure_id=revealed.disclosure_id,
        referral_id=asked,
        purpose=revealed.purpose,
        person=person,
        withheld=revealed.withheld,
    )
    return read.model_dump(mode="json", exclude_unset=True)
