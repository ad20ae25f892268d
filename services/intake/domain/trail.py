"""What the audit has of a case here: what is about the case, and about referrals of it."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from services.intake.domain import (
    disclosures,
    files,
    person_messages,
    searching,
    urgency,
)
from services.intake.domain.reach import reached_as_owner
from services.intake.models import Case, PartnerGrant
from services.intake.policy import read_code
from shared.access import Permission, visible
from shared.auditing import Trail
from shared.kit.clock import local_date
from shared.kit.subjects import Subject


def _reached(subject: Subject, permission: Permission, now: datetime) -> ColumnElement[bool]:
    return reached_as_owner(visible(subject, permission), local_date(now))


_GRANT = PartnerGrant

TRAIL = Trail(
    case_id=Case.id,
    reached=_reached,
    things=[
        lambda case_id: select(_GRANT.referral_id).where(_GRANT.case_id == case_id),
        lambda case_id: select(_GRANT.offer_id).where(
            _GRANT.case_id == case_id, _GRANT.offer_id.is_not(None)
        ),
    ],
    looks=(
        searching.SEARCH,
        files.REQUEST,
        files.READ_AGAIN,
        disclosures.REQUEST,
        disclosures.READ_AGAIN,
        urgency.READ,
        person_messages.ANSWER,
    ),
)


def find_audited_cases(
    session: Session,
    *,
    subject: Subject,
    code: str | None,
    case_id: UUID | None,
    on: date,
    after: UUID | None,
    size: int,
) -> Sequence[Case]:
    """The cases whose audit a subject reads, newest first; raises ``CaseCodeMistyped``."""
    is_reached = reached_as_owner(visible(subject, Permission.AUDIT_READ), on)
    asked = select(Case).where(is_reached).order_by(Case.id.desc()).limit(size)
    if code is not None:
        asked = asked.where(Case.code == read_code(code))
    if case_id is not None:
        asked = asked.where(Case.id == case_id)
    if after is not None:
        asked = asked.where(Case.id < after)
    return session.scalars(asked).all()
