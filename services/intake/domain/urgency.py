"""What cannot wait: an alert for the owner of the case, until it was seen to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.intake.domain.organisations import tenures
from services.intake.domain.parts import owner_among
from services.intake.domain.reach import reached_as_owner
from services.intake.models import Case
from services.intake.policy import Alarm, NeedOutcome
from shared.access import Permission, visible
from shared.contracts.vocabulary import Role
from shared.kit import audit
from shared.kit.subjects import Subject

READ = "urgency.read"


@dataclass(frozen=True)
class AlertView:
    """What waits for somebody, since when, and who must act."""

    id: UUID
    kind: Alarm
    case_id: UUID
    must_act: Role
    organisation_id: UUID | None
    """Who owns the case today; unset when nobody does."""
    since: datetime
    read_at: datetime | None
    """When an owner of the case first read what it is."""


def find_alerts(
    session: Session,
    *,
    subject: Subject,
    permission: Permission,
    on: date,
    after: UUID | None,
    size: int,
    case_id: UUID | None = None,
) -> Sequence[AlertView]:
    """What cannot wait and was not seen to, in the cases a subject reaches, oldest first."""
    reach = reached_as_owner(visible(subject, permission), on)
    asked = (
        select(Case)
        .where(Case.urgent_since.is_not(None), Case.urgency_settled_at.is_(None), reach)
        .order_by(Case.id)
        .limit(size)
    )
    if after is not None:
        asked = asked.where(Case.id > after)
    if case_id is not None:
        asked = asked.where(Case.id == case_id)
    owning = tenures(session, Role.CASE_OWNER)
    return [
        AlertView(
            id=case.id,
            kind=Alarm.IMMEDIATE_NEEDS,
            case_id=case.id,
            must_act=Role.CASE_OWNER,
            organisation_id=owner_among(owning, case, on=on),
            since=case.urgent_since or case.received_at,
            read_at=case.urgency_read_at,
        )
        for case in session.scalars(asked)
    ]


def settle(session: Session, case: Case, *, how: NeedOutcome, actor: str, now: datetime) -> None:
    """Nothing in the case waits any more that could not: ``how`` the last of it ended."""
    case.urgency_settled_at = now
    audit.record(session, actor=actor, action="urgency.settle", object_id=case.id, now=now, how=how)


def note_read(session: Session, case_id: UUID, *, actor: str, now: datetime) -> None:
    """An owner of the case has read what cannot wait: noted the first time, and ends nothing."""
    waiting = select(Case).where(
        Case.id == case_id, Case.urgent_since.is_not(None), Case.urgency_read_at.is_(None)
    )
    case = session.scalar(waiting.with_for_update(key_share=True))
    if case is not None:
        case.urgency_read_at = now
        audit.record(session, actor=actor, action=READ, object_id=case.id, now=now)
