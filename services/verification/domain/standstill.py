"""Verifications that stand still: nobody may decide them, or nobody has in time, as clocks say.

A complaint that waits for its answer stands still alike.

Each is an alert of whoever owns the case, told once each time it is raised: an owner gives the
verification to an authority, or asks the one that has it.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, case, or_, select, text
from sqlalchemy.orm import Session

from services.verification.domain.opening import LOOK_AGAIN
from services.verification.domain.organisations import verifier_roles
from services.verification.domain.requests import SUBJECT
from services.verification.models import Verification
from services.verification.policy import ASKED, COMPLAINED, VerificationStatus
from shared.clocks import CLOCKS
from shared.contracts import VerificationAlertRaised
from shared.duties import last_day_of
from shared.kit.arrays import among
from shared.kit.clock import local_date
from shared.messaging import alerts, outbox
from shared.messaging.alerts import AlertKind

WATCH = "watch_standstills"
KINDS = (
    AlertKind.NO_AUTHORITY,
    AlertKind.AUTHORITY_ENDED,
    AlertKind.DECISION_OVERDUE,
    AlertKind.LEVEL_UNHELD,
)
_CLOCK = CLOCKS.c


def watch_standstills(session: Session, now: datetime) -> int:
    """Alert of what stands still, once each, and settle what moves again; returns how many.

    Locks nothing: what is moved at this moment is looked at again with the next round.
    """
    holding = _verifiers(session, now)
    rows = session.execute(_standing_still(holding, now)).all()
    return sum(
        tell_alerts(
            session,
            kind,
            subject=SUBJECT,
            found={row.id: row for row in rows if _kind_of(row, holding) is kind},
            facts=_facts,
            now=now,
        )
        for kind in KINDS
    )


def tell_alerts(
    session: Session,
    kind: AlertKind,
    *,
    subject: str,
    found: Mapping[UUID, Row[Any]],
    facts: Callable[[Row[Any]], Mapping[str, str]],
    now: datetime,
) -> int:
    """Have the open alerts of a kind be those of what was found, and tell of each that is new.

    Returns how many were raised or settled.
    """
    said = {each: facts(row) for each, row in found.items()}
    kept = alerts.keep_open(session, kind, subject=subject, found=said, now=now)
    for raised in kept.raised:
        outbox.add(session, _told(kind, raised, found[raised.object_id].case_id, now))
    return kept.changes


def _verifiers(session: Session, now: datetime) -> frozenset[UUID]:
    """Who may decide today: a role that has ended, or that has yet to begin, moves nothing."""
    today = local_date(now)
    return frozenset(
        role.organisation_id for role in verifier_roles(session) if role.is_held(today)
    )


def _standing_still(holding: Collection[UUID], now: datetime) -> Any:
    is_unassigned: ColumnElement[bool] = Verification.status == VerificationStatus.OPENED
    runs = and_(
        _CLOCK.object_id == Verification.id,
        _CLOCK.fact.in_((ASKED, COMPLAINED)),
        _CLOCK.ended_at.is_(None),
        _CLOCK.paused_at.is_(None),
    )
    is_late = _CLOCK.breached_at.is_not(None)
    is_unheld = and_(_CLOCK.level.is_not(None), _CLOCK.level_holder_id.is_(None))
    return (
        select(
            Verification.id,
            Verification.case_id,
            Verification.verifier_id,
            _CLOCK.due_at,
            _CLOCK.breached_at,
            case((is_unheld, _CLOCK.level)).label("unheld"),
        )
        .outerjoin(CLOCKS, runs)
        .where(
            # As the indexes say it.
            text("(status <> 'concluded' OR complaint_status = 'received')"),
            or_(
                and_(is_unassigned, Verification.opened_at <= now - LOOK_AGAIN),
                and_(~is_unassigned, ~among(Verification.verifier_id, holding)),
                is_late,
                is_unheld,
            ),
        )
        .order_by(Verification.id)
    )


def _kind_of(row: Row[Any], holding: Collection[UUID]) -> AlertKind:
    """One for each: who cannot decide at all is not late."""
    if row.verifier_id is None:
        return AlertKind.NO_AUTHORITY
    if row.verifier_id not in holding:
        return AlertKind.AUTHORITY_ENDED
    return AlertKind.LEVEL_UNHELD if row.breached_at is None else AlertKind.DECISION_OVERDUE


def _facts(row: Row[Any]) -> Mapping[str, str]:
    told = {
        "case_id": row.case_id,
        "organisation_id": row.verifier_id,
        "due_on": last_day_of(row.due_at) if row.due_at else None,
        "unheld": row.unheld,
    }
    return {name: str(value) for name, value in told.items() if value is not None}


def _told(
    kind: AlertKind, raised: alerts.Raised, case_id: UUID, now: datetime
) -> VerificationAlertRaised:
    return VerificationAlertRaised(
        occurred_at=now,
        case_id=case_id,
        alert_id=raised.id,
        kind=kind,
        must_act=alerts.must_act_on(kind),
        raised_at=now,
    )
