"""Pure decisions: which law, papers, periods and authority, and which move is legal."""

from services.verification.policy.authority import VerifierRole, choose_verifier, may_verify
from services.verification.policy.law import (
    Paper,
    is_plausible,
    proof_among,
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
from services.verification.policy.papers import (
    ABOUT,
    Decided,
    PaperFacts,
    check_paper,
    papers_of,
)
from services.verification.policy.periods import (
    ASKED,
    complaint_period,
    period_of,
)
from services.verification.policy.vocabulary import (
    Duty,
    EvidenceSource,
    Move,
    MoveReason,
    PaperKind,
    Party,
    VerificationStatus,
)
from shared.law import regime_at

__all__ = [
    "ABOUT",
    "ALLOWED_MOVES",
    "ASKED",
    "BIRTHS",
    "REASONS_TO_END",
    "WITH_VERIFIER",
    "Decided",
    "Duty",
    "EvidenceSource",
    "Move",
    "MoveFacts",
    "MoveReason",
    "Paper",
    "PaperFacts",
    "PaperKind",
    "Party",
    "Possible",
    "PossibleEnd",
    "Standing",
    "Step",
    "VerificationStatus",
    "VerifierRole",
    "check_move",
    "check_paper",
    "choose_verifier",
    "complaint_period",
    "is_plausible",
    "legal_moves",
    "may_verify",
    "next_status",
    "papers_of",
    "period_of",
    "possible_moves",
    "proof_among",
    "regime_at",
    "usable_reasons",
]
