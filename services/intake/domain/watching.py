"""What an operator sees to: what was left, what nobody acts on, and roles nobody holds."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.intake.domain.organisations import NEEDED, tenures
from services.intake.domain.reach import AREA, AREA_ON
from services.intake.domain.turns import nobodys_turn
from services.intake.models import Case
from shared.contracts.vocabulary import Role
from shared.kit.clock import local_date
from shared.messaging import alerts
from shared.messaging.alerts import AlertKind
from shared.places.holders import Place, owner_of

WATCH = "watch_duties"
LONGEST_WAIT = timedelta(hours=24)
"""How long an owner has, from when the case was told, until an operator is told too.

Assumed, chosen here: no law was found that gives a time, and what cannot wait should not wait over
a day.
"""

OF_CASES, OF_ROLES = "case", "organisations"
NOBODY = UUID(int=0)


def watch_duties(session: Session, now: datetime) -> int:
    """Alert the operator of what only a person can set right; returns how many alerts changed."""
    return _watch_urgent(session, now) + _watch_turns(session, now) + _watch_roles(session, now)


def _watch_turns(session: Session, now: datetime) -> int:
    """Cases in which nobody acts, since what should have followed has not come."""
    found = {
        case_id: {"why": str(turn.why)} for case_id, turn in nobodys_turn(session, now).items()
    }
    kept = alerts.keep_open(session, AlertKind.NOBODYS_TURN, subject=OF_CASES, found=found, now=now)
    return kept.changes


def _watch_urgent(session: Session, now: datetime) -> int:
    found = _left(session, now)
    kept = alerts.keep_open(session, AlertKind.URGENCY_LEFT, subject=OF_CASES, found=found, now=now)
    return kept.changes


def _left(session: Session, now: datetime) -> Mapping[UUID, Mapping[str, Any]]:
    """Cases in which something cannot wait, and nobody owns them or nobody saw to it in time."""
    owning, today = tenures(session, Role.CASE_OWNER), local_date(now)
    place = (AREA.label("area_code"), AREA_ON.label("area_on"))
    waiting = select(Case.id, *place, Case.registered_at, Case.responsible_id).where(
        Case.urgent_since.is_not(None), Case.urgency_settled_at.is_(None)
    )
    found: dict[UUID, Mapping[str, Any]] = {}
    for case in session.execute(waiting):
        there = Place(case.area_code, case.area_on)
        owner = owner_of(owning, there, handed_to=case.responsible_id, on=today)
        if owner is None or case.registered_at + LONGEST_WAIT <= now:
            found[case.id] = {"organisation_id": str(owner)} if owner else {}
    return found


def _watch_roles(session: Session, now: datetime) -> int:
    """Whether the directory told of somebody in each role, once there are cases."""
    untold = _untold(session, now)
    has_cases = session.scalar(select(Case.id).order_by(Case.id).limit(1)) is not None
    is_open = bool(alerts.open_objects(session, AlertKind.ROLES_UNTOLD))
    if untold and has_cases:
        alerts.raise_alert(
            session,
            AlertKind.ROLES_UNTOLD,
            subject=OF_ROLES,
            object_id=NOBODY,
            now=now,
            roles=untold,
        )
        return int(not is_open)
    if is_open:
        alerts.settle(
            session, AlertKind.ROLES_UNTOLD, subject=OF_ROLES, object_ids=[NOBODY], now=now
        )
    return int(is_open)


def _untold(session: Session, now: datetime) -> list[str]:
    today = local_date(now)
    return sorted(
        role for role in NEEDED if not any(held.is_held(today) for held in tenures(session, role))
    )
