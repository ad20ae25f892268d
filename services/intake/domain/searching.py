"""A case is looked up by what somebody says of a person: who did so, and what for, is recorded."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import case, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.intake.domain.reach import reached
from services.intake.errors import InvalidRequest, SearchedTooOften
from services.intake.models import Case, PersonIndex, SearchCount
from services.intake.policy import (
    MOST_FOUND,
    MOST_SEARCHES,
    SEARCHES_COUNT_FOR,
    IndexedField,
    Rule,
    SearchPurpose,
    searchable,
)
from shared.access import Permission, visible
from shared.kit import audit
from shared.kit.clock import local_date
from shared.kit.crypto import MasterKeys
from shared.kit.identifiers import new_id
from shared.kit.subjects import Subject
from shared.kit.tally import Tally

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


def search_cases(
    session: Session, search: Search, *, keys: MasterKeys, tally: Tally, now: datetime
) -> Found | SearchedTooOften:
    """The cases a subject reaches in which this stands; each of them is an entry of the audit.

    Compared by a keyed digest, nothing is opened. What does not exist for the subject, and what
    nobody has said, is one answer, and an entry too. Who has looked up too many within the hour is
    refused: returned, not raised, so that what was counted and noted stays. Raises
    ``InvalidRequest``.
    """
    plain = searchable(search.field, search.value)
    if plain is None:
        is_phone = search.field is IndexedField.PHONE
        rule = Rule.PHONE_NUMBER if is_phone else Rule.NOT_COMPARABLE
        raise InvalidRequest(errors=[{"in": "body", "pointer": "/value", "rule": rule}])
    if (refusal := _counted(session, search)) is not None:
        _note_refusal(session, search, refusal, tally, now)
        return refusal
    found = _matching(session, search, keys.blind_index(search.field, plain), now)
    shown = found[:MOST_FOUND]
    for each in shown:
        _note(session, search, each.id, now)
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


def _counted(session: Session, search: Search) -> SearchedTooOften | None:
    """Count a search; the refusal, once there were too many within the hour.

    By the database's clock, and under the lock of the row: a burst is counted one by one.
    """
    begun, times, now = SearchCount.begun_at, SearchCount.times, func.now()
    is_over = now - SEARCHES_COUNT_FOR >= begun
    counted = (
        insert(SearchCount)
        .values(subject=search.subject.actor, begun_at=now, times=1)
        .on_conflict_do_update(
            index_elements=[SearchCount.subject],
            set_={
                "begun_at": case((is_over, now), else_=begun),
                "times": case((is_over, 1), else_=times + 1),
            },
        )
        .returning(times, (begun + SEARCHES_COUNT_FOR - now).label("waits"))
    )
    made = session.execute(counted).one()
    most = MOST_SEARCHES[search.subject.kind]
    if made.times <= most:
        return None
    return SearchedTooOften(most=most, retry_after=math.ceil(made.waits.total_seconds()))


def _note_refusal(
    session: Session, search: Search, refusal: SearchedTooOften, tally: Tally, now: datetime
) -> None:
    """Of many within an hour a few are entries: of somebody who goes on, whatever they try."""
    times = tally.count((search.subject.actor, SEARCH, refusal.code()), now)
    if times is not None:
        audit.record(
            session,
            actor=search.subject.actor,
            action=SEARCH,
            object_id=new_id(),
            now=now,
            outcome=refusal.code(),
            organisation_id=str(search.subject.organisation_id),
            field=search.field,
            purpose=search.purpose,
            times=times,
        )


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
