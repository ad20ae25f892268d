"""Authorities for verifications that had none, and changes of authority."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from services.verification.domain.opening import LOOK_AGAIN
from services.verification.domain.organisations import verifier_roles
from services.verification.domain.requests import ask, authority_for, begun
from services.verification.domain.steps import audit_move, move_row, tell_standing
from services.verification.models import Verification, VerificationMove
from services.verification.policy import (
    Move,
    VerificationStatus,
    VerifierRole,
)
from shared import clocks
from shared.clocks import Clock
from shared.kit.arrays import among
from shared.kit.clock import local_date
from shared.kit.documents import insert_rows
from shared.messaging.sweeps import each_alone, resting
from shared.rulebook import rules_of

BATCH = 64
ASSIGN = "assign_waiting"
SWEEP = f"sweep:{ASSIGN}"


def assign_waiting(session: Session, now: datetime, *, actor: str = SWEEP) -> int:
    """Find authorities for verifications due to be looked at; returns how many were looked at.

    What still has none is due again a minute later, so it never keeps others from their turn.
    """
    due = session.scalars(
        select(Verification.id)
        .where(
            Verification.status == VerificationStatus.OPENED,
            Verification.look_again_at <= now,
            Verification.id.not_in(resting(ASSIGN)),
        )
        .order_by(Verification.look_again_at, Verification.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True),
    ).all()
    if not due:
        return 0
    roles = verifier_roles(session)

    def act(some: Sequence[UUID]) -> None:
        _assign(session, some, roles, actor, now)

    return each_alone(session, ASSIGN, due, act, key=lambda each: each, now=now)


def _assign(
    session: Session,
    verification_ids: Sequence[UUID],
    roles: Collection[VerifierRole],
    actor: str,
    now: datetime,
) -> None:
    """Ask the authority of each of these locked verifications; look again later without one."""
    today = local_date(now)
    waiting = session.scalars(
        select(Verification)
        .where(among(Verification.id, verification_ids))
        .order_by(Verification.look_again_at, Verification.id)
        .execution_options(populate_existing=True),
    )
    moves = []
    for each in waiting:
        verifier_id = authority_for(each, roles, today)
        if verifier_id is None:
            each.look_again_at = now + LOOK_AGAIN
        else:
            moves.append(_move(session, each, verifier_id, actor, now))
    session.flush()
    insert_rows(session, VerificationMove, [row for row, _ in moves])
    clocks.start(session, [clock for _, clock in moves])


def _move(
    session: Session,
    waiting: Verification,
    verifier_id: UUID,
    actor: str,
    now: datetime,
) -> tuple[dict[str, Any], Clock]:
    ask(waiting, verifier_id)
    waiting.status = VerificationStatus.ASSIGNED
    waiting.version += 1
    came_from = VerificationStatus.OPENED
    row = move_row(waiting, Move.ASSIGN, came_from=came_from, actor=actor, now=now)
    audit_move(session, waiting.case_id, row)
    tell_standing(session, waiting, row)
    return row, begun(rules_of(session), waiting, row["id"], now)


def assign_anew(session: Session, *, now: datetime, actor: str) -> int:
    """The directory has told of a verifier: everything that waits is looked at without delay.

    The first of them are assigned here, what is beyond one batch by the sweep.
    """
    # Rows are locked in one order, so that two frames doing this cannot wait for each other.
    waiting = (
        select(Verification.id)
        .where(Verification.status == VerificationStatus.OPENED)
        .order_by(Verification.id)
        .with_for_update(skip_locked=True)
    )
    session.execute(
        update(Verification).where(Verification.id.in_(waiting)).values(look_again_at=now),
    )
    return assign_waiting(session, now, actor=actor)
