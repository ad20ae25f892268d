"""When a person was received, where that is told later than it happened: paper comes in late.

A person was received when somebody listened, and not when the sheet was typed in: the law
of that day applies (``Law 53/2024/QH15`` Art. 63 keeps what began before it), and periods counted
from the reception start there.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum

from services.intake.policy.ages import Birth
from services.intake.policy.findings import Fault, Rule
from shared.kit.clock import local_date, start_of_day
from shared.law import FIRST_LAW_FROM

CLOCKS_MAY_DIFFER = timedelta(minutes=5)
"""How far ahead the clock of a sender may be: common for a machine that sets its clock daily. Such
a reception counts as one of now, so that no step of a case lies before its first.
"""
IN_TIME = timedelta(days=1)
"""A reception of today or yesterday, by the calendar of Hải Phòng, needs no reason: one shift ends
after midnight. A working rule; no law names a day.
"""


class LateReason(StrEnum):
    """Why a reception is told later than the day after it."""

    PAPER_RECORD = "paper_record"
    """It was recorded on paper and is entered now."""
    NO_CONNECTION = "no_connection"
    """Where the person was received, the exchange could not be reached."""
    HANDED_OVER = "handed_over"
    """Another body received the person and handed the record over afterwards."""
    PERSON_ASKED = "person_asked"
    """The person agreed to being entered only now."""
    OVERLOOKED = "overlooked"
    """It should have been entered before."""


def received_at(told: datetime | None, now: datetime) -> datetime:
    """When the person was received; unset means now, and so does what a fast clock says."""
    return now if told is None else min(told, now)


def find_late_faults(
    told: datetime | None,
    reason: LateReason | None,
    birth: Birth,
    now: datetime,
) -> Iterator[Fault]:
    """What cannot be true of a reception, and what it lacks."""
    if told is not None and (rule := _broken_by(told, birth, now)):
        yield Fault("/received_at", rule)
        return
    is_late = local_date(received_at(told, now)) < local_date(now) - IN_TIME
    if is_late and reason is None:
        yield Fault("/late_reason", Rule.LATE_REASON_REQUIRED)
    if reason is not None and told is None:
        yield Fault("/late_reason", Rule.LATE_REASON_UNUSED)


def _broken_by(told: datetime, birth: Birth, now: datetime) -> Rule | None:
    if told > now + CLOCKS_MAY_DIFFER:
        return Rule.IN_FUTURE
    # Compared as instants: the first day of the calendar has no date in every zone.
    if told < start_of_day(FIRST_LAW_FROM):
        return Rule.BEFORE_LAW
    return None if birth.is_before(local_date(told)) else Rule.BEFORE_BIRTH
