"""Whether anybody of an authority has read that it has a verification to decide."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.verification.models import ReadNotice, Verification, VerificationMove
from services.verification.policy import VerificationStatus
from shared.kit.arrays import among


@dataclass(frozen=True)
class ReadFacts:
    """That somebody of an organisation has read of a move."""

    move_id: UUID
    organisation_id: UUID
    read_at: datetime


def note_reads(session: Session, *, reads: Sequence[ReadFacts]) -> None:
    """Keep those that the authority itself has read; what an owner of the case reads, starts none.

    Told again, the first time stands.
    """
    moves = select(VerificationMove.id, VerificationMove.verifier_id).where(
        among(VerificationMove.id, {each.move_id for each in reads})
    )
    verifiers = {row.id: row.verifier_id for row in session.execute(moves)}
    rows = [
        {"move_id": each.move_id, "read_at": each.read_at}
        for each in reads
        if verifiers.get(each.move_id) == each.organisation_id
    ]
    if rows:
        session.execute(insert(ReadNotice).values(rows).on_conflict_do_nothing())


_LAST_GIVEN = (
    select(VerificationMove.id)
    .where(
        VerificationMove.verification_id == Verification.id,
        VerificationMove.to_status == VerificationStatus.ASSIGNED,
    )
    .order_by(VerificationMove.version.desc())
    .limit(1)
    .scalar_subquery()
)


def is_unread() -> ColumnElement[bool]:
    """Verifications that were given to an authority which has neither read nor begun them."""
    is_read = exists().where(ReadNotice.move_id == _LAST_GIVEN)
    return and_(Verification.status == VerificationStatus.ASSIGNED, ~is_read)
