"""Accounts of people over HTTP: a manager's matter, and of nobody else's organisation."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from services.directory import domain, schemas
from services.directory.api.edge import (
    CHANGING,
    CREATING,
    LISTING,
    READING,
    ById,
    answer,
)
from services.directory.policy import LinkPurpose, LogInRules, StaffVault
from shared.access import Permission
from shared.access.asking import permitted
from shared.kit.clock import local_date
from shared.kit.conditional import etag, expected_versions
from shared.kit.http import Now, OnceOnly, ReadSession, place_of
from shared.kit.idempotency import Answer
from shared.kit.pages import PageParams
from shared.kit.problems import refusals
from shared.kit.routing import Router
from shared.kit.subjects import Subject
from shared.kit.versions import Versions

router = Router(tags=["staff"])


def vault_of(request: Request) -> StaffVault:
    """Dependency: what opens the names of people."""
    vault: StaffVault = request.app.state.staff_vault
    return vault


def rules_of(request: Request) -> LogInRules:
    """Dependency: what this installation has decided about logging in."""
    rules: LogInRules = request.app.state.log_in_rules
    return rules


Vault = Annotated[StaffVault, Depends(vault_of)]
Rules = Annotated[LogInRules, Depends(rules_of)]
Reader = Annotated[Subject, Depends(permitted(Permission.STAFF_READ))]
Manager = Annotated[Subject, Depends(permitted(Permission.STAFF_CHANGE))]


def shown(staff: Any, vault: StaffVault) -> schemas.StaffRead:
    """An account with the names of its person."""
    named = vault.open(staff.identity, staff_id=staff.id)
    kept = schemas.StaffKept.model_validate(staff)
    return schemas.StaffRead(**vars(kept), **vars(named))


def _officer(staff: Any, vault: StaffVault) -> schemas.OfficerRead:
    """The account of an officer, and what colleagues call them: no more."""
    named = vault.open(staff.identity, staff_id=staff.id)
    return schemas.OfficerRead(id=staff.id, display_name=named.display_name)


@router.get("/staff", responses=LISTING | refusals(403))
def list_staff(
    session: ReadSession, caller: Reader, page: PageParams, vault: Vault
) -> schemas.StaffList:
    """List the accounts of the people of one's own organisation."""
    found = domain.list_staff(session, subject=caller, after=page.after, size=page.reach)
    part = page.of(found)
    items = [shown(each, vault) for each in part.rows]
    return schemas.StaffList(items=items, next_cursor=part.next_cursor)


@router.get("/officers", responses=LISTING | refusals(403))
def list_officers(
    *,
    session: ReadSession,
    caller: Annotated[Subject, Depends(permitted(Permission.OFFICER_READ))],
    page: PageParams,
    vault: Vault,
    now: Now,
) -> schemas.OfficerList:
    """List who of one's own organisation acts in cases today, to name one of them in a case."""
    found = domain.find_officers(
        session, subject=caller, on=local_date(now), after=page.after, size=page.reach
    )
    part = page.of(found)
    items = [_officer(each, vault) for each in part.rows]
    return schemas.OfficerList(items=items, next_cursor=part.next_cursor)


@router.get("/staff/{staff_id}", responses=READING | refusals(403))
def read_staff(
    *,
    staff_id: ById,
    session: ReadSession,
    caller: Reader,
    vault: Vault,
    response: Response,
) -> schemas.StaffRead:
    """Read an account; its ETag is what a change sends back as If-Match."""
    found = domain.find_staff(session, staff_id=staff_id, subject=caller)
    response.headers["ETag"] = etag(found.version)
    return shown(found, vault)


@router.post("/staff", status_code=201, response_model=schemas.StaffRead, responses=CREATING)
def create_staff(
    body: schemas.StaffCreate, once: OnceOnly, caller: Manager, vault: Vault, request: Request
) -> JSONResponse:
    """Give a person of one's own organisation an account, with roles that it holds itself."""

    def act(session: Session, now: datetime) -> Answer:
        made = domain.register_staff(
            session,
            user_name=body.user_name,
            facts=domain.StaffFacts(**body.facts()),
            vault=vault,
            now=now,
            subject=caller,
        )
        kept = schemas.StaffKept.model_validate(made).model_dump(mode="json")
        place = f"{place_of(request)}/{made.id}"
        return answer(201, kept, location=place, version=made.version)

    return once.answer(act, reveal=_naming(vault))


