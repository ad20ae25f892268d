"""A complaint about a negative decision: received, late or not, kept, or gone with the decision.

Two clocks belong to it. The window is the person's own: it runs from the decision, and ends with
a complaint, with the decision, or when it is over. The answer is the authority's.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.verification.domain.requests import beginning_of
from services.verification.errors import ComplaintDayUnfit
from services.verification.models import Verification
from services.verification.policy import (
    COMPLAINED,
    DECIDED,
    ComplaintStatus,
    Move,
    answer_period,
    complaint_period,
)
from shared import clocks
from shared.clocks import Clock
from shared.contracts.vocabulary import VerificationOutcome
from shared.kit.clock import local_date, start_of_day
from shared.rulebook import rules_of


def complain(
    session: Session, verification: Verification, received_on: date | None, now: datetime
) -> None:
    """Take a complaint, a late one as well; raises ``ComplaintDayUnfit``.

    Late is what came after the earliest day on which the window can end: whoever learned of the
    decision later had longer, and the authority may look at it all the same.
    """
    decided_on, today = local_date(verification.concluded_at or now), local_date(now)
    if received_on is None or not decided_on <= received_on <= today:
        raise ComplaintDayUnfit(earliest=decided_on.isoformat(), latest=today.isoformat())
    window = clocks.find_locked(session, DECIDED, verification.id)
    end = window.end if window else None
    verification.complaint_status = ComplaintStatus.RECEIVED
    verification.complained_on = received_on
    verification.is_complaint_late = end is not None and received_on > end.last_day


def withdraw_complaint(verification: Verification) -> None:
    """There is no decision any more of which one could complain; its moves keep what was."""
    verification.complaint_status = None
    verification.complained_on = None
    verification.is_complaint_late = None


def time_complaint(session: Session, verification: Verification, row: Mapping[str, Any]) -> None:
    """Do to the window, and to the time of an answer, what a move does."""
    match row["move"]:
        case Move.CONCLUDE:
            _open_window(session, verification, row)
        case Move.COMPLAIN:
            _end(session, DECIDED, verification, row["at"])
            received_at = start_of_day(row["received_on"])
            beginning = beginning_of(verification, row["id"], received_at)
            rules = rules_of(session)
            period = answer_period(rules, row["received_on"])
            clocks.start(session, [clocks.begun(rules, period, beginning)])
        case Move.KEEP:
            _end(session, COMPLAINED, verification, row["at"])
        case Move.REOPEN:
            _end(session, DECIDED, verification, row["at"])
            _end(session, COMPLAINED, verification, row["at"])
        case _:
            pass


def _open_window(session: Session, verification: Verification, row: Mapping[str, Any]) -> None:
    """Only a decision that did not identify has one."""
    rules, outcome = rules_of(session), VerificationOutcome(row["outcome"])
    period = complaint_period(rules, outcome, on=local_date(row["at"]))
    if period is not None:
        beginning = beginning_of(verification, row["id"], row["at"])
        clocks.start(session, [clocks.begun(rules, period, beginning)])


def _end(session: Session, fact: str, verification: Verification, at: datetime) -> None:
    clock = clocks.find_locked(session, fact, verification.id)
    if clock is not None and clock.ended_at is None:
        clocks.keep(session, clocks.ended(clock, at))


def find_complaints(
    session: Session, found: Sequence[Verification]
) -> Mapping[UUID, Mapping[str, object]]:
    """Of each of these its window and its complaint, as far as it has them.

    Two statements if there is a negative decision among them, and none without.
    """
    negative = [it for it in found if it.outcome == VerificationOutcome.NOT_IDENTIFIED]
    windows = clocks.find(session, DECIDED, [it.id for it in negative])
    answers = clocks.find(session, COMPLAINED, [it.id for it in negative if it.complaint_status])
    return {
        it.id: {
            "complaint": _window(windows.get(it.id)) if it in negative else None,
            "complained": _complaint(it, answers.get(it.id)),
        }
        for it in found
    }


def _window(clock: Clock | None) -> dict[str, object] | None:
    """The row a complaint runs on and its earliest last day."""
    if clock is None:
        return None
    end = clock.end
    return {
        "rule": clock.period,
        "not_before": end.last_day if end else None,
        "not_before_why": end,
        "is_running": clock.ended_at is None,
    }


def _complaint(verification: Verification, clock: Clock | None) -> dict[str, object] | None:
    """The last complaint about the decision that stands, with the row by which it is answered."""
    if verification.complaint_status is None or clock is None:
        return None
    end = clock.end if clock.ended_at is None else None
    return {
        "status": verification.complaint_status,
        "received_on": verification.complained_on,
        "is_late": verification.is_complaint_late,
        "due_on": end.last_day if end else None,
        "due_rule": clock.period,
        "due_why": end,
    }
