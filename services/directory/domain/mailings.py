"""Whom the exchange writes to beside offices, as notification asks when it is about to.

A mailbox or a number leaves this service in one answer, to the process that writes there, and is in
no message.
With it goes a token by which the duties of whoever is written to can be read, and nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, case, exists, false, literal, null, or_, select, union_all
from sqlalchemy.orm import Session

from services.directory.domain.credentials import grants_today
from services.directory.domain.organisations import dated_roles, lock_organisation
from services.directory.errors import OrganisationInactive, RecipientGone, UnsubscribeLinkOver
from services.directory.models import ContactPoint, Organisation, Staff, StaffPhone, StaffSettings
from services.directory.policy import (
    CODE_LASTS,
    AccountEvent,
    StaffVault,
    Wishes,
    of_systems,
    roles_in_force,
)
from shared.contracts.vocabulary import ChannelKind, Digest, MailingKind, MailLanguage
from shared.kit import audit
from shared.kit.clock import local_date
from shared.kit.subjects import Grant, Subject, SubjectKind
from shared.kit.unsubscribe_links import UnsubscribeLink

SET, ENDED = "weekly_page.set", "weekly_page.ended"


@dataclass(frozen=True)
class Mailing:
    """Somebody who may be written to, by id, and when they want to be."""

    kind: MailingKind
    id: UUID
    organisation_id: UUID
    since: datetime
    digest: Digest
    quiet_from: int | None
    quiet_to: int | None
    is_on_call: bool
    urgent_by: Sequence[ChannelKind]
    """By which ways what is urgent can be told, the first one first."""
    phone_at: datetime | None
    """When a phone was named that has yet to be confirmed, while its code is good."""


@dataclass(frozen=True, repr=False)
class Recipient:
    """Where somebody is written to now, and as whom their duties are read."""

    address: str
    """A mailbox or a number, as was asked."""
    address_id: UUID
    language: MailLanguage
    code: str | None = None
    """Of what is to be confirmed; then there is nothing else to be written."""
    subject: Subject | None = None


_IS_WRITTEN_TO = and_(Organisation.is_active, Organisation.is_test.is_(False))
"""Whether an organisation and its people are: to a test organisation nothing leaves."""
_WANTS_PAGE = and_(_IS_WRITTEN_TO, Organisation.weekly_page_since.is_not(None))
"""Whether an office is written to about itself each week."""
_OFFICE = and_(
    ContactPoint.organisation_id == Organisation.id,
    ContactPoint.channel == ChannelKind.EMAIL,
    ContactPoint.valid_to.is_(None),
    ContactPoint.stopped_at.is_(None),
)
"""The mailbox of an office, if it has one that is written to."""


def find_mailings(
    session: Session, *, after: UUID | None, size: int, now: datetime
) -> Sequence[Mailing]:
    """Whoever may be written to, by id: an account is in it once, and every organisation once."""
    parts = union_all(_people(now), _organisations()).subquery()
    wanted = select(parts).order_by(parts.c.id).limit(size)
    if after is not None:
        wanted = wanted.where(parts.c.id > after)
    return [
        Mailing(
            MailingKind(row.kind),
            row.id,
            row.organisation_id,
            row.since,
            Digest(row.digest),
            row.quiet_from,
            row.quiet_to,
            row.is_on_call,
            _ways(row),
            row.phone_at,
        )
        for row in session.execute(wanted)
    ]


def find_recipient(
    session: Session,
    *,
    kind: MailingKind,
    recipient_id: UUID,
    by: ChannelKind,
    vault: StaffVault,
    now: datetime,
) -> Recipient:
    """Where to write; raises ``RecipientGone`` where nobody is written to so any more."""
    if kind is MailingKind.ORGANISATION:
        return _office(session, recipient_id, now)
    is_phone = by is ChannelKind.SMS
    where = _phone_settled(kind, now) if is_phone else _settled(kind, now)
    wanted = _of_people(where, StaffSettings, StaffPhone, Staff)
    found = session.execute(wanted.where(Staff.id == recipient_id)).one_or_none()
    if found is None:
        raise RecipientGone
    kept, phone, staff = found
    if is_phone:
        address, named = vault.open_number(phone.number, staff_id=staff.id), phone.number_id
    else:
        address, named = vault.open_mailbox(kept.mailbox, staff_id=staff.id), kept.mailbox_id
    language = MailLanguage(kept.language)
    if kind is MailingKind.CONFIRMATION:
        code = vault.phone_code(named) if is_phone else vault.mailbox_code(named)
        return Recipient(address, named, language, code=code)
    subject = _subject(
        SubjectKind.STAFF, staff.id, staff.organisation, grants_today(staff, now), now
    )
    return Recipient(address, named, language, subject=subject)


def set_weekly_page(
    session: Session, *, organisation_id: UUID, is_wanted: bool, now: datetime, actor: str
) -> Organisation:
    """Have the office written to each week, or no more; said again, it stays as it is.

    Raises ``OrganisationNotFound`` and ``OrganisationInactive``.
    """
    organisation = lock_organisation(session, organisation_id)
    if not organisation.is_active:
        raise OrganisationInactive
    if is_wanted is not (organisation.weekly_page_since is not None):
        organisation.weekly_page_since = now if is_wanted else None
        session.flush()
        action = SET if is_wanted else ENDED
        audit.record(session, actor=actor, action=action, object_id=organisation.id, now=now)
    return organisation


def unsubscribe(session: Session, *, link: UnsubscribeLink | None, now: datetime) -> None:
    """End what the mail with this link was optional of; done twice, it is done.

    What is urgent goes on: it is not optional. Raises ``UnsubscribeLinkOver``.
    """
    if link is None:
        raise UnsubscribeLinkOver
    kept = session.get(StaffSettings, link.recipient, with_for_update=True)
    if kept is not None and kept.mailbox_id == link.sent_to:
        _end_digests(session, kept, now)
        return
    point = session.get(ContactPoint, link.sent_to)
    is_theirs = point is not None and point.organisation_id == link.recipient
    if point is None or not is_theirs or point.valid_to is not None:
        raise UnsubscribeLinkOver
    actor = f"{SubjectKind.OFFICE}:{link.recipient}"
    set_weekly_page(session, organisation_id=link.recipient, is_wanted=False, now=now, actor=actor)


def _end_digests(session: Session, kept: StaffSettings, now: datetime) -> None:
    if kept.digest == Digest.NONE:
        return
    kept.digest, kept.digest_since = Digest.NONE, now
    session.flush()
    audit.record(
        session,
        # Whoever reads the mailbox, which is its owner: nobody else was sent the link.
        actor=f"{SubjectKind.STAFF}:{kept.staff_id}",
        action=AccountEvent.UNSUBSCRIBED,
        object_id=kept.staff_id,
        now=now,
    )


def _settled(kind: MailingKind, now: datetime) -> Any:
    """Whether a mailbox is at this step: a code is good for a day, and then nothing is sent.

    Nor is anything where it was refused too often.
    """
    if kind is MailingKind.PERSON:
        return and_(StaffSettings.confirmed_at.is_not(None), StaffSettings.stopped_at.is_(None))
    is_asked = and_(StaffSettings.mailbox_id.is_not(None), StaffSettings.confirmed_at.is_(None))
    return and_(is_asked, StaffSettings.mailbox_at > now - CODE_LASTS)


def _phone_settled(kind: MailingKind, now: datetime) -> Any:
    """The same of a phone."""
    if kind is MailingKind.PERSON:
        return and_(StaffPhone.confirmed_at.is_not(None), StaffPhone.stopped_at.is_(None))
    return and_(StaffPhone.confirmed_at.is_(None), StaffPhone.named_at > now - CODE_LASTS)


def _of_people(where: Any, *columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .select_from(StaffSettings)
        .join(Staff, Staff.id == StaffSettings.staff_id)
        .join(Organisation, Organisation.id == Staff.organisation_id)
        .outerjoin(StaffPhone, StaffPhone.staff_id == StaffSettings.staff_id)
        .where(Staff.is_active, _IS_WRITTEN_TO, where)
    )


def _people(now: datetime) -> Select[Any]:
    """Whoever has a mailbox or a phone that is confirmed, or is to be."""
    is_named = _settled(MailingKind.CONFIRMATION, now)
    is_mailed = _settled(MailingKind.PERSON, now)
    is_phone_named = _phone_settled(MailingKind.CONFIRMATION, now)
    is_texted = _phone_settled(MailingKind.PERSON, now)
    kind = case((is_named, MailingKind.CONFIRMATION.value), else_=MailingKind.PERSON.value)
    since = case((is_named, StaffSettings.mailbox_at), else_=StaffSettings.digest_since)
    return _of_people(
        or_(is_named, is_mailed, is_phone_named, is_texted),
        kind.label("kind"),
        StaffSettings.staff_id.label("id"),
        Staff.organisation_id,
        since.label("since"),
        StaffSettings.digest,
        StaffSettings.quiet_from,
        StaffSettings.quiet_to,
        StaffSettings.is_on_call,
        is_mailed.label("is_mailed"),
        is_texted.label("is_texted"),
        StaffSettings.urgent_first,
        case((is_phone_named, StaffPhone.named_at)).label("phone_at"),
    )


def _ways(row: Any) -> Sequence[ChannelKind]:
    told = {ChannelKind.EMAIL: row.is_mailed, ChannelKind.SMS: row.is_texted}
    usable = [way for way, is_usable in told.items() if is_usable]
    return Wishes(urgent_first=ChannelKind(row.urgent_first)).in_order(usable)


def _organisations() -> Select[Any]:
    columns: Sequence[Any] = (
        literal(str(MailingKind.ORGANISATION)),
        Organisation.id,
        Organisation.id,
        Organisation.weekly_page_since,
        literal(str(Digest.WEEK)),
        null(),
        null(),
        false(),
        false(),
        false(),
        literal(str(ChannelKind.EMAIL)),
        null(),
    )
    return select(*columns).where(_WANTS_PAGE, exists().where(_OFFICE))


def _office(session: Session, organisation_id: UUID, now: datetime) -> Recipient:
    wanted = (
        select(Organisation, ContactPoint)
        .join(ContactPoint, _OFFICE)
        .where(Organisation.id == organisation_id, _WANTS_PAGE)
    )
    found = session.execute(wanted).one_or_none()
    if found is None or found.ContactPoint.mailbox is None:
        raise RecipientGone
    held = of_systems(roles_in_force(dated_roles(found.Organisation), local_date(now)))
    grants = frozenset(Grant(str(each.role), each.area_code) for each in held)
    organisation = found.Organisation
    return Recipient(
        found.ContactPoint.mailbox,
        found.ContactPoint.id,
        MailLanguage.VIETNAMESE,
        subject=_subject(SubjectKind.CLIENT, organisation.id, organisation, grants, now),
    )


def _subject(
    kind: SubjectKind,
    subject_id: UUID,
    organisation: Organisation,
    grants: frozenset[Grant],
    now: datetime,
) -> Subject:
    return Subject(
        kind=kind,
        id=str(subject_id),
        organisation_id=organisation.id,
        organisation_kind=organisation.kind,
        grants=grants,
        means=(),
        authenticated_at=int(now.timestamp()),
        is_for_duties=True,
    )
