"""How a person may be reached without anybody else noticing, and messages to them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import orjson
from fastapi import Depends, Header, Path, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from services.intake import domain, schemas
from services.intake.api.edge import BASE, CaseId, Keys
from services.intake.errors import QuestionNotSigned
from shared.access import Permission
from shared.access.asking import permitted
from shared.contracts import Queue
from shared.kit.clock import local_date
from shared.kit.http import Edge, NotedRead, Now, OnceOnly, edge_of
from shared.kit.idempotency import Answer
from shared.kit.problems import refusals
from shared.kit.routing import Router
from shared.kit.shapes import Id, Shape
from shared.kit.subjects import Subject
from shared.messaging.envelope import Links
from shared.messaging.questions import SIGNATURE, Said, is_signed, sign
from shared.texts import TextLanguage, of_service

router = Router(tags=["contact"])

ContactPointId = Annotated[Id, Path(description="The id of the contact point.")]
MessageId = Annotated[Id, Path(description="The id of the message.")]
Changer = Annotated[Subject, Depends(permitted(Permission.CONTACT_CHANGE))]
Lowerer = Annotated[Subject, Depends(permitted(Permission.RISK_LOWER))]
Sender = Annotated[Subject, Depends(permitted(Permission.PERSON_MESSAGE_ASK))]
CHANGING = refusals(400, 401, 403, 404, 409, 422)


@router.get("/cases/{case_id}/contact", responses=refusals(401, 403, 404, 422))
def read_contact(
    *,
    case_id: CaseId,
    read: NotedRead,
    caller: Annotated[Subject, Depends(permitted(Permission.CONTACT_READ))],
    now: Now,
) -> schemas.ContactRead:
    """Read whether a person may be reached by phone, and what became of messages to them.

    No number is shown: whoever opens the file by law reads those.
    """
    found = domain.find_contact(read.session, case_id=case_id, subject=caller, on=local_date(now))
    read.shows(case_id)
    return schemas.ContactRead(
        case_id=case_id,
        points=[schemas.ContactPointRead.model_validate(each) for each in found.points],
        flag=schemas.RiskFlagRead.model_validate(found.flag) if found.flag else None,
        messages=[_message(each, is_left=domain.is_left(each, now)) for each in found.messages],
    )


@router.post(
    "/cases/{case_id}/contact-points",
    status_code=201,
    response_model=schemas.ContactPointRead,
    responses=CHANGING,
)
def record_contact_point(
    *,
    case_id: CaseId,
    body: schemas.ContactPointCreate,
    once: OnceOnly,
    caller: Changer,
    keys: Keys,
) -> JSONResponse:
    """Record a number of the person and the rules they give for it, perhaps in another's place."""
    facts = domain.ContactFacts(body.details(), body.confirmed_on, body.replaces)

    def act(session: Session, now: datetime) -> Answer:
        made = domain.record_point(
            session, keys=keys, case_id=case_id, subject=caller, facts=facts, now=now
        )
        return _answer(case_id, schemas.ContactPointRead.model_validate(made))

    return once.answer(act)


@router.post(
    "/cases/{case_id}/contact-points/{point_id}/confirmations",
    status_code=201,
    response_model=schemas.ContactPointRead,
    responses=CHANGING,
)
def confirm_contact_point(
    *,
    case_id: CaseId,
    point_id: ContactPointId,
    body: schemas.ContactPointConfirm,
    once: OnceOnly,
    caller: Changer,
) -> JSONResponse:
    """Record that the person has said again that it holds: for thirty days from that day on."""

    def act(session: Session, now: datetime) -> Answer:
        found = domain.confirm_point(
            session,
            case_id=case_id,
            point_id=point_id,
            subject=caller,
            confirmed_on=body.confirmed_on,
            now=now,
        )
        return _answer(case_id, schemas.ContactPointRead.model_validate(found))

    return once.answer(act)


@router.post(
    "/cases/{case_id}/contact-points/{point_id}/withdrawals",
    status_code=201,
    response_model=schemas.ContactPointRead,
    responses=CHANGING,
)
def withdraw_contact_point(
    *, case_id: CaseId, point_id: ContactPointId, once: OnceOnly, caller: Changer
) -> JSONResponse:
    """Record that the person takes it back; what is on its way to it does not leave any more."""

    def act(session: Session, now: datetime) -> Answer:
        found = domain.withdraw_point(
            session, case_id=case_id, point_id=point_id, subject=caller, now=now
        )
        return _answer(case_id, schemas.ContactPointRead.model_validate(found))

    return once.answer(act)


