"""Where offices are written to, over HTTP: an administrator's matter, and each one's own.

The code by which an office answers is an administrator's alone: whoever could agree on it with
themselves would need no other log-in.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Path
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from services.directory import domain, schemas
from services.directory.api.edge import CREATING, READING, ById
from services.directory.api.endpoints import Reading, Responsible
from services.directory.api.staff import Vault
from services.directory.policy import StaffVault
from shared.access import Permission
from shared.access.asking import permitted
from shared.kit.http import OnceOnly, ReadSession
from shared.kit.idempotency import Answer
from shared.kit.routing import Router
from shared.kit.shapes import Id
from shared.kit.subjects import Subject

NUMBER = "code_number"
"""What is kept of an answer that shows a code: which one it was."""

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
    """Have an office written to by e-mail or SMS; the one before it is not used any more.

    An organisation that takes webhooks is told by these; by e-mail one that takes none, and by SMS
    one that has no mailbox either.
    """

    def act(session: Session, now: datetime) -> Answer:
        made = domain.register_contact_point(
            session,
            organisation_id=organisation_id,
            mailbox=body.mailbox,
            number=body.number,
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
    """Write to a mailbox or number no more; when it was used stays."""

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


@router.post(
    "/organisations/{organisation_id}/contact-points/{contact_point_id}/answer-code",
    status_code=201,
    response_model=schemas.AnswerCodeMade,
    responses=CREATING,
)
def agree_answer_code(
    *,
    organisation_id: ById,
    contact_point_id: ContactPointId,
    once: OnceOnly,
    caller: Annotated[Subject, Depends(permitted(Permission.ANSWER_CODE_AGREE))],
    vault: Vault,
) -> JSONResponse:
    """Agree with an office on the code by which it answers from its mails.

    Only this answer shows the code. A former one is worth nothing from now on; with another mailbox
    a code is agreed anew.
    """

    def act(session: Session, now: datetime) -> Answer:
        agreed = domain.agree_answer_code(
            session,
            organisation_id=organisation_id,
            contact_point_id=contact_point_id,
            now=now,
            actor=caller.actor,
        )
        kept = schemas.ContactPointRead.model_validate(agreed).model_dump(mode="json")
        return Answer(201, {**kept, NUMBER: agreed.code_number})

    return once.answer(act, reveal=_with_code(vault))


def _with_code(vault: StaffVault) -> Callable[[Session, Answer], dict[str, Any]]:
    """The answer with the code, which is derived here and stored nowhere."""

    def reveal(_session: Session, kept: Answer) -> dict[str, Any]:
        told = dict(kept.body)
        number = told.pop(NUMBER)
        return {**told, "code": vault.answer_code(UUID(told["id"]), number)}

    return reveal
