"""Alerts: what the exchange cannot settle by itself, shown once until its cause is gone."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from services.livelihood_support.models import Alert, AlertKind, Offer
from shared.contracts.vocabulary import EntitlementCode
from shared.kit.arrays import among
from shared.kit.identifiers import new_id

UNREACHED = (AlertKind.DELIVERY_PARKED, AlertKind.NO_ENDPOINT, AlertKind.OFFER_UNREAD)
"""An organisation was asked and may not know of it."""

PASSED_ON = (
    AlertKind.OFFER_UNDELIVERED,
    AlertKind.OFFER_UNANSWERED,
    AlertKind.SERVICE_FAILED,
)
"""What became of an earlier offer; over once somebody accepts, or the referral ends."""

ANSWERED = (*UNREACHED, *PASSED_ON, AlertKind.OFFER_QUESTION)
"""Over once somebody accepts."""

OF_THE_OFFER = (
    *UNREACHED,
    AlertKind.AGE_OUTSIDE,
    AlertKind.OFFER_QUESTION,
    AlertKind.SERVICE_UNSTARTED,
)
"""What is wrong with who is asked, or asked by them, and over when somebody else is asked."""

OF_THE_REFERRAL = (
    *OF_THE_OFFER,
    *PASSED_ON,
    AlertKind.NO_PROGRAMME,
    AlertKind.NO_LONGER_GRANTED,
    AlertKind.NO_LONGER_IDENTIFIED,
    AlertKind.PRESUMPTION_ENDED,
    AlertKind.CONSENT_WITHDRAWN,
)
"""Over once the referral has ended."""

OWED = (AlertKind.PURGE_UNDELIVERED, AlertKind.PURGE_UNCONFIRMED)
"""An organisation may still hold what it was told of a person."""


def alert_row(
    *,
    kind: AlertKind,
    case_id: UUID,
    code: EntitlementCode,
    now: datetime,
    referral_id: UUID | None = None,
    facts: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """A new alert; ``facts`` are codes, ids and counts."""
    return {
        "id": new_id(),
        "case_id": case_id,
        "referral_id": referral_id,
        "code": code,
        "kind": kind,
        "facts": dict(facts or {}),
        "raised_at": now,
    }


def settle_alerts(
    session: Session,
    referral_ids: Collection[UUID],
    kinds: Collection[AlertKind],
    *,
    now: datetime,
    offer_id: UUID | None = None,
) -> None:
    """Close the open alerts of these kinds: their cause is gone. Of one offer, if it is named."""
    of_offer = () if offer_id is None else (Alert.facts["offer_id"].astext == str(offer_id),)
    session.execute(
        update(Alert)
        .where(
            among(Alert.referral_id, referral_ids),
            among(Alert.kind, kinds),
            Alert.settled_at.is_(None),
            *of_offer,
        )
        .values(settled_at=now)
        .execution_options(synchronize_session=False),
    )


def settle_unanswered(session: Session, offers: Collection[Offer], *, now: datetime) -> None:
    """Close what was said of these offers while they had no answer: they have ended."""
    session.execute(
        update(Alert)
        .where(
            among(Alert.referral_id, [offer.referral_id for offer in offers]),
            Alert.kind == AlertKind.OFFER_UNANSWERED,
            among(Alert.facts["offer_id"].astext, [str(offer.id) for offer in offers]),
            Alert.settled_at.is_(None),
        )
        .values(settled_at=now)
        .execution_options(synchronize_session=False),
    )
