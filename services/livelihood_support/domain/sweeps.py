"""What time, or a freed place, brings about: called every second, a bounded batch at a time."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from services.livelihood_support.domain.lapses import EXPIRED, pass_on
from services.livelihood_support.domain.locks import lock_free_cases
from services.livelihood_support.domain.placement import place_again
from services.livelihood_support.domain.places import lock_places
from services.livelihood_support.models import Offer, Referral
from services.livelihood_support.policy import OfferStatus
from shared.contracts.vocabulary import ReferralStatus

BATCH = 64


def expire_offers(session: Session, now: datetime) -> int:
    """End offers nobody answered in time and ask the next programmes; returns how many ended."""
    due = session.execute(
        select(Offer.id, Referral.case_id)
        .join(Referral, Referral.id == Offer.referral_id)
        .where(Offer.status == OfferStatus.OFFERED, Offer.expires_at <= now)
        .order_by(Offer.expires_at, Offer.id)
        .limit(BATCH),
    ).all()
    if not due:
        return 0
    cases = lock_free_cases(session, {case_id for _, case_id in due})
    # Read again under the lock: an answer may have come in between.
    rows = session.execute(
        select(Referral, Offer)
        .join(Offer, Offer.referral_id == Referral.id)
        .where(
            Offer.id.in_([offer_id for offer_id, _ in due]),
            Offer.status == OfferStatus.OFFERED,
            Referral.case_id.in_(cases),
        )
        .order_by(Offer.id)
        .execution_options(populate_existing=True),
    )
    overdue = [(referral, offer) for referral, offer in rows]
    if overdue:
        pass_on(session, overdue, EXPIRED, cases=cases, actor="sweep:expire_offers", now=now)
    return len(overdue)


# A sum that differs from the one remembered means that some programme for the code, or its
# organisation, has changed or freed a place since the last search. No clock takes part, so no
# change can slip between two.
_DUE = text(
    """
    WITH turns AS (
        SELECT served.code, sum(programmes.changes + coalesce(organisations.changes, 0)) AS changes
          FROM programmes CROSS JOIN unnest(programmes.codes) AS served(code)
          LEFT JOIN organisations ON organisations.id = programmes.organisation_id
         GROUP BY served.code
    )
    SELECT referrals.id, referrals.case_id
      FROM referrals JOIN turns USING (code)
     WHERE status = 'unplaced' AND tried_changes <> turns.changes
     ORDER BY referrals.id
     LIMIT :most
    """,
)


def retry_unplaced(session: Session, now: datetime) -> int:
    """Try again referrals whose programmes have changed; returns how many were tried."""
    due = session.execute(_DUE, {"most": BATCH}).all()
    if not due:
        return 0
    cases = lock_free_cases(session, {row.case_id for row in due})
    waiting = _still_waiting(session, [row.id for row in due if row.case_id in cases])
    if waiting:
        places = lock_places(session, codes={referral.code for referral in waiting})
        place_again(
            session,
            waiting,
            cases=cases,
            places=places,
            actor="sweep:retry_unplaced",
            now=now,
        )
    return len(waiting)


def _still_waiting(session: Session, referral_ids: Sequence[UUID]) -> Sequence[Referral]:
    return session.scalars(
        select(Referral)
        .where(Referral.id.in_(referral_ids), Referral.status == ReferralStatus.UNPLACED)
        .order_by(Referral.id)
        .execution_options(populate_existing=True),
    ).all()
