"""Shapes of plans: for every code the answer, its text, and the facts it was made by."""

from datetime import date
from uuid import UUID

from pydantic import AwareDatetime

from services.livelihood_support import examples
from services.livelihood_support.policy import RevisionCause, ToldFact, Track
from services.livelihood_support.schemas.facts import ChangeRead
from shared.contracts.vocabulary import EntitlementCode, PersonCategory, Regime
from shared.kit.shapes import Shape, shown
from shared.law.entitlements import AmountKind, ContentOf, Fact
from shared.law.entitling import Decision
from shared.law.shapes import BasisRead, EndRead


class UsedFactRead(Shape):
    """A known fact that an answer was made by, and where it is known from."""

    fact: Fact
    """The name of the fact."""
    holds: bool
    """Whether the fact holds."""
    fact_id: UUID | None
    """The id of the told fact that it follows from; unset if the case itself says it."""
    evidence_ref: str | None
    """The number of the paper that the told fact rests on."""
    last_day: date | None
    """The day on which the window to apply closes, or has closed; only of `applied_in_time`."""


class AmountRead(BasisRead):
    """A sum of money that a text names for an entitlement, in đồng."""

    kind: AmountKind
    """What the sum is: for each day, given once, or the most that can be given."""
    vnd: int | None
    """The sum in đồng; unset while no published one was found."""


class ContentRead(BasisRead):
    """What a text says an entitlement contains. It narrows what is given, never whether."""

    when: ContentOf
    """For whom it says so: for anyone, for those under 18 or for adults."""
    vi: str | None
    """The content in Vietnamese; unset while the text that says it was not seen."""
    en: str | None
    """The content in English; unset with the other."""


class EntitlementRead(BasisRead):
    """The answer for one code; ``facts`` are the missing ones, or those that decided against."""

    code: EntitlementCode
    """The code of the entitlement."""
    decision: Decision
    """Whether it is granted; `needs_information` means that a fact is missing, which is not a no.
    """
    facts: list[Fact]
    """The names of the facts that are missing, or that decided against it."""
    used: list[UsedFactRead]
    """The known facts that the answer was made by, each with its evidence."""
    can_be_told: list[ToldFact]
    """The facts that can be told of the case to be answered otherwise."""
    contents: list[ContentRead]
    """What the law says it contains, and for whom; of another age than the person's as well."""
    amounts: list[AmountRead]
    """The sums that the law names for it. The exchange pays nothing; what was given and recorded
    counts against those that are a ceiling (`/cases/{id}/provisions`).
    """


class PlanRead(Shape):
    """The support plan of a person, with one answer for each code."""

    id: UUID
    """The id of the plan."""
    case_id: UUID
    """The id of the case."""
    regime: Regime
    """The law that applies to the case."""
    category: PersonCategory
    """The category of persons, by law, that the person belongs to."""
    track: Track
    """How the plan stands to the verification: `provisional` while it runs, `identified` once it
    has found the person to be a victim, `ended` where it ended otherwise: nothing new is granted.
    """
    opened_at: AwareDatetime
    """When it was opened: once the person was identified, or before where the law grants something
    to whoever is presumed to be a victim.
    """
    revision: int
    """Which revision of the answers this is; 1 is the plan as it was opened."""
    since: AwareDatetime
    """When these answers were made."""
    cause: RevisionCause | None
    """Why the answers were made anew, as a code; unset for revision 1."""
    fact_id: UUID | None
    """The id of the told fact by which they were made anew."""
    changes: list[ChangeRead]
    """Which answers are others than in the revision before."""
    entitlements: list[EntitlementRead]
    """One answer for each code of the law."""
    application_window: EndRead | None
    """Until when the person may apply for schooling, vocational training and the allowance by the
    older law, and why: `last_day` is the day on which the window closes. Unset under the newer law,
    and while the day of identification is not known.
    """


class PlanList(Shape):
    """The plan of a case, when it has one."""

    model_config = shown(examples.PLAN_LIST)

    items: list[PlanRead]
    """The plan; the list is empty if there is none yet."""
