"""Whom a fault keeps from being written to: an operator is told, and it is tried ever more rarely.

A fault in what one person is to be told must not keep everybody else's mail.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.notification.policy import Mailing
from shared.messaging import alerts
from shared.messaging.alerts import AlertKind
from shared.messaging.tables import OPERATOR_ALERTS

WRITING = "write_mail"
"""What fails, as the operator reads it."""
_ALERTS = OPERATOR_ALERTS.c


def find_failing(session: Session) -> Mapping[UUID, bool]:
    """Of whom a fault kept from being written to, by id whether they rest yet."""
    query = select(_ALERTS.object_id, (_ALERTS.rests_until > func.now()).label("rests")).where(
        _ALERTS.kind == AlertKind.SWEEP_ROW_FAILED,
        _ALERTS.subject == WRITING,
        _ALERTS.settled_at.is_(None),
    )
    return {each.object_id: each.rests for each in session.execute(query)}


def note_failing(session: Session, mailing: Mailing, *, now: datetime, **told: Any) -> None:
    """Tell the operator of a fault; from the second on it is counted, and rests longer."""
    alerts.raise_alert(
        session,
        AlertKind.SWEEP_ROW_FAILED,
        subject=WRITING,
        object_id=mailing.id,
        now=now,
        **told,
    )


def note_written_to(session: Session, mailing: Mailing, *, now: datetime) -> None:
    """The fault is gone."""
    alerts.settle(
        session, AlertKind.SWEEP_ROW_FAILED, subject=WRITING, object_ids=[mailing.id], now=now
    )
