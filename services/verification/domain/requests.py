"""Asking an authority to verify: which one, and by which day it must decide."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.verification.models import Verification, VerificationMove
from services.verification.policy import (
    Move,
    MoveMade,
    VerifierRole,
    choose_verifier,
    pauses_among,
    period_of,
    regime_at,
)
from shared.contracts.vocabulary import Route
from shared.kit.arrays import among
from shared.kit.clock import local_date
from shared.law import End, Pause, Period, end_of


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


def ask(verification: Verification, verifier_id: UUID, today: date) -> None:
    """Give it to an authority; a change of authority does not start the period again."""
    verification.verifier_id = verifier_id
    verification.look_again_at = None
    if verification.requested_on is None:
        verification.requested_on = today
        set_due(verification, ())


def decision_period(verification: Verification) -> Period:
    """The row behind the day a decision is due, set or unset.

    Of the law of the day of reception: it runs until someone is identified, and the law that holds
    from then on has not asked for this decision.
    """
    received_on = local_date(verification.received_at)
    regime, asked_on = regime_at(received_on), verification.requested_on or received_on
    return period_of(regime, is_extended=verification.is_extended, on=asked_on)


def end_of_decision(verification: Verification, pauses: Collection[Pause]) -> End | None:
    """When a decision is due and why; unset until asked, and where the law's amount is unset."""
    if verification.requested_on is None:
        return None
    return end_of(decision_period(verification), verification.requested_on, pauses=pauses)


def set_due(verification: Verification, pauses: Collection[Pause]) -> None:
    """The last day of the period that now applies, with its pauses."""
    end = end_of_decision(verification, pauses)
    verification.due_on = end.last_day if end else None


def find_pauses(
    session: Session,
    verification_ids: Sequence[UUID],
    *,
    now: datetime | None = None,
) -> Mapping[UUID, list[Pause]]:
    """The pauses of verifications that are over; with ``now``, one that lasts is over then."""
    moves: dict[UUID, list[MoveMade]] = {each: [] for each in verification_ids}
    rows = session.execute(
        select(
            VerificationMove.verification_id,
            VerificationMove.move,
            VerificationMove.at,
            VerificationMove.reason,
        )
        .where(among(VerificationMove.verification_id, verification_ids))
        .order_by(VerificationMove.verification_id, VerificationMove.version),
    )
    for row in rows:
        moves[row.verification_id].append(MoveMade(Move(row.move), row.at, row.reason))
    return {each: list(pauses_among(made, now=now)) for each, made in moves.items()}
