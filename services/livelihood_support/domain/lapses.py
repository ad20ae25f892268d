"""An offer that ends before the service is done: its place is freed, the next programme asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.livelihood_support.domain.alerts import (
    OF_THE_OFFER,
    alert_row,
    settle_alerts,
    settle_unanswered,
)
from services.livelihood_support.domain.locks import LockedCase
from services.livelihood_support.domain.placement import place_again
from services.livelihood_support.domain.places import Places, lock_places
from services.livelihood_support.domain.questions import overtake_questions
from services.livelihood_support.domain.steps import MoveRow, advance, audit_move, tell_move
from services.livelihood_support.models import Alert, AlertKind, Offer, Referral, ReferralMove
from services.livelihood_support.policy import OfferStatus
from shared.contracts.vocabulary import EntitlementCode, ReasonCode, ReferralStatus
from shared.kit.documents import ON_CONFLICT_DO_NOTHING, insert_rows


@dataclass(frozen=True)
class Lapse:
    """How an offer ends: what becomes of it, what its organisation is told, and why."""

    ended_as: OfferStatus
    told_as: ReferralStatus
    reason: ReasonCode
    alert: AlertKind | None = None
    """What the case owner is told beside, unless the next programme is all there is to it."""

    @classmethod
    def rejected(cls, reason: ReasonCode) -> "Lapse":
        """The organisation said no."""
        return cls(OfferStatus.REJECTED, ReferralStatus.REJECTED, reason)

    @classmethod
    def failed(cls, reason: ReasonCode) -> "Lapse":
        """The organisation had accepted and cannot go on."""
        alert = AlertKind.SERVICE_FAILED
        return cls(OfferStatus.FAILED, ReferralStatus.FAILED, reason, alert)


EXPIRED = Lapse(
    OfferStatus.EXPIRED,
    ReferralStatus.CANCELLED,
    ReasonCode.NO_ANSWER,
    AlertKind.OFFER_UNANSWERED,
)
"""No answer in time: the request is taken back, for only the organisation may reject."""
UNDELIVERED = Lapse(
    OfferStatus.RECALLED,
    ReferralStatus.CANCELLED,
    ReasonCode.UNDELIVERED,
    AlertKind.OFFER_UNDELIVERED,
)
"""It never arrived: taken back, and nothing its organisation answers for."""
RECALLED = Lapse(OfferStatus.RECALLED, ReferralStatus.CANCELLED, ReasonCode.CONSENT_WITHDRAWN)

DECLINED = frozenset({OfferStatus.REJECTED, OfferStatus.EXPIRED})
"""Ends for which an organisation is responsible; later rankings count them."""


def pass_on(
    session: Session,
    referrals: Sequence[tuple[Referral, Offer]],
    lapse: Lapse,
    *,
    cases: Mapping[UUID, LockedCase],
    actor: str,
    now: datetime,
) -> list[MoveRow]:
    """End these open offers and seek the next place for their referrals, at once.

    The cases are locked by the caller. Returns the moves that ended the offers, in order.
    """
    places = lock_places(
        session,
        codes={referral.code for referral, _ in referrals},
        programme_ids={offer.programme_id for _, offer in referrals},
    )
    moves = [
        _end(session, referral, offer, lapse, places=places, actor=actor, now=now)
        for referral, offer in referrals
    ]
    insert_rows(session, ReferralMove, moves)
    ids = [referral.id for referral, _ in referrals]
    # Whether an organisation goes on without consent is no question once it has stopped.
    settle_alerts(session, ids, (*OF_THE_OFFER, AlertKind.CONSENT_WITHDRAWN), now=now)
    settle_unanswered(session, [offer for _, offer in referrals], now=now)
    overtake_questions(session, [offer.id for _, offer in referrals], now=now)
    if lapse.alert is not None:
        alert_of_offers(session, referrals, lapse.alert, now=now)
    place_again(
        session,
        [referral for referral, _ in referrals],
        cases=cases,
        places=places,
        actor=actor,
        now=now,
    )
    return moves


def alert_of_offers(
    session: Session,
    referrals: Sequence[tuple[Referral, Offer]],
    kind: AlertKind,
    *,
    now: datetime,
) -> None:
    """Tell the case owner which organisation it was, since when, and why its offer ended, if so."""
    rows = [offer_row(referral, offer, kind, now=now) for referral, offer in referrals]
    insert_rows(session, Alert, rows, conflict=ON_CONFLICT_DO_NOTHING)


def offer_row(
    referral: Referral, offer: Offer, kind: AlertKind, *, now: datetime
) -> dict[str, Any]:
    """An alert about one offer of a referral."""
    return alert_row(
        kind=kind,
        case_id=referral.case_id,
        code=EntitlementCode(referral.code),
        now=now,
        referral_id=referral.id,
        facts={
            "offer_id": str(offer.id),
            "organisation_id": str(offer.organisation_id),
            "since": _since(offer).isoformat(),
            "reason": offer.reason,
        },
    )


def _since(offer: Offer) -> datetime:
    """From when it served, else from when it had the offer, else from when that was made."""
    had_it = [it for it in (offer.delivered_at, offer.seen_at) if it is not None]
    return offer.accepted_at or min(had_it, default=offer.offered_at)


def _end(
    session: Session,
    referral: Referral,
    offer: Offer,
    lapse: Lapse,
    *,
    places: Places,
    actor: str,
    now: datetime,
) -> MoveRow:
    offer.status = lapse.ended_as
    offer.reason = lapse.reason
    offer.ended_at = now
    offer.is_current = False
    if lapse.ended_as in DECLINED:
        places.give_back_declined(offer.programme_id)
    else:
        places.give_back(offer.programme_id)
    move = advance(
        referral, lapse.told_as, offer_id=offer.id, actor=actor, now=now, reason=lapse.reason
    )
    audit_move(session, move)
    tell_move(session, referral, move, offer)
    return move
