"""What livelihood support tells: the plan, and every step of every referral."""

from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime

from shared.contracts.alerts import Alerted
from shared.contracts.base import Message, Part
from shared.contracts.clocks import Clocked
from shared.contracts.rehearsals import Rehearsed
from shared.contracts.vocabulary import (
    AgeBand,
    EntitlementCode,
    OrganisationKind,
    Queue,
    ReasonCode,
    ReferralStatus,
    Regime,
    ServiceOutcome,
    Sex,
    StayStatus,
)


class OfferMade(Part):
    """An offer: which organisation is asked for a place in which programme, and for what."""

    referral_id: UUID
    offer_id: UUID
    programme_id: UUID
    organisation_id: UUID
    organisation_kind: OrganisationKind
    code: EntitlementCode


class PlanOpenedV1(Message):
    """Entitlements were computed; whom the plan asks, further messages say. Not told any more."""

    type: ClassVar[str] = "livelihood_support.plan_opened.v1"
    to: ClassVar[tuple[Queue, ...]] = (Queue.INTAKE, Queue.NOTIFICATION)
    aggregate: ClassVar[str] = "case_id"

    case_id: UUID
    plan_id: UUID
    regime: Regime
    entitled: tuple[EntitlementCode, ...]
    needs_information: tuple[EntitlementCode, ...] = ()
    referrals: int


class PlanOpened(Message):
    """Entitlements were computed: what is granted, what lacks a fact, and who is asked at once."""

    type: ClassVar[str] = "livelihood_support.plan_opened.v2"
    to: ClassVar[tuple[Queue, ...]] = (Queue.INTAKE, Queue.NOTIFICATION)
    aggregate: ClassVar[str] = "case_id"
    moments: ClassVar[frozenset[str]] = frozenset({"occurred_at", "answer_not_due_before"})

    case_id: UUID
    plan_id: UUID
    regime: Regime
    entitled: tuple[EntitlementCode, ...]
    needs_information: tuple[EntitlementCode, ...] = ()
    referrals: int
    asked: tuple[OfferMade, ...] = ()
    """The first offers of its referrals; for whom nobody could be asked, ``referral_moved`` says.
    """
    answer_not_due_before: AwareDatetime | None = None
    """As of a request, for each of these offers."""


class ProvisionalPlanOpened(Message):
    """A plan for somebody who is presumed to be a victim, while the verification runs."""

    type: ClassVar[str] = "livelihood_support.provisional_plan_opened.v1"
    to: ClassVar[tuple[Queue, ...]] = (Queue.INTAKE,)
    aggregate: ClassVar[str] = "case_id"

    case_id: UUID
    plan_id: UUID
    regime: Regime
    entitled: tuple[EntitlementCode, ...]
    needs_information: tuple[EntitlementCode, ...] = ()
    referrals: int


class PlanRevised(Message):
    """Another answer for these codes: a fact, the age band or a window to apply has changed."""

    type: ClassVar[str] = "livelihood_support.plan_revised.v1"
    to: ClassVar[tuple[Queue, ...]] = (Queue.INTAKE, Queue.NOTIFICATION)
    aggregate: ClassVar[str] = "case_id"

    case_id: UUID
    plan_id: UUID
    revision_id: UUID
    revision: int
    entitled: tuple[EntitlementCode, ...]
    needs_information: tuple[EntitlementCode, ...] = ()
    changed: tuple[EntitlementCode, ...]
    referrals: int
    """How many were made by this revision."""


class ReferralRequested(OfferMade, Message):
    """A place is held and offered to an organisation; this is all it learns before accepting."""

    type: ClassVar[str] = "livelihood_support.referral_requested.v1"
    to: ClassVar[tuple[Queue, ...]] = (Queue.NOTIFICATION, Queue.INTAKE)
    aggregate: ClassVar[str] = "case_id"
    moments: ClassVar[frozenset[str]] = frozenset({"occurred_at", "answer_not_due_before"})

    case_id: UUID
    area_code: str
    age_band: AgeBand
    sex: Sex
    answer_not_due_before: AwareDatetime | None = None
    """When the answer would be due had the offer arrived the moment it was made.

    The time to answer begins on arrival, so it is never due before. Unset while no period is set.
    """


class ReferralMoved(Message):
    """A referral changed its status; ``organisation_id`` is the one asked, unset when none is."""

    type: ClassVar[str] = "livelihood_support.referral_moved.v1"
    to: ClassVar[tuple[Queue, ...]] = (Queue.NOTIFICATION, Queue.INTAKE)
    aggregate: ClassVar[str] = "case_id"

    case_id: UUID
    referral_id: UUID
    move_id: UUID
    offer_id: UUID | None
    organisation_id: UUID | None
    organisation_kind: OrganisationKind | None
    code: EntitlementCode
    status: ReferralStatus
    reason: ReasonCode | None = None
    outcome: ServiceOutcome | None = None
    version: int


