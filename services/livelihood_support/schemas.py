"""HTTP shapes. No field takes free text: what is said about a person is a code."""

from collections.abc import Mapping
from uuid import UUID

from pydantic import AwareDatetime, Field, JsonValue

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
from shared.kit.shapes import Cursor, Shape


class MoveCreate(Shape):
    """A move: ``reason`` with reject, hold, fail and cancel; ``outcome`` with complete."""

    move: Move
    """What to do; which are legal now depends on the status and on who you are."""
    reason: ReasonCode | None = None
    """Why, with reject, hold, fail and cancel. `consent_withdrawn` is for a case owner's cancel;
    `no_answer` and `no_programme` are the exchange's own.
    """
    outcome: ServiceOutcome | None = None
    """What the service brought, with complete."""


class MoveRead(Shape):
    """One step of a referral to a ``status``; ``from_status`` is unset on the first."""

    id: UUID
    """Of this step."""
    referral_id: UUID
    """The referral that moved, by the id its reader knows it by."""
    offer_id: UUID | None
    """The offer it concerns; unset when nobody was asked."""
    actor: str
    """Who moved: `client:` and a client's id, `message:` and a type, or `sweep:` and a name. The
    organisation asked reads `exchange` where somebody else moved.
    """
    from_status: ReferralStatus | None
    """Equal to `status` for a stage beside it: the offer was seen, a purge confirmed. Unset where
    the reader's own part begins.
    """
    status: ReferralStatus = Field(validation_alias="to_status")
    """The status after it."""
    reason: ReasonCode | None
    """Why, as a code."""
    outcome: ServiceOutcome | None
    """What the service brought, on completion."""
    at: AwareDatetime
    """When it was made; to the minute for an organisation asked."""
    version: int
    """Of the referral after it."""


class ReferralRead(Shape):
    """A referral. An organisation reads need, area, age band and sex, and times to the minute."""

    id: UUID
    """Of the referral; for the organisation asked that of its own offer, which no other knows."""
    case_id: UUID | None
    """For case owners only, so that two organisations cannot compare persons. An organisation that
    has accepted asks for a disclosure by `id`.
    """
    code: EntitlementCode
    """The need this is for."""
    status: ReferralStatus
    """`unplaced`: no programme is left to ask."""
    outcome: ServiceOutcome | None
    """What the service brought, once completed."""
    area_code: str
    """Where the person is: a unit of the state's list."""
    age_band: AgeBand
    """All that is told of her age."""
    sex: Sex
    """As recorded."""
    offer_id: UUID | None
    """The offer that is asked now, or that ended the referral."""
    programme_id: UUID | None
    """The programme asked."""
    organisation_id: UUID | None
    """The organisation asked."""
    offered_at: AwareDatetime | None
    """When it was asked."""
    answer_by: AwareDatetime | None
    """The end of the last day to answer; afterwards the next programme is asked. Unset once
    answered, and while the period is unset.
    """
    version: int
    """The ETag, sent back as If-Match with a move."""
    opened_at: AwareDatetime
    """When the plan made it; for the organisation asked, when it was asked."""
    moved_at: AwareDatetime
    """When its status last changed."""
    purge_asked_at: AwareDatetime | None
    """When consent was withdrawn after the organisation had accepted: it must delete what it was
    told.
    """
    purge_confirmed_at: AwareDatetime | None
    """When the organisation confirmed that with `confirm_purge`; unset while it is owed."""


class OfferRead(Shape):
    """One programme that was asked, what it was chosen for and how far the offer came."""

    id: UUID
    """Of the offer."""
    programme_id: UUID
    """The programme asked."""
    organisation_id: UUID
    """Whose programme it is."""
    organisation_kind: OrganisationKind
    """Which consent covers it."""
    status: OfferStatus
    """How far it came; `offered` and `accepted` hold a place."""
    points: Mapping[str, int]
    """What it was chosen for: points by merit, at most 100 in all."""
    offered_at: AwareDatetime
    """When it was asked."""
    expires_at: AwareDatetime | None
    """When silence ends it; unset while the period is."""
    delivered_at: AwareDatetime | None
    """When its system took the notice."""
    seen_at: AwareDatetime | None
    """When it said that it had looked."""
    accepted_at: AwareDatetime | None
    """When it accepted; from then on it may know the person."""
    ended_at: AwareDatetime | None
    """When the place was given back."""
    reason: ReasonCode | None
    """Why it ended, as a code."""
    purge_asked_at: AwareDatetime | None
    """When it was last told to delete what it knows."""
    purge_confirmed_at: AwareDatetime | None
    """When it confirmed that."""


class RuleRead(Shape):
    """The dated rule that decides a date, and how certain it is; ``amount`` may be unset."""

    key: str
    """Name of the rule, as `referral.answer`."""
    amount: int | None
    """How many units; unset while nobody has found a period, and then no clock runs."""
    unit: Unit
    """Working days know the public holidays of Viet Nam."""
    legal_ref: str
    """The text it rests on."""
    status: RuleStatus
    """How certain it is."""


class EntitlementRead(Shape):
    """The answer for one code; ``facts`` are the missing ones, or those that decided against."""

    code: EntitlementCode
    """What the law may grant."""
    decision: Decision
    """`needs_information`: a fact is missing, which is never a no."""
    facts: list[Fact]
    """Names of the missing, or of the deciding, facts."""
    legal_ref: str
    """The text the answer rests on."""
    status: RuleStatus
    """How certain that text is."""


class PlanRead(Shape):
    """A support plan."""

    id: UUID
    """Of the plan."""
    case_id: UUID
    """Of the case."""
    regime: Regime
    """The law the case runs under."""
    category: PersonCategory
    """Whom the law takes her for."""
    opened_at: AwareDatetime
    """When her identification was learned of."""
    entitlements: list[EntitlementRead]
    """One answer for every code."""


class AlertRead(Shape):
    """What waits for a person, with the ids, codes and counts that explain it."""

    id: UUID
    """Of the alert."""
    case_id: UUID
    """Of the case."""
    referral_id: UUID | None
    """The referral it is about; unset when there is none."""
    code: EntitlementCode
    """The need it is about."""
    kind: str
    """`no_programme`, `needs_information`, `consent_withdrawn`, `delivery_parked`, `no_endpoint`,
    `purge_undelivered` or `purge_unconfirmed`.
    """
    facts: Mapping[str, JsonValue]
    """Which facts are missing, how many programmes were excluded and why, or which offer. Of a
    purge: who owes it (`organisation_id`), since when (`asked_at`), and whose case it is
    (`owner_id`), who has to ask.
    """
    raised_at: AwareDatetime
    """When it was raised; it stays until its cause is gone."""


class ReferralList(Shape):
    """A page of referrals."""

    items: list[ReferralRead]
    """In the order they were opened."""
    next_cursor: Cursor = None


class MoveList(Shape):
    """A page of moves, oldest first."""

    items: list[MoveRead]
    """Oldest first."""
    next_cursor: Cursor = None


class OfferList(Shape):
    """The programmes asked so far, first to last, and the rule their answers are due by."""

    items: list[OfferRead]
    """First asked first."""
    answer_rule: RuleRead
    """How long each has to answer."""


class PlanList(Shape):
    """The plan of a case, when it has one."""

    items: list[PlanRead]
    """None, or one."""


class AlertList(Shape):
    """A page of open alerts, oldest first."""

    items: list[AlertRead]
    """Oldest first."""
    next_cursor: Cursor = None
