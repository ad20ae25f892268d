"""Shapes of referrals, moves, offers and alerts."""

from collections.abc import Mapping
from uuid import UUID

from pydantic import AwareDatetime, Field, JsonValue

from services.livelihood_support import examples
from services.livelihood_support.policy import (
    Exclusion,
    Inquiry,
    Merit,
    Move,
    OfferStatus,
    QuestionCode,
    QuestionState,
    ReplyCode,
)
from shared.contracts.vocabulary import (
    AgeBand,
    EntitlementCode,
    OrganisationKind,
    ReasonCode,
    ReferralStatus,
    ServiceOutcome,
    Sex,
)
from shared.kit.shapes import Cursor, Shape, shown
from shared.law.shapes import EndRead, RuleRead
from shared.messaging.api import WaitingAlert


class MoveCreate(Shape):
    """A move: ``reason`` with reject, hold, fail and cancel; ``outcome`` with complete.

    ``questions`` with ask; ``question_id`` and ``reply`` with reply.
    """

    model_config = shown(examples.MOVE_CREATE)

    move: Move
    """What to do; which moves are possible depends on the status and on who you are."""
    reason: ReasonCode | None = None
    """The reason as a code, with reject, hold, fail and cancel. `consent_withdrawn` is for a case
    owner who cancels; `no_answer`, `undelivered` and `no_programme` are given by the exchange
    alone.
    """
    outcome: ServiceOutcome | None = None
    """What the service achieved, with complete."""
    questions: list[QuestionCode] = Field(default=[], max_length=len(QuestionCode))
    """What you ask, as codes, with ask. What is open already is not asked a second time."""
    question_id: UUID | None = None
    """The id of the question that you reply to, with reply."""
    reply: ReplyCode | None = None
    """What you reply, as a code, with reply; the question says which replies it takes."""

    @property
    def inquiry(self) -> Inquiry:
        """What it says about questions."""
        return Inquiry(self.questions, self.question_id, self.reply)


class MoveRead(Shape):
    """One step of a referral to a ``status``; ``from_status`` is unset on the first."""

    model_config = shown(examples.MOVE_READ)

    id: UUID
    """The id of this move."""
    referral_id: UUID
    """The referral that moved, by the id under which you know it."""
    offer_id: UUID | None
    """The offer that the move is about; unset if nobody was asked."""
    actor: str
    """Who moved: `client:` and a client's id, `staff:` and the id of an account, `office:` and the
    id of the organisation whose office answered from a mail, `message:` and a type, or `sweep:` and
    a name. The organisation asked reads `exchange` where somebody else moved.
    """
    from_status: ReferralStatus | None
    """The status before this move. It is equal to `status` if the move changes no status: the offer
    was seen, something was asked or replied to, a purge was confirmed. Unset on the first move
    that you may see.
    """
    status: ReferralStatus = Field(validation_alias="to_status")
    """The status after this move."""
    reason: ReasonCode | None
    """The reason of the move, as a code."""
    outcome: ServiceOutcome | None
    """What the service achieved, if this move completed it."""
    questions: list[QuestionCode]
    """What was asked with this move, or replied to, as codes; empty if it is about none."""
    reply: ReplyCode | None
    """What was replied, as a code, if the case owner replied with this move."""
    at: AwareDatetime
    """When the move was made; to the minute if you are the organisation asked."""
    version: int
    """The version of the referral after this move."""


class PossibleMove(Shape):
    """A move that you may make now, and what it needs."""

    move: Move
    """What you may do with the referral."""
    reasons: list[ReasonCode]
    """The reasons of which the move needs one, as codes; the list is empty if it needs none."""
    outcomes: list[ServiceOutcome]
    """The outcomes of which the move needs one; the list is empty if it needs none."""
    questions: list[QuestionCode]
    """The questions that you may ask with it now; the list is empty if it asks none."""


class QuestionRead(Shape):
    """What the organisation asked has asked about its offer, and what was replied."""

    id: UUID
    """The id of the question, which a reply names."""
    question: QuestionCode
    """What is asked, as a code."""
    state: QuestionState
    """Whether it is open, was replied to, or was overtaken, because the offer waits no longer."""
    asked_at: AwareDatetime
    """When it was asked; to the minute if you are the organisation asked."""
    reply: ReplyCode | None
    """What the case owner replied, as a code; unset while it is open, and if it was overtaken."""
    replied_at: AwareDatetime | None
    """When it was replied to; unset if it was not."""
    replies: list[ReplyCode]
    """What you may reply now, as codes; the list is empty if it is not yours to reply."""


