"""Dated rules of the law, and what is proposed in their place, as JSON."""

from datetime import date
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AwareDatetime, Field

from services.directory.examples import rules as examples
from services.directory.policy import ProposalState, RuleReason
from shared.contracts.law import Certainty, PeriodKey, Unit
from shared.contracts.vocabulary import Queue, Regime
from shared.kit.shapes import Cursor, Shape, shown
from shared.law import FIRST_LAW_FROM
from shared.law.shapes import EvidenceNumber, RuleRead

Place = Annotated[int, Field(ge=1, le=1000)]


class CitedLaw(Shape):
    """Where in the law something stands."""

    number: EvidenceNumber
    """The number of the text, for example `162/2025/NĐ-CP`."""
    article: Place | None = None
    """The article of the text."""
    clause: Place | None = None
    """The clause of the article."""


class ProposalCreate(Shape):
    """A row that shall go before the one that holds for a period."""

    model_config = shown(examples.PROPOSAL_CREATE)

    key: PeriodKey
    """The name of the period, for example `referral.answer`."""
    regime: Regime | None = None
    """The law it belongs to; left out where the period is the same under both."""
    amount: int | None = Field(
        ge=1, le=10_000, description="How many of the unit; unset where no lawful period is known."
    )
    unit: Unit
    """What is counted; working days leave out weekends and the public holidays of Viet Nam."""
    law: CitedLaw | None = None
    """The text it rests on; left out where it was chosen, and then it is `assumed`."""
    status: Certainty
    """How certain it is."""
    valid_from: date = Field(ge=FIRST_LAW_FROM)
    """The first day on which a period may begin by it: the day after it is published, or later,
    unless it applies to what runs.
    """
    applies_to_running: bool = False
    """Whether what has begun since that day, and still runs, is moved as well."""
    reason: RuleReason
    """Why the row is changed."""
    reference: EvidenceNumber
    """The number of the paper by which it is changed, for example `15/QĐ-SYT`."""


class RehearsalRead(Shape):
    """How far a service says that a row would reach."""

    service: Queue
    """The service that acts on the row."""
    running: int | None
    """How many dates of its kind ran then; unset where nobody counts them."""
    moved: int
    """How many of these would end at another moment."""
    rehearsed_at: AwareDatetime
    """When the service said so."""


class ProposalRead(Shape):
    """A row as it was proposed, and what became of it."""

    model_config = shown(examples.PROPOSAL_READ)

    id: UUID
    """The id of the proposal, and of the row once it is published."""
    key: PeriodKey
    """The name of the period."""
    regime: Regime | None
    """The law it belongs to; unset where the period is the same under both."""
    amount: int | None
    """How many of the unit; unset where no lawful period is known."""
    unit: Unit
    """What is counted; working days leave out weekends and the public holidays of Viet Nam."""
    law: CitedLaw | None
    """The text it rests on; unset where it was chosen."""
    status: Certainty
    """How certain it is."""
    valid_from: date
    """The first day on which a period may begin by it."""
    applies_to_running: bool
    """Whether what has begun since that day, and still runs, is moved as well."""
    reason: RuleReason
    """Why the row is changed."""
    reference: str
    """The number of the paper by which it is changed."""
    state: ProposalState
    """Whether it waits, holds, or was given up."""
    proposed_at: AwareDatetime
    """When it was proposed."""
    proposed_by: str
    """Who proposed it, as the audit names them."""
    concluded_at: AwareDatetime | None
    """When it was published or withdrawn."""
    concluded_by: str | None
    """Who published or withdrew it, as the audit names them."""
    rehearsals: list[RehearsalRead]
    """How far each service says that it would reach; it is published once all have said so."""
    awaited: list[Queue]
    """The services that have not said so yet."""
    is_mine: bool
    """Whether the caller proposed it, and so cannot publish it."""


class ProposalList(Shape):
    """A page of proposals."""

    model_config = shown(examples.PROPOSAL_LIST)

    items: list[ProposalRead]
    """The proposals of this page, the newest first."""
    next_cursor: Cursor = None


class PublishedRead(Shape):
    """How a row came to hold that is none of the release."""

    proposal_id: UUID
    """The proposal that it was."""
    proposed_by: str
    """Who proposed it, as the audit names them."""
    published_by: str
    """Who published it, as the audit names them."""
    published_at: AwareDatetime
    """When it was published."""
    reason: RuleReason
    """Why the row was changed."""
    reference: str
    """The number of the paper by which it was changed."""
    applies_to_running: bool
    """Whether what had begun since its first day, and still ran, was moved as well."""


class DatedRuleRead(RuleRead):
    """A row, from when to when it holds, and who acts on it."""

    regime: Regime | None
    """The law it belongs to; unset where the period is the same under both."""
    starts_with: str
    """The event that the period begins with."""
    services: list[Queue]
    """The services that act on it; none while nobody does."""
    valid_from: date | None
    """The first day on which a period may begin by it; unset: since ever."""
    valid_to: date | None
    """The last such day; unset while no other row follows."""
    is_replaced: bool
    """Whether rows that were published later cover every day of it, so that it holds on none."""
    can_be_superseded: bool
    """Whether another row may be proposed: all services that act on it would follow."""
    published: PublishedRead | None
    """How it came to hold; unset for a row of the release."""

    @classmethod
    def of(cls, rule: Any) -> Self:
        """A row as it stands, with the proposal that it was."""
        period = rule.period
        names = cls.model_fields.keys() - {"published", "services", "can_be_superseded"}
        return cls(
            **{name: getattr(period, name) for name in names},
            services=list(period.services),
            can_be_superseded=rule.can_be_superseded,
            published=_published(rule.proposal) if rule.proposal else None,
        )


def _published(proposal: Any) -> PublishedRead:
    return PublishedRead(
        proposal_id=proposal.id,
        proposed_by=proposal.proposed_by,
        published_by=proposal.concluded_by,
        published_at=proposal.concluded_at,
        reason=proposal.reason,
        reference=proposal.reference,
        applies_to_running=proposal.applies_to_running,
    )


class RuleList(Shape):
    """Every row by which a period is dated."""

    model_config = shown(examples.RULE_LIST)

    items: list[DatedRuleRead]
    """Those of the release in its order, then those that were published, in theirs."""
