"""Codes that are sent to a mailbox or a phone, to see that its owner reads what comes there.

Naming one is counted with the tries, for each sends something to somebody.
"""

import hmac
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.directory.domain import failures
from services.directory.domain.failures import Counter
from services.directory.domain.sessions import moment
from services.directory.policy import CODE_LASTS, Counted, StaffVault, read_answer_code
from shared.kit.errors import Conflict


def count_try(
    session: Session, *, kind: Counted, staff_id: UUID, vault: StaffVault, too_soon: type[Conflict]
) -> Counter:
    """Count it before anything is looked at; raises ``too_soon`` for whoever has to wait."""
    counter = Counter.of(vault, kind, str(staff_id))
    if not failures.count(session, [counter], at=moment(session), stopping=[counter]):
        raise too_soon
    return counter


def is_right(
    session: Session, counter: Counter, typed: str, *, sent: str, named_at: datetime, now: datetime
) -> bool:
    """Whether it is the code that was sent, within its day; ``typed`` is as it was read.

    The right one takes back what was counted.
    """
    is_good = now < named_at + CODE_LASTS
    if not is_good or not hmac.compare_digest(typed, read_answer_code(sent)):
        return False
    failures.take_back(session, [counter])
    return True
