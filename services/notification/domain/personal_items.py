"""What is urgent and is told to a person once, by one way; by the other where that cannot be used.

A row for each thing and person decides, also between processes that look at once. It names the mail
or SMS that the thing is told in, and the mailboxes and phones that did not take it: no two of them
are tried at once, and none again.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    String,
    Uuid,
    all_,
    and_,
    cast,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.notification.domain.notices import NoticeView, find_urgent
from services.notification.domain.personal_mails import Written, claim_mail, mail_id_of
from services.notification.models import Delivery, PersonalMailItem, PersonalMailRow
from services.notification.policy import FREEING, PersonalMail
from shared.contracts.vocabulary import ChannelKind
from shared.kit.arrays import among
from shared.kit.identifiers import new_id
from shared.kit.subjects import Subject

NOTICE = "notice:"
"""Before the id of a notice: the name under which it is told to a person once."""


def find_untold(
    session: Session, *, recipient_id: UUID, subject: Subject, now: datetime
) -> list[NoticeView]:
    """What is urgent, unread by this person, and was not told them yet.

    What a mailbox or phone refused was not; whether there is another is asked when it is opened.
    """
    told = exists().where(
        PersonalMailItem.recipient_id == recipient_id, _IS_ITEM, ~_is_free(recipient_id)
    )
    return find_urgent(session, subject=subject, which=~told, now=now)


def find_told(
    session: Session, *, mail: Written, subject: Subject, now: datetime
) -> list[NoticeView]:
    """Of the notices that an urgent mail is about those that are still unread."""
    told = exists().where(PersonalMailItem.mail_id == mail.id, _IS_ITEM)
    return find_urgent(session, subject=subject, which=told, now=now)


def find_refused(session: Session, *, recipient_id: UUID, items: Collection[str]) -> frozenset[str]:
    """Of these things those that were to be told by a way that could not be used."""
    wanted = select(PersonalMailItem.item).where(
        PersonalMailItem.recipient_id == recipient_id,
        among(PersonalMailItem.item, sorted(items)),
        _is_free(recipient_id),
    )
    return frozenset(session.scalars(wanted))


def open_urgent(
    session: Session,
    *,
    recipient_id: UUID,
    channel: ChannelKind,
    address_id: UUID,
    items: Collection[str],
    lease_seconds: float,
    now: datetime,
) -> Written | None:
    """Take a mail or SMS about what is urgent and was not told to this person; none if all was.

    Two that look at once tell each thing once: the rows of the things decide. What another mailbox
    or phone did not take is told here, unless this one did not take it either.
    """
    if not items:
        return None
    key = f"{PersonalMail.URGENT}:{recipient_id}:{new_id()}"
    mail_id = mail_id_of(key)
    rows = [
        {"recipient_id": recipient_id, "item": each, "mail_id": mail_id, "told_at": now}
        for each in sorted(items)
    ]
    noted = insert(PersonalMailItem).values(rows)
    noted = noted.on_conflict_do_update(
        index_elements=[PersonalMailItem.recipient_id, PersonalMailItem.item],
        set_={
            "mail_id": noted.excluded.mail_id,
            "told_at": noted.excluded.told_at,
            "refused_by": func.array_append(PersonalMailItem.refused_by, _FORMER),
        },
        where=_is_free(recipient_id, but=address_id),
    )
    if not session.scalars(noted.returning(PersonalMailItem.item)).all():
        return None
    return claim_mail(
        session,
        key=key,
        kind=PersonalMail.URGENT,
        channel=channel,
        recipient_id=recipient_id,
        lease_seconds=lease_seconds,
        now=now,
    )


def was_refused(session: Session, *, mail_id: UUID) -> bool:
    """Whether anything that a mail is about was to be told by another way before."""
    told = exists().where(
        PersonalMailItem.mail_id == mail_id, func.cardinality(PersonalMailItem.refused_by) > 0
    )
    return bool(session.scalar(select(told)))


def items_of(session: Session, *, mail_id: UUID) -> frozenset[str]:
    """The things that an urgent mail is about."""
    wanted = select(PersonalMailItem.item).where(PersonalMailItem.mail_id == mail_id)
    return frozenset(session.scalars(wanted))


_IS_ITEM = PersonalMailItem.item == literal(NOTICE) + cast(Delivery.id, String)
_ADDRESS = func.coalesce(PersonalMailRow.mailbox_id, PersonalMailRow.number_id, PersonalMailRow.id)
"""The mailbox or phone that a mail was for, or the mail alone where it was tried at none."""


_IN_ROW: ColumnElement[UUID] = literal_column("personal_mail_items.mail_id", Uuid())
"""The mail that a row names which is there already: no column of the query in which it stands."""
_FORMER = select(_ADDRESS).where(PersonalMailRow.id == _IN_ROW).scalar_subquery()
"""Where that mail was for."""


def _is_free(recipient_id: UUID, *, but: UUID | None = None) -> ColumnElement[bool]:
    """Whether the thing was to be told by a way that could not be used, and not by this one."""
    freed = select(PersonalMailRow.id).where(
        PersonalMailRow.recipient_id == recipient_id,
        or_(*(PersonalMailRow.state == each for each in FREEING)),
        true() if but is None else literal(but) != _ADDRESS,
    )
    is_free = PersonalMailItem.mail_id.in_(freed)
    if but is None:
        return is_free
    return and_(is_free, literal(but) != all_(PersonalMailItem.refused_by))
