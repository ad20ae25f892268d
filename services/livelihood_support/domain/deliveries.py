"""Whether the organisation asked has been reached."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from services.livelihood_support.domain.alerts import alert_row
from services.livelihood_support.domain.cases import lock_cases
from services.livelihood_support.domain.rows import document, insert_missing
from services.livelihood_support.models import Alert, AlertKind, Offer, Referral
from services.livelihood_support.policy import OfferStatus
from shared.contracts.vocabulary import DeliveryOutcome, EntitlementCode
from shared.kit import audit


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

_DELIVERED = text(
    """
    UPDATE offers SET delivered_at = told.concluded_at
      FROM json_to_recordset(CAST(:rows AS json))
           AS told(offer_id uuid, organisation_id uuid, concluded_at timestamptz)
     WHERE offers.id = told.offer_id AND offers.organisation_id = told.organisation_id
       AND offers.delivered_at IS NULL
    """,
)


def note_deliveries(
    session: Session,
    *,
    deliveries: Sequence[DeliveryFacts],
    now: datetime,
    actor: str,
) -> None:
    """Mark offers as delivered; raise an alert where the organisation asked was not reached.

    A delivery to anyone else, such as the agency that submitted the case, changes nothing here.
    """
    lock_cases(session, {each.case_id for each in deliveries})
    arrived = [each for each in deliveries if each.outcome is DeliveryOutcome.DELIVERED]
    if arrived:
        session.execute(_DELIVERED, {"rows": document([vars(each) for each in arrived])})
    failed = {each.offer_id: each for each in deliveries if each.outcome in ALERTS}
    if failed:
        _raise_alerts(session, failed, now)
    for each in deliveries:
        audit.record(
            session,
            actor=actor,
            action=f"delivery.{each.outcome}",
            object_id=each.offer_id,
            now=now,
        )


def _raise_alerts(session: Session, failed: dict[UUID, DeliveryFacts], now: datetime) -> None:
    """Only an offer that still waits for its answer needs a person to call."""
    rows = session.execute(
        select(Offer.id, Offer.organisation_id, Referral.id, Referral.case_id, Referral.code)
        .join(Referral, Referral.id == Offer.referral_id)
        .where(Offer.id.in_(failed), Offer.status == OfferStatus.OFFERED),
    ).all()
    insert_missing(
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
    )
