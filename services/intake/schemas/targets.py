"""The first target of the city's plan, and the cases that are exceptions to it."""

from uuid import UUID

from pydantic import AwareDatetime

from services.intake.examples.targets import ENTERING_VERIFICATION
from services.intake.policy import TurnReason, Who
from shared.kit.shapes import Cursor, Shape, shown


class UnverifiedRead(Shape):
    """A received case that nobody verifies."""

    case_id: UUID
    """The id of the case."""
    case_code: str
    """What people call it."""
    since: AwareDatetime
    """Since when: when it was told to the exchange, or when its verification was opened."""
    who: Who
    """Who must act; `nobody` where an operator looks for what should have followed, or nobody owns
    the case.
    """
    why: TurnReason
    """What is to be done: to begin its verification, or to find an authority."""
    organisation_id: UUID | None
    """The organisation that owns the case, where that is who must act."""


class EnteringVerification(Shape):
    """Whether every received case has entered verification, of the cases that you reach."""

    model_config = shown(ENTERING_VERIFICATION)

    received: int
    """How many cases were received."""
    entered: int
    """How many of them are with somebody who may decide them, or are decided."""
    on_their_way: int
    """How many were told less than a minute ago, and are not opened yet: no exceptions."""
    excepted: int
    """How many are exceptions: nobody verifies them. The target is met while there is none."""
    items: list[UnverifiedRead]
    """The exceptions of this page, the one received first first."""
    next_cursor: Cursor = None
