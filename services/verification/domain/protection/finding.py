"""Somebody who protects is found for what nobody was asked for yet."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from services.verification.domain.opening import LOOK_AGAIN
from services.verification.domain.protection.protectors import protector_for, protectors
from services.verification.domain.protection.reach import IN_CASE
from services.verification.domain.protection.steps import note_step
from services.verification.models import Protection, Verification
from services.verification.policy import ProtectionMove, ProtectionStatus
from shared.kit.arrays import among
from shared.kit.clock import local_date
from shared.messaging.sweeps import each_alone, resting
from shared.places.holders import Tenure

BATCH = 64
FIND = "find_protectors"
SWEEP = f"sweep:{FIND}"


def find_protectors(session: Session, now: datetime, *, actor: str = SWEEP) -> int:
    """Look again for who protects; returns how many were looked at.

    What still has nobody is due again a minute later.
    """
    due = session.scalars(
        select(Protection.id)
        .where(Protection.look_again_at <= now, Protection.id.not_in(resting(FIND)))
        .order_by(Protection.look_again_at, Protection.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    if not due:
        return 0
    protecting = protectors(session)

    def act(some: Sequence[UUID]) -> None:
        _give(session, some, protecting, actor, now)

    return each_alone(session, FIND, due, act, key=lambda each: each, now=now)


def _give(
    session: Session,
    protection_ids: Sequence[UUID],
    protecting: Collection[Tenure],
    actor: str,
    now: datetime,
) -> None:
    """Give each of these locked requests to whoever protects there; look again without one."""
    waiting = session.execute(
        select(Protection, Verification)
        .join(Verification, IN_CASE)
        .where(among(Protection.id, protection_ids))
        .order_by(Protection.look_again_at, Protection.id)
        .execution_options(populate_existing=True)
    ).all()
    for protection, verification in waiting:
        protector_id = protector_for(verification, protecting, local_date(now))
        if protector_id is None:
            protection.look_again_at = now + LOOK_AGAIN
            continue
        protection.protector_id = protector_id
        protection.look_again_at = None
        protection.version += 1
        came_from = ProtectionStatus(protection.status)
        note_step(
            session, protection, ProtectionMove.ASSIGN, came_from=came_from, actor=actor, now=now
        )


def find_protectors_anew(session: Session, *, now: datetime, actor: str) -> int:
    """The directory has told of somebody who protects: what waits is looked at without delay."""
    waiting = (
        select(Protection.id)
        .where(Protection.look_again_at.is_not(None))
        .order_by(Protection.id)
        .with_for_update(skip_locked=True)
    )
    session.execute(update(Protection).where(Protection.id.in_(waiting)).values(look_again_at=now))
    return find_protectors(session, now, actor=actor)
