"""One's own account over HTTP."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Response
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from services.directory import domain, schemas
from services.directory.api.edge import CREATING, LISTING, ById, Now
from services.directory.api.staff import Rules, Vault
from services.directory.errors import PasswordWrong
from services.directory.policy import hashed, is_right
from shared.access import Permission
from shared.access.asking import permitted
from shared.kit.http import Edge, OnceOnly, ReadSession, edge_of
from shared.kit.idempotency import Answer
from shared.kit.pages import PageParams
from shared.kit.problems import refusals
from shared.kit.routing import Router
from shared.kit.subjects import Subject

router = Router(tags=["account"])

Person = Annotated[Subject, Depends(permitted(Permission.ACCOUNT_READ))]
Owner = Annotated[Subject, Depends(permitted(Permission.ACCOUNT_CHANGE))]
READING_OWN = refusals(401, 403)


@router.get("/me", responses=READING_OWN)
def read_account(
    session: ReadSession, caller: Person, now: Now, vault: Vault, rules: Rules
) -> schemas.AccountRead:
    """Read one's own account."""
    own = domain.own_account(session, subject=caller, now=now)
    named = vault.open(own.staff.identity, staff_id=own.staff.id)
    return schemas.AccountRead(
        id=own.staff.id,
        organisation_id=own.staff.organisation_id,
        user_name=named.user_name,
        display_name=named.display_name,
        grants=[schemas.GrantRead(role=it.role, area=it.area) for it in sorted(own.grants)],
        has_authenticator=own.has_authenticator,
        recovery_codes_left=own.recovery_codes_left,
        second_factor_required=rules.is_second_factor_required,
        passkeys_possible=rules.party.rp_id is not None,
    )


@router.get("/me/sessions", responses=READING_OWN)
def list_sessions(session: ReadSession, caller: Person) -> schemas.SessionList:
    """List where one is logged in."""
    found = domain.list_sessions(session, subject=caller)
    return schemas.SessionList(items=[_shown(each, caller) for each in found])


@router.delete("/me/sessions/{session_id}", response_model=schemas.SessionRead, responses=CREATING)
def revoke_session(session_id: ById, once: OnceOnly, caller: Owner) -> JSONResponse:
    """End one of one's own sessions: no new access token is given for it from now on."""

    def act(session: Session, now: datetime) -> Answer:
        ended = domain.revoke_session(session, session_id=session_id, subject=caller, now=now)
        return Answer(200, _shown(ended, caller).model_dump(mode="json"))

    return once.answer(act)


@router.get("/me/log", responses=LISTING | refusals(403))
def read_log(session: ReadSession, caller: Person, page: PageParams) -> schemas.AccountLog:
    """Read what happened to one's own account: what, when, and with which kind of device."""
    found = domain.own_log(session, subject=caller, after=page.after, size=page.reach)
    part = page.of(found)
    items = [schemas.AccountEntryRead.model_validate(each) for each in part.rows]
    return schemas.AccountLog(items=items, next_cursor=part.next_cursor)


@router.post("/me/password", status_code=204, responses=refusals(400, 401, 403, 422))
def change_password(
    body: schemas.PasswordChange,
    caller: Owner,
    vault: Vault,
    now: Now,
    edge: Annotated[Edge, Depends(edge_of)],
) -> Response:
    """Change one's own password; all other sessions end.

    It takes no `Idempotency-Key`, so that no digest of a password is kept beside the answer.
    """
    with edge.begin() as session:
        asked = domain.ask_for_password(session, subject=caller, vault=vault)
    is_password = is_right(body.password, None if asked is None else asked.password_hash)
    if asked is None:
        raise PasswordWrong
    kept = hashed(body.new_password)
    with edge.begin() as session:
        domain.change_password(
            session,
            asked=asked,
            is_right=is_password,
            password=body.new_password,
            password_hash=kept,
            vault=vault,
            now=now,
            subject=caller,
        )
    return Response(status_code=204)


def _shown(session: Any, caller: Subject) -> schemas.SessionRead:
    return schemas.SessionRead(
        id=session.id,
        device=session.device,
        begun_at=session.begun_at,
        used_at=session.used_at,
        is_this=session.id == caller.session_id,
    )
