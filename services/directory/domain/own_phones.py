"""The phone of a person's own, at which they are told what is urgent: named, confirmed, ended.

It is kept as their mailbox is, beside it, and confirmed by the same rules (ADR 0063).
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.directory.domain.failures import Counter
from services.directory.domain.own_codes import count_try, is_right
from services.directory.domain.own_settings import locked_settings, note_own
from services.directory.domain.sessions import person_of
from services.directory.errors import PhoneTooSoon
from services.directory.models import StaffPhone
from services.directory.policy import (
    AccountEvent,
    Counted,
    StaffVault,
    check_number,
    read_answer_code,
)
from shared.kit.identifiers import new_id
from shared.kit.subjects import Subject


def give_phone(
    session: Session, *, subject: Subject, number: str, vault: StaffVault, now: datetime
) -> None:
    """Name a phone, or the same again: a code goes there. The one before is sent nothing more.

    Raises ``NotAPerson``, ``NumberRefused`` and ``PhoneTooSoon``.
    """
    check_number(number)
    staff_id = person_of(subject)
    _count(session, staff_id, vault)
    locked_settings(session, staff_id, now)
    phone = session.get(StaffPhone, staff_id) or StaffPhone(staff_id=staff_id)
    phone.number = vault.seal_number(number, staff_id=staff_id)
    phone.number_id, phone.named_at, phone.confirmed_at = new_id(), now, None
    phone.urgent_refused_at = None
    phone.forget_refusals()
    session.add(phone)
    session.flush()
    note_own(session, subject, AccountEvent.PHONE_GIVEN, now)


def confirm_phone(
    session: Session, *, subject: Subject, code: str, vault: StaffVault, now: datetime
) -> bool:
    """Whether it is the code that was sent there: from now on what is urgent may go there.

    A wrong one is counted, and stays so. Raises ``CodeMistyped``, for which nothing is counted,
    ``NotAPerson`` and ``PhoneTooSoon``.
    """
    typed = read_answer_code(code)
    staff_id = person_of(subject)
    counter = _count(session, staff_id, vault)
    locked_settings(session, staff_id, now)
    phone = session.get(StaffPhone, staff_id)
    if phone is None:
        return False
    sent = vault.phone_code(phone.number_id)
    if not is_right(session, counter, typed, sent=sent, named_at=phone.named_at, now=now):
        return False
    if phone.confirmed_at is None:
        phone.confirmed_at = now
        session.flush()
        note_own(session, subject, AccountEvent.PHONE_CONFIRMED, now)
    return True


def end_phone(session: Session, *, subject: Subject, now: datetime) -> None:
    """Be sent no SMS any more; the number itself is deleted. Raises ``NotAPerson``."""
    staff_id = person_of(subject)
    locked_settings(session, staff_id, now)
    phone = session.get(StaffPhone, staff_id)
    if phone is not None:
        session.delete(phone)
        session.flush()
        note_own(session, subject, AccountEvent.PHONE_ENDED, now)


def _count(session: Session, staff_id: UUID, vault: StaffVault) -> Counter:
    return count_try(
        session, kind=Counted.PHONE, staff_id=staff_id, vault=vault, too_soon=PhoneTooSoon
    )
