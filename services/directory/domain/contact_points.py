"""Contact points: where the office of an organisation is written to, one of each kind at a time."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from services.directory.domain.organisations import find_organisation, lock_organisation
from services.directory.errors import ContactPointNotFound, OrganisationInactive
from services.directory.models import ContactPoint
from services.directory.policy import check_mailbox
from shared.contracts.directory import ContactPointChanged
from shared.contracts.vocabulary import ChannelKind
from shared.kit import audit
from shared.kit.identifiers import new_id
from shared.messaging import outbox


def register_contact_point(
    session: Session,
    *,
    organisation_id: UUID,
    mailbox: str,
    now: datetime,
    actor: str,
) -> ContactPoint:
    """Have an office written to at this mailbox from now on; the one before it is not used again.

    The one that is in use already goes on as it is. Raises ``MailboxRefused``,
    ``OrganisationNotFound`` and ``OrganisationInactive``.
    """
    check_mailbox(mailbox)
    # The organisation is locked, because there may be no contact point yet to lock.
    if not lock_organisation(session, organisation_id).is_active:
        raise OrganisationInactive
    former = session.scalar(_in_use(organisation_id, ChannelKind.EMAIL))
    if former is not None:
        if former.mailbox == mailbox:
            return former
        _end(session, former, now=now, actor=actor)
    made = ContactPoint(
        id=new_id(),
        organisation_id=organisation_id,
        channel=ChannelKind.EMAIL,
        mailbox=mailbox,
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
    """Write to this mailbox no more; raises ``ContactPointNotFound``, also where it has ended."""
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
    # The mailbox is in no entry: who reads the audit reads it where it stands.
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


def as_it_stands(found: ContactPoint, told_at: datetime) -> ContactPointChanged:
    """The contact point, whole, as messages tell it."""
    return ContactPointChanged(
        occurred_at=told_at,
        contact_point_id=found.id,
        organisation_id=found.organisation_id,
        channel=ChannelKind(found.channel),
        mailbox=found.mailbox,
        valid_from=found.valid_from,
        valid_to=found.valid_to,
    )
