"""Mailboxes and phones that refused for good what was sent there: noted, stopped when too often.

Notification tells by ids; which one it is stands here alone, and is read by its owner.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.directory.models import ContactPoint, Organisation, StaffPhone, StaffSettings
from services.directory.models.base import Refusable
from services.directory.policy import MOST_REFUSALS, AccountEvent, OfficeEvent, refusals_after
from shared.contracts.vocabulary import MailingKind
from shared.kit import audit
from shared.kit.arrays import among


@dataclass(frozen=True)
class RefusalFacts:
    """That a mailbox refused a mail, as notification told it."""

    kind: MailingKind
    recipient_id: UUID
    mailbox_id: UUID
    is_urgent: bool


@dataclass(frozen=True)
class PhoneRefusal:
    """That the phone of a person refused a text, as notification told it."""

    staff_id: UUID
    number_id: UUID
    is_urgent: bool


def lock_told(
    session: Session, *, organisations: frozenset[UUID], accounts: frozenset[UUID]
) -> None:
    """What a frame of notification's changes: organisations, then settings of people, by id."""
    if organisations:
        wanted = select(Organisation.id).where(among(Organisation.id, organisations))
        session.execute(wanted.order_by(Organisation.id).with_for_update())
    if accounts:
        settings = select(StaffSettings.staff_id).where(among(StaffSettings.staff_id, accounts))
        session.execute(settings.order_by(StaffSettings.staff_id).with_for_update())


def note_refusals(
    session: Session, *, told: Sequence[RefusalFacts], now: datetime, actor: str
) -> None:
    """Count that mailboxes refused, and write to none that did so too often.

    What is told of a former mailbox changes nothing: its owner has named another one meanwhile, or
    the same one again.
    """
    for each in told:
        if each.kind is MailingKind.ORGANISATION:
            _note_office(session, each, now, actor)
        else:
            _note_person(session, each, now, actor)


def note_phone_refusals(
    session: Session, *, told: Sequence[PhoneRefusal], now: datetime, actor: str
) -> None:
    """The same of phones of people."""
    for each in told:
        phone = session.get(StaffPhone, each.staff_id, populate_existing=True)
        if phone is not None and phone.number_id == each.number_id:
            _note_own(session, phone, now, actor, is_urgent=each.is_urgent)


def _note_person(session: Session, told: RefusalFacts, now: datetime, actor: str) -> None:
    kept = session.get(StaffSettings, told.recipient_id, populate_existing=True)
    if kept is not None and kept.mailbox_id == told.mailbox_id:
        _note_own(session, kept, now, actor, is_urgent=told.is_urgent)


def _note_own(
    session: Session,
    way: StaffSettings | StaffPhone,
    now: datetime,
    actor: str,
    *,
    is_urgent: bool,
) -> None:
    """Note it of a way of a person's own; ``StaffSettings`` keeps the mailbox."""
    if is_urgent:
        way.urgent_refused_at = way.urgent_refused_at or now
    is_stopped = _count(way, now)
    session.flush()
    refused, stopped = _EVENTS[type(way)]
    event = stopped if is_stopped else refused
    audit.record(session, actor=actor, action=event, object_id=way.staff_id, now=now)


_EVENTS: Mapping[type[Refusable], tuple[AccountEvent, AccountEvent]] = {
    StaffSettings: (AccountEvent.MAILBOX_REFUSED, AccountEvent.MAILBOX_STOPPED),
    StaffPhone: (AccountEvent.PHONE_REFUSED, AccountEvent.PHONE_STOPPED),
}
"""How the account's history calls one refusal, and the one with which it is told no more."""


def _note_office(session: Session, told: RefusalFacts, now: datetime, actor: str) -> None:
    point = session.get(ContactPoint, told.mailbox_id, populate_existing=True)
    if point is None or point.organisation_id != told.recipient_id or point.valid_to is not None:
        return
    is_stopped = _count(point, now)
    session.flush()
    event = OfficeEvent.MAILBOX_STOPPED if is_stopped else OfficeEvent.MAILBOX_REFUSED
    audit.record(
        session,
        actor=actor,
        action=event,
        object_id=point.id,
        now=now,
        organisation_id=str(point.organisation_id),
    )


def _count(kept: Refusable, now: datetime) -> bool:
    """One more; whether it is the one with which it is written to no more."""
    kept.refusals = refusals_after(kept.refusals, kept.refused_at, now)
    if kept.refusals == 1:
        kept.refused_since = now
    kept.refused_at = now
    is_stopped = kept.stopped_at is None and kept.refusals >= MOST_REFUSALS
    if is_stopped:
        kept.stopped_at = now
    return is_stopped
