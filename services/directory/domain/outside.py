"""Identity providers of organisations, and people for whom one of them vouches."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.directory.domain import failures
from services.directory.domain.credentials import (
    credentials_of,
    forget_second_factors,
    has_second_factor,
)
from services.directory.domain.failures import Counter
from services.directory.domain.links import linked, used_up
from services.directory.domain.log_ins import (
    Context,
    LogIn,
    begin_half,
    is_known_browser,
    is_known_of,
    note,
    refuse,
    without_second,
)
from services.directory.domain.organisations import lock_organisation
from services.directory.domain.sessions import moment
from services.directory.errors import LinkNotValid, OutsideTaken, ProviderNotFound
from services.directory.models import IdentityProvider, Organisation, Staff, StaffCredentials
from services.directory.policy import (
    AccountEvent,
    Counted,
    LinkPurpose,
    LogInOutcome,
    LogInStep,
    Pending,
    Provider,
    check_issuer,
)
from shared.kit import audit
from shared.kit.errors import DomainError
from shared.kit.subjects import Means

CHANGED = "identity_provider.changed"
REMOVED = "identity_provider.removed"


def set_provider(
    session: Session, provider: Provider, *, allow_loopback: bool, now: datetime, actor: str
) -> IdentityProvider:
    """Let a provider vouch for the people of an organisation, in the place of a former one.

    Raises ``ProviderAddressRefused`` and ``OrganisationNotFound``.
    """
    check_issuer(provider.issuer, allow_loopback=allow_loopback)
    lock_organisation(session, provider.organisation_id)
    kept = session.get(IdentityProvider, provider.organisation_id)
    if kept is None:
        kept = IdentityProvider(organisation_id=provider.organisation_id)
        session.add(kept)
    kept.issuer, kept.client_id, kept.changed_at = provider.issuer, provider.client_id, now
    session.flush()
    _record(session, provider.organisation_id, CHANGED, now=now, actor=actor)
    return kept


def remove_provider(
    session: Session, *, organisation_id: UUID, now: datetime, actor: str
) -> IdentityProvider:
    """Nobody is let in by it any more; raises ``ProviderNotFound`` and ``OrganisationNotFound``."""
    lock_organisation(session, organisation_id)
    removed = session.get(IdentityProvider, organisation_id)
    if removed is None:
        raise ProviderNotFound
    session.delete(removed)
    session.flush()
    _record(session, organisation_id, REMOVED, now=now, actor=actor)
    return removed


def find_provider(session: Session, *, organisation_id: UUID) -> IdentityProvider:
    """The provider of an organisation that takes part; raises ``ProviderNotFound``."""
    found = session.scalar(
        select(IdentityProvider)
        .join(Organisation, Organisation.id == IdentityProvider.organisation_id)
        .where(IdentityProvider.organisation_id == organisation_id, Organisation.is_active)
    )
    if found is None:
        raise ProviderNotFound
    return found


def list_vouched(session: Session) -> Sequence[Organisation]:
    """The organisations whose people may log in at a provider of their own."""
    return session.scalars(
        select(Organisation)
        .join(IdentityProvider, IdentityProvider.organisation_id == Organisation.id)
        .where(Organisation.is_active)
        .order_by(Organisation.name_vi)
    ).all()


def provider_of(session: Session, *, organisation_id: UUID) -> Provider:
    """The same as policies know it."""
    found = find_provider(session, organisation_id=organisation_id)
    return Provider(found.organisation_id, found.issuer, found.client_id)


def claim_outside(
    session: Session, *, pending: Pending, context: Context
) -> tuple[Counter, ...] | None:
    """Count whoever comes back, as if in vain, before their provider is asked; none for waiting.

    Whoever comes in a browser in which somebody of the organisation has been waits for nobody else
    at the same address. Raises ``ProviderNotFound`` where another provider, or none, vouches for
    them by now.
    """
    by, place = pending.provider, context.place
    if provider_of(session, organisation_id=by.organisation_id) != by:
        raise ProviderNotFound
    by_source = Counter.of(context.vault, Counted.SOURCE, place.source)
    counted = [by_source]
    if is_known_of(session, by.organisation_id, place):
        counted.append(Counter.of(context.vault, Counted.DEVICE, str(place.device_token)))
    is_counted = failures.count(session, counted, at=moment(session), stopping=counted[-1:])
    return tuple(counted) if is_counted else None


def conclude_outside(
    session: Session,
    *,
    pending: Pending,
    counted: tuple[Counter, ...] | None,
    subject: str | None,
    context: Context,
) -> LogIn | LogInOutcome | DomainError:
    """The next step for whom a provider vouches; or how it ended, which nobody is told.

    Whoever comes with a link is refused by ``LinkNotValid``, returned so that it stays noted, or
    ``OutsideTaken``.
    """
    if counted is None:
        return refuse(session, None, LogInOutcome.WAITING, context)
    if subject is None:
        return refuse(session, None, LogInOutcome.NOT_VOUCHED, context)
    digest = context.vault.digest("outside", pending.provider.issuer, subject)
    credentials: StaffCredentials | None
    if pending.link is None:
        credentials = _known(session, digest, pending.provider.organisation_id)
    else:
        try:
            credentials = _bound(session, digest, pending.link, pending.provider, context)
        except LinkNotValid as refusal:
            refuse(session, None, LogInOutcome.WRONG_LINK, context)
            return refusal
    failures.take_back(session, counted)
    if credentials is None:
        return refuse(session, None, LogInOutcome.UNKNOWN, context)
    if has_second_factor(session, credentials):
        half = begin_half(session, credentials.staff_id, context, by=Means.OUTSIDE)
        return LogIn(LogInStep.SECOND_FACTOR, half)
    is_known = is_known_browser(session, credentials.staff_id, context.place)
    may_set_up = is_known or pending.link is not None
    return without_second(session, credentials, context, by=Means.OUTSIDE, may_set_up=may_set_up)


def _known(session: Session, digest: bytes, organisation_id: UUID) -> StaffCredentials | None:
    staff_id = session.scalar(
        select(Staff.id)
        .join(StaffCredentials, StaffCredentials.staff_id == Staff.id)
        .join(Organisation, Organisation.id == Staff.organisation_id)
        .where(
            StaffCredentials.outside_digest == digest,
            Staff.organisation_id == organisation_id,
            Staff.is_active,
            Organisation.is_active,
        )
    )
    if staff_id is None:
        return None
    credentials = credentials_of(session, staff_id)
    return credentials if credentials.outside_digest == digest else None


def _bound(
    session: Session, digest: bytes, link: str, by: Provider, context: Context
) -> StaffCredentials:
    """Whoever has a link of the manager is from now on who their provider says; no password is.

    Raises ``LinkNotValid`` and ``OutsideTaken``.
    """
    credentials = linked(session, link, context.vault)
    staff = session.get_one(Staff, credentials.staff_id)
    if staff.organisation_id != by.organisation_id:
        raise LinkNotValid
    taken = select(StaffCredentials.staff_id).where(StaffCredentials.outside_digest == digest)
    if session.scalar(taken) not in {None, staff.id}:
        raise OutsideTaken
    if credentials.link_purpose == LinkPurpose.EVERYTHING:
        forget_second_factors(session, credentials)
    credentials.password_hash = credentials.password_set_at = None
    credentials.outside_digest = digest
    used_up(session, credentials)
    note(session, staff.id, AccountEvent.OUTSIDE_BOUND, context)
    session.flush()
    return credentials


def _record(
    session: Session, organisation_id: UUID, action: str, *, now: datetime, actor: str
) -> None:
    audit.record(session, actor=actor, action=action, object_id=organisation_id, now=now)
