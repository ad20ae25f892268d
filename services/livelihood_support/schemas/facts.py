"""Shapes of facts that are told of a case: one for each, and none takes free text."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from services.livelihood_support import examples
from services.livelihood_support.policy import ToldFact, WithdrawalReason
from shared.contracts.vocabulary import EntitlementCode, PersonCategory
from shared.kit.shapes import Cursor, Shape, shown
from shared.law.entitlements import Fact
from shared.law.entitling import Decision
from shared.law.shapes import BasisRead, EvidenceNumber


class Telling(Shape):
    """What every told fact has: the paper it rests on, and from which day it holds."""

    evidence_ref: EvidenceNumber
    """The number of the paper that the fact rests on."""
    holds_from: date | None = None
    """The day from which the fact holds, where the paper names one; not a day to come."""


class FinancialHardship(Telling):
    """Whether the person is in financial hardship, by which the older law grants legal aid."""

    model_config = shown(examples.FINANCIAL_HARDSHIP)

    fact: Literal[ToldFact.FINANCIAL_HARDSHIP]
    """The name of the fact that is told."""
    value: bool
    """Whether the person is in financial hardship."""


class PoorHousehold(Telling):
    """Whether the person lives in a poor household, as the commune has listed it."""

    model_config = shown(examples.POOR_HOUSEHOLD)

    fact: Literal[ToldFact.POOR_HOUSEHOLD]
    """The name of the fact that is told."""
    value: bool
    """Whether the household of the person is listed as poor."""


class VietnameseCitizen(Telling):
    """Whether the person is a citizen of Viet Nam, whatever the case says of the citizenship."""

    model_config = shown(examples.VIETNAMESE_CITIZEN)

    fact: Literal[ToldFact.VIETNAMESE_CITIZEN]
    """The name of the fact that is told."""
    value: bool
    """Whether the person is a citizen of Viet Nam."""


class UnderEighteen(Telling):
    """Whether the person is under 18, where somebody has determined the age."""

    model_config = shown(examples.UNDER_EIGHTEEN)

    fact: Literal[ToldFact.UNDER_18]
    """The name of the fact that is told."""
    value: bool
    """Whether the person is under 18."""


class PermanentResidence(Telling):
    """Whether a person without citizenship lives in Viet Nam permanently."""

    model_config = shown(examples.PERMANENT_RESIDENCE)

    fact: Literal[ToldFact.PERMANENT_RESIDENCE]
    """The name of the fact that is told."""
    value: bool
    """Whether the person lives in Viet Nam permanently."""


class GrantedInThisCase(Telling):
    """What was decided in this one case, where the law gives no rule for all."""

    model_config = shown(examples.GRANTED_IN_THIS_CASE)

    fact: Literal[ToldFact.GRANTED_IN_THIS_CASE]
    """The name of the fact that is told."""
    value: bool
    """Whether the competent body has granted the support."""


class Identified(Telling):
    """On which day the person was certified as a victim, where the verification does not say it."""

    model_config = shown(examples.IDENTIFIED)

    fact: Literal[ToldFact.IDENTIFIED]
    """The name of the fact that is told."""
    value: Literal[True]
    """Always true: whether somebody is identified, the verification says."""
    holds_from: date
    """The day on which the person was certified: the window to apply begins with it."""


class WindowException(Telling):
    """Whether the person may apply although the window of the older law is closed."""

    model_config = shown(examples.WINDOW_EXCEPTION)

    fact: Literal[ToldFact.WINDOW_EXCEPTION]
    """The name of the fact that is told."""
    value: bool
    """Whether somebody who may do so has made an exception."""


class Category(Telling):
    """The category of persons that the person belongs to, where somebody has to decide it."""

    model_config = shown(examples.CATEGORY)

    fact: Literal[ToldFact.CATEGORY]
    """The name of the fact that is told."""
    value: PersonCategory
    """The category of the law. One of those that speak of a presumed victim counts while the
    verification runs, any other once the person is identified.
    """


FactCreate = Annotated[
    FinancialHardship
    | PoorHousehold
    | VietnameseCitizen
    | UnderEighteen
    | PermanentResidence
    | GrantedInThisCase
    | Identified
    | WindowException
    | Category,
    Field(discriminator="fact"),
]
"""One fact about a case."""


class FactWithdrawal(Shape):
    """A fact that was told counts no longer, and nobody knows it now."""

    model_config = shown(examples.FACT_WITHDRAWAL)

    fact: ToldFact
    """The name of the fact that is withdrawn."""
    reason: WithdrawalReason
    """The reason why it counts no longer, as a code."""
    evidence_ref: EvidenceNumber | None = None
    """The number of the paper that withdraws it, if there is one."""


class FactRead(Shape):
    """A fact as it was told of a case, or withdrawn."""

    id: UUID
    """The id of this row of the record."""
    case_id: UUID
    """The id of the case that the fact is about."""
    fact: ToldFact
    """The name of the fact that was told."""
    value: bool | PersonCategory | None
    """What was told: true, false or a category; unset if the fact was withdrawn."""
    reason: WithdrawalReason | None
    """The reason of a withdrawal, as a code."""
    evidence_ref: str | None
    """The number of the paper that the fact rests on."""
    holds_from: date | None
    """The day from which the fact holds, where one was told."""
    told_by: str
    """Who told it: `client:` and the id of a client; or `message:` and a type, where the person has
    come to be of age and a told age counts no longer.
    """
    organisation_id: UUID
    """The id of the organisation that told it."""
    told_at: AwareDatetime
    """When it was told."""
    ended_at: AwareDatetime | None
    """When a newer row took its place; unset for the row that counts now."""


class ChangeRead(BasisRead):
    """Another answer for one code, or other facts that it waits for."""

    code: EntitlementCode
    """The code of the entitlement."""
    from_decision: Decision
    """The answer before the change."""
    to_decision: Decision
    """The answer after the change."""
    facts: list[Fact]
    """The reason: the facts that are missing now, or that speak against it."""


class FactAnswer(Shape):
    """A told fact, and what became of the plan by it."""

    model_config = shown(examples.FACT_ANSWER)

    fact: FactRead
    """The fact as it is kept."""
    plan_id: UUID | None
    """The id of the plan; unset if the case has none yet, and then the fact is used when it opens.
    """
    revision: int | None
    """The revision of the plan that holds now."""
    changes: list[ChangeRead]
    """Which answers are others now; the list is empty if none is."""
    referred: list[EntitlementCode]
    """The codes that were referred at once: newly granted, and asked for."""


class FactList(Shape):
    """A page of what was told of a case, oldest first, with what has been corrected since."""

    model_config = shown(examples.FACT_LIST)

    items: list[FactRead]
    """The rows of this page, in the order in which they were told."""
    may_change: bool
    """Whether your organisation owns the case today, and so tells and withdraws its facts."""
    next_cursor: Cursor = None
