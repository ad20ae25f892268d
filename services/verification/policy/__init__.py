"""Pure decisions: which law, papers, periods and authority, and which move is legal."""

from services.verification.policy.authority import VerifierRole, choose_verifier, may_verify
from services.verification.policy.law import (
    Paper,
    is_plausible,
    proof_among,
    regime_at,
)
from services.verification.policy.moves import (
    ALLOWED_MOVES,
    BIRTHS,
    REASONS_TO_END,
    WITH_VERIFIER,
    MoveFacts,
    Possible,
    PossibleEnd,
    Standing,
    Step,
    check_move,
    legal_moves,
    next_status,
    possible_moves,
    usable_reasons,
)
from services.verification.policy.periods import (
    MoveMade,
    complaint_period,
    pauses_among,
    period_of,
)
from services.verification.policy.vocabulary import (
    Duty,
    EvidenceSource,
    Move,
    MoveReason,
    Party,
    VerificationStatus,
)

__all__ = [
    "ALLOWED_MOVES",
    "BIRTHS",
    "REASONS_TO_END",
    "WITH_VERIFIER",
    "Duty",
    "EvidenceSource",
    "Move",
    "MoveFacts",
    "MoveMade",
    "MoveReason",
    "Paper",
    "Party",
    "Possible",
    "PossibleEnd",
    "Standing",
    "Step",
    "VerificationStatus",
    "VerifierRole",
    "check_move",
    "choose_verifier",
    "complaint_period",
    "is_plausible",
    "legal_moves",
    "may_verify",
    "next_status",
    "pauses_among",
    "period_of",
    "possible_moves",
    "proof_among",
    "regime_at",
    "usable_reasons",
]
