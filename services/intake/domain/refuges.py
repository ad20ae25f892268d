"""Where a person is kept safe: the most secret of all that is kept here.

Whoever was given the part of protecting them records it, and what it says is destroyed as soon as
they are there no more. It is read as a part of the file alone (``files.py``), by that protector and
by the facility that has a part in the case.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.intake.domain.parts import part_of
from services.intake.domain.vault import open_refuge, seal_refuge
from services.intake.errors import CaseNotFound, NotResponsibleNow, RefugeNotFound
from services.intake.models import Case, Person, Refuge
from services.intake.policy import LegalPurpose, Part
from shared.kit import audit
from shared.kit.clock import local_date
from shared.kit.crypto import MasterKeys
from shared.kit.identifiers import new_id
from shared.kit.subjects import Subject


def record_refuge(
    session: Session,
    *,
    keys: MasterKeys,
    case_id: UUID,
    subject: Subject,
    place: str,
    now: datetime,
) -> Refuge:
    """Keep where the person is safe from now on; where they were before is destroyed.

    Raises ``CaseNotFound`` and ``NotResponsibleNow``.
    """
    case = _lock_protected(session, case_id, subject, now)
    before = held_refuge(session, case_id)
    if before is not None:
        _destroy(session, before, subject, now)
    refuge_id, person = new_id(), session.get_one(Person, case.person_id)
    made = Refuge(
        id=refuge_id,
        case_id=case_id,
        organisation_id=subject.organisation_id,
        details=seal_refuge(keys, person, refuge_id, place),
        recorded_at=now,
    )
    session.add(made)
    _note(session, made, subject, now, action="refuge.record")
    return made


def end_refuge(session: Session, *, case_id: UUID, subject: Subject, now: datetime) -> Refuge:
    """The person is there no more: destroy where it is.

    Raises ``CaseNotFound``, ``NotResponsibleNow`` and ``RefugeNotFound``.
    """
    _lock_protected(session, case_id, subject, now)
    found = held_refuge(session, case_id)
    if found is None:
        raise RefugeNotFound
    _destroy(session, found, subject, now)
    return found


def read_refuge(session: Session, keys: MasterKeys, person: Person, case_id: UUID) -> str | None:
    """Where the person is kept safe now, for whoever may know; unset where nobody has said."""
    found = held_refuge(session, case_id)
    return None if found is None else open_refuge(keys, person, found)


def held_refuge(session: Session, case_id: UUID) -> Refuge | None:
    """What holds now of where the person of a case is kept safe, sealed."""
    return session.scalar(
        select(Refuge).where(Refuge.case_id == case_id, Refuge.ended_at.is_(None))
    )


def _lock_protected(session: Session, case_id: UUID, subject: Subject, now: datetime) -> Case:
    """A case for whoever has the part of protecting today, which nobody else changes now."""
    case = session.scalar(select(Case).where(Case.id == case_id).with_for_update())
    if case is None:
        raise CaseNotFound
    part = part_of(
        session, case, subject=subject, purpose=LegalPurpose.PROTECTION, on=local_date(now)
    )
    if part is Part.NONE:
        raise CaseNotFound
    if part is not Part.PRESENT:
        raise NotResponsibleNow
    return case


def _destroy(session: Session, refuge: Refuge, subject: Subject, now: datetime) -> None:
    refuge.details, refuge.ended_at = None, now
    # The one that takes its place is alone in the index.
    session.flush()
    _note(session, refuge, subject, now, action="refuge.end")


def _note(
    session: Session, refuge: Refuge, subject: Subject, now: datetime, *, action: str
) -> None:
    audit.record(
        session,
        actor=subject.actor,
        action=action,
        object_id=refuge.case_id,
        now=now,
        refuge_id=str(refuge.id),
    )
