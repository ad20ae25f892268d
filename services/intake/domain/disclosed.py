"""Who was let see whom: for whoever owns the case, and for whoever has seen it themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    DateTime,
    Row,
    Select,
    String,
    Subquery,
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
from shared.access import Permission, visible
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


@dataclass(frozen=True)
class Reveal:
    """Somebody opened who a person is, as they read it themselves."""

    id: UUID
    at: datetime
    basis: str
    case_code: str | None
    """Unset for what rests on a consent: whoever serves does not know the case."""
    purpose: str
    reason: str | None


Place = tuple[datetime, UUID]
"""Where a list of these goes on: behind this instant and id."""


def find_reveals(
    session: Session, *, subject: Subject, after: Place | None, size: int
) -> Sequence[Reveal]:
    """What a subject has been let see itself, newest first, starting behind ``after``."""
    if not visible(subject, Permission.REVEAL_READ).scopes:
        return []
    by_law = _by_law().where(FileDisclosure.asked_by == subject.actor)
    by_consent = _by_consent().where(
        Disclosure.asked_by == subject.actor, Disclosure.outcome == DisclosureOutcome.GRANTED
    )
    every = union_all(by_consent, by_law).subquery()
    asked = _newest(every, after, size).add_columns(Case.code)
    asked = asked.join(Case, Case.id == every.c.case_id)
    return [_reveal(row) for row in session.execute(asked)]


def _reveal(row: Row[Any]) -> Reveal:
    is_by_law = row.basis == DisclosureBasis.LAW
    return Reveal(
        id=row.id,
        at=row.at,
        basis=row.basis,
        case_code=row.code if is_by_law else None,
        purpose=row.purpose,
        reason=row.reason,
    )


def find_disclosures(
    session: Session,
    *,
    case_id: UUID,
    subject: Subject,
    on: date,
    after: Place | None,
    size: int,
) -> Sequence[DisclosedView]:
    """Disclosures of a case, newest first, starting behind ``after``; raises ``CaseNotFound``."""
    asked_case = visible_cases(subject, Permission.DISCLOSURE_READ, on).where(Case.id == case_id)
    if session.scalar(asked_case) is None:
        raise CaseNotFound
    by_consent = _by_consent().where(Disclosure.case_id == case_id)
    by_law = _by_law().where(FileDisclosure.case_id == case_id)
    asked = _newest(union_all(by_consent, by_law).subquery(), after, size)
    rows = (row._asdict() for row in session.execute(asked))
    return [DisclosedView(**{n: it for n, it in row.items() if n != "case_id"}) for row in rows]


def _newest(every: Subquery, after: Place | None, size: int) -> Select[Any]:
    place = (every.c.at, every.c.id)
    asked = select(every).order_by(*(it.desc() for it in place)).limit(size)
    if after is None:
        return asked
    at, last = after
    behind = tuple_(literal(at, DateTime(timezone=True)), literal(last))
    return asked.where(tuple_(*place) < behind)


def _by_consent() -> Select[Any]:
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
        Disclosure.case_id,
    )


def _by_law() -> Select[Any]:
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
        FileDisclosure.case_id,
    )


def _code(value: str) -> Any:
    return cast(literal(str(value)), String)
