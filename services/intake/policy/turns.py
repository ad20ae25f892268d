"""Whose turn a case is: one sentence for every open case, from its journey and nothing else.

The day by which somebody must act is kept with the thing itself, by the service that keeps its
clock; which thing that is, the sentence says.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.intake.policy.progress import (
    ENDED_OTHERWISE,
    GIVEN,
    STATUS_AFTER,
    CaseStatus,
    StepKind,
)
from shared.contracts.vocabulary import (
    REACHING,
    EntitlementCode,
    ReferralStatus,
    VerificationOutcome,
)

ON_ITS_WAY = timedelta(hours=1)
"""How long what one service tells another may take before somebody has to look: in use it is
seconds, and an hour outlasts a restart. Assumed, chosen here."""
ENTERS_WITHIN = timedelta(minutes=1)
"""How long a received case may be without a verification before somebody has to look: that none is
is the first target of the city's plan, so it is said at once. Assumed, chosen here."""


class Who(StrEnum):
    """Who must act."""

    CASE_OWNER = "case_owner"
    VERIFIER = "verifier"
    ORGANISATION = "organisation"
    """The organisation that was asked, or that has accepted."""
    EXCHANGE = "exchange"
    """Nobody yet: what follows is on its way between services."""
    NOBODY = "nobody"
    """What should have followed has not come: an operator looks for it."""


class TurnReason(StrEnum):
    """What whoever must act does next."""

    SEE_TO_URGENT_NEEDS = "see_to_urgent_needs"
    BEGIN_VERIFICATION = "begin_verification"
    FIND_AUTHORITY = "find_authority"
    DECIDE_VERIFICATION = "decide_verification"
    TELL_OF_COMPLAINT = "tell_of_complaint"
    """The case owner tells the person of the decision, and that it can be complained of."""
    ANSWER_COMPLAINT = "answer_complaint"
    TELL_OF_ANSWER = "tell_of_answer"
    """The case owner tells the person that the decision stands, complained of as it was."""
    ASK_WHY_WITHDRAWN = "ask_why_withdrawn"
    OPEN_PLAN = "open_plan"
    FIND_PROGRAMME = "find_programme"
    ASK_NEXT = "ask_next"
    """The next programme is asked."""
    ANSWER_OFFER = "answer_offer"
    REPLY_TO_QUESTION = "reply_to_question"
    """The organisation asked has a question about its offer, whose time runs on meanwhile."""
    START_SERVICE = "start_service"
    RESUME_SERVICE = "resume_service"
    COMPLETE_SERVICE = "complete_service"
    CONFIRM_SERVICE = "confirm_service"
    """It is said to have been provided: the case owner asks the person whether it has reached them.
    """
    REVIEW_PLAN = "review_plan"


@dataclass(frozen=True)
class Told:
    """A step of a journey, as far as it says whose turn it is."""

    kind: StepKind
    at: datetime
    outcome: str | None = None
    status: str | None = None
    organisation_id: UUID | None = None
    referral_id: UUID | None = None
    code: EntitlementCode | None = None
    source_id: UUID | None = None
    """What it is about at its owner: by it a reply is known to belong to its question."""


@dataclass(frozen=True)
class Turn:
    """Who must act in a case, since when, and to do what."""

    who: Who
    why: TurnReason
    since: datetime
    organisation_id: UUID | None = None
    referral_id: UUID | None = None
    code: EntitlementCode | None = None


@dataclass(frozen=True)
class Waits:
    """What stands open in a case beside its journey."""

    registered_at: datetime
    urgent_since: datetime | None = None
    """Unset where nothing is urgent, or somebody has seen to it."""


VERIFYING = (StepKind.VERIFICATION_OPENED, StepKind.VERIFICATION_CONCLUDED)
"""What verification tells: that it looks for the answer, and that it has one."""
_AGAINST = (StepKind.COMPLAINT_RECEIVED, StepKind.COMPLAINT_ANSWERED)
"""What is said against an end, and for it; a new one begins without."""
_REFERRING = (StepKind.REFERRAL_REQUESTED, StepKind.REFERRAL_MOVED)
_OF_TIME = (StepKind.CLOCK_WARNED, StepKind.CLOCK_BREACHED)
_OWNERS = {
    CaseStatus.NOT_IDENTIFIED: TurnReason.TELL_OF_COMPLAINT,
    CaseStatus.WITHDRAWN: TurnReason.ASK_WHY_WITHDRAWN,
}
_OPEN: Mapping[ReferralStatus, tuple[Who, TurnReason]] = {
    ReferralStatus.UNPLACED: (Who.CASE_OWNER, TurnReason.FIND_PROGRAMME),
    ReferralStatus.REQUESTED: (Who.ORGANISATION, TurnReason.ANSWER_OFFER),
    ReferralStatus.COMPLETED: (Who.CASE_OWNER, TurnReason.CONFIRM_SERVICE),
    ReferralStatus.ACCEPTED: (Who.ORGANISATION, TurnReason.START_SERVICE),
    ReferralStatus.ON_HOLD: (Who.ORGANISATION, TurnReason.RESUME_SERVICE),
    ReferralStatus.IN_PROGRESS: (Who.ORGANISATION, TurnReason.COMPLETE_SERVICE),
    ReferralStatus.REJECTED: (Who.EXCHANGE, TurnReason.ASK_NEXT),
}
"""Of each referral that somebody waits for, who acts; what presses most first. One that was
completed waits for the person's word."""
_IN_TURN = list(_OPEN)