@router.post(
    "/cases/{case_id}/risk-flags",
    status_code=201,
    response_model=schemas.RiskFlagRead,
    responses=CHANGING,
)
def raise_risk_flag(
    *, case_id: CaseId, body: schemas.RiskFlagRaise, once: OnceOnly, caller: Changer
) -> JSONResponse:
    """Let nothing reach the person's phone from now on, what was asked for before included."""

    def act(session: Session, now: datetime) -> Answer:
        flag = domain.raise_flag(
            session, case_id=case_id, subject=caller, reason=body.reason, now=now
        )
        return _answer(case_id, schemas.RiskFlagRead.model_validate(flag))

    return once.answer(act)


@router.post(
    "/cases/{case_id}/risk-flags/endings",
    status_code=201,
    response_model=schemas.RiskFlagRead,
    responses=CHANGING,
)
def lower_risk_flag(
    *, case_id: CaseId, body: schemas.RiskFlagLower, once: OnceOnly, caller: Lowerer
) -> JSONResponse:
    """Let messages go again in your case: those that are asked for from now on."""

    def act(session: Session, now: datetime) -> Answer:
        flag = domain.lower_flag(
            session, case_id=case_id, subject=caller, reason=body.reason, now=now
        )
        return _answer(case_id, schemas.RiskFlagRead.model_validate(flag))

    return once.answer(act)


@router.post(
    "/cases/{case_id}/person-messages",
    status_code=201,
    response_model=schemas.PersonMessageRead,
    responses=CHANGING,
)
def ask_person_message(
    *,
    case_id: CaseId,
    body: schemas.PersonMessageCreate,
    once: OnceOnly,
    caller: Sender,
    keys: Keys,
) -> JSONResponse:
    """Have the person sent one of a few neutral texts, when they may next be reached.

    Whether it may leave is decided again at that moment. What does not arrive is not sent a second
    time: you reach the person another way.
    """

    def act(session: Session, now: datetime) -> Answer:
        made = domain.ask_message(
            session,
            keys=keys,
            case_id=case_id,
            point_id=body.contact_point_id,
            says=body.says,
            language=body.language,
            subject=caller,
            now=now,
        )
        return _answer(case_id, _message(made, is_left=domain.is_left(made, now)))

    return once.answer(act)


@router.post(
    "/cases/{case_id}/person-messages/{message_id}/endings",
    status_code=201,
    response_model=schemas.PersonMessageRead,
    responses=CHANGING,
)
def settle_person_message(
    *,
    case_id: CaseId,
    message_id: MessageId,
    body: schemas.PersonMessageSettle,
    once: OnceOnly,
    caller: Sender,
) -> JSONResponse:
    """Say how the person of your case was reached where a message did not arrive."""

    def act(session: Session, now: datetime) -> Answer:
        found = domain.settle_message(
            session,
            case_id=case_id,
            message_id=message_id,
            how=body.how,
            subject=caller,
            now=now,
        )
        return _answer(case_id, _message(found, is_left=domain.is_left(found, now)))

    return once.answer(act)


async def _is_signed(
    request: Request,
    signature: Annotated[
        str, Header(alias=SIGNATURE, description="By the key shared with notification.")
    ] = "",
) -> None:
    """Refuse whoever is not notification, by the key that the two services share."""
    links: Links = request.app.state.links
    body = await request.body()
    if not is_signed(links, Queue.NOTIFICATION, Said.QUESTION, body, signature):
        raise QuestionNotSigned


@router.post(
    "/contact-answers",
    response_model=schemas.ContactAnswer,
    dependencies=[Depends(_is_signed)],
    responses=refusals(400, 401, 404, 409, 422),
)
def answer_contact_question(
    *,
    body: schemas.ContactQuestion,
    edge: Annotated[Edge, Depends(edge_of)],
    keys: Keys,
    request: Request,
) -> Response:
    """Say where to and what, for a message that would leave now; for notification alone, once.

    With 409 its time has not come; whatever else was asked a second time has no answer but that.
    """
    with edge.begin() as session:
        found = domain.answer_message(
            session, keys=keys, message_id=body.message_id, now=edge.clock()
        )
    told = orjson.dumps(_told(found).model_dump(mode="json"))
    links: Links = request.app.state.links
    signature = sign(links, Queue.NOTIFICATION, Said.ANSWER, told)
    return Response(told, media_type="application/json", headers={SIGNATURE: signature})


def _message(found: object, *, is_left: bool) -> schemas.PersonMessageRead:
    read = schemas.PersonMessageRead.model_validate(found)
    return read.model_copy(update={"is_left": is_left})


def _told(found: domain.ContactAnswer) -> schemas.ContactAnswer:
    if found.refusal is not None:
        return schemas.ContactAnswer(to=None, text=None, refusal=found.refusal)
    text = of_service(Queue.INTAKE).say(TextLanguage(found.language), "person_text", found.says)
    return schemas.ContactAnswer(to=found.to, text=f"{text}.", refusal=None)


def _answer(case_id: UUID, told: Shape) -> Answer:
    """What was made; it is read with all that is known of reaching the person."""
    return Answer(201, told.model_dump(mode="json"), {"Location": f"{BASE}/{case_id}/contact"})