class ReferralRead(Shape):
    """A referral. An organisation reads need, area, age band and sex, and times to the minute."""

    model_config = shown(examples.REFERRAL_READ)

    id: UUID
    """The id of the referral. The organisation asked reads the id of its own offer, which no other
    organisation knows.
    """
    case_id: UUID | None
    """The id of the case, for case owners only, so that two organisations cannot compare persons.
    An organisation that has accepted asks for a disclosure by `id`.
    """
    code: EntitlementCode
    """The need that this referral is to meet, as a code."""
    status: ReferralStatus
    """How far the referral has come; `unplaced` means that no programme is left to ask."""
    outcome: ServiceOutcome | None
    """What the service achieved; unset until it is completed."""
    area_code: str
    """Where the person is: the code of a unit in the state's list."""
    age_band: AgeBand
    """The age band of the person: all that is told of the age."""
    sex: Sex
    """The sex of the person, as recorded at reception."""
    offer_id: UUID | None
    """The id of the present offer, or of the one that ended the referral."""
    programme_id: UUID | None
    """The id of the programme that is asked."""
    organisation_id: UUID | None
    """The id of the organisation that is asked."""
    offered_at: AwareDatetime | None
    """When the organisation was asked."""
    answer_by: AwareDatetime | None
    """The end of the last day to answer; afterwards the next programme is asked. The days are
    counted from when the organisation has the offer: its system took the webhook, or it sent
    `seen` or `ask`. An open question does not lengthen them. Unset until then, once
    answered, and while the period is unset.
    """
    version: int
    """The number in the ETag, which a move sends back as If-Match."""
    opened_at: AwareDatetime
    """When the referral was made; the organisation asked reads when it was asked."""
    moved_at: AwareDatetime
    """When the status of the referral last changed."""
    purge_asked_at: AwareDatetime | None
    """When the organisation was told to delete what it knows of the person, because consent was
    withdrawn after it had accepted.
    """
    purge_confirmed_at: AwareDatetime | None
    """When the organisation confirmed the deletion with `confirm_purge`; unset until then."""
    confirmed_at: AwareDatetime | None
    """When the case owner confirmed that the support has reached the person; for case owners only.
    """
    can: list[PossibleMove]
    """The moves that are possible for you now."""
    questions: list[QuestionRead]
    """What was asked about the present offer, or about your own, in the order in which it was."""


class OfferRead(Shape):
    """One programme that was asked, what it was chosen for and how far the offer came."""

    id: UUID
    """The id of the offer."""
    programme_id: UUID
    """The id of the programme that is asked."""
    organisation_id: UUID
    """The id of the organisation whose programme it is."""
    organisation_kind: OrganisationKind
    """The kind of organisation; it decides which consent covers it."""
    status: OfferStatus
    """How far the offer has come; `offered` and `accepted` hold a place."""
    points: Mapping[str, int]
    """Why it was chosen: points for each merit, at most 160 in all."""
    offered_at: AwareDatetime
    """When the organisation was asked."""
    delivery_due_at: AwareDatetime | None
    """When the next programme is asked if this organisation has not been reached by then; that
    does not count against it.
    """
    delivery_due_why: EndRead | None
    """The rule by which that is so, and why on that day; unset if the rules have changed since."""
    expires_at: AwareDatetime | None
    """When the offer ends if there is no answer; unset until it was delivered or seen, and while no
    period is set.
    """
    expires_why: EndRead | None
    """The rule by which the offer ends then, and why on that day; unset if the rules have changed
    since.
    """
    delivered_at: AwareDatetime | None
    """When what told the organisation was taken, or the first of its people read it."""
    seen_at: AwareDatetime | None
    """When the organisation said that it had seen the offer."""
    accepted_at: AwareDatetime | None
    """When the organisation accepted; from then on it may learn who the person is."""
    ended_at: AwareDatetime | None
    """When the offer ended and its place became free."""
    confirmed_at: AwareDatetime | None
    """When the case owner confirmed that the support has reached the person."""
    reason: ReasonCode | None
    """Why the offer ended, as a code."""
    purge_asked_at: AwareDatetime | None
    """When the organisation was last told to delete what it knows of the person."""
    purge_confirmed_at: AwareDatetime | None
    """When the organisation confirmed the deletion."""


