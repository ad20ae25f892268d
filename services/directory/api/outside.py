"""Identity providers over HTTP: who has one, and logging in there.

A provider is asked while no transaction is open.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from services.directory import domain, schemas
from services.directory.api.edge import CREATING, READING, ById
from services.directory.api.log_ins import STEP, Console, Ended, StepOf
from services.directory.api.staff import Rules
from services.directory.errors import LogInRefused
from services.directory.gateways import ProviderGateway
from services.directory.policy import Pending, Provider, StaffVault, read_link, vouched_subject
from shared.access import Permission
from shared.access.asking import permitted
from shared.kit.crypto import Unreadable
from shared.kit.database import retry_on_conflict
from shared.kit.http import OnceOnly, ReadSession
from shared.kit.idempotency import Answer
from shared.kit.problems import refusals
from shared.kit.routing import Router
from shared.kit.subjects import Subject

router = Router(tags=["identity-providers"])

RETURN = "/log-in/outside/return"
"""Where the console is come back to."""
PLACE = "/organisations/{organisation_id}/identity-provider"
OUTSIDE = STEP | refusals(404, 409, 503)

Administrator = Annotated[Subject, Depends(permitted(Permission.ORGANISATION_CHANGE))]


def gateway_of(request: Request) -> ProviderGateway:
    """Dependency: what asks providers."""
    gateway: ProviderGateway = request.app.state.providers
    return gateway


Gateway = Annotated[ProviderGateway, Depends(gateway_of)]


def return_to(rules: Rules) -> str:
    """Dependency: the address that providers send people back to."""
    return f"{rules.party.origin}{RETURN}"


ReturnTo = Annotated[str, Depends(return_to)]


@router.get(PLACE, responses=READING | refusals(403))
def read_provider(
    organisation_id: ById, session: ReadSession, _caller: Administrator, back: ReturnTo
) -> schemas.ProviderRead:
    """Read which identity provider vouches for the people of an organisation."""
    return _shown(domain.find_provider(session, organisation_id=organisation_id), back)


@router.put(PLACE, response_model=schemas.ProviderRead, responses=CREATING)
def set_provider(
    *,
    organisation_id: ById,
    body: schemas.ProviderSet,
    once: OnceOnly,
    caller: Administrator,
    gateway: Gateway,
    back: ReturnTo,
) -> JSONResponse:
    """Let an identity provider vouch for the people of an organisation.

    Whom a former one vouched for gets in again with a link of their manager.
    """

    def act(session: Session, now: datetime) -> Answer:
        made = domain.set_provider(
            session,
            Provider(organisation_id, body.issuer, body.client_id),
            allow_loopback=gateway.allow_loopback,
            now=now,
            actor=caller.actor,
        )
        return Answer(200, _shown(made, back).model_dump(mode="json"))

    return once.answer(act)


@router.delete(PLACE, response_model=schemas.ProviderRead, responses=CREATING)
def remove_provider(
    organisation_id: ById, once: OnceOnly, caller: Administrator, back: ReturnTo
) -> JSONResponse:
    """Let nobody in by the identity provider of an organisation any more."""

    def act(session: Session, now: datetime) -> Answer:
        removed = domain.remove_provider(
            session, organisation_id=organisation_id, now=now, actor=caller.actor
        )
        return Answer(200, _shown(removed, back).model_dump(mode="json"))

    return once.answer(act)


@router.get("/log-ins/outside", responses=refusals(401, 403))
def list_vouched(session: ReadSession, _caller: Console) -> schemas.VouchedList:
    """List whose people may log in at a provider of their own."""
    found = domain.list_vouched(session)
    items = [
        schemas.VouchedOrganisation(
            organisation_id=each.id, name_vi=each.name_vi, name_en=each.name_en
        )
        for each in found
    ]
    return schemas.VouchedList(items=items)


@router.post("/log-ins/outside", responses=OUTSIDE)
def begin_outside(
    body: schemas.OutsideStart, step: StepOf, gateway: Gateway, back: ReturnTo
) -> schemas.OutsideBegun:
    """Begin to log in at the identity provider of an organisation.

    What it must be answered with is told to this browser alone, sealed.
    """
    link = None if body.code is None else read_link(body.code)
    with step.edge.read() as session:
        provider = domain.provider_of(session, organisation_id=body.organisation_id)
    found = gateway.discover(provider.issuer)
    pending = Pending.begin(provider, link=link, now=step.edge.clock())
    sealed = urlsafe_b64encode(step.vault.seal_pending(pending.written())).rstrip(b"=").decode()
    return schemas.OutsideBegun(address=pending.address(found, redirect_uri=back), log_in=sealed)


@router.post("/log-ins/outside/return", responses=OUTSIDE)
def end_outside(
    body: schemas.OutsideReturned, step: StepOf, gateway: Gateway, back: ReturnTo
) -> schemas.LogInRead:
    """Come back from an identity provider; the next step follows.

    Whatever is wrong, the answer is the same. With the code of a link the account becomes that of
    the person at the provider, and its password is over.
    """
    context = step.context(body)
    pending = _pending(body, step.vault, context.now)
    with step.edge.begin() as session:
        counted = domain.claim_outside(session, pending=pending, context=context)
    subject = None if counted is None else _vouched(pending, body.code, gateway, back, context.now)

    def conclude() -> Ended:
        with step.edge.begin() as session:
            return domain.conclude_outside(
                session, pending=pending, counted=counted, subject=subject, context=context
            )

    # Two accounts may be bound to one person at one moment: the slower sees the other's then.
    return step.shown(retry_on_conflict(conclude))


def _pending(body: schemas.OutsideReturned, vault: StaffVault, now: datetime) -> Pending:
    """What was begun in this browser; raises ``LogInRefused`` for what was not, or too long ago."""
    try:
        sealed = urlsafe_b64decode(body.log_in + "=" * (-len(body.log_in) % 4))
        pending = Pending.read(vault.open_pending(sealed))
    except (Unreadable, ValueError):
        raise LogInRefused from None
    if not pending.is_answered_by(body.state, now):
        raise LogInRefused
    return pending


def _vouched(
    pending: Pending, code: str, gateway: ProviderGateway, back: str, now: datetime
) -> str | None:
    """For whom the provider vouches; it is asked here, while no transaction is open."""
    found = gateway.discover(pending.provider.issuer)
    answer, keys = gateway.redeem(found, pending.redemption(code, redirect_uri=back))
    return vouched_subject(answer, keys, pending, now=now)


def _shown(provider: object, back: str) -> schemas.ProviderRead:
    return schemas.ProviderRead(
        **{
            name: getattr(provider, name)
            for name in ("organisation_id", "issuer", "client_id", "changed_at")
        },
        redirect_uri=back,
    )
