"""Needs that the release before left behind: whose referral has ended, or which are no rows yet.

A worker of that release that still runs after the tables have changed completes a referral and
leaves its need open, so that nobody could ask for the same again; or makes a referral for no need.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select, union_all
from sqlalchemy.orm import Session

from services.livelihood_support.domain.locks import lock_free_cases
from services.livelihood_support.domain.needs import begin_needs, end_need_of
from services.livelihood_support.models import (
    SETTLED_REFERRALS,
    Need,
    Referral,
    ReferralMove,
)
from shared.contracts.vocabulary import ReasonCode
from shared.kit.arrays import among
from shared.messaging.sweeps import each_alone, resting

SWEEP = "mend_needs"
BATCH = 64
ACTOR = f"sweep:{SWEEP}"


def mend_needs(session: Session, now: datetime) -> int:
    """Give each such referral its need, and end what its referral has ended; returns how many."""
    amiss = union_all(_of_no_need(), _ended_and_open()).subquery()
    found = session.execute(
        select(amiss.c.id, amiss.c.case_id)
        .where(amiss.c.id.not_in(resting(SWEEP)))
        .order_by(amiss.c.id)
        .limit(BATCH),
    ).all()
    if not found:
        return 0
    cases = lock_free_cases(session, {row.case_id for row in found})
    rows = [row for row in found if row.case_id in cases]

    def act(some: Sequence[Any]) -> None:
        _mend(session, [row.id for row in some])

    return each_alone(session, SWEEP, rows, act, key=lambda row: row.id, now=now)


def _of_no_need() -> Select[UUID, UUID]:
    return select(Referral.id, Referral.case_id).where(Referral.need_id.is_(None))


def _ended_and_open() -> Select[UUID, UUID]:
    """Begins at the open needs, of which there are few, and not at all that ever ended."""
    return (
        select(Referral.id, Referral.case_id)
        .join(Need, Need.id == Referral.need_id)
        .where(Need.ended_at.is_(None), Referral.status.in_(SETTLED_REFERRALS))
    )


def _mend(session: Session, referral_ids: Sequence[UUID]) -> None:
    """Read again under the locks of the cases; what ended first leaves room for what came after."""
    referrals = session.scalars(
        select(Referral)
        .where(among(Referral.id, referral_ids))
        .order_by(Referral.opened_at, Referral.id)
        .execution_options(populate_existing=True),
    ).all()
    for referral in referrals:
        if referral.need_id is None:
            with session.no_autoflush:  # the need is stored first
                begin_needs(session, [referral], actor=ACTOR, now=referral.opened_at)
            session.flush()
        if referral.status in SETTLED_REFERRALS:
            reason, at = _why(session, referral), referral.moved_at
            end_need_of(session, referral, reason=reason, actor=ACTOR, now=at)


def _why(session: Session, referral: Referral) -> ReasonCode | None:
    """The reason of the step that ended it."""
    reason = session.scalar(
        select(ReferralMove.reason).where(
            ReferralMove.referral_id == referral.id,
            ReferralMove.version == referral.version,
            ReferralMove.from_status.is_distinct_from(ReferralMove.to_status),
        )
    )
    return None if reason is None else ReasonCode(reason)
