"""The facts a caller may be refused with."""

from shared.kit.errors import Conflict, Invalid, NotFound


class VerificationNotFound(NotFound):
    """There is no verification under this id, for this caller."""


class MoveNotAllowed(Conflict):
    """The status of the verification, or who calls, does not allow this move."""


class OutcomeMissing(Invalid):
    """Concluding a verification needs its outcome."""


class OutcomeUnused(Invalid):
    """Only concluding a verification has an outcome."""


class AgeUnused(Invalid):
    """Only concluding a verification says how old the person was at the act."""


class ReasonMissing(Invalid):
    """A coded reason is needed for this move."""


class ReasonUnfit(Invalid):
    """The reason does not belong to this move."""


class GroundsMissing(Invalid):
    """The sources of the evidence are needed for this move."""


class EvidenceUnused(Invalid):
    """Only concluding and reopening a verification rest on evidence."""


class VerifierMissing(Invalid):
    """Assigning needs the organisation that is to verify."""


class VerifierUnused(Invalid):
    """Only assigning names an organisation."""


class VerifierUnfit(Invalid):
    """The organisation does not verify in this area today."""


class PaperNotDue(Conflict):
    """The verification has no such paper now, or whoever calls does not issue it."""


class PaperNumberUnfit(Invalid):
    """The number is not one of this kind of paper."""


class PaperDayUnfit(Invalid):
    """The paper cannot have been issued on this day."""


class EvidenceUnknown(Invalid):
    """What is cited was not recorded of this verification."""


class EvidenceDayUnfit(Invalid):
    """The paper cannot have been issued on this day."""


class IssuerUnknown(Invalid):
    """Nobody has told of this organisation."""


class ComplaintDayMissing(Invalid):
    """A complaint has the day on which it was received."""


class ComplaintDayUnused(Invalid):
    """Only a complaint has the day on which it was received."""


class ComplaintDayUnfit(Invalid):
    """The decision cannot have been complained of on this day."""


class NumberMissing(Invalid):
    """The paper that says so has a number."""


class CaseNotFound(NotFound):
    """There is no case under this id, for this caller."""


class ProtectionNotFound(NotFound):
    """There is no request for protection under this id, for this caller."""


class ProtectionAwaited(Conflict):
    """Protection was asked for already, and nobody has decided about it yet."""


class ProtectionMoveNotAllowed(Conflict):
    """The status of the protection, or who calls, does not allow this move."""


class ProtectionFactsMissing(Invalid):
    """The move of protection needs facts that lack."""


class ProtectionFactsUnused(Invalid):
    """The move of protection has no such facts."""


class ReviewDayUnfit(Invalid):
    """Protection is reviewed on a day after today."""


class ProtectorUnfit(Invalid):
    """The organisation does not protect in this area today."""
