"""Offers that wait for an answer while no clock runs for them: a case owner looks after them.

An offer whose time is over goes to the next programme by itself. Where the row of its period is
unset it has no such time, and nobody would ever look.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_
from sqlalchemy.orm import Session

from services.livelihood_support.domain.watched import alert_once
from services.livelihood_support.models import AlertKind, Offer
from services.livelihood_support.policy import OfferStatus

SWEEP = "alert_unanswered"
QUIET = timedelta(days=7)
"""After how long somebody asks. No period of any law: a week in which everybody was at work once,
and about as long as an answer takes where its period is set."""


def alert_unanswered(session: Session, now: datetime) -> int:
    """Alert of offers nobody answers and for which no clock runs; returns how many.

    The offer stands: whether to go on waiting, the case owner decides.
    """
    return alert_once(session, SWEEP, AlertKind.OFFER_UNANSWERED, _is_quiet(now), now=now)


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
