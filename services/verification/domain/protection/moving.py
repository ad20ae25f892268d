"""Moves of protection: whoever protects decides, the case owner gives it to somebody."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.verification.domain.protection.protectors import may_protect, protectors
from services.verification.domain.protection.reach import lock_protection
from services.verification.domain.protection.steps import note_step
from services.verification.errors import ProtectorUnfit
from services.verification.models import Protection, ProtectionMoveRow, Verification
from services.verification.policy import (
    PROTECTION_ASKED,
    ProtectionFacts,
    ProtectionMove,
    ProtectionStatus,
    check_protection_move,
)
from shared import clocks
from shared.kit.clock import local_date
from shared.kit.subjects import Subject
from shared.kit.versions import Expected, check_version


def move_protection(
    session: Session,
    *,
    protection_id: UUID,
    subject: Subject,
    facts: ProtectionFacts,
    expected_version: Expected,
    actor: str,
    now: datetime,
) -> ProtectionMoveRow:
    """Make one move.

    Refused: not found for whoever neither decides about it nor owns the case; a version that was
    read before its last move; a move the status or the party does not allow; missing or unusable
    facts.
    """
    protection, verification, parties = lock_protection(session, protection_id, subject, now)
    check_version(protection.version, expected_version)
    clock = clocks.find_locked(session, PROTECTION_ASKED, protection.id)
    came_from = ProtectionStatus(protection.status)
    to = check_protection_move(
        facts,
        parties=parties,
        status=came_from,
        received_on=local_date(verification.received_at),
        today=local_date(now),
    )
    if facts.organisation_id is not None:
        _give(session, protection, verification, facts.organisation_id, now)
    _take(protection, facts, to, now)
    if came_from is ProtectionStatus.REQUESTED is not to and clock is not None:
        clocks.keep(session, clocks.ended(clock, now))
    return note_step(session, protection, facts.move, came_from=came_from, actor=actor, now=now)


def _give(
    session: Session,
    protection: Protection,
    verification: Verification,
    organisation_id: UUID,
    now: datetime,
) -> None:
    if not may_protect(verification, protectors(session), organisation_id, local_date(now)):
        raise ProtectorUnfit
    protection.protector_id = organisation_id
    protection.look_again_at = None


def _take(
    protection: Protection, facts: ProtectionFacts, to: ProtectionStatus, now: datetime
) -> None:
    """Keep what a move says: the decision once, and of a review what holds since."""
    if protection.status == ProtectionStatus.REQUESTED and to is not ProtectionStatus.REQUESTED:
        protection.decided_at = now
    if facts.measures:
        protection.measures = list(dict.fromkeys(facts.measures))
    if facts.paper_number is not None:
        protection.paper_number, protection.paper_on = facts.paper_number, facts.paper_on
    if facts.move is not ProtectionMove.ASSIGN:
        protection.review_on = facts.review_on
        protection.reason = facts.reason
    if to is ProtectionStatus.ENDED:
        protection.ended_at = now
    protection.status = to
    protection.version += 1
