"""What was left, what nobody acts on or owns, and roles nobody holds: looked for every minute.

An operator sees to it, and where a case has come back to its area, whoever owns it now.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.intake.domain.organisations import NEEDED, tenures
from services.intake.domain.reach import AREA, AREA_ON, OWNED
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
    """Alert of what only a person can set right; returns how many alerts changed."""
    watches = (_watch_urgent, _watch_turns, _watch_owners, _watch_roles)
    return sum(watch(session, now) for watch in watches)


def _watch_turns(session: Session, now: datetime) -> int:
    """Cases in which nobody acts, since what should have followed has not come."""
    found = {
        case_id: {"why": str(turn.why)} for case_id, turn in nobodys_turn(session, now).items()
    }
    kept = alerts.keep_open(session, AlertKind.NOBODYS_TURN, subject=OF_CASES, found=found, now=now)
    return kept.changes


def _watch_owners(session: Session, now: datetime) -> int:
    """Cases whose owner is one no more, at once and before there is news of any.

    While nobody at all may own cases, that is one alert (``ROLES_UNTOLD``), and none for each.
    """
    owning, today = tenures(session, Role.CASE_OWNER), local_date(now)
    ownerless: dict[UUID, Mapping[str, Any]] = {}
    left: dict[UUID, Mapping[str, Any]] = {}
    if any(each.is_held(today) for each in owning):
        found = select(Case.id).where(OWNED.are_ownerless(owning, today))
        ownerless = {case_id: {} for case_id in session.scalars(found)}
        named = select(Case.id, Case.responsible_id).where(OWNED.are_left(owning, today))
        left = {
            case.id: {"organisation_id": str(case.responsible_id)}
            for case in session.execute(named)
            if case.id not in ownerless
        }
    kinds = ((AlertKind.CASE_WITHOUT_OWNER, ownerless), (AlertKind.OWNER_ENDED, left))
    return sum(
        alerts.keep_open(session, kind, subject=OF_CASES, found=cases, now=now).changes
        for kind, cases in kinds
    )


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
