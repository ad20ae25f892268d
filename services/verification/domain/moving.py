"""Moves people make: the authority verifies and decides, the case owner assigns."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import compress
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.verification.domain.complaints import complain, time_complaint, withdraw_complaint
from services.verification.domain.evidence import with_cited
from services.verification.domain.organisations import verifier_roles
from services.verification.domain.reach import lock_reached, reached_as
from services.verification.domain.requests import ask, is_extended, keep_time
from services.verification.domain.steps import (
    SAID_AGAINST,
    audit_move,
    move_row,
    tell_complaint,
    tell_standing,
)
from services.verification.errors import VerifierUnfit
from services.verification.models import Verification, VerificationMove
from services.verification.policy import (
    ASKED,
    ComplaintStatus,
    Move,
    MoveFacts,
    Possible,
    Standing,
    VerificationStatus,
    check_move,
    may_verify,
    possible_moves,
    regime_at,
)
from shared import clocks
from shared.access import Permission
from shared.clocks import Clock
from shared.contracts.vocabulary import Regime, VerificationOutcome
from shared.kit.arrays import among
from shared.kit.clock import local_date
from shared.kit.documents import insert_rows
from shared.kit.subjects import Subject
from shared.kit.versions import Expected, check_version

TOLD = frozenset({Move.ASSIGN, Move.CONCLUDE, Move.REOPEN})
"""Moves other services must learn of: whose answer is awaited, and that it has come."""


def move_verification(
    session: Session,
    *,
    verification_id: UUID,
    subject: Subject,
    facts: MoveFacts,
    expected_version: Expected,
    actor: str,
    now: datetime,
) -> VerificationMove:
    """Make one move.

    Refused: not found for whoever neither verifies it nor owns cases where it is; a version that
    was read before its last move, or before the age was corrected; a move the status or the party
    does not allow; missing or unusable facts, and evidence that is not of this verification.
    """
    verification, parties = lock_reached(
        session, verification_id, subject, Permission.VERIFICATION_MOVE, now
    )
    check_version(verification.version, expected_version, since=_since(session, verification))
    clock = clocks.find_locked(session, ASKED, verification.id)
    facts = with_cited(session, verification, facts)
    to = check_move(facts, parties=parties, standing=_standing(verification, clock))
    came_from = VerificationStatus(verification.status)
    _take(session, verification, facts, to, now)
    row = move_row(verification, facts.move, came_from=came_from, actor=actor, now=now)
    row.update(_said(verification, facts))
    session.flush()
    insert_rows(session, VerificationMove, [row])
    keep_time(session, verification, clock, row)
    time_complaint(session, verification, row)
    audit_move(session, verification.case_id, row)
    if facts.move in TOLD:
        tell_standing(session, verification, row)
    if facts.move in SAID_AGAINST:
        tell_complaint(session, verification, row)
    return VerificationMove(**row)


def _said(verification: Verification, facts: MoveFacts) -> dict[str, Any]:
    """What of a step is told by whoever makes it."""
    return {
        "outcome": facts.outcome,
        "reason": facts.reason,
        "grounds": _grounds(facts),
        "evidence": list(facts.evidence),
        "evidence_ref": facts.evidence_ref,
        "received_on": facts.received_on,
        "is_late": verification.is_complaint_late if facts.move is Move.COMPLAIN else None,
    }


def find_possible_moves(
    session: Session,
    found: Sequence[Verification],
    timed: Mapping[UUID, Clock],
    *,
    subject: Subject,
    now: datetime,
) -> Mapping[UUID, Sequence[Possible]]:
    """What the subject may do now with each of these, by its clock too; one statement."""
    reached = reached_as(subject, Permission.VERIFICATION_MOVE, now)
    asked = select(Verification.id, *(each.label(party) for party, each in reached.items()))
    rows = session.execute(asked.where(among(Verification.id, [each.id for each in found])))
    parties = {row.id: frozenset(compress(reached, row[1:])) for row in rows}
    return {
        each.id: possible_moves(parties[each.id], _standing(each, timed.get(each.id)))
        for each in found
    }


def _since(session: Session, verification: Verification) -> int:
    """The version in which it became what is decided about: a birthday changes nothing of that."""
    moves = select(func.max(VerificationMove.version)).where(
        VerificationMove.verification_id == verification.id
    )
    return max(session.scalar(moves) or verification.version, verification.corrected_version or 0)


def _standing(verification: Verification, clock: Clock | None) -> Standing:
    outcome, complaint = verification.outcome, verification.complaint_status
    return Standing(
        status=VerificationStatus(verification.status),
        outcome=VerificationOutcome(outcome) if outcome else None,
        is_extended=is_extended(clock),
        was_minor_at_act=verification.was_minor_at_act,
        regime=Regime(verification.regime),
        complaint=ComplaintStatus(complaint) if complaint else None,
        is_complaint_late=bool(verification.is_complaint_late),
    )


def _take(
    session: Session,
    verification: Verification,
    facts: MoveFacts,
    to: VerificationStatus,
    now: datetime,
) -> None:
    match facts.move:
        case Move.ASSIGN:
            _assign(session, verification, facts.organisation_id, now)
        case Move.CONCLUDE:
            _conclude(verification, facts, now)
        case Move.REOPEN:
            _reopen(verification)
        case Move.COMPLAIN:
            complain(session, verification, facts.received_on, now)
        case Move.KEEP:
            verification.complaint_status = ComplaintStatus.KEPT
        case _:
            pass
    verification.status = to
    verification.version += 1


def _assign(
    session: Session,
    verification: Verification,
    organisation_id: UUID | None,
    now: datetime,
) -> None:
    today = local_date(now)
    roles = verifier_roles(session)
    if organisation_id is None or not may_verify(
        roles, organisation_id=organisation_id, place=verification.place, on=today
    ):
        raise VerifierUnfit
    ask(verification, organisation_id)


def _conclude(verification: Verification, facts: MoveFacts, now: datetime) -> None:
    verification.outcome = facts.outcome
    verification.grounds = _grounds(facts)
    verification.reason = facts.reason
    verification.evidence = list(facts.evidence)
    verification.evidence_ref = facts.evidence_ref
    verification.concluded_at = now
    if verification.was_minor_at_act is None:
        verification.was_minor_at_act = facts.was_minor_at_act
    if facts.outcome is VerificationOutcome.IDENTIFIED:
        # From here on the case has the law of this day (Law 53/2024 Art. 63).
        verification.identified_on = local_date(now)
        verification.regime = regime_at(verification.identified_on)


def _reopen(verification: Verification) -> None:
    """The verification begins again with a new period; how it ended before stays in its moves."""
    verification.outcome = None
    verification.grounds = []
    verification.reason = None
    verification.evidence = []
    verification.evidence_ref = None
    verification.concluded_at = None
    withdraw_complaint(verification)


def _grounds(facts: MoveFacts) -> list[str]:
    return list(dict.fromkeys(facts.grounds))
