"""The story of a case: what other services told of it and what was done here, newest first.

Whoever submitted the case reads what was told and what the person agreed to. Who was let see the
person, who has a part and whom the case was handed to is for whoever reaches it as a case owner.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    DateTime,
    Row,
    Select,
    String,
    Uuid,
    and_,
    cast,
    literal,
    null,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import Session

from services.intake.domain.reading import is_seen_whole, read_by
from services.intake.models import (
    Assignment,
    Case,
    Consent,
    Correction,
    Disclosure,
    FileDisclosure,
    HandOver,
    JourneyStep,
)
from services.intake.policy import GIVEN, IN_BETWEEN, IN_DETAIL, EventKind
from shared.contracts.following import KINDS, NeedKind, followed_as
from shared.contracts.vocabulary import EntitlementCode
from shared.kit.arrays import among
from shared.kit.subjects import Subject


@dataclass(frozen=True)
class Moment:
    """Where an event stands in the story."""

    at: datetime
    kind: str
    source_id: UUID


@dataclass(frozen=True)
class EventView:
    """One event as one subject may see it; what does not belong to its kind is unset."""

    source_id: UUID
    at: datetime
    kind: EventKind
    status: str | None
    reason: str | None
    outcome: str | None
    need: NeedKind | None
    code: EntitlementCode | None
    referral_id: UUID | None
    organisation_id: UUID | None
    organisation_kind: str | None
    purpose: str | None
    role: str | None

    @property
    def moment(self) -> Moment:
        """Where it stands in the story."""
        return Moment(self.at, self.kind, self.source_id)


def find_timeline(
    session: Session,
    *,
    case_id: UUID,
    subject: Subject,
    on: date,
    is_main: bool,
    after: Moment | None,
    size: int,
) -> Sequence[EventView]:
    """What happened in a case, newest first, starting behind ``after``; raises ``CaseNotFound``.

    ``is_main`` leaves out readings, corrections and steps between two others.
    """
    is_whole = is_seen_whole(session, case_id=case_id, subject=subject, on=on)
    every = union_all(*_sources(case_id, is_whole=is_whole)).subquery()
    found = every.c
    place = (found.at, found.kind, found.source_id)
    asked = select(every).order_by(*(it.desc() for it in place)).limit(size)
    if is_main:
        steps_between = and_(
            found.kind == EventKind.REFERRAL_MOVED, among(found.status, IN_BETWEEN)
        )
        asked = asked.where(~among(found.kind, IN_DETAIL), steps_between.is_not(True))
    if after is not None:
        moment = DateTime(timezone=True)
        rest = (literal(after.kind, String), literal(after.source_id))
        asked = asked.where(tuple_(*place) < tuple_(literal(after.at, moment), *rest))
    return [_seen(row, is_whole=is_whole) for row in session.execute(asked)]


def _sources(case_id: UUID, *, is_whole: bool) -> Iterator[Select[Any]]:
    yield _steps(case_id).where(read_by(is_whole=is_whole))
    yield _event(EventKind.CONSENT_GIVEN, Consent, Consent.given_at, case_id, **_SCOPE)
    withdrawn = _event(
        EventKind.CONSENT_WITHDRAWN, Consent, Consent.withdrawn_at, case_id, **_SCOPE
    )
    yield withdrawn.where(Consent.withdrawn_at.is_not(None))
    yield _event(EventKind.CORRECTED, Correction, Correction.at, case_id, reason=Correction.reason)
    if is_whole:
        yield from _parts(case_id)
        yield from _readings(case_id)


def _parts(case_id: UUID) -> Iterator[Select[Any]]:
    """Who answers for the case, who has a part in it, and what was seen to."""
    yield _event(
        EventKind.HANDED_OVER,
        HandOver,
        HandOver.at,
        case_id,
        status=HandOver.kind,
        reason=HandOver.reason,
        organisation_id=HandOver.responsible_id,
    )
    part = {"organisation_id": Assignment.organisation_id, "role": Assignment.role}
    made = {**part, "reason": Assignment.reason}
    yield _event(EventKind.ASSIGNMENT_MADE, Assignment, Assignment.assigned_at, case_id, **made)
    over = {**part, "reason": Assignment.end_reason}
    ended = _event(EventKind.ASSIGNMENT_ENDED, Assignment, Assignment.ended_at, case_id, **over)
    yield ended.where(Assignment.ended_at.is_not(None))
    settled = _event(EventKind.URGENCY_SETTLED, Case, Case.urgency_settled_at, None)
    yield settled.where(Case.id == case_id, Case.urgency_settled_at.is_not(None))


def _readings(case_id: UUID) -> Iterator[Select[Any]]:
    """Who was let see the person, or was not."""
    yield _event(
        EventKind.IDENTITY_ASKED,
        Disclosure,
        Disclosure.at,
        case_id,
        outcome=Disclosure.outcome,
        purpose=Disclosure.purpose,
        organisation_id=Disclosure.organisation_id,
        referral_id=Disclosure.referral_id,
    )
    yield _event(
        EventKind.FILE_OPENED,
        FileDisclosure,
        FileDisclosure.at,
        case_id,
        purpose=FileDisclosure.purpose,
        reason=FileDisclosure.reason,
        organisation_id=FileDisclosure.organisation_id,
    )


_SCOPE = {"organisation_kind": Consent.organisation_kind, "purpose": Consent.purpose}

_FACTS = {
    "status": String,
    "reason": String,
    "outcome": String,
    "code": String,
    "referral_id": Uuid,
    "organisation_id": Uuid,
    "organisation_kind": String,
    "purpose": String,
    "role": String,
}
"""What an event may say; a source leaves out what it has none of."""


def _steps(case_id: UUID) -> Select[Any]:
    names = ("status", "reason", "outcome", "code", "referral_id", "organisation_id")
    told = {name: getattr(JourneyStep, name) for name in names}
    return _event(JourneyStep.kind, JourneyStep, JourneyStep.at, case_id, **told)


def _event(kind: Any, table: Any, at: Any, case_id: UUID | None, **facts: Any) -> Select[Any]:
    what = cast(literal(str(kind)), String) if isinstance(kind, EventKind) else kind
    told = [facts.get(name, cast(null(), type_)).label(name) for name, type_ in _FACTS.items()]
    asked = select(table.id.label("source_id"), at.label("at"), what.label("kind"), *told)
    return asked if case_id is None else asked.where(table.case_id == case_id)


def _seen(row: Row[Any], *, is_whole: bool) -> EventView:
    """Of support, whoever submitted the case learns the kind of need only (see the journey)."""
    code = EntitlementCode(row.code) if row.code else None
    told = {
        **row._asdict(),
        "kind": EventKind(row.kind),
        "need": KINDS[code] if code else None,
        "code": code,
    }
    is_of_support = row.referral_id is not None or row.kind in GIVEN
    if is_of_support and not is_whole:
        referral_id = row.referral_id and followed_as(row.referral_id)
        told |= {"code": None, "organisation_id": None, "referral_id": referral_id}
    return EventView(**told)
