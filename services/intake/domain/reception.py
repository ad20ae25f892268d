"""Cases come in: many at once, in one transaction, with a bounded number of statements."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.intake.domain.facts import CaseFacts
from services.intake.domain.rows import KEEP_FIRST_CODE
from services.intake.errors import CodesExhausted
from services.intake.models import Case, Consent, JourneyStep, Paper, Person, PersonIndex
from services.intake.policy import ALPHABET, DRAWN, Alarm, CaseStatus, Caution, StepKind, case_code
from shared.contracts import CaseReceived, DatedPaper, IntakeAlertRaised
from shared.contracts.vocabulary import Role, Route
from shared.kit import audit
from shared.kit.documents import insert_rows
from shared.kit.identifiers import new_id
from shared.messaging import outbox

TRIES = 5
"""Of 31 to the power of 7 codes: five collisions one after another are a fault."""


@dataclass(frozen=True)
class Received:
    """What the sender of a case is told."""

    case_id: UUID
    code: str
    received_at: datetime
    status: CaseStatus
    warnings: tuple[Caution, ...]


Draw = Callable[[bytes, int], str]
"""A code for a name, another one each turn."""


def draw_code(name: bytes, turn: int) -> str:
    """A case code nobody can guess who cannot compute the name; the same one for a repeat."""
    drawn = int.from_bytes(hashlib.sha256(b"code %d " % turn + name).digest())
    places = (drawn // len(ALPHABET) ** place for place in range(DRAWN))
    return case_code("".join(ALPHABET[it % len(ALPHABET)] for it in places))


def receive_cases(
    session: Session,
    facts: Sequence[CaseFacts],
    *,
    now: datetime,
    draw: Draw = draw_code,
) -> list[Received]:
    """Store submissions, in order; each commits together with its audit entry and its messages."""
    codes = _store(session, facts, draw)
    for each in facts:
        _tell(session, each, codes[each.case_id], now)
    return [_received(each, codes[each.case_id]) for each in facts]


def _received(facts: CaseFacts, code: str) -> Received:
    return Received(
        case_id=facts.case_id,
        code=code,
        received_at=facts.codes.received_at,
        status=CaseStatus.RECEIVED,
        warnings=facts.codes.warnings,
    )


def _store(
    session: Session,
    fresh: Sequence[CaseFacts],
    draw: Draw,
) -> Mapping[UUID, str]:
    insert_rows(session, Person, [_person(each) for each in fresh])
    insert_rows(session, PersonIndex, [row for each in fresh for row in _indexes(each)])
    codes = _store_cases(session, fresh, draw)
    insert_rows(session, Paper, [row for each in fresh for row in _papers(each)])
    insert_rows(session, Consent, [row for each in fresh for row in _consents(each)])
    insert_rows(session, JourneyStep, [_first_step(each) for each in fresh])
    return codes


def _store_cases(
    session: Session,
    fresh: Sequence[CaseFacts],
    draw: Draw,
) -> Mapping[UUID, str]:
    """Store under codes of their own; whose code is taken by the time draws again."""
    codes: dict[UUID, str] = {}
    waiting = list(fresh)
    for turn in range(TRIES):
        if not waiting:
            return codes
        drawn = {each.case_id: draw(each.name, turn) for each in waiting}
        rows = [_case(each, drawn[each.case_id]) for each in waiting]
        stored = set(insert_rows(session, Case, rows, conflict=KEEP_FIRST_CODE))
        codes |= {case_id: code for case_id, code in drawn.items() if case_id in stored}
        waiting = [each for each in waiting if each.case_id not in stored]
    if waiting:
        raise CodesExhausted
    return codes


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
        "present_unit_code": codes.present_unit_code,
        "languages": codes.languages,
        "needs_interpreter": codes.needs_interpreter,
        "urgent_since": codes.received_at if codes.has_immediate_needs else None,
        "asked_staff_sex": codes.asked_staff_sex,
        "requested_services": codes.requested_services,
        "warnings": codes.warnings,
        "sender_reference": facts.sender_reference,
        "version": 1,
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


def _tell(session: Session, facts: CaseFacts, code: str, now: datetime) -> None:
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
    outbox.add(session, _message(facts, code))
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
        area_code=_area(facts),
    )


def _area(facts: CaseFacts) -> str:
    """Where the case is, by which it has an owner: where the person is, or else is from."""
    return facts.codes.present_unit_code or facts.codes.origin_unit_code or ""


def _message(facts: CaseFacts, code: str) -> CaseReceived:
    codes = facts.codes
    return CaseReceived(
        occurred_at=codes.registered_at,
        case_id=facts.case_id,
        case_code=code,
        route=codes.route,
        receiver_id=codes.receiver_id,
        receiver_kind=codes.receiver_kind,
        area_code=_area(facts),
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
    )
