"""Where a person wants to be written to, and when: their own matter, and nobody else's."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.directory.domain.failures import Counter
from services.directory.domain.own_codes import count_try, is_right
from services.directory.domain.sessions import person_of
from services.directory.errors import MailboxTooSoon
from services.directory.models import StaffPhone, StaffSettings
from services.directory.policy import (
    AccountEvent,
    Counted,
    StaffVault,
    Wishes,
    check_mailbox,
    check_wishes,
    read_answer_code,
)
from shared.contracts.vocabulary import ChannelKind, Digest, MailLanguage
from shared.kit import audit
from shared.kit.identifiers import new_id
from shared.kit.subjects import Subject


@dataclass(frozen=True, repr=False)
class OwnPhone:
    """The phone that a person named."""

    number: bytes
    """Sealed."""
    named_at: datetime
    confirmed_at: datetime | None
    refused_since: datetime | None
    stopped_at: datetime | None

    @classmethod
    def of(cls, kept: StaffPhone) -> "OwnPhone":
        """As it is kept."""
        return cls(
            kept.number, kept.named_at, kept.confirmed_at, kept.refused_since, kept.stopped_at
        )


@dataclass(frozen=True, repr=False)
class OwnSettings:
    """Where and when a person wants to be written to."""

    staff_id: UUID
    wishes: Wishes
    mailbox: bytes | None = None
    """Sealed."""
    mailbox_at: datetime | None = None
    confirmed_at: datetime | None = None
    refused_since: datetime | None = None
    stopped_at: datetime | None = None
    phone: OwnPhone | None = None


def own_settings(session: Session, *, subject: Subject) -> OwnSettings:
    """What the person has said, or what holds for whoever has said nothing.

    Raises ``NotAPerson``.
    """
    staff_id = person_of(subject)
    kept = session.get(StaffSettings, staff_id)
    if kept is None:
        return OwnSettings(staff_id, Wishes())
    quiet = (kept.quiet_from, kept.quiet_to)
    language = MailLanguage(kept.language)
    first = ChannelKind(kept.urgent_first)
    phone = session.get(StaffPhone, staff_id)
    wishes = Wishes(Digest(kept.digest), *quiet, language, kept.is_on_call, first)
    return OwnSettings(
        staff_id,
        wishes,
        kept.mailbox,
        kept.mailbox_at,
        kept.confirmed_at,
        kept.refused_since,
        kept.stopped_at,
        OwnPhone.of(phone) if phone else None,
    )


def change_settings(session: Session, *, subject: Subject, wishes: Wishes, now: datetime) -> None:
    """Have it otherwise from now on.

    Raises ``NotAPerson`` and ``QuietHoursUnclear``.
    """
    check_wishes(wishes)
    kept = locked_settings(session, person_of(subject), now)
    if kept.digest != wishes.digest:
        kept.digest, kept.digest_since = wishes.digest, now
    kept.quiet_from, kept.quiet_to = wishes.quiet_from, wishes.quiet_to
    kept.language, kept.is_on_call = wishes.language, wishes.is_on_call
    kept.urgent_first = wishes.urgent_first
    session.flush()
    note_own(session, subject, AccountEvent.SETTINGS_CHANGED, now)


def give_mailbox(
    session: Session, *, subject: Subject, mailbox: str, vault: StaffVault, now: datetime
) -> None:
    """Name a mailbox, or the same again: a code goes there. The one before is written to no more.

    Raises ``NotAPerson``, ``MailboxRefused`` and ``MailboxTooSoon``.
    """
    check_mailbox(mailbox)
    staff_id = person_of(subject)
    _count(session, staff_id, vault)
    kept = locked_settings(session, staff_id, now)
    kept.mailbox = vault.seal_mailbox(mailbox, staff_id=staff_id)
    kept.mailbox_id, kept.mailbox_at, kept.confirmed_at = new_id(), now, None
    _forget_refusals(kept)
    session.flush()
    note_own(session, subject, AccountEvent.MAILBOX_GIVEN, now)


def confirm_mailbox(
    session: Session, *, subject: Subject, code: str, vault: StaffVault, now: datetime
) -> bool:
    """Whether it is the code that was sent there: from now on the person is written to.

    A wrong one is counted, and stays so. Raises ``CodeMistyped``, for which nothing is counted,
    ``NotAPerson`` and ``MailboxTooSoon``.
    """
    typed = read_answer_code(code)
    staff_id = person_of(subject)
    counter = _count(session, staff_id, vault)
    kept = locked_settings(session, staff_id, now)
    if kept.mailbox_id is None or kept.mailbox_at is None:
        return False
    sent = vault.mailbox_code(kept.mailbox_id)
    if not is_right(session, counter, typed, sent=sent, named_at=kept.mailbox_at, now=now):
        return False
    if kept.confirmed_at is None:
        kept.confirmed_at = kept.digest_since = now
        session.flush()
        note_own(session, subject, AccountEvent.MAILBOX_CONFIRMED, now)
    return True


def end_mailbox(session: Session, *, subject: Subject, now: datetime) -> None:
    """Be written to no more; the mailbox itself is deleted. Raises ``NotAPerson``."""
    kept = locked_settings(session, person_of(subject), now)
    if kept.mailbox is not None:
        _forget(kept)
        session.flush()
        note_own(session, subject, AccountEvent.MAILBOX_ENDED, now)


def forget_ways(session: Session, staff_id: UUID) -> None:
    """Whoever has no account any more is told nothing more; their mailbox and phone are deleted."""
    kept = session.get(StaffSettings, staff_id, with_for_update=True)
    if kept is not None:
        _forget(kept)
        session.execute(delete(StaffPhone).where(StaffPhone.staff_id == staff_id))


def _forget(kept: StaffSettings) -> None:
    kept.mailbox = kept.mailbox_id = kept.mailbox_at = kept.confirmed_at = None
    _forget_refusals(kept)


def _forget_refusals(kept: StaffSettings) -> None:
    kept.forget_refusals()
    kept.urgent_refused_at = None


def _count(session: Session, staff_id: UUID, vault: StaffVault) -> Counter:
    return count_try(
        session, kind=Counted.MAILBOX, staff_id=staff_id, vault=vault, too_soon=MailboxTooSoon
    )


def locked_settings(session: Session, staff_id: UUID, now: datetime) -> StaffSettings:
    """The row of an account, locked; made with what holds for whoever has said nothing."""
    usual = Wishes()
    session.execute(
        insert(StaffSettings)
        .values(
            staff_id=staff_id,
            digest=Digest(usual.digest),
            digest_since=now,
            language=usual.language,
            is_on_call=usual.is_on_call,
        )
        .on_conflict_do_nothing()
    )
    return session.get_one(StaffSettings, staff_id, with_for_update=True, populate_existing=True)


def note_own(session: Session, subject: Subject, event: AccountEvent, now: datetime) -> None:
    """Record what a person did with their own; where they are written to is in no entry."""
    audit.record(session, actor=subject.actor, action=event, object_id=person_of(subject), now=now)
