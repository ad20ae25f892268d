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
    VERIFICATION_OPENED = "verification_opened"
    VERIFICATION_CONCLUDED = "verification_concluded"
    PLAN_OPENED = "plan_opened"
    REFERRAL_REQUESTED = "referral_requested"
    REFERRAL_MOVED = "referral_moved"


STATUS_AFTER: Mapping[VerificationOutcome, CaseStatus] = MappingProxyType(
    {
        VerificationOutcome.IDENTIFIED: CaseStatus.IDENTIFIED,
        VerificationOutcome.NOT_IDENTIFIED: CaseStatus.NOT_IDENTIFIED,
        VerificationOutcome.WITHDRAWN: CaseStatus.WITHDRAWN,
    }
)

_REOPENABLE = (CaseStatus.NOT_IDENTIFIED, CaseStatus.WITHDRAWN)
"""What verification tells comes in order, so an opening after one of these is a reopening."""
_AFTER_OPENING = (CaseStatus.RECEIVED, *_REOPENABLE)
_AFTER_CONCLUSION = (CaseStatus.RECEIVED, CaseStatus.IN_VERIFICATION)

MAY_FOLLOW: Mapping[CaseStatus, tuple[CaseStatus, ...]] = MappingProxyType(
    {
        CaseStatus.RECEIVED: (),
        CaseStatus.IN_VERIFICATION: _AFTER_OPENING,
        CaseStatus.IDENTIFIED: _AFTER_CONCLUSION,
        CaseStatus.NOT_IDENTIFIED: _AFTER_CONCLUSION,
        CaseStatus.WITHDRAWN: _AFTER_CONCLUSION,
        # A plan is told by another service than the conclusion it rests on: it may come first,
        # and then neither a reopening nor the conclusion changes the status any more.
        CaseStatus.IN_SUPPORT: (*_AFTER_CONCLUSION, *_REOPENABLE, CaseStatus.IDENTIFIED),
    }
)
"""From which statuses each may follow; from any other, what is told changes nothing."""
