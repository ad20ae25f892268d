"""What livelihood support tells: the plan, and every step of every referral."""

from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import AwareDatetime, Field

from shared.contracts.base import Message
from shared.contracts.vocabulary import (
    AgeBand,
    EntitlementCode,
    OrganisationKind,
    Queue,
    ReasonCode,
    ReferralStatus,
    Regime,
    Role,
    ServiceOutcome,
    Sex,
)


class PlanOpened(Message):
    """Entitlements were computed; these codes are granted, and these still lack a fact."""

    type: ClassVar[str] = "livelihood_support.plan_opened.v1"
    to: ClassVar[tuple[Queue, ...]] = (Queue.INTAKE, Queue.NOTIFICATION)
    aggregate: ClassVar[str] = "case_id"

    case_id: UUID
    plan_id: UUID
    regime: Regime
    entitled: tuple[EntitlementCode, ...]
    needs_information: tuple[EntitlementCode, ...] = ()
    referrals: int


class PlanRevised(Message):
    """A fact was told or withdrawn: these codes have another answer now than they had before."""

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


class ReferralRequested(Message):
    """A place is held and offered to an organisation; this is all it learns before accepting."""

    type: ClassVar[str] = "livelihood_support.referral_requested.v1"
    to: ClassVar[tuple[Queue, ...]] = (Queue.NOTIFICATION, Queue.INTAKE)
    aggregate: ClassVar[str] = "case_id"

    case_id: UUID
    referral_id: UUID
    offer_id: UUID
    programme_id: UUID
    organisation_id: UUID
    organisation_kind: OrganisationKind
    code: EntitlementCode
    area_code: str
    age_band: AgeBand
    sex: Sex


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


class AlertRaised(Message):
    """The exchange cannot settle something by itself, and whoever must act is told each time."""

    type: ClassVar[str] = "livelihood_support.alert_raised.v1"
    to: ClassVar[tuple[Queue, ...]] = (Queue.NOTIFICATION,)
    aggregate: ClassVar[str] = "case_id"
    moments: ClassVar[frozenset[str]] = frozenset({"occurred_at", "raised_at"})

    case_id: UUID
    alert_id: UUID
    """Another one each time it is raised."""
    kind: Annotated[str, Field(pattern="^[a-z]+(_[a-z]+)*$", max_length=40)]
    """A code of this service's list of alerts; a later release may have more of them."""
    code: EntitlementCode
    referral_id: UUID | None = None
    must_act: Role
    raised_at: AwareDatetime


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
