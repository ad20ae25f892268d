"""What time, or a freed place, brings about: called every second, in bounded batches.

A row that cannot be moved stops no other: it is told to the operator and rests. All its locks are
taken for the batch, in the one order, and not row by row.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select, text
from sqlalchemy.orm import InstrumentedAttribute, Session

from services.livelihood_support.domain.lapses import EXPIRED, UNDELIVERED, Lapse, pass_on
from services.livelihood_support.domain.locks import LockedCase, holding, lock_free_cases
from services.livelihood_support.domain.placement import place_again
from services.livelihood_support.domain.places import lock_places
from services.livelihood_support.models import Offer, Referral
from services.livelihood_support.policy import OfferStatus
from shared.contracts.vocabulary import ReferralStatus
from shared.kit.arrays import among
from shared.messaging.sweeps import RESTING, each_alone, resting

BATCH = 64
EXPIRE = "expire_offers"
HAND_ON = "pass_on_undelivered"
RETRY = "retry_unplaced"


def expire_offers(session: Session, now: datetime) -> int:
    """End offers nobody answered in time and ask the next programmes; returns how many ended.

    The time is over by the clock of the answer, whether that has been found to be over yet or not.
    """
    return _pass_on_due(session, _Clock(EXPIRE, Offer.expires_at, EXPIRED), now)


def pass_on_undelivered(session: Session, now: datetime) -> int:
    """Ask the next programmes where an offer did not arrive in time; returns how many were passed.

    The case owner is told which organisation was not reached: it has to be asked why.
    """
    clock = _Clock(
        HAND_ON,
        Offer.delivery_due_at,
        UNDELIVERED,
        only=(Offer.delivered_at.is_(None), Offer.seen_at.is_(None)),
    )
    return _pass_on_due(session, clock, now)


@dataclass(frozen=True)
class _Clock:
    """A period at whose end an offer without an answer goes to the next programme."""

    sweep: str
    ends_at: InstrumentedAttribute[datetime | None]
    lapse: Lapse
    only: tuple[ColumnElement[bool], ...] = ()

    def has_run_out(self, now: datetime) -> tuple[ColumnElement[bool], ...]:
        """Which offers it has run out for."""
        return (Offer.status == OfferStatus.OFFERED, self.ends_at <= now, *self.only)


def _pass_on_due(session: Session, clock: _Clock, now: datetime) -> int:
    due = session.execute(
        select(Offer.id, Offer.programme_id, Referral.case_id, Referral.code)
        .join(Referral, Referral.id == Offer.referral_id)
        .where(*clock.has_run_out(now), Offer.id.not_in(resting(clock.sweep)))
        .order_by(clock.ends_at, Offer.id)
        .limit(BATCH),
    ).all()
    if not due:
        return 0
    cases = lock_free_cases(session, {row.case_id for row in due})
    rows = [row for row in due if row.case_id in cases]

    def act(some: Sequence[Any]) -> None:
        _pass_on(session, [row.id for row in some], clock, cases, now)

    codes, programmes = {row.code for row in rows}, {row.programme_id for row in rows}
    with holding(session, cases, codes=codes, programme_ids=programmes):
        return each_alone(session, clock.sweep, rows, act, key=lambda row: row.id, now=now)


def _pass_on(
    session: Session,
    offer_ids: Sequence[UUID],
    clock: _Clock,
    cases: Mapping[UUID, LockedCase],
    now: datetime,
) -> None:
    """Read again under the locks of the cases: an answer may have come in between."""
    rows = session.execute(
        select(Referral, Offer)
        .join(Offer, Offer.referral_id == Referral.id)
        .where(among(Offer.id, offer_ids), *clock.has_run_out(now))
        .order_by(Offer.id)
        .execution_options(populate_existing=True),
    )
    overdue = [(referral, offer) for referral, offer in rows]
    if overdue:
        actor = f"sweep:{clock.sweep}"
        pass_on(session, overdue, clock.lapse, cases=cases, actor=actor, now=now)


# A sum that differs from the one remembered means that some programme for the code, or its
# organisation, has changed or freed a place since the last search. No clock takes part, so no
# change can slip between two.
_DUE = text(
    f"""
    WITH turns AS (
        SELECT served.code, sum(programmes.changes + coalesce(organisations.changes, 0)) AS changes
          FROM programmes CROSS JOIN unnest(programmes.codes) AS served(code)
          LEFT JOIN organisations ON organisations.id = programmes.organisation_id
         GROUP BY served.code
    )
    SELECT referrals.id, referrals.case_id, code
      FROM referrals JOIN turns USING (code)
     WHERE status = 'unplaced' AND tried_changes <> turns.changes
       AND referrals.id NOT IN ({RESTING})
     ORDER BY referrals.id
     LIMIT :most
    """,  # noqa: S608 - made of our own words only
)


def retry_unplaced(session: Session, now: datetime) -> int:
    """Try again referrals whose programmes have changed; returns how many were tried."""
    due = session.execute(_DUE, {"most": BATCH, "sweep": RETRY}).all()
    if not due:
        return 0
    cases = lock_free_cases(session, {row.case_id for row in due})
    rows = [row for row in due if row.case_id in cases]

    def act(some: Sequence[Any]) -> None:
        _retry(session, [row.id for row in some], cases, now)

    with holding(session, cases, codes={row.code for row in rows}):
        return each_alone(session, RETRY, rows, act, key=lambda row: row.id, now=now)


def _retry(
    session: Session,
    referral_ids: Sequence[UUID],
    cases: Mapping[UUID, LockedCase],
    now: datetime,
) -> None:
    waiting = _still_waiting(session, referral_ids)
    if waiting:
        places = lock_places(session, codes={referral.code for referral in waiting})
        actor = f"sweep:{RETRY}"
        place_again(session, waiting, cases=cases, places=places, actor=actor, now=now)


def _still_waiting(session: Session, referral_ids: Sequence[UUID]) -> Sequence[Referral]:
    return session.scalars(
        select(Referral)
        .where(among(Referral.id, referral_ids), Referral.status == ReferralStatus.UNPLACED)
        .order_by(Referral.id)
        .execution_options(populate_existing=True),
    ).all()
