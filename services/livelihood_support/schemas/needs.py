"""HTTP shapes of needs."""

from uuid import UUID

from pydantic import AwareDatetime

from services.livelihood_support import examples
from services.livelihood_support.policy import NeedMove
from shared.contracts.vocabulary import EntitlementCode, ReasonCode
from shared.kit.shapes import Cursor, Shape, shown


class NeedCreate(Shape):
    """A need to be added."""

    model_config = shown(examples.NEED_CREATE)

    code: EntitlementCode
    """What the person needs: a code that is granted today."""


class NeedMoveCreate(Shape):
    """What a case owner does with a need."""

    model_config = shown(examples.NEED_MOVE_CREATE)

    move: NeedMove
    """What to do; only `end` is possible."""
    reason: ReasonCode
    """Why it ends, as a code; it is told to whoever is asked, or serves."""


class NeedRead(Shape):
    """One need: a granted code that was asked for, until it is met or a case owner ends it."""

    model_config = shown(examples.NEED_READ)

    id: UUID
    """The id of the need."""
    case_id: UUID
    """The id of the case."""
    code: EntitlementCode
    """What the person needs, as a code."""
    referral_id: UUID
    """The id of the referral by which a place is sought."""
    asked_by: str
    """Who asked: `client:` and the id of a client, or `message:` and a type for what was asked at
    reception.
    """
    asked_at: AwareDatetime
    """When it was asked for."""
    ended_at: AwareDatetime | None
    """When it ended; unset while a place is sought, or a service is running."""
    reason: ReasonCode | None
    """Why it was ended, as a code; unset while it is open, and when it was met."""
    version: int
    """The number in the ETag, which a move sends back as If-Match."""


class NeedList(Shape):
    """A page of needs, oldest first."""

    model_config = shown(examples.NEED_LIST)

    items: list[NeedRead]
    """The needs of this page, in the order in which they were asked for."""
    may_change: bool
    """Whether your organisation owns the case today, and so adds needs and ends them."""
    granted: list[EntitlementCode]
    """The codes for which a need may be added today: those that the plan grants, or the law to
    whoever is presumed to be a victim while the verification runs.
    """
    next_cursor: Cursor = None
