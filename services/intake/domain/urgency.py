"""What cannot wait: an alert for the owner of the case, until it was read or seen to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.intake.domain.organisations import tenures
from services.intake.domain.parts import lock_own
from services.intake.errors import NothingUrgent, ReasonUnfit
from services.intake.models import Case
from services.intake.policy import SAID, Alarm, UrgencyEnd
from shared.contracts.vocabulary import Role
from shared.kit import audit
from shared.kit.clock import local_date
from shared.kit.readers import Reader
from shared.places.holders import Place, holder_of


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


def find_alerts(
    session: Session, *, on: date, after: UUID | None, size: int, case_id: UUID | None = None
) -> Sequence[AlertView]:
    """Everything that cannot wait and was not seen to, oldest first."""
    asked = (
        select(Case)
        .where(Case.urgent_since.is_not(None), Case.urgency_settled_at.is_(None))
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
            organisation_id=holder_of(
                owning, Place(case.area_code, local_date(case.registered_at)), on=on
            ),
            since=case.urgent_since or case.received_at,
        )
        for case in session.scalars(asked)
    ]


def settle_urgency(
    session: Session,
    *,
    case_id: UUID,
    reader: Reader,
    how: UrgencyEnd,
    actor: str,
    now: datetime,
) -> Case:
    """The owner of the case says that it was seen to; raises ``NothingUrgent``."""
    if how not in SAID:
        raise ReasonUnfit(reasons=sorted(SAID))
    case = lock_own(session, case_id=case_id, reader=reader, now=now)
    if not note_settled(session, case, how=how, actor=actor, now=now):
        raise NothingUrgent
    return case


def note_settled(
    session: Session, case: Case, *, how: UrgencyEnd, actor: str, now: datetime
) -> bool:
    """Settle what is urgent in a locked case; returns whether anything was."""
    if case.urgent_since is None or case.urgency_settled_at is not None:
        return False
    case.urgency_settled_at = now
    audit.record(session, actor=actor, action="urgency.settle", object_id=case.id, now=now, how=how)
    return True
