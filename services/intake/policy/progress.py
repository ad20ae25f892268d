"""How far a case has come, projected from what other services tell."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from shared.contracts.vocabulary import VerificationOutcome


class CaseStatus(StrEnum):
    """Where a case stands."""

    RECEIVED = "received"
    IN_VERIFICATION = "in_verification"
    IDENTIFIED = "identified"
    NOT_IDENTIFIED = "not_identified"
    """The law's proof was not found; never that the person said something false."""
    WITHDRAWN = "withdrawn"
    IN_SUPPORT = "in_support"


class StepKind(StrEnum):
    """What a step of a case's journey tells."""

    RECEIVED = "received"
    INITIAL_CHECK = "initial_check"
    """The owner of the case has taken the first look; noted here, and told by nobody else."""
    IMMEDIATE_NEED_ENDED = "immediate_need_ended"
    """Something that could not wait was seen to, or is not wanted; noted here, and never which."""
    VERIFICATION_OPENED = "verification_opened"
    VERIFICATION_CONCLUDED = "verification_concluded"
    PROVISIONAL_PLAN_OPENED = "provisional_plan_opened"
    """The person has what the law grants while the verification runs; it moves no status."""
    COMPLAINT_RECEIVED = "complaint_received"
    COMPLAINT_ANSWERED = "complaint_answered"
    """The complaint was looked at, and the decision stands."""
    PLAN_OPENED = "plan_opened"
    PLAN_REVISED = "plan_revised"
    """A fact was told by which the person is entitled to something else."""
    REFERRAL_REQUESTED = "referral_requested"
    REFERRAL_MOVED = "referral_moved"
    REFERRAL_CONFIRMED = "referral_confirmed"
    """The case owner has heard from the person that the support has reached them."""
    PROVISION_RECORDED = "provision_recorded"
    """Something was given to the person directly, without a referral."""
    PROVISION_CORRECTED = "provision_corrected"
    """A record of that was wrong, and counts no longer."""
    QUESTION_ASKED = "question_asked"
    """The organisation asked has asked something about its offer, and the case owner replies."""
    QUESTION_ANSWERED = "question_answered"
    PROTECTION_MOVED = "protection_moved"
    """Protection was asked for, or went on; the status says to where."""
    STAY_MOVED = "stay_moved"
    """Somebody is expected in a facility, has come, or has left; the status says which."""
    CLOCK_WARNED = "clock_warned"
    """A period of the law ends soon; the status says to whom that has come, the reason which."""
    CLOCK_BREACHED = "clock_breached"
    """A period of the law is over, and what was to be done is not done."""


GIVEN = frozenset(
    {
        StepKind.IMMEDIATE_NEED_ENDED,
        StepKind.PROVISION_RECORDED,
        StepKind.PROVISION_CORRECTED,
    }
)
"""Steps of what was given without a referral; who submitted the case reads the kind of need at
most, and not by whom.
"""

STATUS_AFTER: Mapping[VerificationOutcome, CaseStatus] = MappingProxyType(
    {
        VerificationOutcome.IDENTIFIED: CaseStatus.IDENTIFIED,
        VerificationOutcome.NOT_IDENTIFIED: CaseStatus.NOT_IDENTIFIED,
        VerificationOutcome.WITHDRAWN: CaseStatus.WITHDRAWN,
    }
)

ENDED_OTHERWISE = frozenset({CaseStatus.NOT_IDENTIFIED, CaseStatus.WITHDRAWN})
"""Ends under which no plan is carried on, as long as verification is not reopened."""


def status_of(verified: CaseStatus, *, has_plan: bool) -> CaseStatus:
    """Where a case stands, by what verification told last and by whether there is a plan.

    Two services tell it, and between them nothing is promised about order. So the order is not
    asked: what each of the two told last gives the same status, whichever of them came first. A
    plan rests on an identification. One that comes before it counts, unless verification's last
    word is that it ended otherwise; then the plan waits for the reopening that is on its way.
    """
    return CaseStatus.IN_SUPPORT if has_plan and verified not in ENDED_OTHERWISE else verified
