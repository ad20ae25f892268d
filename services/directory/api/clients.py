"""API clients over HTTP."""

from datetime import datetime
from typing import Annotated

from fastapi import Depends, Path, Query, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from services.directory import domain, schemas
from services.directory.api.edge import CHANGING, CREATING, READING, answer
from shared.access import Permission
from shared.access.asking import permitted
from shared.kit.conditional import etag, expected_versions
from shared.kit.http import OnceOnly, ReadSession, place_of
from shared.kit.idempotency import Answer
from shared.kit.problems import refusals
from shared.kit.routing import Router
from shared.kit.shapes import Id
from shared.kit.subjects import Subject
from shared.kit.versions import Versions

router = Router(tags=["clients"])

ByClientId = Annotated[schemas.ClientId, Path(description="The id of the client.")]


@router.get("/clients", responses=refusals(401, 403, 422))
def list_clients(
    organisation_id: Annotated[Id, Query(description="The organisation they speak for.")],
    session: ReadSession,
    _caller: Annotated[Subject, Depends(permitted(Permission.CLIENT_READ))],
) -> schemas.ClientList:
    """List the clients of an organisation: all at once, for there are few."""
    found = domain.clients_of(session, organisation_id=organisation_id)
    return schemas.ClientList(items=[schemas.ClientRead.model_validate(each) for each in found])


@router.get("/clients/{client_id}", responses=READING | refusals(403))
def read_client(
    client_id: ByClientId,
    session: ReadSession,
    _caller: Annotated[Subject, Depends(permitted(Permission.CLIENT_READ))],
    response: Response,
) -> schemas.ClientRead:
    """Read a client and its public key."""
    found = domain.find_client(session, client_id=client_id)
    response.headers["ETag"] = etag(found.version)
    return schemas.ClientRead.model_validate(found)


@router.post(
    "/clients",
    status_code=201,
    response_model=schemas.ClientRead,
    responses=CREATING,
)
def create_client(
    body: schemas.ClientCreate,
    once: OnceOnly,
    caller: Annotated[Subject, Depends(permitted(Permission.CLIENT_CHANGE))],
    request: Request,
) -> JSONResponse:
    """Let a system speak for an organisation. Send the public key only; keep the private key."""

    def act(session: Session, now: datetime) -> Answer:
        made = domain.register_client(session, **body.model_dump(), now=now, actor=caller.actor)
        read = schemas.ClientRead.model_validate(made).model_dump(mode="json")
        place = f"{place_of(request)}/{made.client_id}"
        return answer(201, read, location=place, version=made.version)

    return once.answer(act)


@router.put("/clients/{client_id}", response_model=schemas.ClientRead, responses=CHANGING)
def replace_client(
    *,
    client_id: ByClientId,
    body: schemas.ClientChange,
    once: OnceOnly,
    caller: Annotated[Subject, Depends(permitted(Permission.CLIENT_CHANGE))],
    version: Annotated[Versions, Depends(expected_versions)],
    request: Request,
) -> JSONResponse:
    """Replace a client's key, or stop it. The tokens it already has expire within ten minutes."""

    def act(session: Session, now: datetime) -> Answer:
        changed = domain.change_client(
            session,
            client_id=client_id,
            **body.model_dump(),
            expected_version=version,
            now=now,
            actor=caller.actor,
        )
        read = schemas.ClientRead.model_validate(changed).model_dump(mode="json")
        return answer(200, read, location=place_of(request), version=changed.version)

    return once.answer(act)
