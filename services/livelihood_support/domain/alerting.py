"""Alerts are shown and told to whoever must act: by the relay, so wherever one is raised."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from services.livelihood_support.domain.locks import lock_untold
from services.livelihood_support.domain.reach import reached
from services.livelihood_support.models import Alert, CaseFile
from shared.access import Permission, visible
from shared.contracts import AlertRaised
from shared.contracts.vocabulary import EntitlementCode, Role
from shared.kit.subjects import Subject
from shared.messaging import alerts, outbox
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


@dataclass(frozen=True)
class AlertView:
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
    referral_id: UUID | None = None
    code: str | None = None

    @property
    def raised_at(self) -> datetime:
        """The same moment, under its former name."""
        return self.since


def waiting_alerts(
    session: Session,
    *,
    subject: Subject,
    now: datetime,
    case_id: UUID | None,
    after: UUID | None,
    size: int,
) -> Sequence[AlertView]:
    """Open alerts in the order they were raised: of the cases that the subject reaches.

    Whoever reaches all alerts reads those that are not about a case, too.
    """
    is_reached = reached(subject, Permission.ALERT_READ, now)
    found = [_of_case(each) for each in _find_alerts(session, is_reached, case_id, after, size)]
    if visible(subject, Permission.ALERT_READ).is_over_all:
        kept = alerts.list_open(session, size=size, after=after, case_id=case_id)
        found += [_of_operator(dict(row)) for row in kept]
    return sorted(found, key=lambda each: each.id)[:size]


def _find_alerts(
    session: Session,
    is_reached: ColumnElement[bool],
    case_id: UUID | None,
    after: UUID | None,
    size: int,
) -> Sequence[Alert]:
    query = (
        select(Alert)
        .join(CaseFile, CaseFile.case_id == Alert.case_id)
        .where(Alert.settled_at.is_(None), is_reached)
        .order_by(Alert.id)
        .limit(size)
    )
    if case_id is not None:
        query = query.where(Alert.case_id == case_id)
    if after is not None:
        query = query.where(Alert.id > after)
    return session.scalars(query).all()


def _of_case(alert: Alert) -> AlertView:
    named = alert.facts.get("organisation_id")
    return AlertView(
        id=alert.id,
        kind=alert.kind,
        case_id=alert.case_id,
        subject=alert.code,
        object_id=alert.referral_id or alert.case_id,
        must_act=Role.CASE_OWNER,
        organisation_id=UUID(named) if named else None,
        since=alert.raised_at,
        facts=alert.facts,
        referral_id=alert.referral_id,
        code=alert.code,
    )


def _of_operator(row: Mapping[str, Any]) -> AlertView:
    return AlertView(
        id=row["id"],
        kind=row["kind"],
        case_id=alerts.case_of(row),
        subject=row["subject"],
        object_id=row["object_id"],
        must_act=alerts.must_act_on(row["kind"]),
        organisation_id=alerts.organisation_of(row),
        since=row["raised_at"],
        facts=row["facts"],
    )


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
