"""Cases come in: many at once, in one transaction, with a bounded number of statements.

None of them is read: they leave together, with COMMIT.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.intake.domain.codes import Codes
from services.intake.domain.facts import CaseFacts, companion_of
from services.intake.domain.since import FIRST
from services.intake.models import Case, Consent, JourneyStep, Paper, Person, PersonIndex
from services.intake.policy import Alarm, CaseStatus, Caution, StepKind
from shared.contracts import CaseReceived, DatedPaper, IntakeAlertRaised
from shared.contracts.vocabulary import Role, Route
from shared.kit import audit
from shared.kit.documents import insert_rows
from shared.kit.identifiers import new_id
from shared.messaging import outbox


@dataclass(frozen=True)
class Received:
    """What the sender of a case is told."""

    case_id: UUID
    code: str
    received_at: datetime
    status: CaseStatus
    warnings: tuple[Caution, ...]


def receive_cases(
    session: Session, facts: Sequence[CaseFacts], *, codes: Codes, now: datetime
) -> list[Received]:
    """Store submissions, in order; each commits together with its audit entry and its messages."""
    given = codes.give(each.name for each in facts)
    known = {each.case_id: given[each.name] for each in facts}
    _store(session, facts, given)
    for each in facts:
        _tell(session, each, known, now)
    return [_received(each, given[each.name]) for each in facts]


def _received(facts: CaseFacts, code: str) -> Received:
    return Received(
        case_id=facts.case_id,
        code=code,
        received_at=facts.codes.received_at,
        status=CaseStatus.RECEIVED,
        warnings=facts.codes.warnings,
    )


def _store(session: Session, fresh: Sequence[CaseFacts], codes: Mapping[bytes, str]) -> None:
    insert_rows(session, Person, [_person(each) for each in fresh])
    insert_rows(session, PersonIndex, [row for each in fresh for row in _indexes(each)])
    insert_rows(session, Case, [_case(each, codes[each.name]) for each in fresh])
    insert_rows(session, Paper, [row for each in fresh for row in _papers(each)])
    insert_rows(session, Consent, [row for each in fresh for row in _consents(each)])
    insert_rows(session, JourneyStep, [_first_step(each) for each in fresh])


def _person(facts: CaseFacts) -> Mapping[str, Any]:
    return {
        "id": facts.person_id,
        "wrapped_key": facts.wrapped_key,
        "master_version": facts.master_version,
        "identity": facts.identity,
    }


def _indexes(facts: CaseFacts) -> Iterator[Mapping[str, Any]]:
    for field, digest in facts.indexes:
        yield {"person_id": facts.person_id, "field": field, "blind_index": digest}


def _case(facts: CaseFacts, code: str) -> Mapping[str, Any]:
    codes = facts.codes
    return {
        "id": facts.case_id,
        "code": code,
        "person_id": facts.person_id,
        "route": codes.route,
        "receiver_id": codes.receiver_id,
        "receiver_kind": codes.receiver_kind,
        "received_at": codes.received_at,
        "registered_at": codes.registered_at,
        "late_reason": codes.late_reason,
        "status": CaseStatus.RECEIVED,
        "age_band": codes.age_band,
        "was_minor_at_act": codes.was_minor_at_act,
        "band_ends_on": codes.band_ends_on,
        "sex": codes.sex,
        "citizenship": codes.citizenship,
        "origin_unit_code": codes.origin_unit_code,
        "origin_unit_on": codes.origin_unit_on,
        "present_unit_code": codes.present_unit_code,
        "present_unit_on": codes.present_unit_on,
        "languages": codes.languages,
        "needs_interpreter": codes.needs_interpreter,
        "urgent_since": codes.received_at if codes.has_immediate_needs else None,
        "asked_staff_sex": codes.asked_staff_sex,
        "requested_services": codes.requested_services,
        "warnings": codes.warnings,
        "sender_reference": facts.sender_reference,
        "accompanies_id": facts.accompanies,
        "version": FIRST,
    }


def _papers(facts: CaseFacts) -> Iterator[Mapping[str, Any]]:
    for paper in facts.papers:
        yield {
            "id": paper.id,
            "case_id": facts.case_id,
            "type": paper.type,
            "details": paper.details,
            "issued_on": paper.issued_on,
        }


def _consents(facts: CaseFacts) -> Iterator[Mapping[str, Any]]:
    for consent in facts.consents:
        yield {
            "id": consent.id,
            "case_id": facts.case_id,
            "organisation_kind": consent.organisation_kind,
            "purpose": consent.purpose,
            "given_at": facts.codes.registered_at,
            "witness": consent.witness,
            "version": FIRST,
        }


def _first_step(facts: CaseFacts) -> Mapping[str, Any]:
    return {
        "id": new_id(),
        "case_id": facts.case_id,
        "at": facts.codes.received_at,
        "kind": StepKind.RECEIVED,
        "source_id": facts.case_id,
        "status": CaseStatus.RECEIVED,
        "organisation_id": facts.codes.receiver_id,
    }


def _tell(session: Session, facts: CaseFacts, known: Mapping[UUID, str], now: datetime) -> None:
    codes = facts.codes
    audit.record(
        session,
        actor=facts.actor,
        action="case.receive",
        object_id=facts.case_id,
        now=now,
        route=codes.route,
        organisation_id=str(codes.receiver_id),
        received_at=codes.received_at.isoformat(),
        late_reason=codes.late_reason,
    )
    if facts.traceparent:
        # The request's own context does not reach the thread that stores many requests together.
        traces: dict[UUID, str] = session.info.setdefault(outbox.TRACES, {})
        traces[facts.case_id] = facts.traceparent
    outbox.add(session, _message(facts, known))
    if codes.has_immediate_needs:
        outbox.add(session, _alert(facts))


def _alert(facts: CaseFacts) -> IntakeAlertRaised:
    """Under the id of the case, which has one such alert: so it is listed, and told again."""
    return IntakeAlertRaised(
        occurred_at=facts.codes.registered_at,
        case_id=facts.case_id,
        alert_id=facts.case_id,
        kind=Alarm.IMMEDIATE_NEEDS,
        must_act=Role.CASE_OWNER,
        raised_at=facts.codes.received_at,
        area_code=facts.codes.area.code,
        area_on=facts.codes.area_on,
    )


def _message(facts: CaseFacts, known: Mapping[UUID, str]) -> CaseReceived:
    codes = facts.codes
    return CaseReceived(
        occurred_at=codes.registered_at,
        case_id=facts.case_id,
        case_code=known[facts.case_id],
        route=codes.route,
        receiver_id=codes.receiver_id,
        receiver_kind=codes.receiver_kind,
        area_code=codes.area.code,
        area_on=codes.area_on,
        age_band=codes.age_band,
        was_minor_at_act=codes.was_minor_at_act,
        sex=codes.sex,
        citizenship=codes.citizenship,
        is_abroad=codes.route is Route.MISSION_ABROAD,
        languages=codes.languages,
        needs_interpreter=codes.needs_interpreter,
        has_immediate_needs=codes.has_immediate_needs,
        asked_staff_sex=codes.asked_staff_sex,
        papers=tuple(paper.type for paper in facts.papers),
        dated_papers=tuple(
            DatedPaper(type=paper.type, issued_on=paper.issued_on) for paper in facts.papers
        ),
        requested_services=codes.requested_services,
        consents=tuple(each.told for each in facts.consents),
        received_at=codes.received_at if codes.received_at < codes.registered_at else None,
        accompanies=companion_of(facts.accompanies, known),
    )
