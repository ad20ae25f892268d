"""Moves of a stay: the facility records what happened, the case owner takes back what did not."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.livelihood_support.domain.stays.reach import lock_stay
from services.livelihood_support.domain.stays.steps import note_step
from services.livelihood_support.domain.tracks import law_of
from services.livelihood_support.models import CaseFile, Stay, StayMoveRow
from services.livelihood_support.policy import (
    STAY_BEGAN,
    StayFacts,
    StayMove,
    StayState,
    check_stay_move,
    stay_period,
)
from shared import clocks
from shared.clocks import Beginning, Clock
from shared.contracts.vocabulary import StayStatus
from shared.kit.clock import local_date, start_of_day
from shared.kit.subjects import Subject
from shared.kit.versions import Expected, check_version
from shared.places.holders import Place
from shared.rulebook import rules_of

SUBJECT = "stay"
"""What the clocks of stays are of."""


def move_stay(
    session: Session,
    *,
    stay_id: UUID,
    subject: Subject,
    facts: StayFacts,
    expected_version: Expected,
    now: datetime,
) -> StayMoveRow:
    """Make one move, under the lock of the case.

    Refused: not found for whoever is neither its facility nor owns the case; a version that was
    read before its last move; a move that the status, the party or the law does not allow; facts
    that are missing, or do not fit.
    """
    stay, case_file, parties = lock_stay(session, stay_id, subject, now)
    check_version(stay.version, expected_version)
    clock = clocks.find_locked(session, STAY_BEGAN, stay.id)
    came_from = StayStatus(stay.status)
    state = state_of(stay, case_file, clock)
    to = check_stay_move(facts, parties=parties, state=state, today=local_date(now))
    _take(stay, facts, to)
    step = note_step(session, stay, facts.move, came_from=came_from, actor=subject.actor, now=now)
    _run(session, stay, case_file, step, clock)
    return step


def state_of(stay: Stay, case_file: CaseFile, clock: Clock | None) -> StayState:
    """How a stay stands: by its last decision, or by its clock, as long as it has one."""
    end = clock.end if clock else None
    return StayState(
        StayStatus(stay.status),
        local_date(case_file.received_at),
        stay.arrived_on,
        stay.extended_until or (end.last_day if end else None),
        may_be_extended=clock is not None and clock.period.extended_by is not None,
    )


def _take(stay: Stay, facts: StayFacts, to: StayStatus) -> None:
    """Keep what a move says; what was seen to and given is added to what was before."""
    said: dict[str, Any] = asdict(facts)
    for name in ("needs", "kit"):
        setattr(stay, name, list(dict.fromkeys((*getattr(stay, name), *said.pop(name)))))
    del said["move"]
    for name, value in said.items():
        if value is not None:
            setattr(stay, name, value)
    stay.status = to
    stay.version += 1


def _run(
    session: Session, stay: Stay, case_file: CaseFile, step: StayMoveRow, clock: Clock | None
) -> None:
    """Its longest time runs from the arrival, until somebody prolongs it or the person leaves."""
    move = StayMove(step.move)
    if move is StayMove.ARRIVE and stay.arrived_on is not None:
        clocks.start(session, [_begun(session, stay, case_file, step, stay.arrived_on)])
    is_over = move is StayMove.EXTEND or stay.status != StayStatus.STAYING
    if clock is not None and clock.ended_at is None and is_over:
        clocks.keep(session, clocks.ended(clock, step.at))


def _begun(
    session: Session, stay: Stay, case_file: CaseFile, step: StayMoveRow, arrived_on: date
) -> Clock:
    rules = rules_of(session)
    beginning = Beginning(
        subject=SUBJECT,
        object_id=stay.id,
        fact_id=step.id,
        at=start_of_day(arrived_on),
        case_id=stay.case_id,
        place=Place(case_file.area_code, case_file.area_on),
    )
    period = stay_period(rules, law_of(case_file), on=arrived_on)
    return clocks.begun(rules, period, beginning)
