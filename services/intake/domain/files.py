"""A file is opened by law: for the verifier, the case owner, the facility, the protector.

Every request is recorded, refusals included, and every reading is decided anew.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.intake.domain.contact import as_agreed
from services.intake.domain.disclosures import safe_phones, with_rules
from services.intake.domain.parts import part_of
from services.intake.domain.refuges import read_refuge
from services.intake.domain.urgency import note_read
from services.intake.domain.vault import open_identity, open_paper
from services.intake.errors import CaseUnknown, FieldsUnfit, NotResponsibleNow, ReasonUnfit
from services.intake.models import Case, FileDisclosure, Paper, Person
from services.intake.policy import (
    FIELDS_BY_LAW,
    REASONS,
    CaseField,
    FileOutcome,
    LegalPurpose,
    LegalReason,
    Part,
    Withheld,
    decide_file,
    fields_by_law,
)
from shared.kit import audit
from shared.kit.clock import local_date
from shared.kit.crypto import MasterKeys
from shared.kit.errors import DomainError
from shared.kit.identifiers import new_reference
from shared.kit.subjects import Subject
from shared.kit.tally import Tally

REQUEST, READ_AGAIN = "file.request", "file.read"
REFUSALS: Mapping[FileOutcome, type[DomainError]] = {
    FileOutcome.CASE_UNKNOWN: CaseUnknown,
    FileOutcome.NOT_RESPONSIBLE_NOW: NotResponsibleNow,
}


@dataclass(frozen=True)
class FileRequest:
    """Who opens which file, what for, why, and which part of it."""

    case_id: UUID
    subject: Subject
    purpose: LegalPurpose
    reason: LegalReason
    wanted: frozenset[CaseField] | None


@dataclass(frozen=True, repr=False)
class OpenedFile:
    """What is read: exactly the granted fields, or none and why."""

    disclosure_id: UUID
    purpose: LegalPurpose
    reason: LegalReason
    person: Mapping[str, Any] | None
    withheld: Withheld | None


def disclose_file(
    session: Session,
    *,
    asked: FileRequest,
    actor: str,
    tally: Tally,
    now: datetime,
) -> UUID | DomainError:
    """Decide a request and record it; returns the id of what was granted.

    A refusal is returned, not raised, so that its record stays; it may be repeated without end,
    and so is recorded as the tally says. Raises ``ReasonUnfit`` and ``FieldsUnfit``.
    """
    _check(asked)
    outcome = _decide(session, asked, now)
    if outcome is not FileOutcome.GRANTED:
        times = tally.count((actor, REQUEST, outcome, asked.purpose), now)
        if times is not None:
            _note_refusal(session, asked, outcome, actor=actor, now=now, times=times)
        return REFUSALS[outcome]()
    made = FileDisclosure(
        id=new_reference(),
        case_id=asked.case_id,
        organisation_id=asked.subject.organisation_id,
        purpose=asked.purpose,
        reason=asked.reason,
        fields=[str(it) for it in fields_by_law(asked.purpose, asked.reason, asked.wanted)],
        at=now,
        asked_by=actor,
    )
    session.add(made)
    _note(session, made, action=REQUEST, outcome=outcome, actor=actor, now=now)
    return made.id


def reveal_file(
    session: Session,
    *,
    keys: MasterKeys,
    disclosure_id: UUID,
    subject: Subject,
    actor: str,
    now: datetime,
) -> OpenedFile:
    """Read what was granted, now: whoever has no part in the case any more reads nothing."""
    made = session.get_one(FileDisclosure, disclosure_id)
    purpose, reason = LegalPurpose(made.purpose), LegalReason(made.reason)
    asked = FileRequest(made.case_id, subject, purpose, reason, wanted=None)
    outcome = _decide(session, asked, now)
    _note(session, made, action=READ_AGAIN, outcome=outcome, actor=actor, now=now)
    is_granted = outcome is FileOutcome.GRANTED
    if is_granted and purpose is LegalPurpose.CASE_MANAGEMENT:
        _note_needs_read(session, made, actor=actor, now=now)
    return OpenedFile(
        disclosure_id=made.id,
        purpose=purpose,
        reason=reason,
        person=_read(session, keys, made, now) if is_granted else None,
        withheld=None if outcome is FileOutcome.GRANTED else outcome,
    )


def _check(asked: FileRequest) -> None:
    """What nobody may ask for with this purpose, whoever they are."""
    if asked.reason not in REASONS[asked.purpose]:
        raise ReasonUnfit(reasons=sorted(REASONS[asked.purpose]))
    if not fields_by_law(asked.purpose, asked.reason, asked.wanted):
        raise FieldsUnfit(fields=sorted(FIELDS_BY_LAW[asked.purpose]))


def _decide(session: Session, asked: FileRequest, now: datetime) -> FileOutcome:
    case = session.get(Case, asked.case_id)
    if case is None:
        return decide_file(Part.NONE, asked.reason)
    part = part_of(session, case, subject=asked.subject, purpose=asked.purpose, on=local_date(now))
    return decide_file(part, asked.reason)


def _note_refusal(
    session: Session,
    asked: FileRequest,
    outcome: FileOutcome,
    *,
    actor: str,
    now: datetime,
    times: int,
) -> None:
    audit.record(
        session,
        actor=actor,
        action=REQUEST,
        object_id=asked.case_id,
        now=now,
        outcome=outcome,
        organisation_id=str(asked.subject.organisation_id),
        purpose=asked.purpose,
        reason=asked.reason,
        times=times,
    )


def _note(
    session: Session,
    made: FileDisclosure,
    *,
    action: str,
    outcome: FileOutcome,
    actor: str,
    now: datetime,
) -> None:
    audit.record(
        session,
        actor=actor,
        action=action,
        object_id=made.case_id,
        now=now,
        outcome=outcome,
        disclosure_id=str(made.id),
        organisation_id=str(made.organisation_id),
        purpose=made.purpose,
        reason=made.reason,
        fields=made.fields,
    )


def _note_needs_read(session: Session, made: FileDisclosure, *, actor: str, now: datetime) -> None:
    if CaseField.IMMEDIATE_NEEDS in made.fields:
        note_read(session, made.case_id, actor=actor, now=now)


@dataclass(frozen=True, repr=False)
class _File:
    """A file, opened."""

    case: Case
    identity: Mapping[str, Any]
    papers: Sequence[Mapping[str, Any]]
    refuge: str | None


def _read(
    session: Session, keys: MasterKeys, made: FileDisclosure, now: datetime
) -> Mapping[str, Any]:
    case = session.get_one(Case, made.case_id)
    person = session.get_one(Person, case.person_id)
    fields = list(map(CaseField, made.fields))
    papers = _papers(session, keys, person, case) if CaseField.PAPERS in fields else []
    identity = as_agreed(session, keys, case, open_identity(keys, person), now)
    is_refuge_read = CaseField.REFUGE in fields
    refuge = read_refuge(session, keys, person, case.id) if is_refuge_read else None
    file = _File(case, identity, papers, refuge)
    return with_rules({field: READ[field](file) for field in fields}, file.identity)


def _papers(
    session: Session, keys: MasterKeys, person: Person, case: Case
) -> list[Mapping[str, Any]]:
    rows = session.scalars(select(Paper).where(Paper.case_id == case.id).order_by(Paper.id))
    return [_paper(open_paper(keys, person, row), row) for row in rows]


def _paper(details: Mapping[str, Any], row: Paper) -> Mapping[str, Any]:
    shown = {name: details[name] for name in ("number", "issuer")}
    return {"type": row.type, "issued_on": row.issued_on, **shown}


_OF_THE_CASE = frozenset(
    {
        CaseField.SEX,
        CaseField.LANGUAGES,
        CaseField.NEEDS_INTERPRETER,
        CaseField.ASKED_STAFF_SEX,
        CaseField.ORIGIN_UNIT_CODE,
        CaseField.ORIGIN_UNIT_ON,
        CaseField.PRESENT_UNIT_CODE,
        CaseField.PRESENT_UNIT_ON,
    }
)
"""Fields kept with the case, in the clear."""


def _reader_of(field: CaseField) -> Callable[[_File], Any]:
    if field in _OF_THE_CASE:
        return lambda file: getattr(file.case, field)
    if field is CaseField.PAPERS:
        return lambda file: file.papers
    if field is CaseField.REFUGE:
        return lambda file: file.refuge
    if field is CaseField.SAFE_PHONES:
        return lambda file: safe_phones(file.identity)
    # What an older release sealed has no field that came later.
    return lambda file: file.identity.get(field)


READ: Mapping[CaseField, Callable[[_File], Any]] = {it: _reader_of(it) for it in CaseField}