class ReferralConfirmed(Message):
    """The case owner has heard from the person that the support has reached them."""

    type: ClassVar[str] = "livelihood_support.referral_confirmed.v1"
    to: ClassVar[tuple[Queue, ...]] = (Queue.INTAKE,)
    aggregate: ClassVar[str] = "case_id"

    case_id: UUID
    referral_id: UUID
    move_id: UUID
    code: EntitlementCode


class ProvisionRecorded(Message):
    """Something was given to the person directly, and whoever may has recorded it."""

    type: ClassVar[str] = "livelihood_support.provision_recorded.v1"
    to: ClassVar[tuple[Queue, ...]] = (Queue.INTAKE,)
    aggregate: ClassVar[str] = "case_id"

    case_id: UUID
    provision_id: UUID
    code: EntitlementCode
    organisation_id: UUID
    """Who gave it."""


class ProvisionCorrected(Message):
    """Such a record was wrong, and counts no longer."""

    type: ClassVar[str] = "livelihood_support.provision_corrected.v1"
    to: ClassVar[tuple[Queue, ...]] = (Queue.INTAKE,)
    aggregate: ClassVar[str] = "case_id"

    case_id: UUID
    provision_id: UUID
    code: EntitlementCode


class StayMoved(Message):
    """Somebody is expected in a facility, has arrived there, has left, or does not come."""

    type: ClassVar[str] = "livelihood_support.stay_moved.v1"
    to: ClassVar[tuple[Queue, ...]] = (Queue.INTAKE,)
    aggregate: ClassVar[str] = "case_id"

    case_id: UUID
    stay_id: UUID
    move_id: UUID
    status: StayStatus
    facility_id: UUID


class QuestionsAsked(Message):
    """Who is asked has questions about its offer; which, is read with the offer."""

    type: ClassVar[str] = "livelihood_support.questions_asked.v1"
    to: ClassVar[tuple[Queue, ...]] = (Queue.INTAKE,)
    aggregate: ClassVar[str] = "case_id"

    case_id: UUID
    referral_id: UUID
    question_ids: tuple[UUID, ...]
    code: EntitlementCode


class QuestionAnswered(Message):
    """The case owner has replied to a question about an offer; what, is read with the offer."""

    type: ClassVar[str] = "livelihood_support.question_answered.v1"
    to: ClassVar[tuple[Queue, ...]] = (Queue.NOTIFICATION, Queue.INTAKE)
    aggregate: ClassVar[str] = "case_id"

    case_id: UUID
    referral_id: UUID
    offer_id: UUID
    organisation_id: UUID
    question_id: UUID
    code: EntitlementCode


class AlertRaised(Alerted, Message):
    """The exchange cannot settle something by itself, and whoever must act is told each time."""

    type: ClassVar[str] = "livelihood_support.alert_raised.v1"

    code: EntitlementCode
    referral_id: UUID | None = None


class PurgeRequested(Message):
    """Consent was withdrawn, or the need ended: who accepted must delete what it was told."""

    type: ClassVar[str] = "livelihood_support.purge_requested.v1"
    to: ClassVar[tuple[Queue, ...]] = (Queue.NOTIFICATION,)
    aggregate: ClassVar[str] = "case_id"

    case_id: UUID
    referral_id: UUID
    offer_id: UUID
    organisation_id: UUID
    code: EntitlementCode
    status: ReferralStatus
    version: int
    purge_id: UUID | None = None
    """The id of this request. Each time consent is withdrawn there is another one."""
    reason: ReasonCode | None = None
    """Why the case owner ended the need, ``other`` for who had failed before; unset if consent was
    withdrawn."""


class RuleRehearsed(Rehearsed, Message):
    """How far a row would reach that somebody proposed, if it had been published then."""

    type: ClassVar[str] = "livelihood_support.rule_rehearsed.v1"


class ReferralClockWarned(Clocked, Message):
    """Somebody has to answer, begin, delete or ask soon: told to those who must, then onwards."""

    type: ClassVar[str] = "livelihood_support.clock_warned.v1"


class ReferralClockBreached(Clocked, Message):
    """It was not begun, deleted or asked by the last day: told to whoever owns the case."""

    type: ClassVar[str] = "livelihood_support.clock_breached.v1"
