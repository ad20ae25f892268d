"""Moves people make: the authority verifies and decides, the case owner assigns."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import compress
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from services.verification.domain.organisations import verifier_roles
from services.verification.domain.reach import reached_as
from services.verification.domain.requests import ask, find_pauses, set_due
from services.verification.domain.steps import audit_move, move_row, tell_standing
from services.verification.errors import VerificationNotFound, VerifierUnfit
from services.verification.models import Verification, VerificationMove
from services.verification.policy import (
    Move,
    MoveFacts,
    Party,
    Possible,
    Standing,
    VerificationStatus,
    check_move,
    may_verify,
    possible_moves,
    regime_at,
)
from shared.access import Permission
from shared.contracts.vocabulary import Regime, VerificationOutcome
from shared.kit.arrays import among
from shared.kit.clock import local_date
from shared.kit.documents import insert_rows
from shared.kit.subjects import Subject
from shared.kit.versions import Expected, check_version

TOLD = frozenset({Move.ASSIGN, Move.CONCLUDE, Move.REOPEN})
"""Moves other services must learn of: whose answer is awaited, and that it has come."""

MOVE_DUE = frozenset({Move.EXTEND, Move.REOPEN})
"""Moves after which a decision is due on another day; so is every move that ends a pause."""


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
    does not allow; missing or unusable facts.
    """
    verification, parties = _locked(session, verification_id, subject, now)
    check_version(verification.version, expected_version, since=_since(session, verification))
    to = check_move(facts, parties=parties, standing=_standing(verification))
    came_from = VerificationStatus(verification.status)
    _take(session, verification, facts, to, now)
    if facts.move in MOVE_DUE or came_from is VerificationStatus.PAUSED:
        set_due(verification, find_pauses(session, [verification.id], now=now)[verification.id])
    row = move_row(verification, facts.move, came_from=came_from, actor=actor, now=now)
    row.update(reason=facts.reason, grounds=_grounds(facts), evidence_ref=facts.evidence_ref)
    session.flush()
    insert_rows(session, VerificationMove, [row])
    audit_move(session, verification.case_id, row)
    if facts.move in TOLD:
        tell_standing(session, verification, row)
    return VerificationMove(**row)


def find_possible_moves(
    session: Session, found: Sequence[Verification], *, subject: Subject, now: datetime
) -> Mapping[UUID, Sequence[Possible]]:
    """What the subject may do now with each of these; one statement."""
    reached = reached_as(subject, Permission.VERIFICATION_MOVE, now)
    asked = select(Verification.id, *(each.label(party) for party, each in reached.items()))
    rows = session.execute(asked.where(among(Verification.id, [each.id for each in found])))
    parties = {row.id: frozenset(compress(reached, row[1:])) for row in rows}
    return {each.id: possible_moves(parties[each.id], _standing(each)) for each in found}


def _locked(
    session: Session, verification_id: UUID, subject: Subject, now: datetime
) -> tuple[Verification, frozenset[Party]]:
    """The verification, which nobody else moves now, and what the subject reaches it as."""
    reached = reached_as(subject, Permission.VERIFICATION_MOVE, now)
    row = session.execute(
        select(Verification, *(each.label(party) for party, each in reached.items()))
        .where(Verification.id == verification_id, or_(*reached.values()))
        .with_for_update(of=Verification)
        .execution_options(populate_existing=True),
    ).one_or_none()
    if row is None:
        raise VerificationNotFound
    verification, *is_reached = row
    return verification, frozenset(compress(reached, is_reached))


def _since(session: Session, verification: Verification) -> int:
    """The version in which it became what is decided about: a birthday changes nothing of that."""
    moves = select(func.max(VerificationMove.version)).where(
        VerificationMove.verification_id == verification.id
    )
    return max(session.scalar(moves) or verification.version, verification.corrected_version or 0)


def _standing(verification: Verification) -> Standing:
    outcome = verification.outcome
    return Standing(
        status=VerificationStatus(verification.status),
        outcome=VerificationOutcome(outcome) if outcome else None,
        is_extended=verification.is_extended,
        was_minor_at_act=verification.was_minor_at_act,
        regime=Regime(verification.regime),
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
        case Move.EXTEND:
            verification.is_extended = True
        case Move.CONCLUDE:
            _conclude(verification, facts, now)
        case Move.REOPEN:
            _reopen(verification, now)
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
    ask(verification, organisation_id, today)


def _conclude(verification: Verification, facts: MoveFacts, now: datetime) -> None:
    verification.outcome = facts.outcome
    verification.grounds = _grounds(facts)
    verification.reason = facts.reason
    verification.evidence_ref = facts.evidence_ref
    verification.concluded_at = now
    if verification.was_minor_at_act is None:
        verification.was_minor_at_act = facts.was_minor_at_act
    if facts.outcome is VerificationOutcome.IDENTIFIED:
        # From here on the case has the law of this day (Law 53/2024 Art. 63).
        verification.identified_on = local_date(now)
        verification.regime = regime_at(verification.identified_on)


def _reopen(verification: Verification, now: datetime) -> None:
    """The verification begins again with a new period; how it ended before stays in its moves."""
    verification.outcome = None
    verification.grounds = []
    verification.reason = None
    verification.evidence_ref = None
    verification.concluded_at = None
    verification.is_extended = False
    verification.requested_on = local_date(now)


def _grounds(facts: MoveFacts) -> list[str]:
    return list(dict.fromkeys(facts.grounds))
