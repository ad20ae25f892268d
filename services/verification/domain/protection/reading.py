"""What a caller may see of protection."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import compress
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.verification.domain.protection.reach import (
    IN_CASE,
    protection_reached_as,
    readable,
)
from services.verification.errors import ProtectionNotFound
from services.verification.models import Protection, ProtectionMoveRow, Verification
from services.verification.policy import (
    OPEN_PROTECTION,
    PROTECTION_ASKED,
    PossibleProtectionMove,
    ProtectionParty,
    ProtectionStatus,
    possible_protection_moves,
)
from shared import clocks
from shared.access import Permission
from shared.clocks import Clock
from shared.kit.arrays import among
from shared.kit.subjects import Subject


@dataclass(frozen=True)
class Wanted:
    """Which requests a list shows; what is unset leaves none out."""

    status: ProtectionStatus | None = None
    case_id: UUID | None = None
    is_open: bool = False


@dataclass(frozen=True)
class Shown:
    """A request with the code of its case, the clock of its decision, and what may be done."""

    protection: Protection
    case_code: str | None
    clock: Clock
    can: Sequence[PossibleProtectionMove]


def find_protections(
    session: Session,
    *,
    subject: Subject,
    now: datetime,
    wanted: Wanted,
    after: UUID | None,
    size: int,
) -> Sequence[Protection]:
    """The requests the subject may see, oldest first."""
    query = readable(subject, now).order_by(Protection.id).limit(size)
    if wanted.status is not None:
        query = query.where(Protection.status == wanted.status)
    if wanted.is_open:
        query = query.where(among(Protection.status, sorted(OPEN_PROTECTION)))
    if wanted.case_id is not None:
        query = query.where(Protection.case_id == wanted.case_id)
    if after is not None:
        query = query.where(Protection.id > after)
    return session.scalars(query).all()


def find_protection(
    session: Session, *, protection_id: UUID, subject: Subject, now: datetime
) -> Protection:
    """One request; not found for whoever neither asked, nor decides, nor owns the case."""
    found = session.scalar(readable(subject, now).where(Protection.id == protection_id))
    if found is None:
        raise ProtectionNotFound
    kept: Protection = found
    return kept


def find_protection_moves(
    session: Session,
    *,
    protection_id: UUID,
    subject: Subject,
    now: datetime,
    after: UUID | None,
    size: int,
) -> Sequence[ProtectionMoveRow]:
    """The moves of one request, oldest first."""
    find_protection(session, protection_id=protection_id, subject=subject, now=now)
    query = (
        select(ProtectionMoveRow)
        .where(ProtectionMoveRow.protection_id == protection_id)
        .order_by(ProtectionMoveRow.id)
        .limit(size)
    )
    if after is not None:
        query = query.where(ProtectionMoveRow.id > after)
    return session.scalars(query).all()


def show_protections(
    session: Session, found: Sequence[Protection], *, subject: Subject, now: datetime
) -> list[Shown]:
    """Each with its clock and with what the subject may do now; two statements."""
    timed = clocks.find(session, PROTECTION_ASKED, [each.id for each in found])
    reached = protection_reached_as(subject, Permission.PROTECTION_MOVE, now)
    asked = (
        select(
            Protection.id,
            Verification.case_code,
            *(each.label(party) for party, each in reached.items()),
        )
        .join(Verification, IN_CASE)
        .where(among(Protection.id, [each.id for each in found]))
    )
    rows: Mapping[UUID, tuple[str | None, frozenset[ProtectionParty]]] = {
        row.id: (row.case_code, frozenset(compress(reached, row[2:])))
        for row in session.execute(asked)
    }
    return [
        Shown(
            each,
            rows[each.id][0],
            timed[each.id],
            possible_protection_moves(rows[each.id][1], ProtectionStatus(each.status)),
        )
        for each in found
    ]
