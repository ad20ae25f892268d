"""Asking an authority to verify: which one, and the clock that its decision runs on."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.verification.models import Verification
from services.verification.policy import (
    ASKED,
    Move,
    VerifierRole,
    choose_verifier,
    period_of,
    regime_at,
)
from shared import clocks
from shared.clocks import Beginning, Clock
from shared.contracts.vocabulary import Route
from shared.kit.clock import local_date
from shared.law import Period, Rules
from shared.rulebook import rules_of

SUBJECT = "verification"
"""What these clocks, and the alerts of this service, are of."""


def authority_for(
    verification: Verification,
    roles: Collection[VerifierRole],
    today: date,
) -> UUID | None:
    """The organisation to ask, as the policy chooses; ``None`` when there is none today."""
    return choose_verifier(
        roles,
        route=Route(verification.route),
        receiver_id=verification.receiver_id,
        place=verification.place,
        on=today,
    )


def ask(verification: Verification, verifier_id: UUID) -> None:
    """Give it to an authority; the clock of its decision is started with the move that says so."""
    verification.verifier_id = verifier_id
    verification.look_again_at = None


def begun(rules: Rules, verification: Verification, move_id: UUID, now: datetime) -> Clock:
    """The clock of a decision that an authority is asked for with a move."""
    period = _period(rules, verification, longer=False, on=local_date(now))
    return clocks.begun(rules, period, beginning_of(verification, move_id, now))


def beginning_of(verification: Verification, move_id: UUID, at: datetime) -> Beginning:
    """What a move starts a clock of a verification with."""
    return Beginning(
        subject=SUBJECT,
        object_id=verification.id,
        fact_id=move_id,
        at=at,
        case_id=verification.case_id,
        place=verification.place,
    )


def find_clocks(session: Session, found: Sequence[Verification]) -> Mapping[UUID, Clock]:
    """The clock of each of these, the newest where it was opened again; of some there is none yet.

    One statement.
    """
    return clocks.find(session, ASKED, [each.id for each in found])


def is_extended(clock: Clock | None) -> bool:
    """Whether the one extension was taken."""
    return clock is not None and clock.extended_at is not None


def decision_period(rules: Rules, verification: Verification, clock: Clock | None) -> Period:
    """The row behind the day a decision is due, set or unset; also of what nobody was asked yet."""
    if clock is not None:
        return clock.period
    return _period(rules, verification, longer=False, on=local_date(verification.received_at))


def _period(rules: Rules, verification: Verification, *, longer: bool, on: date) -> Period:
    """Of the law of the day of reception: it runs until someone is identified.

    The law that holds from then on has not asked for this decision.
    """
    regime = regime_at(local_date(verification.received_at))
    return period_of(rules, regime, is_extended=longer, on=on)


def keep_time(
    session: Session, verification: Verification, clock: Clock | None, row: Mapping[str, Any]
) -> None:
    """Do to the clock what a move does; ``clock`` is the newest, locked, as it was before.

    What is said against a decision moves nothing of the time in which it was taken.
    """
    if row["move"] in (Move.COMPLAIN, Move.KEEP):
        return
    if clock is None or clock.ended_at is not None:
        clocks.start(session, [begun(rules_of(session), verification, row["id"], row["at"])])
        return
    moved = _moved(verification, clock, row)
    if moved is not clock:
        clocks.keep(session, moved)


def _moved(verification: Verification, clock: Clock, row: Mapping[str, Any]) -> Clock:
    at: datetime = row["at"]
    match row["move"]:
        case Move.PAUSE:
            return clocks.paused(clock, row["reason"], at)
        case Move.RESUME | Move.ASSIGN:
            # Another authority goes on, too: its question ends a pause and moves nothing else.
            return clocks.resumed(clock, at)
        case Move.EXTEND:
            asked_on = local_date(clock.started_at)
            longer = _period(clock.rules, verification, longer=True, on=asked_on)
            return clocks.extended(clock, longer, at)
        case Move.CONCLUDE:
            return clocks.ended(clock, at)
        case _:
            return clock
