"""The graph of moves: who may take a verification from where to where, and with which facts.

A verification begins as opened, assigned or, by a proof paper, concluded. It can be extended once,
because a move back to plain progress does not exist after that. Concluded is final but for new
evidence, or a complaint upheld, against an end that was not an identification: no rule was found
that takes an identification back. A negative decision can be complained of, again after an answer:
one complaint at a time waits for the authority, which keeps its decision or opens it again.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.verification.errors import (
    AgeUnused,
    ComplaintDayMissing,
    ComplaintDayUnused,
    EvidenceUnused,
    GroundsMissing,
    MoveNotAllowed,
    NumberMissing,
    OutcomeMissing,
    OutcomeUnused,
    ReasonMissing,
    ReasonUnfit,
    VerifierMissing,
    VerifierUnused,
)
from services.verification.policy.vocabulary import (
    ComplaintStatus,
    EvidenceSource,
    Move,
    MoveReason,
    Party,
    VerificationStatus,
)
from shared.contracts.vocabulary import Regime, VerificationOutcome

_S = VerificationStatus
_R = MoveReason

BIRTHS = frozenset({_S.OPENED, _S.ASSIGNED, _S.CONCLUDED})
"""The statuses a verification can begin with."""

WITH_VERIFIER = frozenset({_S.ASSIGNED, _S.IN_PROGRESS, _S.PAUSED, _S.EXTENDED})
"""The statuses in which an authority is at work, or asked to be."""


@dataclass(frozen=True)
class Step:
    """One move: who sets it, from where, for which reasons; no reasons mean that it has none."""

    by: frozenset[Party]
    sources: frozenset[VerificationStatus]
    reasons: frozenset[MoveReason] = frozenset()
    rests_on_evidence: bool = False
    has_paper: bool = False
    """Whether a paper may have said it, though no evidence is weighed by it."""


_VERIFIER = frozenset({Party.VERIFIER})
_OWNER = frozenset({Party.CASE_OWNER})
_ANSWERS_AWAITED = frozenset({_R.FOREIGN_ANSWER_AWAITED, _R.DOMESTIC_ANSWER_AWAITED})

ALLOWED_MOVES: Mapping[Move, Step] = {
    Move.ASSIGN: Step(_OWNER, WITH_VERIFIER | {_S.OPENED}),
    Move.START: Step(_VERIFIER, frozenset({_S.ASSIGNED})),
    Move.PAUSE: Step(
        _VERIFIER,
        frozenset({_S.IN_PROGRESS, _S.EXTENDED}),
        _ANSWERS_AWAITED | {_R.PERSON_UNAVAILABLE, _R.INTERPRETER_AWAITED},
    ),
    Move.RESUME: Step(_VERIFIER, frozenset({_S.PAUSED})),
    Move.EXTEND: Step(_VERIFIER, frozenset({_S.IN_PROGRESS}), _ANSWERS_AWAITED | {_R.COMPLEX_CASE}),
    Move.CONCLUDE: Step(
        _VERIFIER, frozenset({_S.IN_PROGRESS, _S.EXTENDED}), rests_on_evidence=True
    ),
    Move.REOPEN: Step(
        _VERIFIER | _OWNER,
        frozenset({_S.CONCLUDED}),
        frozenset({_R.NEW_EVIDENCE, _R.COMPLAINT_UPHELD}),
        rests_on_evidence=True,
    ),
    Move.COMPLAIN: Step(
        _VERIFIER | _OWNER,
        frozenset({_S.CONCLUDED}),
        frozenset(
            {
                _R.COMPLAINED_IN_PERSON,
                _R.COMPLAINED_IN_WRITING,
                _R.COMPLAINED_BY_REPRESENTATIVE,
            }
        ),
        has_paper=True,
    ),
    Move.KEEP: Step(
        _VERIFIER,
        frozenset({_S.CONCLUDED}),
        frozenset({_R.GROUNDS_HOLD, _R.NOTHING_NEW, _R.COMPLAINT_LATE, _R.COMPLAINT_WITHDRAWN}),
        has_paper=True,
    ),
}
"""Every move that may be asked for; the reasons to conclude depend on the outcome."""

REASONS_TO_END: Mapping[VerificationOutcome, frozenset[MoveReason]] = {
    VerificationOutcome.IDENTIFIED: frozenset(),
    VerificationOutcome.NOT_IDENTIFIED: frozenset(
        {
            _R.EVIDENCE_INSUFFICIENT,
            _R.ACT_NOT_ESTABLISHED,
            _R.MEANS_NOT_ESTABLISHED,
            _R.PURPOSE_NOT_ESTABLISHED,
        },
    ),
    VerificationOutcome.WITHDRAWN: frozenset({_R.PERSON_WITHDREW, _R.RECORDED_TWICE}),
}
"""A negative decision always has a reason (written reasons, Law on Complaints 02/2011)."""


@dataclass(frozen=True)
class Standing:
    """What of a verification decides which moves are legal."""

    status: VerificationStatus
    outcome: VerificationOutcome | None
    is_extended: bool
    was_minor_at_act: bool | None
    """Whether what was done began before the person was 18; unset where that is not known."""
    regime: Regime
    complaint: ComplaintStatus | None = None
    """Of the decision that stands; unset where nobody complained of it."""
    is_complaint_late: bool = False


@dataclass(frozen=True)
class MoveFacts:
    """A move as asked for: codes, the number of a paper, the organisation to assign to."""

    move: Move
    outcome: VerificationOutcome | None = None
    grounds: tuple[EvidenceSource, ...] = ()
    reason: MoveReason | None = None
    evidence_ref: str | None = None
    organisation_id: UUID | None = None
    was_minor_at_act: bool | None = None
    """What the authority found of it, where the case does not say."""
    received_on: date | None = None
    """The day on which the person handed in their complaint."""
    evidence: tuple[UUID, ...] = ()
    """The papers that it cites; their sources are among the grounds."""


def legal_moves(parties: Collection[Party], standing: Standing) -> list[Move]:
    """What these parties may do now, in the order of the vocabulary."""
    return [
        move
        for move, step in ALLOWED_MOVES.items()
        if not step.by.isdisjoint(parties)
        and standing.status in step.sources
        and _fits(move, standing)
    ]


def _fits(move: Move, standing: Standing) -> bool:
    """Whether the end of a verification, and what was said against it, leave room for a move."""
    match move:
        case Move.REOPEN:
            return standing.outcome is not VerificationOutcome.IDENTIFIED
        case Move.COMPLAIN:
            is_negative = standing.outcome is VerificationOutcome.NOT_IDENTIFIED
            return is_negative and standing.complaint is not ComplaintStatus.RECEIVED
        case Move.KEEP:
            return standing.complaint is ComplaintStatus.RECEIVED
        case _:
            return True


@dataclass(frozen=True)
class PossibleEnd:
    """An outcome to conclude with, and the reasons of which it needs one."""

    outcome: VerificationOutcome
    reasons: Sequence[MoveReason]
    grounds: Sequence[EvidenceSource]


@dataclass(frozen=True)
class Possible:
    """A move that is legal now, with whatever it needs."""

    move: Move
    reasons: Sequence[MoveReason]
    outcomes: Sequence[PossibleEnd]
    grounds: Sequence[EvidenceSource]


def possible_moves(parties: Collection[Party], standing: Standing) -> list[Possible]:
    """What these parties may do now, and with what."""
    return [
        Possible(
            move,
            reasons=sorted(usable_reasons(MoveFacts(move), standing)),
            outcomes=_ends(standing) if move is Move.CONCLUDE else [],
            grounds=list(EvidenceSource) if ALLOWED_MOVES[move].rests_on_evidence else [],
        )
        for move in legal_moves(parties, standing)
    ]


def _ends(standing: Standing) -> list[PossibleEnd]:
    """Also with the reason that needs the age at the act, if that can still be said."""
    known = standing.was_minor_at_act
    said = False if known is None else None
    return [
        PossibleEnd(
            outcome,
            sorted(
                usable_reasons(
                    MoveFacts(Move.CONCLUDE, outcome=outcome, was_minor_at_act=said), standing
                )
            ),
            grounds=[] if outcome is VerificationOutcome.WITHDRAWN else list(EvidenceSource),
        )
        for outcome in VerificationOutcome
    ]


def next_status(move: Move, *, is_extended: bool) -> VerificationStatus:
    """The status a move leads to: extended work stays so after a pause or another verifier."""
    at_work = _S.EXTENDED if is_extended else _S.IN_PROGRESS
    return {
        Move.ASSIGN: _S.ASSIGNED,
        Move.START: at_work,
        Move.PAUSE: _S.PAUSED,
        Move.RESUME: at_work,
        Move.EXTEND: _S.EXTENDED,
        Move.CONCLUDE: _S.CONCLUDED,
        Move.REOPEN: _S.ASSIGNED,
        Move.COMPLAIN: _S.CONCLUDED,
        Move.KEEP: _S.CONCLUDED,
    }[move]


def check_move(
    facts: MoveFacts,
    *,
    parties: Collection[Party],
    standing: Standing,
) -> VerificationStatus:
    """The status a move leads to; refuses what the standing, the party or its facts forbid."""
    legal = legal_moves(parties, standing)
    if facts.move not in legal:
        raise MoveNotAllowed(status=standing.status, legal=legal)
    _check_outcome(facts)
    _check_reason(facts, standing)
    _check_evidence(facts)
    _check_complaint(facts)
    if (facts.move is Move.ASSIGN) != (facts.organisation_id is not None):
        raise VerifierMissing if facts.move is Move.ASSIGN else VerifierUnused
    return next_status(facts.move, is_extended=standing.is_extended)


def _check_outcome(facts: MoveFacts) -> None:
    is_concluding = facts.move is Move.CONCLUDE
    if is_concluding and facts.outcome is None:
        raise OutcomeMissing(outcomes=list(VerificationOutcome))
    if facts.outcome is not None and not is_concluding:
        raise OutcomeUnused
    if facts.was_minor_at_act is not None and not is_concluding:
        raise AgeUnused


def _check_reason(facts: MoveFacts, standing: Standing) -> None:
    usable = usable_reasons(facts, standing)
    if facts.reason is None and usable:
        raise ReasonMissing(reasons=sorted(usable))
    if facts.reason is not None and facts.reason not in usable:
        raise ReasonUnfit(reasons=sorted(usable))


def usable_reasons(facts: MoveFacts, standing: Standing) -> frozenset[MoveReason]:
    """The reasons of which a move must give one; what was done to a minor needs no means at all.

    While it is not known whether the person was one, the missing means are no reason: whoever
    gives it says first how old the person was.
    """
    if facts.outcome is None:
        return ALLOWED_MOVES[facts.move].reasons - _unfounded(standing)
    usable = REASONS_TO_END[facts.outcome]
    # Law 53/2024 Art. 2(1): for someone under 18 the act and its purpose are enough.
    known = standing.was_minor_at_act
    was_minor = facts.was_minor_at_act if known is None else known
    if standing.regime is Regime.LAW_2024 and was_minor is not False:
        usable -= {MoveReason.MEANS_NOT_ESTABLISHED}
    return usable


def _unfounded(standing: Standing) -> frozenset[MoveReason]:
    """The reasons that only a complaint, or a late one, can give."""
    is_open = standing.complaint is ComplaintStatus.RECEIVED
    upheld = frozenset() if is_open else frozenset({_R.COMPLAINT_UPHELD})
    return upheld if standing.is_complaint_late else upheld | {_R.COMPLAINT_LATE}


def _check_complaint(facts: MoveFacts) -> None:
    """A complaint has the day on which it came; the answer the number of the paper that says it."""
    if (facts.move is Move.COMPLAIN) != (facts.received_on is not None):
        raise ComplaintDayMissing if facts.move is Move.COMPLAIN else ComplaintDayUnused
    is_answered = facts.move is Move.KEEP and facts.reason is not _R.COMPLAINT_WITHDRAWN
    if is_answered and facts.evidence_ref is None:
        raise NumberMissing


def _check_evidence(facts: MoveFacts) -> None:
    rests = ALLOWED_MOVES[facts.move].rests_on_evidence
    is_needed = rests and facts.outcome is not VerificationOutcome.WITHDRAWN
    if is_needed and not facts.grounds:
        raise GroundsMissing(grounds=list(EvidenceSource))
    is_numbered = facts.evidence_ref is not None and not ALLOWED_MOVES[facts.move].has_paper
    if not rests and (facts.grounds or facts.evidence or is_numbered):
        raise EvidenceUnused
