"""Offers on which a person must look: found, looked at again under their locks, and told once."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, String, cast, exists, select
from sqlalchemy.orm import Session

from services.livelihood_support.domain.lapses import alert_of_offers
from services.livelihood_support.domain.locks import lock_free_cases
from services.livelihood_support.models import Alert, AlertKind, Offer, Referral
from shared.kit.arrays import among
from shared.messaging.sweeps import each_alone, resting

BATCH = 64


def alert_once(
    session: Session, sweep: str, kind: AlertKind, is_due: ColumnElement[bool], *, now: datetime
) -> int:
    """Alert of the offers of which this is so and nobody was told yet; returns how many.

    What ends first goes first. Cases that others hold at this moment wait for the next round.
    """
    is_told = exists().where(
        Alert.referral_id == Offer.referral_id,
        Alert.kind == kind,
        Alert.settled_at.is_(None),
        Alert.facts["offer_id"].astext == cast(Offer.id, String),
    )
    due = session.execute(
        select(Offer.id, Referral.case_id)
        .join(Referral, Referral.id == Offer.referral_id)
        .where(is_due, ~is_told, Offer.id.not_in(resting(sweep)))
        .order_by(Offer.expires_at, Offer.id)
        .limit(BATCH)
    ).all()
    if not due:
        return 0
    cases = lock_free_cases(session, {row.case_id for row in due})
    offer_ids = [row.id for row in due if row.case_id in cases]

    def act(some: Sequence[UUID]) -> None:
        """Read again under the locks: somebody may have read or answered it in between."""
        rows = session.execute(
            select(Referral, Offer)
            .join(Offer, Offer.referral_id == Referral.id)
            .where(among(Offer.id, some), is_due)
            .order_by(Offer.id)
            .execution_options(populate_existing=True),
        )
        pairs = [(referral, offer) for referral, offer in rows]
        alert_of_offers(session, pairs, kind, now=now)

    return each_alone(session, sweep, offer_ids, act, key=lambda each: each, now=now)
