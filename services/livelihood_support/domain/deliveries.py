"""Whether the organisation asked has been reached."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, exists, select, text
from sqlalchemy.orm import Session

from services.livelihood_support.domain.alerts import UNREACHED, alert_row
from services.livelihood_support.domain.locks import lock_cases
from services.livelihood_support.domain.waiting import ANSWERS
from services.livelihood_support.models import Alert, AlertKind, Offer, ReadNotice, Referral
from services.livelihood_support.policy import OfferStatus
from shared import clocks
from shared.contracts.vocabulary import DeliveryOutcome, EntitlementCode
from shared.kit.arrays import among
from shared.kit.columns import listed
from shared.kit.documents import ON_CONFLICT_DO_NOTHING, document, insert_rows


@dataclass(frozen=True)
class DeliveryFacts:
    """How the notification of one offer ended."""

    case_id: UUID
    offer_id: UUID
    organisation_id: UUID
    outcome: DeliveryOutcome
    concluded_at: datetime


ALERTS: dict[DeliveryOutcome, AlertKind] = {
    DeliveryOutcome.PARKED: AlertKind.DELIVERY_PARKED,
    DeliveryOutcome.NO_ENDPOINT: AlertKind.NO_ENDPOINT,
}

# An alert names the offer it is about, so a late delivery of an earlier one settles nothing else.
_DELIVERED = text(
    f"""
    WITH arrived AS (
        UPDATE offers
           SET delivered_at = told.concluded_at
          FROM json_to_recordset(CAST(:rows AS json))
               AS told(offer_id uuid, organisation_id uuid, concluded_at timestamptz)
         WHERE offers.id = told.offer_id AND offers.organisation_id = told.organisation_id
           AND offers.delivered_at IS NULL
        RETURNING offers.id, offers.referral_id
    )
    UPDATE alerts SET settled_at = :now
      FROM arrived
     WHERE alerts.referral_id = arrived.referral_id AND alerts.settled_at IS NULL
       AND alerts.kind IN ({listed([*UNREACHED, AlertKind.OFFER_UNDELIVERED])})
       AND alerts.facts ->> 'offer_id' = CAST(arrived.id AS text)
    """,  # noqa: S608 - made of our own words only
)

# What was told of its clocks then stands no more: it waits for its delivery again, as before.
_CAME_BACK = text(
    """
    UPDATE offers SET delivered_at = NULL
      FROM json_to_recordset(CAST(:rows AS json)) AS told(offer_id uuid, organisation_id uuid)
     WHERE offers.id = told.offer_id AND offers.organisation_id = told.organisation_id
       AND offers.status = 'offered' AND offers.seen_at IS NULL
       AND offers.delivered_at IS NOT NULL
       AND NOT EXISTS (SELECT FROM read_notices WHERE cause_id = offers.id)
    """
)


def note_deliveries(
    session: Session,
    *,
    deliveries: Sequence[DeliveryFacts],
    now: datetime,
) -> None:
    """Mark offers as delivered; an organisation that was not reached is an alert until it is.

    With its delivery the time to answer an offer begins. One that was passed on already stays so:
    that it arrived is kept, and settles what was told of it. What was taken and came back later has
    not arrived after all, unless somebody has read it or said that it was seen. A delivery to
    anyone else, such as the agency that submitted the case, changes nothing here.
    """
    lock_cases(session, {each.case_id for each in deliveries})
    arrived = [each for each in deliveries if each.outcome is DeliveryOutcome.DELIVERED]
    if arrived:
        rows = [vars(each) for each in arrived]
        session.execute(_DELIVERED, {"rows": document(rows), "now": now})
        clocks.begin(session, ANSWERS, [each.offer_id for each in arrived])
    failed = {each.offer_id: each for each in deliveries if each.outcome in ALERTS}
    if failed:
        rows = [vars(each) for each in failed.values()]
        session.execute(_CAME_BACK, {"rows": document(rows)})
        _raise_alerts(session, failed, now)


_WAITING = (
    select(Offer.id, Offer.organisation_id, Referral.id, Referral.case_id, Referral.code)
    .join(Referral, Referral.id == Offer.referral_id)
    .where(
        among(Offer.id, bindparam("offer_ids")),
        Offer.status == OfferStatus.OFFERED,
        ~exists().where(ReadNotice.cause_id == Offer.id),
    )
)


def _raise_alerts(session: Session, failed: dict[UUID, DeliveryFacts], now: datetime) -> None:
    """Only an offer that waits for its answer, and nobody has read, needs somebody to telephone."""
    rows = session.execute(_WAITING, {"offer_ids": list(failed)}).all()
    insert_rows(
        session,
        Alert,
        [
            alert_row(
                kind=ALERTS[failed[offer_id].outcome],
                case_id=case_id,
                code=EntitlementCode(code),
                now=now,
                referral_id=referral_id,
                facts={"offer_id": str(offer_id)},
            )
            for offer_id, organisation_id, referral_id, case_id, code in rows
            if failed[offer_id].organisation_id == organisation_id
        ],
        conflict=ON_CONFLICT_DO_NOTHING,
    )
