"""Alerts are told to whoever must act, by the relay: so wherever one is raised, it is told."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.livelihood_support.domain.locks import lock_untold
from services.livelihood_support.models import Alert
from shared.contracts import AlertRaised
from shared.contracts.vocabulary import EntitlementCode, Role
from shared.messaging import outbox
from shared.messaging.sweeps import each_alone

SWEEP = "tell_alerts"
BATCH = 200


def tell_alerts(session: Session, now: datetime) -> int:
    """Tell of alerts nobody was told of, once for each time one was raised; returns how many.

    What was settled meanwhile needs nobody any more, and is passed over.
    """
    untold = lock_untold(session, sweep=SWEEP, most=BATCH)

    def act(some: Sequence[Alert]) -> None:
        for alert in some:
            alert.told_at = now
            if alert.settled_at is None:
                outbox.add(session, _told(alert, now))

    return each_alone(session, SWEEP, untold, act, key=_id_of, now=now)


def _id_of(alert: Alert) -> UUID:
    return alert.id


def _told(alert: Alert, now: datetime) -> AlertRaised:
    return AlertRaised(
        occurred_at=now,
        case_id=alert.case_id,
        alert_id=alert.id,
        kind=alert.kind,
        code=EntitlementCode(alert.code),
        referral_id=alert.referral_id,
        must_act=Role.CASE_OWNER,
        raised_at=alert.raised_at,
    )
