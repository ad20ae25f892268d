"""HTTP shapes of what was given to a person directly."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from services.livelihood_support import examples
from services.livelihood_support.policy import ProvisionError, ProvisionMove, ProvisionPaper
from services.livelihood_support.schemas.plans import AmountRead
from shared.contracts.vocabulary import EntitlementCode
from shared.kit.shapes import Cursor, Shape, shown
from shared.law.shapes import EvidenceNumber

Sum = Annotated[int, Field(ge=1, le=10_000_000_000)]
Days = Annotated[int, Field(ge=1, le=1000)]


class ProvisionCreate(Shape):
    """What was given to a person, when, by whom, and by which paper."""

    model_config = shown(examples.PROVISION_CREATE)

    code: EntitlementCode
    """What was given, as a code of the law."""
    vnd: Sum | None = None
    """The sum in đồng; left out for what was given in kind, unless the law has a ceiling."""
    days: Days | None = None
    """For how many days it was given, where it is counted by days."""
    given_on: date
    """The day on which it was given; not a day to come."""
    organisation_id: UUID | None = None
    """The id of the organisation that gave it; left out for your own. Only whoever owns the case
    names another.
    """
    referral_id: UUID | None = None
    """The id of the referral that brought it, where you record the sum of what a referral gave."""
    paper: ProvisionPaper
    """What says that it was given, as a code."""
    paper_number: EvidenceNumber | None = None
    """The number of that paper, if it has one."""
    paper_on: date
    """The day of that paper; not a day to come."""


class ProvisionMoveCreate(Shape):
    """What is done with a record."""

    model_config = shown(examples.PROVISION_MOVE_CREATE)

    move: ProvisionMove
    """What to do; only `entered_in_error` is possible."""
    reason: ProvisionError
    """What is wrong about the record, as a code."""


class ProvisionRead(Shape):
    """One thing that was given to a person, as it was recorded."""

    model_config = shown(examples.PROVISION_READ)

    id: UUID
    """The id of the record."""
    case_id: UUID
    """The id of the case."""
    code: EntitlementCode
    """What was given, as a code of the law."""
    vnd: int | None
    """The sum in đồng; unset for what was given in kind."""
    days: int | None
    """For how many days it was given; unset where it is not counted so."""
    given_on: date
    """The day on which it was given."""
    organisation_id: UUID
    """The id of the organisation that gave it."""
    referral_id: UUID | None
    """The id of the referral that brought it; unset for what was given directly."""
    paper: ProvisionPaper
    """What says that it was given, as a code."""
    paper_number: str | None
    """The number of that paper; unset if it has none."""
    paper_on: date
    """The day of that paper."""
    recorded_by: str
    """Who recorded it: `client:` or `staff:` and an id."""
    recorded_for: UUID
    """The id of the organisation that recorded it."""
    recorded_at: AwareDatetime
    """When it was recorded."""
    voided_at: AwareDatetime | None
    """When the record was said to be wrong; it counts no longer from then on."""
    reason: ProvisionError | None
    """What was wrong about it, as a code; unset for a record that counts."""
    version: int
    """The number in the ETag, which a move sends back as If-Match."""


class ReceivedRead(Shape):
    """What a person has had of one code, and what the law leaves to be given."""

    code: EntitlementCode
    """The code of the law."""
    times: int
    """How often something was given directly."""
    vnd: int
    """The sums that were recorded, in đồng."""
    days: int
    """For how many days, of what is counted by days."""
    referrals: int
    """How many referrals have brought it."""
    ceiling: AmountRead | None
    """The sum that limits what is given, with its text; unset where no text names one."""
    remaining_vnd: int | None
    """What may still be given, in đồng; unset while no ceiling is known."""


class ProvisionList(Shape):
    """A page of what was given to a person, in the order in which it was recorded."""

    model_config = shown(examples.PROVISION_LIST)

    items: list[ProvisionRead]
    """The records of this page, with those that are wrong."""
    received: list[ReceivedRead]
    """What the person has had in all of each code, by hand and by referrals, whatever the page. The
    list is empty for who reads its own records alone.
    """
    may_change: bool
    """Whether your organisation records in this case what was given."""
    next_cursor: Cursor = None
