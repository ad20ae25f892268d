"""A partner learns who was referred to it: as much as was consented to, and while it is."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from services.intake import domain, schemas
from services.intake.api.edge import Keys, Partner
from shared.kit.auth import Caller
from shared.kit.errors import DomainError
from shared.kit.http import Edge, Now, OnceOnly, edge_of
from shared.kit.idempotency import Answer
from shared.kit.problems import STATUS_OF_KIND, headers, members, problem, refusals
from shared.kit.routing import Router

router = Router(tags=["disclosures"])

SOON = "1"
"""Seconds after which the message of an acceptance has usually arrived."""


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
    caller: Partner,
    keys: Keys,
    now: Now,
    edge: Annotated[Edge, Depends(edge_of)],
) -> JSONResponse:
    """Learn who was referred: for the organisation that accepted, while the consent lives.

    409 ``referral-not-known-yet`` with Retry-After: the acceptance may still be on its way here.
    That answer is recorded, but not kept under the Idempotency-Key, so the same request can be
    repeated.
    """
    if early := _too_early(edge, body, caller, now):
        return early

    def act(session: Session, now: datetime) -> Answer:
        made = domain.disclose_identity(
            session,
            referral_id=body.referral_id,
            organisation_id=caller.organisation_id,
            purpose=body.purpose,
            wanted=frozenset(body.fields) if body.fields else None,
            actor=caller.actor,
            now=now,
        )
        return _stored(made)

    def reveal(session: Session, answer: Answer) -> dict[str, Any]:
        disclosure_id = UUID(answer.body["disclosure_id"])
        revealed = domain.reveal_identity(
            session, keys=keys, disclosure_id=disclosure_id, actor=caller.actor, now=now
        )
        return _shown(revealed)

    return once.answer(act, reveal=reveal)


def _too_early(
    edge: Edge,
    body: schemas.DisclosureCreate,
    caller: Caller,
    now: datetime,
) -> JSONResponse | None:
    """An answer that must not be kept, for what it says changes by itself; its record stays."""
    with edge.begin() as session:
        error = domain.refuse_early(
            session,
            referral_id=body.referral_id,
            organisation_id=caller.organisation_id,
            purpose=body.purpose,
            actor=caller.actor,
            now=now,
        )
    if error is None:
        return None
    status = STATUS_OF_KIND[error.kind]
    return problem(status, error.code(), error.title(), fields={"Retry-After": SOON})


def _stored(made: UUID | DomainError) -> Answer:
    """What the ledger of keys keeps: an id, or the refusal; never a person."""
    if isinstance(made, DomainError):
        return Answer(STATUS_OF_KIND[made.kind], members(made), headers(made))
    return Answer(201, {"disclosure_id": str(made)})


def _shown(revealed: domain.Revealed) -> dict[str, Any]:
    person = revealed.person and schemas.DisclosedPerson.model_validate(revealed.person)
    read = schemas.DisclosureRead(
        disclosure_id=revealed.disclosure_id,
        referral_id=revealed.referral_id,
        purpose=revealed.purpose,
        person=person,
        withheld=revealed.withheld,
    )
    return read.model_dump(mode="json", exclude_unset=True)
