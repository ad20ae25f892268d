"""Where offices are written to, over HTTP: an administrator's matter, and each one's own."""

from datetime import datetime
from typing import Annotated

from fastapi import Path
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from services.directory import domain, schemas
from services.directory.api.edge import CREATING, READING, ById
from services.directory.api.endpoints import Reading, Responsible
from shared.kit.http import OnceOnly, ReadSession
from shared.kit.idempotency import Answer
from shared.kit.routing import Router
from shared.kit.shapes import Id

router = Router(tags=["contact points"])

ContactPointId = Annotated[Id, Path(description="The id of the contact point.")]


@router.get("/organisations/{organisation_id}/contact-points", responses=READING)
def list_contact_points(
    organisation_id: ById, session: ReadSession, _caller: Reading
) -> schemas.ContactPointList:
    """List where the office of an organisation is and was written to, the newest first."""
    found = domain.find_contact_points(session, organisation_id=organisation_id)
    return schemas.ContactPointList(
        items=[schemas.ContactPointRead.model_validate(each) for each in found]
    )


@router.post(
    "/organisations/{organisation_id}/contact-points",
    status_code=201,
    response_model=schemas.ContactPointRead,
    responses=CREATING,
)
def register_contact_point(
    organisation_id: ById,
    body: schemas.ContactPointCreate,
    once: OnceOnly,
    caller: Responsible,
) -> JSONResponse:
    """Have an office written to by e-mail; the mailbox before it is not used any more.

    An organisation that takes webhooks is told by these; by e-mail one that takes none.
    """

    def act(session: Session, now: datetime) -> Answer:
        made = domain.register_contact_point(
            session,
            organisation_id=organisation_id,
            mailbox=body.mailbox,
            now=now,
            actor=caller.actor,
        )
        return Answer(201, schemas.ContactPointRead.model_validate(made).model_dump(mode="json"))

    return once.answer(act)


@router.delete(
    "/organisations/{organisation_id}/contact-points/{contact_point_id}",
    response_model=schemas.ContactPointRead,
    responses=CREATING,
)
def end_contact_point(
    organisation_id: ById,
    contact_point_id: ContactPointId,
    once: OnceOnly,
    caller: Responsible,
) -> JSONResponse:
    """Write to a mailbox no more; when it was used stays."""

    def act(session: Session, now: datetime) -> Answer:
        ended = domain.end_contact_point(
            session,
            organisation_id=organisation_id,
            contact_point_id=contact_point_id,
            now=now,
            actor=caller.actor,
        )
        return Answer(200, schemas.ContactPointRead.model_validate(ended).model_dump(mode="json"))

    return once.answer(act)
