"""HTTP shapes of handovers that are announced: numbers and what a house prepares, never a name."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field, StrictBool

from services.intake.examples import advance_notices as examples
from services.intake.policy import (
    MOST_EXPECTED,
    AbsenceReason,
    Expected,
    NoticeCancelReason,
)
from services.intake.schemas.person import MOST
from services.intake.schemas.shape import Distinct, UnitCode
from shared.contracts.vocabulary import AgeBand, ExpectedStatus, Route, Sex
from shared.kit.languages import Language
from shared.kit.shapes import Cursor, Day, Shape, shown


class ExpectedPersonCreate(Shape):
    """Somebody who is to come: what the house prepares for, and nothing of who it is."""

    age_band: AgeBand
    """How old the person is, as far as a house prepares for it."""
    sex: Sex
    """The sex of the person."""
    languages: Annotated[tuple[Language, ...], Field(min_length=1, max_length=MOST), Distinct] = (
        "vi",
    )
    """Languages the person speaks (BCP 47)."""
    needs_interpreter: StrictBool = False
    """Whether the person needs an interpreter to speak with officials, who speak Vietnamese."""
    needs_escort: StrictBool = False
    """Whether somebody must go with the person; whoever is under 18 is always escorted."""

    def expected(self) -> Expected:
        """As the policy knows them."""
        return Expected(
            self.age_band, self.sex, self.languages, self.needs_interpreter, self.needs_escort
        )


class AdvanceNoticeCreate(Shape):
    """A handover that is to take place: who comes, when and where, by number alone."""

    model_config = shown(examples.NOTICE_CREATE)

    route: Route
    """How they come: `BILATERAL_HANDOVER` or `MISSION_ABROAD`."""
    expected_on: Day
    """The day of the handover: today or later."""
    unit_code: UnitCode
    """The commune in which they are received: five digits of the state's list, as of today."""
    people: Annotated[
        tuple[ExpectedPersonCreate, ...], Field(min_length=1, max_length=MOST_EXPECTED)
    ]
    """Everybody who is to come, each numbered by their place in this list, from 1. Names and dates
    of birth are told when the person is received, and never here.
    """


class ExpectedPersonRead(Shape):
    """Somebody of a notice, and what became of them."""

    number: int
    """Their number in the notice."""
    age_band: AgeBand
    """How old the person is said to be."""
    sex: Sex
    """The sex of the person, as it was announced."""
    languages: list[str]
    """Languages the person speaks (BCP 47)."""
    needs_interpreter: bool
    """Whether the person needs an interpreter."""
    needs_escort: bool
    """Whether somebody must go with the person: always with whoever is under 18."""
    status: ExpectedStatus
    """Whether they are expected, were received, or did not come."""
    case_id: UUID | None
    """The case that they became, where you may read it."""
    case_code: str | None
    """The code of that case, where you may read it."""
    reason: AbsenceReason | None
    """Why they did not come."""
    settled_at: AwareDatetime | None
    """When it was said what became of them."""


class AdvanceNoticeSummary(Shape):
    """A notice in a list."""

    id: UUID
    """The id of the notice."""
    announcer_id: UUID
    """The organisation that gave it."""
    route: Route
    """How the people come."""
    expected_on: date
    """The day of the handover."""
    unit_code: str
    """The commune in which they are received."""
    unit_on: date
    """The day by which that code is read."""
    given_at: AwareDatetime
    """When it was given."""
    cancelled_at: AwareDatetime | None
    """When it was cancelled; unset while it stands."""
    cancel_reason: NoticeCancelReason | None
    """Why it was cancelled."""
    version: int
    """The number in the ETag; it grows with the day, and with what becomes of anybody."""
    expected: int
    """How many people are expected still."""
    received: int
    """How many were received."""
    absent: int
    """How many did not come."""


class AdvanceNoticeRead(AdvanceNoticeSummary):
    """A notice with its people; its ETag is its ``version``."""

    model_config = shown(examples.NOTICE_READ)

    people: list[ExpectedPersonRead]
    """Everybody who was announced, by number."""


class AdvanceNoticeList(Shape):
    """A page of notices, newest first."""

    model_config = shown(examples.NOTICE_LIST)

    items: list[AdvanceNoticeSummary]
    """The notices of this page."""
    next_cursor: Cursor = None


class NoticeDayChange(Shape):
    """Another day for a handover."""

    model_config = shown(examples.DAY_CHANGE)

    expected_on: Day
    """The day on which it takes place now: today or later."""


class NoticeCancel(Shape):
    """Why a handover does not take place, or nobody else comes."""

    model_config = shown(examples.CANCEL)

    reason: NoticeCancelReason
    """Why, as a code."""


class NoticeReception(Shape):
    """The case that somebody of a notice is."""

    model_config = shown(examples.RECEPTION)

    case_id: UUID
    """A case that you may read, submitted by the same route."""


class NoticeAbsence(Shape):
    """Why somebody who was expected did not come."""

    model_config = shown(examples.ABSENCE)

    reason: AbsenceReason
    """Why, as a code."""


class NoticePerson(Shape):
    """Somebody of a notice."""

    id: UUID
    """The id of the notice."""
    number: Annotated[int, Field(ge=1, le=MOST_EXPECTED)]
    """The number of the person in it."""
