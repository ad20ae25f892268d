"""Who is kept apart from whom, and why: told sealed, ended with what it said, opened by few.

The audit names the flag by its own id and neither of the two: whoever reads what was done in a case
learns from it of no other person.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, false, or_, select, tuple_
from sqlalchemy.orm import Session

from services.intake.domain.advance_notices.reach import lock_notice, people_of
from services.intake.domain.apart_sight import ApartReader
from services.intake.domain.reading import visible_cases
from services.intake.domain.vault import open_apart, seal_apart
from services.intake.errors import (
    CaseNotFound,
    ExpectedPersonNotFound,
    KeptApartAlready,
    KeptApartEnded,
    KeptApartNotFound,
)
from services.intake.models import Case, KeptApart
from services.intake.policy import ApartEnd
from shared.access import Permission
from shared.kit import audit
from shared.kit.arrays import among
from shared.kit.clock import local_date
from shared.kit.crypto import MasterKeys
from shared.kit.identifiers import new_id
from shared.kit.subjects import Subject

BOTH = 2


@dataclass(frozen=True)
class OfNotice:
    """Two people of a notice, by their numbers."""

    notice_id: UUID
    numbers: frozenset[int]


@dataclass(frozen=True)
class OfCases:
    """Two cases."""

    case_ids: frozenset[UUID]


@dataclass(frozen=True)
class _Pair:
    """Two people as they are kept: the lower number, or the lower id, first."""

    notice_id: UUID | None = None
    first_number: int | None = None
    second_number: int | None = None
    first_case_id: UUID | None = None
    second_case_id: UUID | None = None


def tell_apart(
    session: Session,
    keys: MasterKeys,
    pair: OfNotice | OfCases,
    reason: str,
    *,
    subject: Subject,
    now: datetime,
) -> KeptApart:
    """Keep two people apart from now on.

    Refused: a notice or a case that is not the subject's to see; a number of nobody; two who are
    kept apart already.
    """
    if isinstance(pair, OfNotice):
        found = _numbered(session, pair, subject, now)
    else:
        found = _cased(session, pair, subject, now)
    if session.scalar(select(exists().where(KeptApart.ended_at.is_(None), _is_of(found)))):
        raise KeptApartAlready
    apart_id = new_id()
    details, wrapped, version = seal_apart(keys, apart_id, reason)
    made = KeptApart(
        id=apart_id,
        organisation_id=subject.organisation_id,
        details=details,
        wrapped_key=wrapped,
        master_version=version,
        told_at=now,
        **vars(found),
    )
    session.add(made)
    _note(session, made, "kept_apart.tell", subject, now)
    return made


def _numbered(session: Session, pair: OfNotice, subject: Subject, now: datetime) -> _Pair:
    notice = lock_notice(session, pair.notice_id, subject, now)
    people = people_of(session, notice.id)
    if not pair.numbers <= people.keys():
        raise ExpectedPersonNotFound
    first, second = (people[number] for number in sorted(pair.numbers))
    cases = (first.case_id, second.case_id)
    became = cases if None not in cases else (None, None)
    return _Pair(notice.id, first.number, second.number, *became)


def _cased(session: Session, pair: OfCases, subject: Subject, now: datetime) -> _Pair:
    asked = visible_cases(subject, Permission.KEPT_APART_TELL, local_date(now))
    asked = asked.where(among(Case.id, sorted(pair.case_ids))).order_by(Case.id)
    found = session.scalars(asked.with_for_update(key_share=True)).all()
    if len(found) != BOTH:
        raise CaseNotFound
    return _Pair(first_case_id=found[0].id, second_case_id=found[1].id)


def _is_of(pair: _Pair) -> ColumnElement[bool]:
    """Whether a flag is of these two, by their numbers or by their cases."""
    same: list[ColumnElement[bool]] = []
    if pair.notice_id is not None:
        numbers = (pair.first_number, pair.second_number)
        same += [
            and_(
                KeptApart.notice_id == pair.notice_id,
                tuple_(KeptApart.first_number, KeptApart.second_number) == numbers,
            )
        ]
    if pair.first_case_id is not None:
        cases = (pair.first_case_id, pair.second_case_id)
        kept = tuple_(KeptApart.first_case_id, KeptApart.second_case_id)
        same += [kept == cases, kept == cases[::-1]]
    return or_(false(), *same)


def end_apart(
    session: Session, apart_id: UUID, reason: ApartEnd, *, subject: Subject, now: datetime
) -> KeptApart:
    """Two people need to be kept apart no more: why they were is destroyed.

    For whoever told it, and for whoever owns both cases. Refused as not found for anybody else;
    what has ended before.
    """
    reader = ApartReader(session, subject, Permission.KEPT_APART_TELL, now)
    found = _find(session, apart_id, reader, is_locked=True)
    if found.ended_at is not None:
        raise KeptApartEnded
    found.details, found.wrapped_key, found.master_version = None, None, None
    found.ended_at, found.end_reason = now, reason
    _note(session, found, "kept_apart.end", subject, now, reason=reason)
    return found


def open_kept_apart(
    session: Session, keys: MasterKeys, apart_id: UUID, *, subject: Subject, now: datetime
) -> tuple[KeptApart, str]:
    """Read why two people are kept apart; each time is an entry of the audit.

    For whoever told it, whoever owns both cases, and a facility that has a part in both.
    """
    found = check_openable(session, apart_id, subject=subject, now=now)
    _note(session, found, "kept_apart.open", subject, now)
    return found, open_apart(keys, found)


def check_openable(
    session: Session, apart_id: UUID, *, subject: Subject, now: datetime
) -> KeptApart:
    """A flag that the subject may open; raises ``KeptApartNotFound`` and ``KeptApartEnded``."""
    reader = ApartReader(session, subject, Permission.KEPT_APART_READ, now)
    found = _find(session, apart_id, reader)
    if found.ended_at is not None:
        raise KeptApartEnded
    return found


def _find(
    session: Session, apart_id: UUID, reader: ApartReader, *, is_locked: bool = False
) -> KeptApart:
    asked = select(KeptApart).where(KeptApart.id == apart_id)
    found = session.scalar(asked.with_for_update() if is_locked else asked)
    if found is None or not reader.sees_whole([found])[found.id]:
        raise KeptApartNotFound
    apart: KeptApart = found
    return apart


def live_of(session: Session, condition: ColumnElement[bool]) -> Sequence[KeptApart]:
    """The flags that hold, of those that a condition names; the first that was told first."""
    asked = select(KeptApart).where(KeptApart.ended_at.is_(None), condition)
    return session.scalars(asked.order_by(KeptApart.id)).all()


def _note(
    session: Session,
    apart: KeptApart,
    action: str,
    subject: Subject,
    now: datetime,
    **facts: str,
) -> None:
    audit.record(session, actor=subject.actor, action=action, object_id=apart.id, now=now, **facts)