class AlertRead(WaitingAlert):
    """What waits for a case owner or an operator, with what explains it."""

    referral_id: UUID | None
    """The id of the referral that the alert is about; unset if there is none."""
    code: EntitlementCode | None
    """The need that the alert is about, as a code; unset if it is about none."""
    kind: str
    """What the alert is about: `no_programme`, `needs_information`, `no_longer_granted`,
    `age_outside`, `consent_withdrawn`, `delivery_parked`, `no_endpoint`, `service_failed`,
    `service_unstarted`,
    `offer_undelivered`, `offer_unanswered`, `offer_unread`, `offer_question`,
    `no_longer_identified`, `presumption_ended`, `window_closing`, `purge_undelivered` or
    `purge_unconfirmed`.
    """
    facts: Mapping[str, JsonValue]
    """What explains the alert: which facts are missing (`missing`), or speak against the grant
    (`because`), the last day on which it could be asked for if that was too late
    (`window_closed_on`), and which facts can be told of the case (`can_be_told`); which moves of
    the case owner are possible (`can`); the last day on which something can be asked for
    (`last_day`); how many programmes were excluded and why, or which offer. For an
    offer that did not arrive or was not answered, or whose service failed: to whom it was made
    (`organisation_id`), when it was made, had or accepted (`since`), and why it ended (`reason`;
    unset while it waits without a clock). For a referral that runs although the verification ended
    otherwise since: the plan it was made by (`plan_id`) and how it ended (`outcome`). For a purge:
    who has to delete (`organisation_id`), since when (`asked_at`), and who owns the case and has to
    ask for it (`owner_id`).
    """
    raised_at: AwareDatetime
    """When the alert was raised, like `since`."""


class ReferralList(Shape):
    """A page of referrals."""

    model_config = shown(examples.REFERRAL_LIST)

    items: list[ReferralRead]
    """The referrals of this page, in the order in which they were opened."""
    next_cursor: Cursor = None


class MoveList(Shape):
    """A page of moves, oldest first."""

    model_config = shown(examples.MOVE_LIST)

    items: list[MoveRead]
    """The moves of this page, oldest first."""
    next_cursor: Cursor = None


class OfferList(Shape):
    """The programmes asked so far, first to last, and the rule their answers are due by."""

    model_config = shown(examples.OFFER_LIST)

    items: list[OfferRead]
    """The offers, in the order in which they were made."""
    weights: Mapping[Merit, int]
    """The most points that each merit can earn."""
    delivery_rule: RuleRead
    """The rule that says how long an offer that is made now may be on its way."""
    answer_rule: RuleRead
    """The rule that says how long an organisation that an offer reaches now has to answer."""


class CandidateRead(Shape):
    """A programme for the need: its place among those that may be asked, or why it cannot be."""

    programme_id: UUID
    """The id of the programme."""
    organisation_id: UUID
    """The id of the organisation whose programme it is."""
    organisation_kind: OrganisationKind
    """The kind of organisation; it decides which consent covers it."""
    rank: int | None
    """Its place among those that may be asked, from 1; unset if it cannot be asked."""
    score: int | None
    """The sum of its points; unset if it cannot be asked."""
    points: Mapping[Merit, int]
    """What it earns points for; empty if it cannot be asked."""
    excluded_by: Exclusion | None
    """The first reason why it cannot be asked, as a code; no points make up for it."""
    capacity: int
    """How many places it has."""
    free: int
    """How many of them nobody holds."""
    is_asked: bool
    """Whether it is the programme that is asked now, or serves."""


class CandidateList(Shape):
    """Who would be asked next if a place was sought now, and who could not be."""

    model_config = shown(examples.CANDIDATE_LIST)

    items: list[CandidateRead]
    """The programmes that serve this need: those that may be asked, best first, then the others."""
    weights: Mapping[Merit, int]
    """The most points that each merit can earn."""


class AlertList(Shape):
    """A page of open alerts, oldest first."""

    model_config = shown(examples.ALERT_LIST)

    items: list[AlertRead]
    """The alerts of this page, oldest first."""
    next_cursor: Cursor = None