def turn_of(steps: Sequence[Told], waits: Waits, now: datetime) -> Turn:
    """The one sentence of a case. ``steps`` are in the order in which they were told."""
    if waits.urgent_since is not None:
        return Turn(Who.CASE_OWNER, TurnReason.SEE_TO_URGENT_NEEDS, waits.urgent_since)
    verified = [step for step in steps if step.kind in (*VERIFYING, *_AGAINST)]
    if not verified:
        is_late = now - waits.registered_at > ENTERS_WITHIN
        return _on_its_way(TurnReason.BEGIN_VERIFICATION, waits.registered_at, is_late=is_late)
    last = verified[-1]
    if last.kind is not StepKind.VERIFICATION_CONCLUDED:
        return _deciding(last) if last.kind in VERIFYING else _complained(last)
    status = STATUS_AFTER[VerificationOutcome(last.outcome or "")]
    if status in ENDED_OTHERWISE:
        return Turn(Who.CASE_OWNER, _OWNERS[status], last.at)
    if not any(step.kind is StepKind.PLAN_OPENED for step in steps):
        is_late = now - last.at > ON_ITS_WAY
        return _on_its_way(TurnReason.OPEN_PLAN, last.at, is_late=is_late)
    return _supporting(steps)


def _on_its_way(why: TurnReason, since: datetime, *, is_late: bool) -> Turn:
    return Turn(Who.NOBODY if is_late else Who.EXCHANGE, why, since)


def _deciding(last: Told) -> Turn:
    if last.organisation_id is None:
        return Turn(Who.CASE_OWNER, TurnReason.FIND_AUTHORITY, last.at)
    return Turn(
        Who.VERIFIER, TurnReason.DECIDE_VERIFICATION, last.at, organisation_id=last.organisation_id
    )


def _complained(last: Told) -> Turn:
    if last.kind is StepKind.COMPLAINT_ANSWERED:
        return Turn(Who.CASE_OWNER, TurnReason.TELL_OF_ANSWER, last.at)
    return Turn(
        Who.VERIFIER, TurnReason.ANSWER_COMPLAINT, last.at, organisation_id=last.organisation_id
    )


def _supporting(steps: Sequence[Told]) -> Turn:
    """Of its referrals the one in which the next step is the most urgent; else the plan itself."""
    newest = {step.referral_id: step for step in steps if step.kind in _REFERRING}
    unconfirmed = _unconfirmed(steps)
    open_ones = [
        step
        for referral_id, step in newest.items()
        if _status(step) in _OPEN and (not _is_completed(step) or referral_id in unconfirmed)
    ]
    if not open_ones:
        return Turn(Who.CASE_OWNER, TurnReason.REVIEW_PLAN, _last(steps))
    step = min(open_ones, key=lambda it: (_IN_TURN.index(_status(it)), it.at, str(it.referral_id)))
    if _status(step) is ReferralStatus.REQUESTED and (asked := _first_question(steps)):
        step, (who, why) = asked, (Who.CASE_OWNER, TurnReason.REPLY_TO_QUESTION)
    else:
        who, why = _OPEN[_status(step)]
    return Turn(
        who,
        why,
        step.at,
        organisation_id=step.organisation_id if who is Who.ORGANISATION else None,
        referral_id=step.referral_id,
        code=step.code,
    )


def _first_question(steps: Iterable[Told]) -> Told | None:
    """The oldest question that is open; any step of its referral leaves none open there."""
    waiting: dict[UUID | None, Told] = {}
    for step in steps:
        if step.kind is StepKind.QUESTION_ASKED:
            waiting[step.source_id] = step
        elif step.kind is StepKind.QUESTION_ANSWERED:
            waiting.pop(step.source_id, None)
        elif step.kind in _REFERRING:
            waiting = {
                each: asked
                for each, asked in waiting.items()
                if asked.referral_id != step.referral_id
            }
    return min(waiting.values(), key=lambda it: (it.at, str(it.source_id)), default=None)


def _unconfirmed(steps: Iterable[Told]) -> frozenset[UUID | None]:
    """Completed referrals of which nobody has said yet that the support has reached the person.

    What was not provided is not asked about, nor what was asked for again since.
    """
    waiting: set[UUID | None] = set()
    confirmed: set[UUID | None] = set()
    last: dict[EntitlementCode | None, UUID | None] = {}
    for step in steps:
        if step.kind is StepKind.REFERRAL_CONFIRMED:
            confirmed.add(step.referral_id)
        elif step.kind in _REFERRING:
            last[step.code] = step.referral_id
            if _status(step) is ReferralStatus.REQUESTED:
                # Somebody else is asked: what was said of whoever served before says nothing.
                confirmed.discard(step.referral_id)
            if _is_completed(step) and step.outcome in REACHING:
                waiting.add(step.referral_id)
    return frozenset((waiting - confirmed) & set(last.values()))


def _is_completed(step: Told) -> bool:
    return _status(step) is ReferralStatus.COMPLETED


def _status(step: Told) -> ReferralStatus:
    return ReferralStatus(step.status or ReferralStatus.REQUESTED)


def _last(steps: Iterable[Told]) -> datetime:
    """When it last went on; neither a period near its end nor what was given carries it on."""
    return max(step.at for step in steps if step.kind not in {*_OF_TIME, *GIVEN})
