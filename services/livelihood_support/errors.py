"""The facts a caller, or a message, may be refused with."""

from shared.kit.errors import Conflict, Forbidden, Invalid, NotFound, NotYet


class ReferralNotFound(NotFound):
    """There is no referral under this id, for this caller."""


class AlertNotFound(NotFound):
    """There is no alert of a case under this id."""


class AlertMoveNotAllowed(Conflict):
    """The alert is settled already, or is about something that only another act can settle."""


class CaseNotFound(NotFound):
    """There is no case under this id."""


class NotResponsibleNow(Forbidden):
    """Another organisation owns the case today, or none does."""


class OwnersNotTold(NotYet):
    """The directory has told of no case owner yet, so nobody can be known to own the case."""


class DayNotReached(Invalid):
    """The day from which the fact holds is still to come."""


class DayIsVerified(Conflict):
    """The verification has told the day of identification, and it counts."""


class FactNotTold(Conflict):
    """The fact was not told of this case, or is withdrawn already."""


class FactsContradict(Conflict):
    """The fact does not go with another one that counts; withdraw or correct that one first."""


class CaseNotReceived(NotYet):
    """The case this speaks of has not been received yet."""


class ProgrammeNotTold(NotYet):
    """The programme this speaks of has not been told of yet."""


class MoveNotAllowed(Conflict):
    """The status of the referral, or who calls, does not allow this move."""


class ReasonMissing(Invalid):
    """A coded reason is needed for this move."""


class ReasonReserved(Invalid):
    """The reason is not the caller's: the exchange gives it, or only whoever was asked knows it."""


class ReasonUnused(Invalid):
    """No reason belongs to this move."""


class OutcomeMissing(Invalid):
    """Completing a referral needs the outcome of the service."""


class OutcomeUnused(Invalid):
    """Only completing a referral has an outcome."""


class QuestionsMissing(Invalid):
    """To ask needs at least one question."""


class QuestionsUnused(Invalid):
    """No question belongs to this move."""


class ReplyMissing(Invalid):
    """To reply needs the id of a question and a reply."""


class ReplyUnused(Invalid):
    """No reply belongs to this move."""


class ReplyUnfit(Invalid):
    """That is no reply to this question; those that are, are named."""


class QuestionNotFound(NotFound):
    """There is no question under this id about the offer that stands."""


class QuestionNotOpen(Conflict):
    """The question was replied to already."""


class ProvisionNotFound(NotFound):
    """The case has no record of this id of something given, for this caller."""


class ProvisionVoided(Conflict):
    """It was said already that the record is wrong; it counts no longer."""


class GiverUnfit(Invalid):
    """Only whoever owns the case names another organisation as the giver, and one that is known."""


class SumMissing(Invalid):
    """What is given of this code has a ceiling, so its sum has to be recorded."""


class CeilingPassed(Conflict):
    """More would be given than the law lets be given; what may still be given is named."""


class WayNotFound(NotFound):
    """The case has no way on of this id."""


class WaySettled(Conflict):
    """What the person said to it is recorded already."""


class NeedNotFound(NotFound):
    """The case has no need under this id."""


class NotIdentified(Conflict):
    """The verification ended without identifying the person, so no place is sought by this law."""


class NotEntitled(Conflict):
    """The code is not granted to the person; the decision and the facts it hangs on are named."""


class AlreadySought(Conflict):
    """A place is sought, or a service is running, for this code already."""


class NeedEnded(Conflict):
    """The need has ended; what is needed again is another need."""


class StayNotFound(NotFound):
    """There is no stay under this id, for this caller."""


class StayOpen(Conflict):
    """The person is expected in a facility already, or stays in one."""


class FacilityMissing(Conflict):
    """No facility is told of that takes people in where the case is."""


class FacilityUnfit(Invalid):
    """The organisation does not hold the role of a facility where the case is today."""


class SheetNotFound(NotFound):
    """There is no readiness sheet of your facility under this id."""


class SheetIsYours(Conflict):
    """Whoever wrote a sheet does not attest it; somebody else of the facility does."""


class AlreadyAttested(Conflict):
    """The sheet was attested already."""


class StayMoveNotAllowed(Conflict):
    """The status of the stay, the law it runs on, or who calls does not allow this move."""


class StayFactsMissing(Invalid):
    """The move needs facts that were not sent; they are named."""


class StayFactsUnused(Invalid):
    """Facts were sent that do not belong to the move; they are named."""


class StayReasonUnfit(Invalid):
    """The reason is none of this move; those that are, are named."""


class StayDayUnfit(Invalid):
    """A day lies outside of what is possible; the days between which it may lie are named."""


class HandoverNotFound(NotFound):
    """Your facility holds no place for anybody of this notice."""
