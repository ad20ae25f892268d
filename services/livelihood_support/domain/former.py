"""An offer whose service failed: its organisation reads it as it ended, and may owe a purge.

The referral has gone on from there. Nothing of what became of it is told to whoever failed: neither
its status, nor its version, nor when it moves (ADR 0020).
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from services.livelihood_support.models import Offer, Referral, ReferralMove
from shared.contracts.vocabulary import ReferralStatus


@dataclass(frozen=True)
class Standing:
    """A referral as far as one offer of it has come."""

    status: ReferralStatus
    version: int
    moved_at: datetime


def is_readable() -> ColumnElement[bool]:
    """An offer that its organisation can still read: the present one, and one that failed."""
    return Offer.is_current | Offer.accepted_at.is_not(None)


def standing_of(session: Session, referral: Referral, offer: Offer | None) -> Standing:
    """Where a referral stands for the organisation of an offer; without one, where it stands."""
    if offer is None or offer.is_current or offer.ended_at is None:
        return Standing(ReferralStatus(referral.status), referral.version, referral.moved_at)
    last = select(func.max(ReferralMove.version)).where(
        ReferralMove.referral_id == referral.id, ReferralMove.offer_id == offer.id
    )
    return Standing(ReferralStatus(offer.status), session.scalars(last).one(), offer.ended_at)


def former_offer(
    session: Session,
    referral: Referral,
    *,
    reference: UUID,
    is_theirs: ColumnElement[bool],
    reaches_present: bool,
) -> Offer | None:
    """The failed offer of an organisation that a reference means, unless it means the present one.

    By the referral's own id, which organisations know that were told of it long ago, the present
    one is meant if it is theirs; a case owner means the referral.
    """
    query = select(Offer).where(
        Offer.referral_id == referral.id,
        is_theirs,
        Offer.accepted_at.is_not(None),
        ~Offer.is_current,
    )
    if reference != referral.id:
        query = query.where(Offer.id == reference)
    elif reaches_present:
        return None
    latest = query.order_by(Offer.ended_at.desc(), Offer.id).limit(1)
    return session.scalars(latest.execution_options(populate_existing=True)).one_or_none()
