"""The graph of moves: who may take a referral from which status to which, and with what.

Statuses and setters follow FHIR R4 Task as the Gravity project profiles it for social-care
referral. Three things are ours: a referral begins as ``requested`` (nothing is drafted yet); it is
``unplaced`` while no programme is left to ask; and an offer that was rejected or lapsed, or whose
service failed, sends the referral on to the next programme, so that ``rejected`` and ``failed`` are
passed through and not rested in.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.livelihood_support.errors import (
    MoveNotAllowed,
    OutcomeMissing,
    OutcomeUnused,
    QuestionsMissing,
    QuestionsUnused,
    ReasonMissing,
    ReasonReserved,
    ReasonUnused,
    ReplyMissing,
    ReplyUnused,
)
from services.livelihood_support.policy.questions import (
    NOTHING_ASKED,
    Inquiry,
    QuestionCode,
    ReplyCode,
)
from shared.contracts.vocabulary import ReasonCode, ReferralStatus, ServiceOutcome

ANSWER_BEGAN, PURGE_BEGAN = "referral.delivered", "purge.asked"
"""What the time to answer an offer, and to confirm a purge, begins with, as rows of law name it."""


class Move(StrEnum):
    """What a caller may do with a referral."""

    SEEN = "seen"
    ASK = "ask"
    """The organisation asked puts questions about its offer before it answers."""
    ACCEPT = "accept"
    REJECT = "reject"
    START = "start"
    HOLD = "hold"
    RESUME = "resume"
    COMPLETE = "complete"
    FAIL = "fail"
    CANCEL = "cancel"
    REPLY = "reply"
    """The case owner replies to one question about the offer."""
    CONFIRM = "confirm"
    """The case owner has heard from the person that the support has reached them."""
    CONFIRM_PURGE = "confirm_purge"


class NeedMove(StrEnum):
    """What a case owner may do with a need."""

    END = "end"


class AlertMove(StrEnum):
    """What a case owner may do with an alert that only a person's wish can settle."""

    DECLINE = "decline"
    """The person does not want it."""


class Party(StrEnum):
    """Who moves: the side that asks, or the organisation asked."""

    REQUESTER = "requester"
    TARGET = "target"


