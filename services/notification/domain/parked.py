"""What did not arrive, or cannot: alerts for an operator, who must act and since when.

That an offer or a purge did not arrive is told to livelihood support as well, whose alert is the
case owner's: an organisation has to be called. The operator's is about the address.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.notification.domain.conclusions import DeliveryRow
from services.notification.policy import DeliveryState, EventType
from shared.kit.columns import listed
from shared.messaging import alerts
from shared.messaging.alerts import AlertKind

WATCH = "watch_unreached"
"""The name of the sweep."""
PARKED = "delivery"
UNREACHED = "endpoint"
"""What the two kinds of alerts are about."""

TO_ACT_ON = (EventType.CASE_RECEIVED, EventType.ALERT_RAISED, EventType.VERIFICATION_OPENED)
"""What somebody has to act on, and nobody else alerts of: case owners and authorities."""


def note_parked(session: Session, rows: Iterable[DeliveryRow], *, now: datetime) -> None:
    """Alert of the deliveries among these that were just parked; one statement."""
    parked = {
        row.id: {
            "type": row.type,
            "case_id": str(row.case_id),
            "organisation_id": str(row.organisation_id),
        }
        for row in rows
        if row.state == DeliveryState.PARKED
    }
    if parked:
        alerts.raise_alerts(
            session, AlertKind.DELIVERY_PARKED, subject=PARKED, objects=parked, now=now
        )


def settle_parked(session: Session, delivery_ids: Collection[UUID], *, now: datetime) -> None:
    """These have arrived; sent again is not yet arrived."""
    alerts.settle(
        session, AlertKind.DELIVERY_PARKED, subject=PARKED, object_ids=delivery_ids, now=now
    )


_UNREACHED = text(
    f"""
    SELECT organisation_id, count(*) AS waiting, min(created_at) AS oldest
      FROM deliveries
     WHERE state = '{DeliveryState.NO_ENDPOINT}' AND type IN ({listed(TO_ACT_ON)})
     GROUP BY organisation_id
    """,  # noqa: S608 - made of our own words only
)


def watch_unreached(session: Session, now: datetime) -> int:
    """Alert once of each organisation that has to act and has no address; returns of how many.

    With its address the alert ends. What it has to know can be read over HTTP all the while.
    """
    found = {
        row.organisation_id: {
            "organisation_id": str(row.organisation_id),
            "waiting": row.waiting,
            "oldest": row.oldest.isoformat(),
        }
        for row in session.execute(_UNREACHED)
    }
    return alerts.keep_open(
        session, AlertKind.NO_ENDPOINT, subject=UNREACHED, found=found, now=now
    ).changes
