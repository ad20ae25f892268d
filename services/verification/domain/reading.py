"""What a caller may see of verifications."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.verification.domain.reach import reached
from services.verification.errors import VerificationNotFound
from services.verification.models import Verification, VerificationMove
from services.verification.policy import VerificationStatus
from shared.access import Permission
from shared.kit.subjects import Subject


def find_verifications(
    session: Session,
    *,
    subject: Subject,
    now: datetime,
    status: VerificationStatus | None,
    case_id: UUID | None,
    is_open: bool,
    after: UUID | None,
    size: int,
) -> Sequence[Verification]:
    """Verifications the subject may see, oldest first."""
    seen = reached(subject, Permission.VERIFICATION_READ, now)
    query = select(Verification).where(seen).order_by(Verification.id).limit(size)
    if status is not None:
        query = query.where(Verification.status == status)
    if is_open:
        query = query.where(Verification.status != VerificationStatus.CONCLUDED)
    if case_id is not None:
        query = query.where(Verification.case_id == case_id)
    if after is not None:
        query = query.where(Verification.id > after)
    return session.scalars(query).all()


def find_verification(
    session: Session, *, verification_id: UUID, subject: Subject, now: datetime
) -> Verification:
    """One verification; not found for whoever neither verifies it nor owns cases where it is."""
    seen = reached(subject, Permission.VERIFICATION_READ, now)
    found = session.scalar(select(Verification).where(Verification.id == verification_id, seen))
    if found is None:
        raise VerificationNotFound
    return found


def find_moves(
    session: Session,
    *,
    verification_id: UUID,
    subject: Subject,
    now: datetime,
    after: UUID | None,
    size: int,
) -> Sequence[VerificationMove]:
    """The moves of one verification, oldest first."""
    find_verification(session, verification_id=verification_id, subject=subject, now=now)
    query = (
        select(VerificationMove)
        .where(VerificationMove.verification_id == verification_id)
        .order_by(VerificationMove.id)
        .limit(size)
    )
    if after is not None:
        query = query.where(VerificationMove.id > after)
    return session.scalars(query).all()
