"""HTTP shapes of stays in a facility: codes, days and numbers of papers; never a place."""

from datetime import date
from uuid import UUID

from pydantic import AwareDatetime, Field

from services.livelihood_support.examples import stays as examples
from services.livelihood_support.policy import (
    KitItem,
    StayDestination,
    StayFact,
    StayMove,
    StayNeed,
    StayReason,
)
from shared.contracts.vocabulary import AgeBand, Sex, StayStatus
from shared.kit.shapes import Cursor, Shape, shown
from shared.law.shapes import EndRead, EvidenceNumber, RuleRead


class StayCreate(Shape):
    """The person of a case, as they are announced to a facility."""

    model_config = shown(examples.STAY_CREATE)

    expected_on: date
    """The day on which the person is expected; not before the case was received."""
    facility_id: UUID | None = None
    """The id of the facility; left out for the nearest. It takes people in where the case is."""


class StayMoveCreate(Shape):
    """A move of a stay with the facts that belong to it.

    ``arrive`` needs ``arrived_on`` and ``needs``, and may have ``kit``; ``provide`` has one of the
    two; ``extend`` needs ``extended_until`` and the paper; ``leave`` needs ``left_on`` and
    ``left_to``; ``decline``, ``cancel`` and ``entered_in_error`` a ``reason``.
    """

    model_config = shown(examples.STAY_MOVE_CREATE)

    move: StayMove
    """What to do; which moves are possible depends on the status, the law and on who you are."""
    arrived_on: date | None = None
    """The day of the arrival: not before the case was received, and not after today."""
    needs: tuple[StayNeed, ...] = Field(default=(), max_length=len(StayNeed))
    """What was seen to, with arrive and provide."""
    kit: tuple[KitItem, ...] = Field(default=(), max_length=len(KitItem))
    """What the person was given, with arrive and provide."""
    extended_until: date | None = None
    """The last day by the decision of the facility's director; after the present last day."""
    paper_number: EvidenceNumber | None = None
    """The number of that decision."""
    paper_on: date | None = None
    """The day of that decision; not before the arrival, and not after today."""
    left_on: date | None = None
    """The day on which the person left; not before the arrival, and not after today."""
    left_to: StayDestination | None = None
    """Where the person went, as a code."""
    reason: StayReason | None = None
    """The reason, as a code."""


class StayMoveRead(Shape):
    """One step of a stay to a ``status``; ``from_status`` is unset on the first."""

    model_config = shown(examples.STAY_MOVE_READ)

    id: UUID
    """The id of this move."""
    stay_id: UUID
    """The id of the stay that moved."""
    actor: str
    """Who moved: `client:` or `staff:` and an id."""
    move: StayMove
    """What was done; `announce` is the first move."""
    from_status: StayStatus | None
    """The status before this move."""
    status: StayStatus = Field(validation_alias="to_status")
    """The status after this move."""
    arrived_on: date | None
    """The day of the arrival, as it is known after this move."""
    needs: list[StayNeed]
    """What was seen to until then."""
    kit: list[KitItem]
    """What the person was given until then."""
    extended_until: date | None
    """The day until which the stay was prolonged."""
    paper_number: str | None
    """The number of the decision that prolonged it."""
    paper_on: date | None
    """The day of that decision."""
    left_on: date | None
    """The day on which the person left."""
    left_to: StayDestination | None
    """Where the person went, as a code."""
    reason: StayReason | None
    """The reason, as a code."""
    at: AwareDatetime
    """When the move was made."""
    version: int
    """The version of the stay after this move."""


class PossibleStayMove(Shape):
    """A move that you may make now, and what it needs."""

    move: StayMove
    """The move to send."""
    needs: list[StayFact]
    """The fields that it needs."""
    may_have: list[StayFact]
    """The fields that it may have."""
    reasons: list[StayReason]
    """The reasons of which it needs one; it needs none if there are none."""


class StayRead(Shape):
    """A person of a case in a facility: expected there, staying there, or gone."""

    model_config = shown(examples.STAY_READ)

    id: UUID
    """The id of the stay."""
    case_id: UUID
    """The id of the case."""
    case_code: str | None
    """The code of the case, which people say; unset where a former release stored it."""
    age_band: AgeBand
    """How old the person is, as far as a facility has to prepare."""
    sex: Sex
    """The sex of the person."""
    languages: list[str]
    """The languages that the person speaks, as BCP 47 tags."""
    needs_interpreter: bool
    """Whether the person needs an interpreter."""
    facility_id: UUID
    """The id of the facility."""
    announcer_id: UUID
    """The organisation that announced the person."""
    announced_at: AwareDatetime
    """When the person was announced."""
    expected_on: date
    """The day on which the person is, or was, expected."""
    status: StayStatus
    """How the stay stands."""
    arrived_on: date | None
    """The day of the arrival; unset before."""
    needs: list[StayNeed]
    """What was seen to since the arrival."""
    kit: list[KitItem]
    """What the person was given."""
    days: int | None
    """How many days the person has stayed, the day of the arrival not counted."""
    last_day: date | None
    """The last day by the law, or by the decision that prolonged the stay; unset before."""
    due_at: AwareDatetime | None
    """When the longest time of the law is over; unset before the arrival, and once prolonged."""
    due_rule: RuleRead | None
    """The rule that says how long somebody may stay; unset before the arrival."""
    due_why: EndRead | None
    """The reason why that is the last day by the law."""
    extended_until: date | None
    """The day until which the facility's director has prolonged the stay."""
    paper_number: str | None
    """The number of that decision."""
    paper_on: date | None
    """The day of that decision."""
    left_on: date | None
    """The day on which the person left."""
    left_to: StayDestination | None
    """Where the person went, as a code."""
    reason: StayReason | None
    """Why the person was not taken in, or why the record is wrong, as a code."""
    version: int
    """The number in the ETag, which a move sends back as If-Match."""
    can: list[PossibleStayMove]
    """What you may do with it now."""


class StayList(Shape):
    """A page of stays, in the order in which they were announced."""

    model_config = shown(examples.STAY_LIST)

    items: list[StayRead]
    """The stays of this page."""
    next_cursor: Cursor = None


class StayMoveList(Shape):
    """A page of moves of a stay, oldest first."""

    model_config = shown(examples.STAY_MOVE_LIST)

    items: list[StayMoveRead]
    """The moves of this page, oldest first."""
    next_cursor: Cursor = None
