"""What waits in intake, for whoever must act: what cannot wait, and what a service has for all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists
from sqlalchemy.orm import Session

from services.intake.domain.reach import reached_as_owner
from services.intake.domain.urgency import AlertView, find_alerts
from services.intake.models import Case
from shared.access import Permission, Sight, visible
from shared.contracts.vocabulary import Role
from shared.kit.subjects import Subject
from shared.messaging import alerts
from shared.messaging.tables import OPERATOR_ALERTS

SUBJECT = "case"
"""What an alert about immediate needs is about."""


@dataclass(frozen=True)
class Waiting:
    """An alert as it is shown, whoever must act."""

    id: UUID
    kind: str
    case_id: UUID | None
    subject: str
    object_id: UUID
    must_act: Role
    organisation_id: UUID | None
    since: datetime
    facts: Mapping[str, Any]


def waiting_alerts(
    session: Session,
    *,
    subject: Subject,
    case_id: UUID | None,
    on: date,
    after: UUID | None,
    size: int,
) -> Sequence[Waiting]:
    """Open alerts in the order they were raised: for an operator all that waits here.

    For a case owner what waits in the cases it reaches.
    """
    asked = Permission.ALERT_READ
    urgent = find_alerts(
        session, subject=subject, permission=asked, on=on, after=after, size=size, case_id=case_id
    )
    found = [_of_case(each) for each in urgent]
    sight = visible(subject, asked)
    kept = alerts.list_open(
        session,
        after=after,
        size=size,
        must_act=None if sight.is_over_all else Role.CASE_OWNER,
        among=None if sight.is_over_all else _are_in_reach(sight, on),
        case_id=case_id,
    )
    found += [_of_row(dict(row)) for row in kept]
    return sorted(found, key=lambda each: each.id)[:size]


def _are_in_reach(sight: Sight, on: date) -> ColumnElement[bool]:
    return exists().where(Case.id == OPERATOR_ALERTS.c.object_id, reached_as_owner(sight, on))


def _of_case(alert: AlertView) -> Waiting:
    return Waiting(
        id=alert.id,
        kind=alert.kind,
        case_id=alert.case_id,
        subject=SUBJECT,
        object_id=alert.case_id,
        must_act=alert.must_act,
        organisation_id=alert.organisation_id,
        since=alert.since,
        facts={"read_at": alert.read_at and alert.read_at.isoformat()},
    )


def _of_row(row: Mapping[str, Any]) -> Waiting:
    return Waiting(
        case_id=alerts.case_of(row),
        must_act=alerts.must_act_on(row["kind"]),
        organisation_id=alerts.organisation_of(row),
        since=row["raised_at"],
        **{name: row[name] for name in ("id", "kind", "subject", "object_id", "facts")},
    )
