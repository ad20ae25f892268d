"""The facts a caller may be refused with."""

from shared.kit.errors import (
    Conflict,
    DomainError,
    Forbidden,
    Invalid,
    NotFound,
    NotYet,
    Unauthenticated,
)


class InvalidRequest(Invalid):
    """A field of the request breaks a rule."""


class UnitNotInForce(InvalidRequest):
    """A code of the city means no unit on its day; the problem names what became of the unit."""


class CaseCodeMistyped(Invalid):
    """The case code is not one this service gives out; a character is wrong or misplaced."""


class CaseNotReceived(NotYet):
    """The case this speaks of is not here: this database was restored to a moment before it."""


class CaseNotNamed(Invalid):
    """A case owner reads the assignments of a case that it names."""


class CaseNotFound(NotFound):
    """There is no case under this id, for this caller."""


class ConsentAlreadyGiven(Conflict):
    """The person has a live consent for this kind of organisation and purpose."""


class NothingToWithdraw(Conflict):
    """The person has no live consent for this kind of organisation and purpose."""


class ReferralNotFound(NotYet):
    """There is no referral under this id, for this caller; or the message about it is on its way.

    The two are one answer, and neither is kept under the key of its request: otherwise anybody
    could tell the referral of another from one that does not exist.
    """

    kind = "not_found"


class ReferralNotKnownYet(NotYet):
    """The acceptance of this referral has not arrived here yet; ask again shortly."""


class ReferralNotAccepted(Forbidden):
    """Identity is disclosed only while the organisation asked has accepted and is serving."""


class NoLiveConsent(Forbidden):
    """The person has no live consent for this kind of organisation and purpose."""


class CaseUnknown(NotYet):
    """There is no case under this id, for this caller; or the message about it is on its way.

    The two are one answer, and it is not kept under the key of its request.
    """

    kind = "not_found"


class NotResponsibleNow(Forbidden):
    """The organisation is not responsible for this case today, in the role that this needs."""


class ReasonUnfit(Invalid):
    """The reason does not belong to this purpose."""


class FieldsUnfit(Invalid):
    """None of the fields asked for is open to this purpose."""


class NothingUrgent(Conflict):
    """Nothing in this case waits that could not wait."""


class ContactPointNotFound(NotFound):
    """There is no such contact point of this case."""


class ContactPointEnded(Conflict):
    """The contact point is used no more."""


class ConfirmedTooLate(Invalid):
    """It was confirmed on a day to come, or so long ago that it is not relied on any more."""


class AlreadySilenced(Conflict):
    """The risk flag is up already."""


class NothingToLower(Conflict):
    """No risk flag is up."""


class NotSafelyReachable(Conflict):
    """Nothing may be sent to this number; the problem names why."""


class PersonMessageNotFound(NotFound):
    """There is no such message to the person."""


class NothingToReach(Conflict):
    """The message has arrived, is on its way, or the person was reached otherwise already."""


class PersonMessageEarly(Conflict):
    """The window for which the message was asked is not open yet."""


class QuestionNotSigned(Unauthenticated):
    """The question was not asked by the service that may ask it."""


class InitialCheckRecorded(Conflict):
    """The initial check of this case is recorded already."""


class CheckedOnUnfit(Invalid):
    """The day of the check lies before the reception, or has not come yet."""


class CompanyUnfit(Invalid):
    """The organisation does not verify on that day; or none is named, and one must take part."""


class ImmediateNeedNotFound(NotFound):
    """The need was not stated when the person was received."""


class ImmediateNeedEnded(Conflict):
    """It was said already how this need ended."""


class EndedOnUnfit(Invalid):
    """The day on which the need ended lies before the reception, or has not come yet."""


class AssigneeUnfit(Invalid):
    """The organisation does not hold this role on the first day."""


class DaysUnfit(Invalid):
    """The day on which the assignment no longer holds does not come after its first day."""


class AlreadyAssigned(Conflict):
    """The organisation has this part in the case already."""


class AssignmentNotFound(NotFound):
    """There is no such assignment of this case."""


class AssignmentEnded(Conflict):
    """The assignment has ended."""


class CaseOwnerUnfit(Invalid):
    """The organisation may own no cases today: it does not hold the role, or is not active."""


class OfficerUnfit(Invalid):
    """Nobody of this account acts in cases for the organisation today."""


class AlreadyResponsible(Conflict):
    """The organisation, and the officer that is named, answer for the case already."""


class NothingToRelease(Conflict):
    """Nobody is named in this case: whoever holds its area owns it as it is."""


class SearchedTooOften(DomainError):
    """So many cases were looked up within the hour that the next search has to wait."""

    kind = "too_many"


class DraftNotFound(NotFound):
    """There is no draft under this id that the caller began."""


class DraftSubmitted(Conflict):
    """The draft was submitted; the problem names the case that it became."""


class CodesExhausted(Exception):
    """No unused case code was drawn in several tries: a fault, never an answer."""


class RefugeNotFound(NotFound):
    """Nobody has said where the person of this case is kept safe."""


class AdvanceNoticeNotFound(NotFound):
    """There is no notice of a handover under this id, for this caller."""


class AdvanceNoticeCancelled(Conflict):
    """The handover was cancelled: nobody is expected any more."""


class NobodyExpected(Conflict):
    """Of everybody whom the notice expected it was said what became of them."""


class ExpectedPersonNotFound(NotFound):
    """The notice has nobody of this number."""


class ExpectedPersonSettled(Conflict):
    """The person of this number was received already, or it was said that they did not come."""


class CaseFromNotice(Conflict):
    """The case is another person of a notice already."""


class NoticeRouteUnfit(Conflict):
    """The case came by another route than the handover that was announced."""


class ExpectedDayUnfit(Invalid):
    """The day of the handover has passed."""


class KeptApartNotFound(NotFound):
    """There is no such flag, for this caller."""


class KeptApartAlready(Conflict):
    """It is known that these two are kept apart."""


class KeptApartEnded(Conflict):
    """These two are kept apart no more; why they were is destroyed."""
