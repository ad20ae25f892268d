"""Periods of a verification: due soon, longer, standing still, over."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from deploy.deadlines.board import Board, Shown
from deploy.deadlines.exchange import DidNotComeAbout, Exchange
from deploy.deadlines.scenes.days import (
    A_WHILE,
    BEFORE_THE_NEW_LAW,
    BREACHED,
    DAY,
    WARNED,
    come_to,
    morning_of,
)
from services.verification.policy import Duty, Move, MoveReason, VerificationStatus
from shared.contracts import Queue
from shared.contracts.vocabulary import ClockLevel, EntitlementCode

UNEVENTFUL = 9 * DAY
"""So long before its end nobody is told of a period yet."""


def is_extended_and_paused(exchange: Exchange, board: Board) -> Iterator[datetime]:
    """Warned, escalated, extended once, paused and gone on with: the last day moves along."""
    needs = (EntitlementCode.VOCATIONAL,)
    case = exchange.submit("rescued-without-any-paper", needs, **BEFORE_THE_NEW_LAW)
    due = end_of(exchange.move(case, move=Move.START))
    yield due - UNEVENTFUL
    for level, what in ((ClockLevel.OFFICER, Shown.WARNED), (ClockLevel.HEAD, Shown.ESCALATED)):
        yield from come_to(exchange, case, level, due)
        board.tell(what, case, told=exchange.known(case, WARNED, level)["organisation_id"])
    longer = exchange.move(case, move=Move.EXTEND, reason=MoveReason.COMPLEX_CASE)
    check(Shown.EXTENDED, longer["is_extended"] and end_of(longer) > due)
    board.tell(Shown.EXTENDED, case, told=longer["verifier_id"])
    yield exchange.dial.now + A_WHILE
    paused = exchange.move(case, move=Move.PAUSE, reason=MoveReason.PERSON_UNAVAILABLE)
    check(Shown.PAUSED, paused["status"] == VerificationStatus.PAUSED)
    board.tell(Shown.PAUSED, case, told=paused["verifier_id"])
    yield morning_of(exchange.dial.now, 3)
    resumed = exchange.move(case, move=Move.RESUME)
    check(Shown.RESUMED, end_of(resumed) > end_of(longer))
    board.tell(Shown.RESUMED, case, told=resumed["verifier_id"])


def is_over(exchange: Exchange, board: Board) -> Iterator[datetime]:
    """Nobody begins: when its day is over, whoever owns the case is told and has the duty."""
    needs = (EntitlementCode.LOAN,)
    case = exchange.submit("not-believed-at-first", needs, **BEFORE_THE_NEW_LAW)
    verification = exchange.verification(case)
    yield end_of(verification) + A_WHILE
    told = exchange.until(BREACHED, lambda: exchange.told(case, BREACHED))
    # What looks for what is late may have looked a moment before it was.
    yield exchange.dial.now + A_WHILE
    exchange.owes(Queue.VERIFICATION, Duty.ASK_AUTHORITY, verification["id"])
    board.tell(Shown.BREACHED, case, told=told["organisation_id"])


def end_of(verification: Mapping[str, Any]) -> datetime:
    """When the period of a decision is over."""
    if verification["due_why"] is None:
        raise DidNotComeAbout("due_why")
    return datetime.fromisoformat(verification["due_why"]["at"])


def check(what: Shown, is_so: object) -> None:
    """Refuse to show what no answer says."""
    if not is_so:
        raise DidNotComeAbout(what)
