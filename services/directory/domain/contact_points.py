"""Contact points: where the office of an organisation is told, one of each kind at a time."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from services.directory.domain.organisations import find_organisation, lock_organisation
from services.directory.errors import (
    ContactPointNotFound,
    ContactPointUnclear,
    OrganisationInactive,
)
from services.directory.models import ContactPoint
from services.directory.policy import check_mailbox, check_number, takes_simulated
from shared.contracts.directory import ContactNumberChanged, ContactPointChanged
from shared.contracts.vocabulary import ChannelKind
from shared.kit import audit
from shared.kit.identifiers import new_id
from shared.messaging import outbox


def register_contact_point(
    session: Session,
    *,
    organisation_id: UUID,
    mailbox: str | None = None,
    number: str | None = None,
    now: datetime,
    actor: str,
) -> ContactPoint:
    """Have an office written to there from now on; the one before it is not used again.

    The one that is in use already goes on as it is, and may be written to again. Raises
    ``ContactPointUnclear``, ``MailboxRefused``, ``NumberRefused``, ``SimulatedRecipientRefused``,
    ``OrganisationNotFound`` and ``OrganisationInactive``.
    """
    # The organisation is locked, because there may be no contact point yet to lock.
    organisation = lock_organisation(session, organisation_id)
    channel = _checked(mailbox, number, is_test=organisation.is_test)
    if not organisation.is_active:
        raise OrganisationInactive
    former = session.scalar(_in_use(organisation_id, channel))
    if former is not None:
        if (former.mailbox, former.number) == (mailbox, number):
            former.forget_refusals()
            return former
        _end(session, former, now=now, actor=actor)
    made = ContactPoint(
        id=new_id(),
        organisation_id=organisation_id,
        channel=channel,
        mailbox=mailbox,
        number=number,
        valid_from=now,
    )
    session.add(made)
    session.flush()
    _tell(session, made, action="contact_point.registered", now=now, actor=actor)
    return made


def end_contact_point(
    session: Session,
    *,
    organisation_id: UUID,
    contact_point_id: UUID,
    now: datetime,
    actor: str,
) -> ContactPoint:
    """Write there no more; raises ``ContactPointNotFound``, also where it has ended."""
    lock_organisation(session, organisation_id)
    found = session.get(ContactPoint, contact_point_id)
    if found is None or found.organisation_id != organisation_id or found.valid_to is not None:
        raise ContactPointNotFound
    _end(session, found, now=now, actor=actor)
    return found


def find_contact_points(session: Session, *, organisation_id: UUID) -> Sequence[ContactPoint]:
    """All that an organisation has and had, the newest first; raises ``OrganisationNotFound``."""
    find_organisation(session, organisation_id=organisation_id)
    return session.scalars(
        select(ContactPoint)
        .where(ContactPoint.organisation_id == organisation_id)
        .order_by(ContactPoint.id.desc())
    ).all()


def _checked(mailbox: str | None, number: str | None, *, is_test: bool) -> ChannelKind:
    """The way by which one is told there."""
    if mailbox is not None and number is None:
        if not takes_simulated(ChannelKind.EMAIL, mailbox, is_test=is_test):
            check_mailbox(mailbox)
        return ChannelKind.EMAIL
    if number is not None and mailbox is None:
        if not takes_simulated(ChannelKind.SMS, number, is_test=is_test):
            check_number(number)
        return ChannelKind.SMS
    raise ContactPointUnclear


def _in_use(organisation_id: UUID, channel: ChannelKind) -> Select[ContactPoint]:
    return select(ContactPoint).where(
        ContactPoint.organisation_id == organisation_id,
        ContactPoint.channel == channel,
        ContactPoint.valid_to.is_(None),
    )


def _end(session: Session, found: ContactPoint, *, now: datetime, actor: str) -> None:
    # Another process may have begun it by a clock that is ahead; it ends after that all the same.
    found.valid_to = max(now, found.valid_from + timedelta.resolution)
    session.flush()
    _tell(session, found, action="contact_point.ended", now=now, actor=actor)


def _tell(session: Session, found: ContactPoint, *, action: str, now: datetime, actor: str) -> None:
    # Mailbox and number are in no entry: who reads the audit reads it where it stands.
    audit.record(
        session,
        actor=actor,
        action=action,
        object_id=found.id,
        now=now,
        organisation_id=str(found.organisation_id),
        channel=found.channel,
    )
    outbox.add(session, as_it_stands(found, now))


def as_it_stands(
    found: ContactPoint, told_at: datetime
) -> ContactPointChanged | ContactNumberChanged:
    """The contact point, whole, as messages tell it."""
    facts: dict[str, Any] = {
        "occurred_at": told_at,
        "contact_point_id": found.id,
        "organisation_id": found.organisation_id,
        "valid_from": found.valid_from,
        "valid_to": found.valid_to,
        "is_test": found.organisation.is_test,
    }
    if found.number is not None:
        return ContactNumberChanged(**facts, number=found.number)
    return ContactPointChanged(**facts, channel=ChannelKind(found.channel), mailbox=found.mailbox)
