"""Organisations over HTTP."""

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
    Now,
    OnDay,
    answer,
    day,
)
from services.directory.policy import check_sandbox
from shared.access import Permission
from shared.access.asking import permitted
from shared.contracts.vocabulary import OrganisationKind, Role
from shared.kit.conditional import etag, expected_versions
from shared.kit.http import OnceOnly, ReadSession, place_of
from shared.kit.idempotency import Answer
from shared.kit.pages import PageParams
from shared.kit.routing import Router
from shared.kit.subjects import Subject
from shared.kit.versions import Versions

router = Router(tags=["organisations"])


@router.get("/organisations", responses=LISTING)
def list_organisations(
    *,
    session: ReadSession,
    _caller: Annotated[Subject, Depends(permitted(Permission.ORGANISATION_READ))],
    page: PageParams,
    now: Now,
    kind: Annotated[
        OrganisationKind | None, Query(description="Only organisations of this kind.")
    ] = None,
    role: Annotated[
        Role | None, Query(description="Only organisations that hold this role on the day.")
    ] = None,
    area: Annotated[
        AreaCode | None, Query(description="Only organisations that hold a role in this unit.")
    ] = None,
    name: Annotated[
        str | None,
        Query(
            min_length=1,
            max_length=100,
            description="Only organisations with this in one of their names, or in their code.",
        ),
    ] = None,
    on: OnDay = None,
) -> schemas.OrganisationList:
    """List organisations; with a role or an area, those that hold one there on a day."""
    found = domain.find_organisations(
        session,
        kind=kind,
        role=role,
        area=area,
        name=name,
        on=day(on, now),
        after=page.after,
        size=page.reach,
    )
    shown = page.of(found)
    items = [schemas.OrganisationRead.model_validate(each) for each in shown.rows]
    return schemas.OrganisationList(items=items, next_cursor=shown.next_cursor)


@router.get("/organisations/{organisation_id}", responses=READING)
def read_organisation(
    organisation_id: ById,
    session: ReadSession,
    _caller: Annotated[Subject, Depends(permitted(Permission.ORGANISATION_READ))],
    response: Response,
) -> schemas.OrganisationRead:
    """Read an organisation; its ETag is what a change sends back as If-Match."""
    found = domain.find_organisation(session, organisation_id=organisation_id)
    response.headers["ETag"] = etag(found.version)
    return schemas.OrganisationRead.model_validate(found)


@router.post(
    "/organisations",
    status_code=201,
    response_model=schemas.OrganisationRead,
    responses=CREATING,
)
def create_organisation(
    body: schemas.OrganisationCreate,
    once: OnceOnly,
    caller: Annotated[Subject, Depends(permitted(Permission.ORGANISATION_CHANGE))],
    request: Request,
) -> JSONResponse:
    """Add an organisation. Its code, its kind, and whether it is a test can never be changed."""
    check_sandbox(is_test=body.is_test, is_sandbox=request.app.state.is_sandbox)

    def act(session: Session, now: datetime) -> Answer:
        made = domain.open_organisation(
            session,
            code=body.code,
            kind=body.kind,
            is_test=body.is_test,
            facts=domain.OrganisationFacts(**body.facts()),
            now=now,
            actor=caller.actor,
        )
        read = schemas.OrganisationRead.model_validate(made).model_dump(mode="json")
        place = f"{place_of(request)}/{made.id}"
        return answer(201, read, location=place, version=made.version)

    return once.answer(act)


@router.put(
    "/organisations/{organisation_id}",
    response_model=schemas.OrganisationRead,
    responses=CHANGING,
)
def replace_organisation(
    *,
    organisation_id: ById,
    body: schemas.OrganisationChange,
    once: OnceOnly,
    caller: Annotated[Subject, Depends(permitted(Permission.ORGANISATION_CHANGE))],
    version: Annotated[Versions, Depends(expected_versions)],
    request: Request,
) -> JSONResponse:
    """Replace what is known of an organisation, its dated roles included."""

    def act(session: Session, now: datetime) -> Answer:
        changed = domain.change_organisation(
            session,
            organisation_id=organisation_id,
            facts=domain.OrganisationFacts(**body.facts()),
            expected_version=version,
            now=now,
            actor=caller.actor,
        )
        read = schemas.OrganisationRead.model_validate(changed).model_dump(mode="json")
        return answer(200, read, location=place_of(request), version=changed.version)

    return once.answer(act)
