"""Offers that wait for an answer while no clock runs for them: a case owner looks after them.

An offer whose time is over goes to the next programme by itself. Where the row of its period is
unset it has no such time, and nobody would ever look.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, String, and_, cast, exists, func, or_, select
from sqlalchemy.orm import Session

from services.livelihood_support.domain.lapses import alert_of_offers
from services.livelihood_support.domain.locks import lock_free_cases
from services.livelihood_support.models import Alert, AlertKind, Offer, Referral
from services.livelihood_support.policy import OfferStatus
from shared.kit.arrays import among
from shared.messaging.sweeps import each_alone, resting

BATCH = 64
SWEEP = "alert_unanswered"
QUIET = timedelta(days=7)
"""After how long somebody asks. No period of any law: a week in which everybody was at work once,
and about as long as an answer takes where its period is set."""


def alert_unanswered(session: Session, now: datetime) -> int:
    """Alert of offers nobody answers and for which no clock runs; returns how many.

    The offer stands: whether to go on waiting, the case owner decides.
    """
    is_told = exists().where(
        Alert.referral_id == Offer.referral_id,
        Alert.kind == AlertKind.OFFER_UNANSWERED,
        Alert.settled_at.is_(None),
        Alert.facts["offer_id"].astext == cast(Offer.id, String),
    )
    due = session.execute(
        select(Offer.id, Referral.case_id)
        .join(Referral, Referral.id == Offer.referral_id)
        .where(_is_quiet(now), ~is_told, Offer.id.not_in(resting(SWEEP)))
        .order_by(Offer.id)
        .limit(BATCH),
    ).all()
    if not due:
        return 0
    cases = lock_free_cases(session, {row.case_id for row in due})
    offer_ids = [row.id for row in due if row.case_id in cases]

    def act(some: Sequence[UUID]) -> None:
        _alert(session, some, now)

    return each_alone(session, SWEEP, offer_ids, act, key=lambda each: each, now=now)


def _is_quiet(now: datetime) -> ColumnElement[bool]:
    """Whether an offer waits for its answer, without a clock, for longer than it should."""
    had_it = func.least(Offer.delivered_at, Offer.seen_at)
    has_no_clock = or_(had_it.is_not(None), Offer.delivery_due_at.is_(None))
    return and_(
        Offer.status == OfferStatus.OFFERED,
        Offer.expires_at.is_(None),
        has_no_clock,
        func.coalesce(had_it, Offer.offered_at) <= now - QUIET,
    )


def _alert(session: Session, offer_ids: Collection[UUID], now: datetime) -> None:
    """Read again under the locks of the cases: an answer may have come in between."""
    rows = session.execute(
        select(Referral, Offer)
        .join(Offer, Offer.referral_id == Referral.id)
        .where(among(Offer.id, offer_ids), _is_quiet(now))
        .order_by(Offer.id)
        .execution_options(populate_existing=True),
    )
    pairs = [(referral, offer) for referral, offer in rows]
    alert_of_offers(session, pairs, AlertKind.OFFER_UNANSWERED, now=now)
