"""The moves of a referral, as whoever reaches its case sees them, or who was asked."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from services.livelihood_support.domain.reading import Asker, found_by
from services.livelihood_support.models import ReferralMove
from shared.access import Permission
from shared.contracts.vocabulary import ReferralStatus
from shared.kit.clock import minute_of
from shared.kit.subjects import Subject

OTHERS_MOVES = frozenset(
    {ReferralStatus.REQUESTED, ReferralStatus.CANCELLED, ReferralStatus.ENTERED_IN_ERROR},
)
"""Statuses an organisation asked never brings about itself."""
EXCHANGE = "exchange"
"""Who made such a move, as far as the organisation asked is told."""


@dataclass(frozen=True)
class MoveView:
    """A step of a referral as one subject may see it."""

    id: UUID
    referral_id: UUID
    offer_id: UUID | None
    actor: str
    from_status: str | None
    to_status: str
    reason: str | None
    outcome: str | None
    questions: Sequence[str]
    reply: str | None
    at: datetime
    version: int


def find_moves(
    session: Session,
    *,
    referral_id: UUID,
    subject: Subject,
    now: datetime,
    after: UUID | None,
    size: int,
) -> list[MoveView]:
    """The moves of a referral; an organisation sees those of its own offer only."""
    asker = Asker(session, subject, Permission.REFERRAL_READ, now)
    referral, _, offer, is_owned = found_by(asker, referral_id)
    made = (ReferralMove.version, ReferralMove.at, ReferralMove.id)
    query = (
        select(ReferralMove)
        .where(ReferralMove.referral_id == referral.id)
        .order_by(*made)
        .limit(size)
    )
    if offer is not None and not is_owned:
        query = query.where(ReferralMove.offer_id == offer.id)
    if after is not None:
        last = select(*made).where(
            ReferralMove.id == after, ReferralMove.referral_id == referral.id
        )
        query = query.where(tuple_(*made) > last.scalar_subquery())
    return [view_of_move(move, is_owned=is_owned) for move in session.scalars(query)]


def view_of_move(move: ReferralMove, *, is_owned: bool) -> MoveView:
    """A move as whoever reaches the case sees it, or the organisation that was asked."""
    seen = MoveView(
        id=move.id,
        referral_id=move.referral_id,
        offer_id=move.offer_id,
        actor=move.actor,
        from_status=move.from_status,
        to_status=move.to_status,
        reason=move.reason,
        outcome=move.outcome,
        questions=move.questions or (),
        reply=move.reply,
        at=move.at,
        version=move.version,
    )
    if is_owned or move.offer_id is None:
        return seen
    seen = replace(seen, referral_id=move.offer_id, at=minute_of(move.at))
    if move.reply is not None:
        # By who replied, two organisations could tell that they were asked about one person.
        return replace(seen, actor=EXCHANGE)
    if move.from_status != move.to_status and move.to_status in OTHERS_MOVES:
        # Whose move it was, and from where, is how somebody else answered.
        is_first = move.to_status == ReferralStatus.REQUESTED
        return replace(seen, actor=EXCHANGE, from_status=None if is_first else move.from_status)
    return seen