@router.put("/staff/{staff_id}", response_model=schemas.StaffRead, responses=CHANGING)
def replace_staff(
    *,
    staff_id: ById,
    body: schemas.StaffChange,
    once: OnceOnly,
    caller: Manager,
    vault: Vault,
    version: Annotated[Versions, Depends(expected_versions)],
    request: Request,
) -> JSONResponse:
    """Replace what is known of an account, its dated roles included, or end it.

    An organisation is never left without a manager, nor for a shorter time with one.
    """

    def act(session: Session, now: datetime) -> Answer:
        changed = domain.change_staff(
            session,
            staff_id=staff_id,
            facts=domain.StaffFacts(**body.facts()),
            expected_version=version,
            vault=vault,
            now=now,
            subject=caller,
        )
        kept = schemas.StaffKept.model_validate(changed).model_dump(mode="json")
        return answer(200, kept, location=place_of(request), version=changed.version)

    return once.answer(act, reveal=_naming(vault))


@router.post(
    "/organisations/{organisation_id}/manager",
    status_code=201,
    response_model=schemas.ManagerAppointed,
    responses=CREATING,
)
def appoint_manager(
    *,
    organisation_id: ById,
    body: schemas.ManagerCreate,
    once: OnceOnly,
    caller: Annotated[Subject, Depends(permitted(Permission.STAFF_APPOINT))],
    vault: Vault,
    rules: Rules,
) -> JSONResponse:
    """Make the first manager of an organisation that nobody manages, or can manage any more.

    The organisation must hold the role `manager` today. All its other accounts are its manager's.
    Where there are managers, a post of the organisation has confirmed that none of them can act;
    each of them reads of it. Only this answer shows the code with which the manager gets into the
    account.
    """
    given = body.confirmation

    def act(session: Session, now: datetime) -> Answer:
        made = domain.appoint_manager(
            session,
            organisation_id=organisation_id,
            user_name=body.user_name,
            display_name=body.display_name,
            confirmation=domain.Confirmation(**given.model_dump()) if given else None,
            vault=vault,
            now=now,
            actor=caller.actor,
        )
        link = domain.add_link(
            session,
            made,
            LinkPurpose.EVERYTHING,
            vault=vault,
            rules=rules,
            now=now,
            actor=caller.actor,
        )
        kept = schemas.LinkKept.model_validate(link).model_dump(mode="json")
        return Answer(201, {**kept, "organisation_id": str(made.organisation_id)})

    return once.answer(act, reveal=_with_code(vault))


@router.post(
    "/staff/{staff_id}/links",
    status_code=201,
    response_model=schemas.LinkMade,
    responses=CREATING,
)
def make_link(
    *,
    staff_id: ById,
    body: schemas.LinkCreate,
    once: OnceOnly,
    caller: Manager,
    vault: Vault,
    rules: Rules,
) -> JSONResponse:
    """Make a link or slip with which a person of one's own organisation gets into their account.

    Only this answer shows the code. A former one is worth nothing from now on, and all sessions of
    the person end.
    """

    def act(session: Session, now: datetime) -> Answer:
        made = domain.make_link(
            session,
            staff_id=staff_id,
            purpose=body.purpose,
            vault=vault,
            rules=rules,
            now=now,
            subject=caller,
        )
        return Answer(201, schemas.LinkKept.model_validate(made).model_dump(mode="json"))

    return once.answer(act, reveal=_with_code(vault))


def _with_code(vault: StaffVault) -> Any:
    """The answer with the code, which is derived here and stored nowhere."""

    def reveal(_session: Session, kept: Answer) -> dict[str, Any]:
        code = vault.link_code(UUID(kept.body["staff_id"]), kept.body["link_number"])
        return {**kept.body, "code": code}

    return reveal


def _naming(vault: StaffVault) -> Any:
    """The answer with the names, which are read again at every repeat and kept with no answer."""

    def reveal(session: Session, kept: Answer) -> dict[str, Any]:
        staff_id = UUID(kept.body["id"])
        named = vault.open(domain.identity_of(session, staff_id=staff_id), staff_id=staff_id)
        return {**kept.body, **vars(named)}

    return reveal
