"""Programmes over HTTP."""

from datetime import datetime
from typing import Annotated

from fastapi import Depends, Query, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from services.directory import domain, schemas
from services.directory.api.edge import (
    CHANGING,
    CREATING,
    LISTING,
    READING,
    AreaCode,
    ById,
    answer,
)
from shared.access import Permission
from shared.access.asking import permitted
from shared.contracts.vocabulary import EntitlementCode
from shared.kit.conditional import etag, expected_versions
from shared.kit.http import OnceOnly, ReadSession, place_of
from shared.kit.idempotency import Answer
from shared.kit.pages import PageParams
from shared.kit.routing import Router
from shared.kit.shapes import Id
from shared.kit.subjects import Subject
from shared.kit.versions import Versions

router = Router(tags=["programmes"])


@router.get("/programmes", responses=LISTING)
def list_programmes(
    *,
    session: ReadSession,
    _caller: Annotated[Subject, Depends(permitted(Permission.PROGRAMME_READ))],
    page: PageParams,
    organisation_id: Annotated[
        Id | None, Query(description="Only programmes of this organisation.")
    ] = None,
    code: Annotated[
        EntitlementCode | None, Query(description="Only programmes that serve this need.")
    ] = None,
    area: Annotated[
        AreaCode | None, Query(description="Only programmes that take people from this unit.")
    ] = None,
) -> schemas.ProgrammeList:
    """List programmes, by who runs them, what they serve and where."""
    found = domain.find_programmes(
        session,
        organisation_id=organisation_id,
        code=code,
        area=area,
        after=page.after,
        size=page.reach,
    )
    shown = page.of(found)
    items = [schemas.ProgrammeRead.model_validate(each) for each in shown.rows]
    return schemas.ProgrammeList(items=items, next_cursor=shown.next_cursor)


@router.get("/programmes/{programme_id}", responses=READING)
def read_programme(
    programme_id: ById,
    session: ReadSession,
    _caller: Annotated[Subject, Depends(permitted(Permission.PROGRAMME_READ))],
    response: Response,
) -> schemas.ProgrammeRead:
    """Read a programme; its ETag is what a change sends back as If-Match."""
    found = domain.find_programme(session, programme_id=programme_id)
    response.headers["ETag"] = etag(found.version)
    return schemas.ProgrammeRead.model_validate(found)


@router.post(
    "/programmes",
    status_code=201,
    response_model=schemas.ProgrammeRead,
    responses=CREATING,
)
def create_programme(
    body: schemas.ProgrammeCreate,
    once: OnceOnly,
    caller: Annotated[Subject, Depends(permitted(Permission.PROGRAMME_CHANGE))],
    request: Request,
) -> JSONResponse:
    """Add a programme; people are referred to it once somebody has assured it."""

    def act(session: Session, now: datetime) -> Answer:
        made = domain.open_programme(
            session,
            organisation_id=body.organisation_id,
            facts=domain.ProgrammeFacts(**body.facts()),
            now=now,
            actor=caller.actor,
        )
        read = schemas.ProgrammeRead.model_validate(made).model_dump(mode="json")
        place = f"{place_of(request)}/{made.id}"
        return answer(201, read, location=place, version=made.version)

    return once.answer(act)


@router.put(
    "/programmes/{programme_id}",
    response_model=schemas.ProgrammeRead,
    responses=CHANGING,
)
def replace_programme(
    *,
    programme_id: ById,
    body: schemas.ProgrammeChange,
    once: OnceOnly,
    caller: Annotated[Subject, Depends(permitted(Permission.PROGRAMME_CHANGE))],
    version: Annotated[Versions, Depends(expected_versions)],
    request: Request,
) -> JSONResponse:
    """Replace what is known of a programme; then it must be assured again."""

    def act(session: Session, now: datetime) -> Answer:
        changed = domain.change_programme(
            session,
            programme_id=programme_id,
            facts=domain.ProgrammeFacts(**body.facts()),
            expected_version=version,
            now=now,
            actor=caller.actor,
        )
        read = schemas.ProgrammeRead.model_validate(changed).model_dump(mode="json")
        return answer(200, read, location=place_of(request), version=changed.version)

    return once.answer(act)


@router.post(
    "/programmes/{programme_id}/assurances",
    status_code=201,
    response_model=schemas.ProgrammeRead,
    responses=CHANGING,
)
def assure_programme(
    *,
    programme_id: ById,
    body: schemas.AssuranceCreate,
    once: OnceOnly,
    caller: Annotated[Subject, Depends(permitted(Permission.PROGRAMME_ASSURE))],
    version: Annotated[Versions, Depends(expected_versions)],
    request: Request,
) -> JSONResponse:
    """Assure that a programme is as it stands, so that people may be referred to it for 90 days."""
    said = body.confirmation
    confirmation = domain.Confirmation(**said.model_dump()) if said else None

    def act(session: Session, now: datetime) -> Answer:
        assured = domain.assure_programme(
            session,
            programme_id=programme_id,
            subject=caller,
            confirmation=confirmation,
            expected_version=version,
            now=now,
            actor=caller.actor,
        )
        read = schemas.ProgrammeRead.model_validate(assured).model_dump(mode="json")
        place = place_of(request).removesuffix("/assurances")
        return answer(201, read, location=place, version=assured.version)

    return once.answer(act)
