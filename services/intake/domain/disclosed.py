"""Who was let see whom, for whoever owns the case: by consent and by law, in one list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    DateTime,
    Select,
    String,
    Uuid,
    cast,
    literal,
    null,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import Session

from services.intake.domain.reading import visible_cases
from services.intake.errors import CaseNotFound
from services.intake.models import Case, Disclosure, FileDisclosure
from services.intake.policy import DisclosureBasis, DisclosureOutcome
from shared.access import Permission
from shared.kit.subjects import Subject


@dataclass(frozen=True)
class DisclosedView:
    """One request for who somebody is, and what became of it."""

    id: UUID
    at: datetime
    basis: str
    organisation_id: UUID
    purpose: str
    reason: str | None
    referral_id: UUID | None
    outcome: str
    fields: list[str]


def find_disclosures(
    session: Session,
    *,
    case_id: UUID,
    subject: Subject,
    on: date,
    after: tuple[datetime, UUID] | None,
    size: int,
) -> Sequence[DisclosedView]:
    """Disclosures of a case, newest first, starting behind ``after``; raises ``CaseNotFound``."""
    asked_case = visible_cases(subject, Permission.DISCLOSURE_READ, on).where(Case.id == case_id)
    if session.scalar(asked_case) is None:
        raise CaseNotFound
    every = union_all(_by_consent(case_id), _by_law(case_id)).subquery()
    place = (every.c.at, every.c.id)
    asked = select(every).order_by(*(it.desc() for it in place)).limit(size)
    if after is not None:
        at, last = after
        asked = asked.where(
            tuple_(*place) < tuple_(literal(at, DateTime(timezone=True)), literal(last))
        )
    return [DisclosedView(**row._asdict()) for row in session.execute(asked)]


def _by_consent(case_id: UUID) -> Select[Any]:
    return select(
        Disclosure.id,
        Disclosure.at,
        _code(DisclosureBasis.CONSENT).label("basis"),
        Disclosure.organisation_id,
        Disclosure.purpose,
        cast(null(), String).label("reason"),
        Disclosure.referral_id,
        Disclosure.outcome,
        Disclosure.fields,
    ).where(Disclosure.case_id == case_id)


def _by_law(case_id: UUID) -> Select[Any]:
    return select(
        FileDisclosure.id,
        FileDisclosure.at,
        _code(DisclosureBasis.LAW).label("basis"),
        FileDisclosure.organisation_id,
        FileDisclosure.purpose,
        FileDisclosure.reason,
        cast(null(), Uuid).label("referral_id"),
        # What was refused by law is in the audit alone.
        _code(DisclosureOutcome.GRANTED).label("outcome"),
        FileDisclosure.fields,
    ).where(FileDisclosure.case_id == case_id)


def _code(value: str) -> Any:
    return cast(literal(str(value)), String)
