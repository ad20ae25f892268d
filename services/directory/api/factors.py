"""How one logs in, over HTTP: changed by the person, after having shown again who it is.

None of it takes an ``Idempotency-Key``: no secret, and no digest of one, is kept beside an answer.
"""

from typing import Annotated

from fastapi import Depends, Response

from services.directory import domain, schemas
from services.directory.api.account import Owner as Changing
from services.directory.api.account import Person
from services.directory.api.edge import ById, Now
from services.directory.api.log_ins import app_read, challenge_read
from services.directory.api.staff import Rules, Vault
from services.directory.errors import ConfirmationWrong
from services.directory.policy import LogInOutcome, is_right
from shared.kit.http import Edge, ReadSession, edge_of
from shared.kit.problems import refusals
from shared.kit.routing import Router

router = Router(tags=["account"])

EdgeOf = Annotated[Edge, Depends(edge_of)]
FACTOR = refusals(400, 401, 403, 404, 409, 422)


def owner_of(caller: Changing, vault: Vault, rules: Rules, now: Now) -> domain.Owner:
    """Dependency: whoever changes how they log in."""
    return domain.Owner(caller, vault, rules, now)


Owner = Annotated[domain.Owner, Depends(owner_of)]


@router.post("/me/confirmations", status_code=204, responses=FACTOR)
def confirm(body: schemas.ProofGiven, owner: Owner, edge: EdgeOf) -> Response:
    """Show again who one is: good for five minutes, for changes of how one logs in.

    The password, and where there is a second factor that as well. The password is looked at while
    no transaction is open, and whoever is wrong several times has to wait.
    """
    with edge.begin() as session:
        asked = domain.ask_for_password(session, subject=owner.subject, vault=owner.vault)
    is_password = _is_password(body.password, asked)
    if asked is None:
        raise ConfirmationWrong
    with edge.begin() as session:
        outcome = domain.confirm(
            session, asked=asked, is_right=is_password, shown=body.given(), owner=owner
        )
    if outcome is not LogInOutcome.DONE:
        raise ConfirmationWrong
    return Response(status_code=204)


@router.post("/me/confirmations/passkey", responses=FACTOR)
def ask_own_passkey(owner: Owner, edge: EdgeOf) -> schemas.ChallengeRead:
    """Ask what a passkey has to sign to confirm who one is, if there is one."""
    with edge.begin() as session:
        challenged = domain.challenge_to_confirm(session, owner=owner)
    return challenge_read(challenged)


@router.post("/me/recovery-codes", status_code=201, responses=FACTOR)
def make_recovery_codes(owner: Owner, edge: EdgeOf) -> schemas.RecoveryCodes:
    """Make new recovery codes; the former are worth nothing from now on."""
    with edge.begin() as session:
        codes = domain.make_recovery_codes(session, owner=owner)
    return schemas.RecoveryCodes(recovery_codes=list(codes))


@router.post("/me/authenticator", status_code=201, responses=FACTOR)
def begin_authenticator(owner: Owner, edge: EdgeOf) -> schemas.Authenticator:
    """Begin to set an authenticator app up; a former one is good until its first code is given."""
    with edge.begin() as session:
        secret, user_name = domain.begin_app(session, owner=owner)
    return app_read(secret, user_name)


@router.put("/me/authenticator", responses=FACTOR)
def set_authenticator(body: schemas.AppCode, owner: Owner, edge: EdgeOf) -> schemas.RecoveryCodes:
    """Give the first code of the new app; a former one is over, and all other sessions end."""
    with edge.begin() as session:
        codes = domain.end_app(session, code=body.code, owner=owner)
    return schemas.RecoveryCodes(recovery_codes=list(codes))


@router.get("/me/passkeys", responses=refusals(401, 403))
def list_passkeys(
    session: ReadSession, caller: Person, vault: Vault, rules: Rules, now: Now
) -> schemas.PasskeyList:
    """List one's own passkeys."""
    owner = domain.Owner(caller, vault, rules, now)
    found = domain.own_passkeys(session, owner=owner)
    return schemas.PasskeyList(items=[_shown(each) for each in found])


@router.post("/me/passkeys/invitation", responses=FACTOR)
def invite_passkey(owner: Owner, edge: EdgeOf) -> schemas.PasskeyInvitation:
    """Ask what a new passkey is made with: once, and within five minutes."""
    with edge.begin() as session:
        invited = domain.invite_passkey(session, owner=owner)
    return schemas.PasskeyInvitation(
        rp_id=invited.rp_id,
        challenge=schemas.written(invited.challenge),
        user_id=schemas.written(invited.staff_id.bytes),
        user_name=invited.named.user_name,
        display_name=invited.named.display_name,
        credential_ids=[schemas.written(each) for each in invited.known],
        algorithms=[int(each) for each in invited.algorithms],
    )


@router.post("/me/passkeys", status_code=201, responses=FACTOR)
def add_passkey(body: schemas.PasskeyCreate, owner: Owner, edge: EdgeOf) -> schemas.PasskeyAdded:
    """Add a passkey: one can log in with it instead of a code from now on."""
    with edge.begin() as session:
        added = domain.keep_passkey(session, label=body.name, created=body.answer(), owner=owner)
    return schemas.PasskeyAdded(
        passkey=_shown(added.passkey), recovery_codes=list(added.recovery_codes)
    )


@router.delete("/me/passkeys/{passkey_id}", status_code=204, responses=FACTOR)
def remove_passkey(passkey_id: ById, owner: Owner, edge: EdgeOf) -> Response:
    """Remove a passkey; all other sessions end."""
    with edge.begin() as session:
        domain.drop_passkey(session, passkey_id=passkey_id, owner=owner)
    return Response(status_code=204)


def _is_password(typed: str | None, asked: domain.Asked | None) -> bool:
    """Whether the password is right, or there is none; it takes as long where nothing is asked."""
    kept = None if asked is None else asked.password_hash
    return is_right(typed or "", kept) or (asked is not None and kept is None)


def _shown(passkey: domain.Passkey) -> schemas.PasskeyRead:
    return schemas.PasskeyRead(
        id=passkey.id,
        name=passkey.label,
        registered_at=passkey.registered_at,
        used_at=passkey.used_at,
    )
