"""What intake tells: a case exists and what may be shared, without saying who the person is."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime

from shared.contracts.alerts import Alerted
from shared.contracts.base import Message, Part
from shared.contracts.rehearsals import Rehearsed
from shared.contracts.vocabulary import (
    AgeBand,
    AgeBandCause,
    Citizenship,
    EntitlementCode,
    ExpectedStatus,
    HandOverReason,
    OrganisationKind,
    PaperType,
    Purpose,
    Queue,
    Route,
    Sex,
)


class ConsentScope(Part):
    """What a person agreed to: organisations of this kind may learn of them for this purpose."""

    organisation_kind: OrganisationKind
    purpose: Purpose


class DatedPaper(Part):
    """A paper of a case and the day it was issued; its number stays in the vault."""

    type: PaperType
    issued_on: date


class Companion(Part):
    """Somebody who came along, by their case."""

    case_id: UUID
    case_code: str


class CaseReceived(Message):
    """A case was accepted; everything later starts here. It may have been received before."""

    type: ClassVar[str] = "intake.case_received.v1"
    to: ClassVar[tuple[Queue, ...]] = (Queue.VERIFICATION, Queue.LIVELIHOOD_SUPPORT)
    formerly_to: ClassVar[tuple[Queue, ...]] = (Queue.NOTIFICATION,)
    aggregate: ClassVar[str] = "case_id"

    case_id: UUID
    case_code: str
    route: Route
    receiver_id: UUID
    receiver_kind: OrganisationKind
    area_code: str
    age_band: AgeBand
    sex: Sex
    citizenship: Citizenship
    is_abroad: bool = False
    languages: tuple[str, ...] = ("vi",)
    needs_interpreter: bool = False
    papers: tuple[PaperType, ...] = ()
    dated_papers: tuple[DatedPaper, ...] = ()
    requested_services: tuple[EntitlementCode, ...] = ()
    consents: tuple[ConsentScope, ...] = ()
    received_at: AwareDatetime | None = None
    was_minor_at_act: bool | None = None
    asked_staff_sex: Sex | None = None
    area_on: date | None = None
    """The day by which the code of the area is read; unset where it is the day it was told."""
    has_immediate_needs: bool = False
    """Something cannot wait; what it is, the case owner reads in the file."""
    accompanies: Companion | None = None
    """The case with which this child came; unset for everybody who came by themselves."""

    @property
    def begun_at(self) -> datetime:
        """When the person was received: which law applies, and where the clocks start.

        ``occurred_at`` is when it was told. ``received_at`` is set where paper came in late.
        """
        return self.received_at or self.occurred_at


class AgeBandChanged(Message):
    """A person came into another age band, or what is known of their age at the act is another."""

    type: ClassVar[str] = "intake.age_band_changed.v1"
    to: ClassVar[tuple[Queue, ...]] = (Queue.VERIFICATION, Queue.LIVELIHOOD_SUPPORT)
    aggregate: ClassVar[str] = "case_id"

    case_id: UUID
    age_band: AgeBand
    was_minor_at_act: bool | None = None
    cause: AgeBandCause


class ConsentGiven(Message):
    """The person agreed to a scope after the case was received."""

    type: ClassVar[str] = "intake.consent_given.v1"
    to: ClassVar[tuple[Queue, ...]] = (Queue.LIVELIHOOD_SUPPORT,)
    aggregate: ClassVar[str] = "case_id"

    case_id: UUID
    scope: ConsentScope


class ConsentWithdrawn(Message):
    """The person withdrew a scope: open offers to that kind are recalled."""

    type: ClassVar[str] = "intake.consent_withdrawn.v1"
    to: ClassVar[tuple[Queue, ...]] = (Queue.LIVELIHOOD_SUPPORT,)
    aggregate: ClassVar[str] = "case_id"

    case_id: UUID
    scope: ConsentScope


class CaseHandedOver(Message):
    """Another organisation answers for a case from now on, or whoever holds its area again."""

    type: ClassVar[str] = "intake.case_handed_over.v1"
    to: ClassVar[tuple[Queue, ...]] = (
        Queue.VERIFICATION,
        Queue.LIVELIHOOD_SUPPORT,
        Queue.NOTIFICATION,
    )
    aggregate: ClassVar[str] = "case_id"

    case_id: UUID
    handover_id: UUID
    former_id: UUID
    """Who owned it until then."""
    responsible_id: UUID | None = None
    """Unset where the case went back to whoever holds its area."""
    reason: HandOverReason


class IntakeAlertRaised(Alerted, Message):
    """Something in a case cannot wait, and its owner must act; what it is, the file says."""

    # Told together with the case, and never later: who has forgotten one has forgotten both.
    type: ClassVar[str] = "intake.alert_raised.v1"

    area_code: str | None = None
    """Where the case is on this day: its owner is told before anybody has verified anything."""
    area_on: date | None = None
    """The day by which that code is read; unset where it is this day."""


class IntakeRuleRehearsed(Rehearsed, Message):
    """How far a row would reach among received cases, if it had been published then."""

    type: ClassVar[str] = "intake.rule_rehearsed.v1"


class PersonMessageAsked(Message):
    """The person is to be sent a message; where to and what, intake answers when it would leave."""

    type: ClassVar[str] = "intake.person_message_asked.v1"
    to: ClassVar[tuple[Queue, ...]] = (Queue.NOTIFICATION,)
    aggregate: ClassVar[str] = "case_id"

    case_id: UUID
    message_id: UUID
    send_at: AwareDatetime
    """Before that nothing is asked."""


class ExpectedPerson(Part):
    """Somebody a handover brings: a number, and what a house prepares for; never who it is."""

    number: int
    age_band: AgeBand
    sex: Sex
    languages: tuple[str, ...]
    needs_interpreter: bool
    needs_escort: bool
    status: ExpectedStatus
    case_id: UUID | None = None
    """The case that they became; set where they were received."""


class AdvanceNoticeChanged(Message):
    """A handover was announced, or stands otherwise: all of it each time, and the latest holds."""

    type: ClassVar[str] = "intake.advance_notice_changed.v1"
    to: ClassVar[tuple[Queue, ...]] = (Queue.LIVELIHOOD_SUPPORT,)
    aggregate: ClassVar[str] = "notice_id"

    notice_id: UUID
    announcer_id: UUID
    expected_on: date
    area_code: str
    """The unit of the reception, as it is called today."""
    area_on: date
    """The day by which that code is read."""
    is_cancelled: bool = False
    people: tuple[ExpectedPerson, ...]
