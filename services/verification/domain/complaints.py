"""A complaint about a negative decision: received, late or not, kept, or gone with the decision."""

from datetime import date, datetime

from services.verification.domain.reading import complaint_end
from services.verification.errors import ComplaintDayUnfit
from services.verification.models import Verification
from services.verification.policy import ComplaintStatus, answer_period
from shared.kit.clock import local_date
from shared.law import End, Period, end_of


def complain(verification: Verification, received_on: date | None, now: datetime) -> None:
    """Take a complaint, a late one as well; raises ``ComplaintDayUnfit``.

    Late is what came after the earliest day on which the window can end: whoever learned of the
    decision later had longer, and the authority may look at it all the same.
    """
    decided_on, today = local_date(verification.concluded_at or now), local_date(now)
    if received_on is None or not decided_on <= received_on <= today:
        raise ComplaintDayUnfit(earliest=decided_on.isoformat(), latest=today.isoformat())
    window = complaint_end(verification)
    verification.complaint_status = ComplaintStatus.RECEIVED
    verification.complained_on = received_on
    verification.is_complaint_late = window is not None and received_on > window.last_day
    end = answer_end(verification)
    verification.answer_due_on = end.last_day if end else None


def keep(verification: Verification) -> None:
    """The decision stands; the complaint has its answer, and nothing waits for one."""
    verification.complaint_status = ComplaintStatus.KEPT
    verification.answer_due_on = None


def withdraw_complaint(verification: Verification) -> None:
    """There is no decision any more of which one could complain; its moves keep what was."""
    verification.complaint_status = None
    verification.complained_on = None
    verification.is_complaint_late = None
    verification.answer_due_on = None


def answer_rule(verification: Verification) -> Period | None:
    """The row by which a complaint is answered; only where there was one."""
    complained_on = verification.complained_on
    return answer_period(complained_on) if complained_on else None


def answer_end(verification: Verification) -> End | None:
    """By when a complaint is to be answered and why; unset while the law's amount is unset."""
    rule, received_on = answer_rule(verification), verification.complained_on
    return end_of(rule, received_on) if rule and received_on else None


def complaint_made(verification: Verification) -> dict[str, object] | None:
    """The last complaint about the decision that stands, with the row by which it is answered."""
    if verification.complaint_status is None:
        return None
    is_open = verification.complaint_status == ComplaintStatus.RECEIVED
    return {
        "status": verification.complaint_status,
        "received_on": verification.complained_on,
        "is_late": verification.is_complaint_late,
        "due_on": verification.answer_due_on,
        "due_rule": answer_rule(verification),
        "due_why": answer_end(verification) if is_open else None,
    }
