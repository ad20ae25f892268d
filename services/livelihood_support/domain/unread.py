"""Whether anybody of an organisation has read that it is asked, and who sees to it if nobody has.

The clock is that of the offer, or of the purge, and there is no other. While its end comes nearer
and nobody has read the notice, the organisation's manager has a duty (``domain/duties.py``); on the
last day of an offer whoever owns the case telephones, for the day after it goes to somebody else.
Of a purge that is over its owner is told in any case.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, exists, select
from sqlalchemy.orm import Session

from services.livelihood_support.domain.alerts import settle_alerts
from services.livelihood_support.domain.deliveries import DeliveryFacts, note_deliveries
from services.livelihood_support.domain.locks import lock_cases
from services.livelihood_support.domain.purges import NoticeFacts, note_purge_notices
from services.livelihood_support.domain.watched import alert_once
from services.livelihood_support.models import AlertKind, Offer, ReadNotice
from services.livelihood_support.policy import OfferStatus
from shared.contracts.vocabulary import DeliveryOutcome
from shared.duties import Escalation, has_come_to
from shared.kit.arrays import among
from shared.kit.clock import local_date
from shared.kit.documents import ON_CONFLICT_DO_NOTHING, insert_rows

SWEEP = "alert_unread"


@dataclass(frozen=True)
class ReadFacts:
    """That somebody has read what their organisation was asked."""

    case_id: UUID
    offer_id: UUID
    organisation_id: UUID
    purge_id: UUID | None
    """Unset where it was asked for a place."""
    read_at: datetime


def note_reads(session: Session, *, reads: Sequence[ReadFacts], now: datetime) -> None:
    """Keep that these were read: so they have arrived, and nobody has to be sought any more."""
    lock_cases(session, {each.case_id for each in reads})
    rows = [
        {
            "cause_id": each.purge_id or each.offer_id,
            "offer_id": each.offer_id,
            "read_at": each.read_at,
        }
        for each in reads
    ]
    insert_rows(session, ReadNotice, rows, conflict=ON_CONFLICT_DO_NOTHING)
    offers = [each for each in reads if each.purge_id is None]
    if offers:
        note_deliveries(session, deliveries=[_arrived(each) for each in offers], now=now)
        _settle(session, offers, now)
    purges = [
        NoticeFacts(each.case_id, each.offer_id, each.purge_id, DeliveryOutcome.DELIVERED)
        for each in reads
        if each.purge_id is not None
    ]
    if purges:
        note_purge_notices(session, notices=purges, now=now)


def _arrived(read: ReadFacts) -> DeliveryFacts:
    """Whatever way it was sent by, if by any: it was read, and so the time to answer runs."""
    return DeliveryFacts(
        read.case_id,
        read.offer_id,
        read.organisation_id,
        DeliveryOutcome.DELIVERED,
        read.read_at,
    )


def _settle(session: Session, offers: Sequence[ReadFacts], now: datetime) -> None:
    asked = select(Offer.id, Offer.referral_id).where(
        among(Offer.id, [each.offer_id for each in offers])
    )
    for offer_id, referral_id in session.execute(asked):
        settle_alerts(session, [referral_id], (AlertKind.OFFER_UNREAD,), now=now, offer_id=offer_id)


def is_unread(
    cause_id: SQLColumnExpression[UUID] | SQLColumnExpression[UUID | None],
) -> ColumnElement[bool]:
    """Whether nobody has read the notice of this offer, or of this request to delete."""
    return ~exists().where(ReadNotice.cause_id == cause_id)


def is_unread_offer() -> ColumnElement[bool]:
    """An offer that waits for an answer, and that nobody has read or said to have seen."""
    return and_(Offer.status == OfferStatus.OFFERED, Offer.seen_at.is_(None), is_unread(Offer.id))


def alert_unread(session: Session, now: datetime) -> int:
    """Alert of offers on their last day that nobody has read; returns how many.

    It ends when somebody reads or answers the offer, or the referral goes on without them.
    """
    return alert_once(session, SWEEP, AlertKind.OFFER_UNREAD, _is_left(now), now=now)


def _is_left(now: datetime) -> ColumnElement[bool]:
    on = local_date(now)
    return and_(is_unread_offer(), has_come_to(Escalation.RESPONSIBLE, Offer.expires_at, on))
