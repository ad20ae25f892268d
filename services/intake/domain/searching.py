"""A case is looked up by what somebody says of a person: who did so, and what for, is recorded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.intake.domain.reach import reached
from services.intake.errors import InvalidRequest
from services.intake.models import Case, PersonIndex
from services.intake.policy import MOST_FOUND, IndexedField, Rule, SearchPurpose, searchable
from shared.access import Permission, visible
from shared.kit import audit
from shared.kit.clock import local_date
from shared.kit.crypto import MasterKeys
from shared.kit.identifiers import new_id
from shared.kit.subjects import Subject

SEARCH = "case.search"
NOTHING = "nothing_found"


@dataclass(frozen=True, repr=False)
class Search:
    """Who looks for whom, by what, and what for."""

    subject: Subject
    field: IndexedField
    value: str
    purpose: SearchPurpose


@dataclass(frozen=True)
class Found:
    """The newest of what was found, and whether there is more."""

    cases: Sequence[Case]
    is_more: bool


def search_cases(session: Session, search: Search, *, keys: MasterKeys, now: datetime) -> Found:
    """The cases a subject reaches in which this stands; each of them is an entry of the audit.

    Compared by a keyed digest, nothing is opened. What does not exist for the subject, and what
    nobody has said, is one answer, and an entry too. Raises ``InvalidRequest``.
    """
    plain = searchable(search.field, search.value)
    if plain is None:
        is_phone = search.field is IndexedField.PHONE
        rule = Rule.PHONE_NUMBER if is_phone else Rule.NOT_COMPARABLE
        raise InvalidRequest(errors=[{"in": "body", "pointer": "/value", "rule": rule}])
    found = _matching(session, search, keys.blind_index(search.field, plain), now)
    shown = found[:MOST_FOUND]
    for case in shown:
        _note(session, search, case.id, now)
    if not shown:
        _note(session, search, None, now)
    return Found(shown, len(found) > MOST_FOUND)


def _matching(session: Session, search: Search, digest: bytes, now: datetime) -> Sequence[Case]:
    sight = visible(search.subject, Permission.CASE_SEARCH)
    reach = reached(sight, local_date(now))
    if search.field is IndexedField.SENDER_REFERENCE:
        reach = sight.reaches(own=[Case.receiver_id])
    asked = (
        select(Case)
        .join(PersonIndex, PersonIndex.person_id == Case.person_id)
        .where(PersonIndex.field == search.field, PersonIndex.blind_index == digest, reach)
        .order_by(Case.id.desc())
        .limit(MOST_FOUND + 1)
    )
    return session.scalars(asked).all()


def _note(session: Session, search: Search, case_id: UUID | None, now: datetime) -> None:
    """By which field and what for; what was looked for stands nowhere."""
    audit.record(
        session,
        actor=search.subject.actor,
        action=SEARCH,
        object_id=case_id or new_id(),
        now=now,
        outcome="done" if case_id else NOTHING,
        organisation_id=str(search.subject.organisation_id),
        field=search.field,
        purpose=search.purpose,
    )
