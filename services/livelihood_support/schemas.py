"""HTTP shapes. No field takes free text: what is said about a person is a code."""

from collections.abc import Mapping
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue

from services.livelihood_support.policy import Decision, Fact, Move, OfferStatus, RuleStatus, Unit
from shared.contracts.vocabulary import (
    AgeBand,
    EntitlementCode,
    OrganisationKind,
    PersonCategory,
    ReasonCode,
    ReferralStatus,
    Regime,
    ServiceOutcome,
    Sex,
)


class Shape(BaseModel):
    """What every shape holds to: no unknown fields, read from objects."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)


class MoveCreate(Shape):
    """A move: ``reason`` with reject, hold, fail and cancel; ``outcome`` with complete."""

    move: Move
    reason: ReasonCode | None = None
    outcome: ServiceOutcome | None = None


class MoveRead(Shape):
    """One step of a referral to a ``status``; ``from_status`` is unset on the first."""

    id: UUID
    referral_id: UUID
    offer_id: UUID | None
    actor: str
    from_status: ReferralStatus | None
    status: ReferralStatus = Field(validation_alias="to_status")
    reason: ReasonCode | None
    outcome: ServiceOutcome | None
    at: AwareDatetime
    version: int


class ReferralRead(Shape):
    """A referral: before acceptance an organisation reads need, area, age band and sex only."""

    id: UUID
    case_id: UUID | None
    code: EntitlementCode
    status: ReferralStatus
    outcome: ServiceOutcome | None
    area_code: str
    age_band: AgeBand
    sex: Sex
    offer_id: UUID | None
    programme_id: UUID | None
    organisation_id: UUID | None
    offered_at: AwareDatetime | None
    answer_by: AwareDatetime | None
    version: int
    opened_at: AwareDatetime
    moved_at: AwareDatetime
    purge_asked_at: AwareDatetime | None
    purge_confirmed_at: AwareDatetime | None


class OfferRead(Shape):
    """One programme that was asked, what it was chosen for and how far the offer came."""

    id: UUID
    programme_id: UUID
    organisation_id: UUID
    organisation_kind: OrganisationKind
    status: OfferStatus
    points: Mapping[str, int]
    offered_at: AwareDatetime
    expires_at: AwareDatetime | None
    delivered_at: AwareDatetime | None
    seen_at: AwareDatetime | None
    accepted_at: AwareDatetime | None
    ended_at: AwareDatetime | None
    reason: ReasonCode | None
    purge_asked_at: AwareDatetime | None
    purge_confirmed_at: AwareDatetime | None


class RuleRead(Shape):
    """The dated rule that decides a date, and how certain it is; ``amount`` may be unset."""

    key: str
    amount: int | None
    unit: Unit
    legal_ref: str
    status: RuleStatus


class EntitlementRead(Shape):
    """The answer for one code; ``facts`` are the missing ones, or those that decided against."""

    code: EntitlementCode
    decision: Decision
    facts: list[Fact]
    legal_ref: str
    status: RuleStatus


class PlanRead(Shape):
    """A support plan."""

    id: UUID
    case_id: UUID
    regime: Regime
    category: PersonCategory
    opened_at: AwareDatetime
    entitlements: list[EntitlementRead]


class AlertRead(Shape):
    """What waits for a person, with the ids, codes and counts that explain it."""

    id: UUID
    case_id: UUID
    referral_id: UUID | None
    code: EntitlementCode
    kind: str
    facts: Mapping[str, JsonValue]
    raised_at: AwareDatetime


class ReferralList(Shape):
    """A page of referrals."""

    items: list[ReferralRead]
    next_cursor: str | None = Field(default=None, description="Cursor of the next page.")


class MoveList(Shape):
    """A page of moves, oldest first."""

    items: list[MoveRead]
    next_cursor: str | None = None


class OfferList(Shape):
    """The programmes asked so far, first to last, and the rule their answers are due by."""

    items: list[OfferRead]
    answer_rule: RuleRead


class PlanList(Shape):
    """The plan of a case, when it has one."""

    items: list[PlanRead]


class AlertList(Shape):
    """A page of open alerts, oldest first."""

    items: list[AlertRead]
    next_cursor: str | None = None
