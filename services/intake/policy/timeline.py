"""What is told of a case as its story, and which of it is the main line."""

from enum import StrEnum

from services.intake.policy.progress import StepKind
from shared.contracts.vocabulary import ReferralStatus


class EventKind(StrEnum):
    """What happened in a case: a step that a service told, or something done here."""

    RECEIVED = StepKind.RECEIVED
    INITIAL_CHECK = StepKind.INITIAL_CHECK
    IMMEDIATE_NEED_ENDED = StepKind.IMMEDIATE_NEED_ENDED
    VERIFICATION_OPENED = StepKind.VERIFICATION_OPENED
    VERIFICATION_CONCLUDED = StepKind.VERIFICATION_CONCLUDED
    PROVISIONAL_PLAN_OPENED = StepKind.PROVISIONAL_PLAN_OPENED
    COMPLAINT_RECEIVED = StepKind.COMPLAINT_RECEIVED
    COMPLAINT_ANSWERED = StepKind.COMPLAINT_ANSWERED
    PLAN_OPENED = StepKind.PLAN_OPENED
    PLAN_REVISED = StepKind.PLAN_REVISED
    REFERRAL_REQUESTED = StepKind.REFERRAL_REQUESTED
    REFERRAL_MOVED = StepKind.REFERRAL_MOVED
    REFERRAL_CONFIRMED = StepKind.REFERRAL_CONFIRMED
    PROVISION_RECORDED = StepKind.PROVISION_RECORDED
    PROVISION_CORRECTED = StepKind.PROVISION_CORRECTED
    QUESTION_ASKED = StepKind.QUESTION_ASKED
    QUESTION_ANSWERED = StepKind.QUESTION_ANSWERED
    PROTECTION_MOVED = StepKind.PROTECTION_MOVED
    STAY_MOVED = StepKind.STAY_MOVED
    CLOCK_WARNED = StepKind.CLOCK_WARNED
    CLOCK_BREACHED = StepKind.CLOCK_BREACHED
    CONSENT_GIVEN = "consent_given"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    CORRECTED = "corrected"
    HANDED_OVER = "handed_over"
    ASSIGNMENT_MADE = "assignment_made"
    ASSIGNMENT_ENDED = "assignment_ended"
    IDENTITY_ASKED = "identity_asked"
    """A partner asked who the person is; the outcome says whether it was told."""
    FILE_OPENED = "file_opened"
    URGENCY_SETTLED = "urgency_settled"


IN_DETAIL = frozenset(
    {
        EventKind.PLAN_REVISED,
        EventKind.PROVISION_CORRECTED,
        EventKind.QUESTION_ASKED,
        EventKind.QUESTION_ANSWERED,
        EventKind.CLOCK_WARNED,
        EventKind.CORRECTED,
        EventKind.IDENTITY_ASKED,
        EventKind.FILE_OPENED,
    }
)
"""Kinds that are read by whoever asks for everything."""

IN_BETWEEN = frozenset(
    {ReferralStatus.REQUESTED, ReferralStatus.IN_PROGRESS, ReferralStatus.ON_HOLD}
)
"""Statuses by which a referral only goes on; a move to them is no main event."""
