"""Webhook endpoints over HTTP: an administrator's matter, and each organisation's own."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Path, Request
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from services.directory import domain, schemas
from services.directory.api.edge import CREATING, READING, ById
from services.directory.errors import OrganisationNotFound
from shared.access import Permission, visible
from shared.access.asking import permitted
from shared.kit.http import OnceOnly, ReadSession
from shared.kit.idempotency import Answer
from shared.kit.routing import Router
from shared.kit.shapes import Id
from shared.kit.subjects import Subject
from shared.kit.webhook_secrets import derive_secret

router = Router(tags=["endpoints"])

EndpointId = Annotated[Id, Path(description="The id of the endpoint.")]
MASTER_BYTES = 32


@dataclass(frozen=True, repr=False)
class WebhookRules:
    """The master key of signing secrets, and whether loopback addresses are taken."""

    master: bytes
    allow_loopback: bool

    @classmethod
    def of(cls, master_hex: str, *, allow_loopback: bool) -> "WebhookRules":
        """From the content of the key file; raises ``ValueError`` unless it is 32 bytes in hex."""
        master = bytes.fromhex(master_hex.strip())
        if len(master) != MASTER_BYTES:
            raise ValueError("the webhook master key is 32 bytes in hex")
        return cls(master, allow_loopback)

    def reveal(self, _session: Session, answer: Answer) -> dict[str, Any]:
        """The answer with its secret, which is derived here and stored nowhere."""
        known = answer.body
        secret = derive_secret(self.master, UUID(known["id"]), known["secret_version"])
        return {**known, "secret": secret}


def _rules(request: Request) -> WebhookRules:
    rules: WebhookRules = request.app.state.webhooks
    return rules


def _check_reach(subject: Subject, permission: Permission, organisation_id: UUID) -> None:
    """An administrator's matter and the organisation's own; to others it is not there."""
    sight = visible(subject, permission)
    if not (sight.is_over_all or sight.owns(organisation_id)):
        raise OrganisationNotFound


def _reading(
    organisation_id: ById,
    caller: Annotated[Subject, Depends(permitted(Permission.ENDPOINT_READ))],
) -> Subject:
    """Dependency: who may read the endpoints of this organisation."""
    _check_reach(caller, Permission.ENDPOINT_READ, organisation_id)
    return caller


def _responsible(
    organisation_id: ById,
    caller: Annotated[Subject, Depends(permitted(Permission.ENDPOINT_CHANGE))],
) -> Subject:
    """Dependency: who may say where this organisation takes webhooks."""
    _check_reach(caller, Permission.ENDPOINT_CHANGE, organisation_id)
    return caller


Reading = Annotated[Subject, Depends(_reading)]
Responsible = Annotated[Subject, Depends(_responsible)]
Rules = Annotated[WebhookRules, Depends(_rules)]


@router.get("/organisations/{organisation_id}/endpoints", responses=READING)
def list_endpoints(
    organisation_id: ById,
    session: ReadSession,
    _caller: Reading,
) -> schemas.EndpointList:
    """List where an organisation takes webhooks. Their secrets are not shown again."""
    found = domain.find_endpoints(session, organisation_id=organisation_id)
    items = [schemas.EndpointRead.model_validate(each) for each in found]
    return schemas.EndpointList(items=items)


@router.post(
    "/organisations/{organisation_id}/endpoints",
    status_code=201,
    response_model=schemas.EndpointRegistered,
    responses=CREATING,
)
def register_endpoint(
    *,
    organisation_id: ById,
    body: schemas.EndpointCreate,
    once: OnceOnly,
    caller: Responsible,
    rules: Rules,
) -> JSONResponse:
    """Register where webhooks go, or replace it. Only this answer shows the signing secret.

    With a topic, what is of that topic goes there and nowhere else, and nothing else goes there;
    an endpoint of the same topic is replaced. Without one it takes all that no other one takes.

    Replacing begins the next secret; for a day deliveries are signed with both. If a secret has
    leaked, delete the endpoint first: nothing is signed with its secrets after that.
    """

    def act(session: Session, now: datetime) -> Answer:
        made = domain.register_endpoint(
            session,
            organisation_id=organisation_id,
            url=body.url,
            topic=body.topic,
            allow_loopback=rules.allow_loopback,
            now=now,
            actor=caller.actor,
        )
        read = schemas.EndpointRead.model_validate(made).model_dump(mode="json")
        return Answer(201, read)

    return once.answer(act, reveal=rules.reveal)


@router.delete(
    "/organisations/{organisation_id}/endpoints/{endpoint_id}",
    response_model=schemas.EndpointRead,
    responses=CREATING,
)
def disable_endpoint(
    organisation_id: ById, endpoint_id: EndpointId, once: OnceOnly, caller: Responsible
) -> JSONResponse:
    """Stop webhooks to an address; it and its secrets are not used again.

    What it was for goes to the organisation's endpoint without a topic, else to its office.
    """

    def act(session: Session, now: datetime) -> Answer:
        disabled = domain.disable_endpoint(
            session,
            organisation_id=organisation_id,
            endpoint_id=endpoint_id,
            now=now,
            actor=caller.actor,
        )
        return Answer(200, schemas.EndpointRead.model_validate(disabled).model_dump(mode="json"))

    return once.answer(act)