class OfferStatus(StrEnum):
    """How far one offer to one programme has come."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    EXPIRED = "expired"
    RECALLED = "recalled"
    CANCELLED = "cancelled"
    COMPLETED = "completed"
    FAILED = "failed"


OPEN_OFFERS = frozenset({OfferStatus.OFFERED, OfferStatus.ACCEPTED})
"""An open offer holds a place; every other status has given it back."""

TAKEN_UP = frozenset({OfferStatus.ACCEPTED, OfferStatus.COMPLETED, OfferStatus.FAILED})
"""Statuses only an accepted offer reaches; one that was cancelled may have been accepted or not."""


class AskAgain(StrEnum):
    """When a programme may be asked again for a need it did not take up."""

    NEVER = "never"
    WHEN_CHANGED = "when_changed"
    AT_ONCE = "at_once"


ASK_AGAIN: Mapping[ReasonCode, AskAgain] = {
    ReasonCode.CAPACITY: AskAgain.WHEN_CHANGED,
    ReasonCode.TIMING: AskAgain.WHEN_CHANGED,
    ReasonCode.NO_ANSWER: AskAgain.WHEN_CHANGED,
    ReasonCode.UNDELIVERED: AskAgain.WHEN_CHANGED,
    ReasonCode.CONSENT_WITHDRAWN: AskAgain.AT_ONCE,  # once consent is live again, of course
    ReasonCode.ELIGIBILITY: AskAgain.NEVER,
    ReasonCode.DISTANCE: AskAgain.NEVER,
    ReasonCode.SAFETY: AskAgain.NEVER,
    ReasonCode.PERSON_DECLINED: AskAgain.NEVER,
    ReasonCode.NO_PROGRAMME: AskAgain.NEVER,
    ReasonCode.OTHER: AskAgain.NEVER,
}

RESERVED_REASONS = frozenset(
    {
        ReasonCode.CONSENT_WITHDRAWN,
        ReasonCode.NO_ANSWER,
        ReasonCode.UNDELIVERED,
        ReasonCode.NO_PROGRAMME,
    },
)
"""Reasons the exchange gives by itself; a move that may give one as well names it."""

EVERY_MOVE = frozenset(Move)
ANSWERS = frozenset({Move.SEEN, Move.ASK, Move.ACCEPT, Move.REJECT})
"""What an office does from a mail: it answers, or asks back before it does. It serves, and says so,
by other ways (ADR 0053)."""

TARGETS_REASONS = frozenset({ReasonCode.CAPACITY})
"""Reasons that only the organisation asked knows: how many it can serve is its to say."""


@dataclass(frozen=True)
class Step:
    """One move: who sets it, from where, to where; ``to`` is unset when the status stays.

    ``may_give`` are reserved reasons this move may give nonetheless.
    """

    by: Party
    sources: frozenset[ReferralStatus]
    to: ReferralStatus | None
    needs_reason: bool = False
    needs_outcome: bool = False
    needs_questions: bool = False
    needs_reply: bool = False
    may_give: frozenset[ReasonCode] = frozenset()

    @property
    def usable_reasons(self) -> list[ReasonCode]:
        """The reasons a caller may give with it."""
        others = RESERVED_REASONS - self.may_give
        if self.by is not Party.TARGET:
            others |= TARGETS_REASONS
        return [it for it in ReasonCode if it not in others]


_S = ReferralStatus
_UNDER_WAY = frozenset({_S.ACCEPTED, _S.IN_PROGRESS, _S.ON_HOLD})

ALLOWED_MOVES: Mapping[Move, Step] = {
    Move.SEEN: Step(Party.TARGET, frozenset({_S.REQUESTED}), None),
    # Who asks has seen the offer; the time to answer it runs on (ADR 0064).
    Move.ASK: Step(Party.TARGET, frozenset({_S.REQUESTED}), None, needs_questions=True),
    Move.ACCEPT: Step(Party.TARGET, frozenset({_S.REQUESTED}), _S.ACCEPTED),
    Move.REJECT: Step(Party.TARGET, frozenset({_S.REQUESTED}), _S.REJECTED, needs_reason=True),
    Move.START: Step(Party.TARGET, frozenset({_S.ACCEPTED}), _S.IN_PROGRESS),
    Move.HOLD: Step(
        Party.TARGET, frozenset({_S.ACCEPTED, _S.IN_PROGRESS}), _S.ON_HOLD, needs_reason=True
    ),
    Move.RESUME: Step(Party.TARGET, frozenset({_S.ON_HOLD}), _S.IN_PROGRESS),
    Move.COMPLETE: Step(Party.TARGET, _UNDER_WAY, _S.COMPLETED, needs_outcome=True),
    Move.FAIL: Step(Party.TARGET, _UNDER_WAY, _S.FAILED, needs_reason=True),
    Move.CANCEL: Step(
        Party.REQUESTER,
        _UNDER_WAY | {_S.REQUESTED, _S.UNPLACED},
        _S.CANCELLED,
        needs_reason=True,
        may_give=frozenset({ReasonCode.CONSENT_WITHDRAWN}),
    ),
    Move.REPLY: Step(Party.REQUESTER, frozenset({_S.REQUESTED}), None, needs_reply=True),
    # Whoever serves may be slow to say that it began; the person knows.
    Move.CONFIRM: Step(Party.REQUESTER, _UNDER_WAY | {_S.COMPLETED}, None),
    # Deleting what was told is owed during the service and after its end.
    Move.CONFIRM_PURGE: Step(
        Party.TARGET, _UNDER_WAY | {_S.COMPLETED, _S.FAILED, _S.CANCELLED}, None
    ),
}
"""Every move a caller may ask for."""

EXCHANGE_STEPS: frozenset[tuple[ReferralStatus, ReferralStatus]] = frozenset(
    {
        (_S.REQUESTED, _S.CANCELLED),
        (_S.REJECTED, _S.REQUESTED),
        (_S.REJECTED, _S.UNPLACED),
        (_S.CANCELLED, _S.REQUESTED),
        (_S.CANCELLED, _S.UNPLACED),
        (_S.FAILED, _S.REQUESTED),
        (_S.FAILED, _S.UNPLACED),
        (_S.UNPLACED, _S.REQUESTED),
    },
)
"""Steps the exchange takes by itself: lapse or recall an offer, ask the next, place again.

