"""Protection that stands still: nobody protects there, or nobody has decided in time.

Each is an alert of whoever owns the case, as with verifications.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, case, or_, select, text
from sqlalchemy.orm import Session

from services.verification.domain.opening import LOOK_AGAIN
from services.verification.domain.protection.asking import SUBJECT
from services.verification.domain.protection.protectors import protectors
from services.verification.domain.standstill import tell_alerts
from services.verification.models import Protection
from services.verification.policy import PROTECTION_ASKED
from shared.clocks import CLOCKS
from shared.duties import last_day_of
from shared.kit.arrays import among
from shared.kit.clock import local_date
from shared.messaging.alerts import AlertKind

WATCH = "watch_protections"
_KINDS = (
    AlertKind.NO_PROTECTOR,
    AlertKind.PROTECTOR_ENDED,
    AlertKind.PROTECTION_OVERDUE,
    AlertKind.LEVEL_UNHELD,
)
_CLOCK = CLOCKS.c


def watch_protections(session: Session, now: datetime) -> int:
    """Alert of what stands still, once each, and settle what moves again; returns how many."""
    protecting = _protecting(session, now)
    rows = session.execute(_standing_still(protecting, now)).all()
    return sum(
        tell_alerts(
            session,
            kind,
            subject=SUBJECT,
            found={row.id: row for row in rows if _kind_of(row, protecting) is kind},
            facts=_facts,
            now=now,
        )
        for kind in _KINDS
    )


def _protecting(session: Session, now: datetime) -> frozenset[UUID]:
    """Who may protect today, wherever that is."""
    today = local_date(now)
    return frozenset(it.organisation_id for it in protectors(session) if it.is_held(today))


def _standing_still(protecting: Collection[UUID], now: datetime) -> Any:
    is_unasked = Protection.protector_id.is_(None)
    runs = and_(
        _CLOCK.object_id == Protection.id,
        _CLOCK.fact == PROTECTION_ASKED,
        _CLOCK.ended_at.is_(None),
    )
    is_unheld = and_(_CLOCK.level.is_not(None), _CLOCK.level_holder_id.is_(None))
    return (
        select(
            Protection.id,
            Protection.case_id,
            Protection.protector_id,
            _CLOCK.due_at,
            _CLOCK.breached_at,
            case((is_unheld, _CLOCK.level)).label("unheld"),
        )
        .outerjoin(CLOCKS, runs)
        .where(
            # As the index says it.
            text("status IN ('requested', 'granted')"),
            or_(
                and_(is_unasked, Protection.requested_at <= now - LOOK_AGAIN),
                and_(~is_unasked, ~among(Protection.protector_id, protecting)),
                _CLOCK.breached_at.is_not(None),
                is_unheld,
            ),
        )
        .order_by(Protection.id)
    )


def _kind_of(row: Row[Any], protecting: Collection[UUID]) -> AlertKind:
    """One for each: whoever cannot decide at all is not late."""
    if row.protector_id is None:
        return AlertKind.NO_PROTECTOR
    if row.protector_id not in protecting:
        return AlertKind.PROTECTOR_ENDED
    return AlertKind.LEVEL_UNHELD if row.breached_at is None else AlertKind.PROTECTION_OVERDUE


def _facts(row: Row[Any]) -> Mapping[str, str]:
    told = {
        "case_id": row.case_id,
        "organisation_id": row.protector_id,
        "due_on": last_day_of(row.due_at) if row.due_at else None,
        "unheld": row.unheld,
    }
    return {name: str(value) for name, value in told.items() if value is not None}
