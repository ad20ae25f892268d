"""Protection of a person: what may be asked for, who decides, and from where to where it goes.

Asked for, it is granted, refused, or declined by the person; what is granted is reviewed on a day
that the protector sets, and ends. Nobody takes a decision back: whoever needs protection again asks
again. Law 66/2011 Arts 30-31; Law 53/2024 Arts 34-36.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from services.verification.errors import (
    PaperDayUnfit,
    ProtectionFactsMissing,
    ProtectionFactsUnused,
    ProtectionMoveNotAllowed,
    ReasonUnfit,
    ReviewDayUnfit,
)
from shared.contracts.vocabulary import ProtectionStatus


class Protected(StrEnum):
    """For whom protection is asked."""

    PERSON = "person"
    """Whom the case is about: a victim, or presumed to be one as long as nothing is decided."""


class ProtectionMeasure(StrEnum):
    """What the laws let be done to keep somebody safe (Law 66/2011 Art. 30)."""

    SAFE_REFUGE = "safe_refuge"
    SECRECY = "secrecy"
    """Of where the person lives, works and learns."""
    GUARDING = "guarding"
    """At home, at work, at school and on the way."""
    PREVENTING_THREATS = "preventing_threats"
    PROCEDURAL = "procedural"
    """What the law of criminal procedure lets be done for whoever gives evidence."""


class ProtectionMove(StrEnum):
    """A step of protection. ``request`` begins it and can never be asked for."""

    REQUEST = "request"
    ASSIGN = "assign"
    GRANT = "grant"
    REFUSE = "refuse"
    DECLINE = "decline"
    REVIEW = "review"
    END = "end"


class ProtectionReason(StrEnum):
    """Why protection was refused, or has ended."""

    DANGER_NOT_ESTABLISHED = "danger_not_established"
    NOT_COVERED = "not_covered"
    """The person is none of those whom the law protects."""
    PROTECTED_OTHERWISE = "protected_otherwise"
    """Another body protects the person, or another measure does."""
    REQUESTED_TWICE = "requested_twice"
    DANGER_OVER = "danger_over"
    PERSON_ASKED = "person_asked"
    PERSON_MOVED = "person_moved"


class ProtectionParty(StrEnum):
    """Who moves: the organisation that is to protect, or whoever owns the case."""

    PROTECTOR = "protector"
    CASE_OWNER = "case_owner"


class ProtectionGap(StrEnum):
    """Why somebody in need is not protected: an exception to the second target of the plan."""

    NO_PROTECTOR = "no_protector"
    """Nobody protects where the person is."""
    PROTECTOR_ENDED = "protector_ended"
    """Whoever was to decide, or protects, may not any more."""
    AWAITED = "awaited"
    """It is not decided, and its time is not over."""
    OVERDUE = "overdue"
    """It was to be decided by now."""
    REVIEW_PASSED = "review_passed"
    """The day is over on which was to be looked again at what was granted."""


def party_to_close(gap: ProtectionGap) -> ProtectionParty:
    """Who must act: whoever owns the case finds a protector, and the protector does the rest."""
    is_unheld = gap in {ProtectionGap.NO_PROTECTOR, ProtectionGap.PROTECTOR_ENDED}
    return ProtectionParty.CASE_OWNER if is_unheld else ProtectionParty.PROTECTOR


class ProtectionFact(StrEnum):
    """What a move may come with, by the name of its field."""

    MEASURES = "measures"
    REASON = "reason"
    PAPER_NUMBER = "paper_number"
    PAPER_ON = "paper_on"
    REVIEW_ON = "review_on"
    ORGANISATION_ID = "organisation_id"


_M, _S, _R, _F = ProtectionMove, ProtectionStatus, ProtectionReason, ProtectionFact
_PROTECTOR = ProtectionParty.PROTECTOR
_PAPER = frozenset({_F.PAPER_NUMBER, _F.PAPER_ON})

OPEN_PROTECTION = frozenset({_S.REQUESTED, _S.GRANTED})
"""The statuses in which somebody still has something to do."""


@dataclass(frozen=True)
class ProtectionStep:
    """One move: who sets it, from where to where, with which facts and reasons.

    Without ``to`` it stays where it is.
    """

    by: ProtectionParty
    sources: frozenset[ProtectionStatus]
    to: ProtectionStatus | None = None
    needs: frozenset[ProtectionFact] = frozenset()
    may_have: frozenset[ProtectionFact] = frozenset()
    reasons: frozenset[ProtectionReason] = frozenset()


PROTECTION_MOVES: Mapping[ProtectionMove, ProtectionStep] = {
    _M.ASSIGN: ProtectionStep(
        ProtectionParty.CASE_OWNER, OPEN_PROTECTION, needs=frozenset({_F.ORGANISATION_ID})
    ),
    _M.GRANT: ProtectionStep(
        _PROTECTOR,
        frozenset({_S.REQUESTED}),
        _S.GRANTED,
        needs=frozenset({_F.MEASURES, _F.REVIEW_ON}),
        may_have=_PAPER,
    ),
    _M.REFUSE: ProtectionStep(
        _PROTECTOR,
        frozenset({_S.REQUESTED}),
        _S.REFUSED,
        needs=_PAPER | {_F.REASON},
        reasons=frozenset(
            {
                _R.DANGER_NOT_ESTABLISHED,
                _R.NOT_COVERED,
                _R.PROTECTED_OTHERWISE,
                _R.REQUESTED_TWICE,
            }
        ),
    ),
    _M.DECLINE: ProtectionStep(_PROTECTOR, frozenset({_S.REQUESTED}), _S.DECLINED, needs=_PAPER),
    _M.REVIEW: ProtectionStep(
        _PROTECTOR,
        frozenset({_S.GRANTED}),
        needs=frozenset({_F.MEASURES, _F.REVIEW_ON}),
        may_have=_PAPER,
    ),
    _M.END: ProtectionStep(
        _PROTECTOR,
        frozenset({_S.GRANTED}),
        _S.ENDED,
        needs=frozenset({_F.REASON}),
        may_have=_PAPER,
        reasons=frozenset(
            {
                _R.DANGER_OVER,
                _R.PERSON_ASKED,
                _R.PERSON_MOVED,
                _R.NOT_COVERED,
                _R.PROTECTED_OTHERWISE,
            }
        ),
    ),
}
"""Every move that may be asked for. A refusal rests on a paper that says why, and so does what the
person declines: the number of the paper stands here, and what it says in the archive.
"""


@dataclass(frozen=True)
class ProtectionFacts:
    """A move as asked for: codes, days, the number of a paper, the organisation to give it to."""

    move: ProtectionMove
    measures: tuple[ProtectionMeasure, ...] = ()
    reason: ProtectionReason | None = None
    paper_number: str | None = None
    paper_on: date | None = None
    review_on: date | None = None
    organisation_id: UUID | None = None

    @property
    def given(self) -> frozenset[ProtectionFact]:
        """Those of its facts that are set."""
        return frozenset(each for each in ProtectionFact if getattr(self, each))


@dataclass(frozen=True)
class PossibleProtectionMove:
    """A move that is legal now, with whatever it needs and may have."""

    move: ProtectionMove
    needs: Sequence[ProtectionFact]
    may_have: Sequence[ProtectionFact]
    reasons: Sequence[ProtectionReason]


def possible_protection_moves(
    parties: Collection[ProtectionParty], status: ProtectionStatus
) -> list[PossibleProtectionMove]:
    """What these parties may do now, in the order of the vocabulary, and with what."""
    return [
        PossibleProtectionMove(
            move, sorted(step.needs), sorted(step.may_have), sorted(step.reasons)
        )
        for move, step in PROTECTION_MOVES.items()
        if step.by in parties and status in step.sources
    ]


def check_protection_move(
    facts: ProtectionFacts,
    *,
    parties: Collection[ProtectionParty],
    status: ProtectionStatus,
    received_on: date,
    today: date,
) -> ProtectionStatus:
    """The status a move leads to; refuses what the status, the party or its facts forbid."""
    legal = [each.move for each in possible_protection_moves(parties, status)]
    if facts.move not in legal:
        raise ProtectionMoveNotAllowed(status=status, legal=legal)
    step = PROTECTION_MOVES[facts.move]
    _check_facts(facts, step)
    if facts.paper_on is not None and not received_on <= facts.paper_on <= today:
        raise PaperDayUnfit(earliest=received_on.isoformat(), latest=today.isoformat())
    if facts.review_on is not None and facts.review_on <= today:
        raise ReviewDayUnfit(after=today.isoformat())
    return step.to or status


def _check_facts(facts: ProtectionFacts, step: ProtectionStep) -> None:
    """A paper is named by its number and its day, or not at all."""
    needed = step.needs | (_PAPER if facts.given & _PAPER & step.may_have else frozenset())
    if missing := needed - facts.given:
        raise ProtectionFactsMissing(facts=sorted(missing))
    if unused := facts.given - step.needs - step.may_have:
        raise ProtectionFactsUnused(facts=sorted(unused))
    if facts.reason is not None and facts.reason not in step.reasons:
        raise ReasonUnfit(reasons=sorted(step.reasons))