Referrals that failed before they went on from there stay so.
"""


def legal_moves(
    party: Party,
    status: ReferralStatus,
    *,
    owes_purge: bool = False,
    is_confirmed: bool = False,
    open_questions: Collection[QuestionCode] = (),
    within: Collection[Move] = EVERY_MOVE,
) -> list[Move]:
    """What this side may do now, of the moves within its reach, in the order of the vocabulary."""
    is_over = {
        Move.CONFIRM: is_confirmed,
        Move.CONFIRM_PURGE: not owes_purge,
        Move.REPLY: not open_questions,
    }
    return [
        move
        for move, step in ALLOWED_MOVES.items()
        if move in within
        and step.by is party
        and status in step.sources
        and not is_over.get(move, False)
    ]


@dataclass(frozen=True)
class Possible:
    """A move that is legal now, with the reasons, outcomes or questions of which it needs one."""

    move: Move
    reasons: Sequence[ReasonCode]
    outcomes: Sequence[ServiceOutcome]
    questions: Sequence[QuestionCode]
    """Those that are not open already."""


def possible_moves(
    parties: Collection[Party],
    status: ReferralStatus,
    *,
    owes_purge: bool,
    is_confirmed: bool,
    open_questions: Collection[QuestionCode] = (),
    within: Collection[Move] = EVERY_MOVE,
) -> list[Possible]:
    """What these sides may do now, of the moves within their reach, and with what.

    Once every question is open there is none left to ask.
    """
    left = [it for it in QuestionCode if it not in open_questions]
    legal = [
        move
        for party in Party
        if party in parties
        for move in legal_moves(
            party,
            status,
            owes_purge=owes_purge,
            is_confirmed=is_confirmed,
            open_questions=open_questions,
            within=within,
        )
    ]
    return [
        _possible(move, ALLOWED_MOVES[move], left)
        for move in legal
        if left or not ALLOWED_MOVES[move].needs_questions
    ]


def _possible(move: Move, step: Step, left: Sequence[QuestionCode]) -> Possible:
    return Possible(
        move,
        reasons=step.usable_reasons if step.needs_reason else [],
        outcomes=list(ServiceOutcome) if step.needs_outcome else [],
        questions=left if step.needs_questions else [],
    )


def check_move(
    move: Move,
    *,
    party: Party,
    status: ReferralStatus,
    reason: ReasonCode | None,
    outcome: ServiceOutcome | None,
    inquiry: Inquiry = NOTHING_ASKED,
    owes_purge: bool = False,
    is_confirmed: bool = False,
    open_questions: Collection[QuestionCode] = (),
    within: Collection[Move] = EVERY_MOVE,
) -> Step:
    """The step a move takes; refuses what the status, the party or its facts do not allow."""
    legal = legal_moves(
        party,
        status,
        owes_purge=owes_purge,
        is_confirmed=is_confirmed,
        open_questions=open_questions,
        within=within,
    )
    if move not in legal:
        raise MoveNotAllowed(status=status, legal=legal)
    step = ALLOWED_MOVES[move]
    _check_reason(step, reason)
    if step.needs_outcome and outcome is None:
        raise OutcomeMissing(outcomes=list(ServiceOutcome))
    if outcome is not None and not step.needs_outcome:
        raise OutcomeUnused
    _check_inquiry(step, inquiry)
    return step


def _check_inquiry(step: Step, inquiry: Inquiry) -> None:
    if step.needs_questions and not inquiry.questions:
        raise QuestionsMissing(questions=list(QuestionCode))
    if inquiry.questions and not step.needs_questions:
        raise QuestionsUnused
    if step.needs_reply and (inquiry.question_id is None or inquiry.reply is None):
        raise ReplyMissing(replies=list(ReplyCode))
    if inquiry.is_reply and not step.needs_reply:
        raise ReplyUnused


def _check_reason(step: Step, reason: ReasonCode | None) -> None:
    if step.needs_reason and reason is None:
        raise ReasonMissing(reasons=step.usable_reasons)
    if reason is not None and not step.needs_reason:
        raise ReasonUnused
    if reason is not None and reason not in step.usable_reasons:
        raise ReasonReserved(reasons=step.usable_reasons)
