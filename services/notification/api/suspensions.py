"""Routes that stop sending to an endpoint, to an organisation or by a channel, and let it go on."""

from datetime import datetime
from typing import Annotated

from fastapi import Depends, Path
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from services.notification import domain, schemas
from services.notification.api.edge import CHANGING, EndpointId
from shared.access import Permission
from shared.access.asking import permitted
from shared.contracts.vocabulary import ChannelKind
from shared.kit.http import OnceOnly
from shared.kit.idempotency import Answer
from shared.kit.routing import Router
from shared.kit.shapes import Id, Shape
from shared.kit.subjects import Subject

router = Router()

OrganisationId = Annotated[Id, Path(description="The id of the organisation.")]
ChannelName = Annotated[ChannelKind, Path(description="The way of telling.")]
Operator = Annotated[Subject, Depends(permitted(Permission.ENDPOINT_SUSPEND))]


@router.post(
    "/endpoints/{endpoint_id}/suspensions",
    tags=["endpoints"],
    status_code=201,
    response_model=schemas.EndpointRead,
    responses=CHANGING,
)
def suspend_endpoint(
    endpoint_id: EndpointId, body: schemas.SuspensionCreate, once: OnceOnly, operator: Operator
) -> JSONResponse:
    """Send nothing to an endpoint for a while; what is to be sent waits (role operator)."""

    def act(session: Session, now: datetime) -> Answer:
        found = domain.suspend_endpoint(
            session, endpoint_id=endpoint_id, subject=operator, reason=body.reason, now=now
        )
        return _answer(schemas.EndpointRead.model_validate(found))

    return once.answer(act)


@router.post(
    "/endpoints/{endpoint_id}/resumptions",
    tags=["endpoints"],
    status_code=201,
    response_model=schemas.EndpointRead,
    responses=CHANGING,
)
def resume_endpoint(endpoint_id: EndpointId, once: OnceOnly, operator: Operator) -> JSONResponse:
    """Send to a suspended endpoint again; what has waited is due at once (role operator)."""

    def act(session: Session, now: datetime) -> Answer:
        found = domain.resume_endpoint(session, endpoint_id=endpoint_id, subject=operator, now=now)
        return _answer(schemas.EndpointRead.model_validate(found))

    return once.answer(act)


@router.post(
    "/recipients/{organisation_id}/suspensions",
    tags=["deliveries"],
    status_code=201,
    response_model=schemas.Recipient,
    responses=CHANGING,
)
def suspend_organisation(
    organisation_id: OrganisationId,
    body: schemas.SuspensionCreate,
    once: OnceOnly,
    operator: Operator,
) -> JSONResponse:
    """Send nothing to an organisation for a while, wherever it is told (role operator)."""

    def act(session: Session, now: datetime) -> Answer:
        domain.suspend_organisation(
            session, organisation_id=organisation_id, subject=operator, reason=body.reason, now=now
        )
        return _recipient(session, organisation_id)

    return once.answer(act)


@router.post(
    "/recipients/{organisation_id}/resumptions",
    tags=["deliveries"],
    status_code=201,
    response_model=schemas.Recipient,
    responses=CHANGING,
)
def resume_organisation(
    organisation_id: OrganisationId, once: OnceOnly, operator: Operator
) -> JSONResponse:
    """Send to a suspended organisation again; what has waited is due at once (role operator)."""

    def act(session: Session, now: datetime) -> Answer:
        domain.resume_organisation(
            session, organisation_id=organisation_id, subject=operator, now=now
        )
        return _recipient(session, organisation_id)

    return once.answer(act)


@router.post(
    "/channels/{channel}/suspensions",
    tags=["channels"],
    status_code=201,
    response_model=schemas.ChannelRead,
    responses=CHANGING,
)
def suspend_channel(
    channel: ChannelName, body: schemas.SuspensionCreate, once: OnceOnly, operator: Operator
) -> JSONResponse:
    """Send nothing by a way of telling for a while; what is to go by it waits (role operator)."""

    def act(session: Session, now: datetime) -> Answer:
        domain.suspend_channel(
            session, channel=channel, subject=operator, reason=body.reason, now=now
        )
        return _channel(session, channel)

    return once.answer(act)


@router.post(
    "/channels/{channel}/resumptions",
    tags=["channels"],
    status_code=201,
    response_model=schemas.ChannelRead,
    responses=CHANGING,
)
def resume_channel(channel: ChannelName, once: OnceOnly, operator: Operator) -> JSONResponse:
    """Send by it again: what became due meanwhile goes at once (role operator)."""

    def act(session: Session, now: datetime) -> Answer:
        domain.resume_channel(session, channel=channel, subject=operator, now=now)
        return _channel(session, channel)

    return once.answer(act)


def _recipient(session: Session, organisation_id: Id) -> Answer:
    found = domain.find_recipient(session, organisation_id=organisation_id)
    return _answer(schemas.Recipient.model_validate(found))


def _channel(session: Session, channel: ChannelKind) -> Answer:
    return _answer(schemas.ChannelRead.model_validate(domain.find_channel(session, channel)))


def _answer(read: Shape) -> Answer:
    return Answer(201, read.model_dump(mode="json"))
