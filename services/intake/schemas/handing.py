"""Who answers for a case: what is asked for it, and what is shown of it."""

from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from services.intake import examples
from services.intake.policy import HandedOutcome, HandOverKind, OwnedBy
from services.intake.schemas.shape import DistinctIds
from shared.contracts.vocabulary import HandOverReason
from shared.kit.shapes import Id, Shape, shown

MOST_AT_ONCE = 100
MOST_VERSIONS = 999_999_999
"""As an entity tag has them (``shared.kit.conditional``)."""


class HandOverCreate(Shape):
    """Who is to answer for a case from now on."""

    model_config = shown(examples.HAND_OVER_CREATE)

    organisation_id: Id
    """The organisation; it may own cases today, wherever that is."""
    officer_id: Id | None = None
    """The staff account of whoever acts there, if somebody is named: one who acts in cases of that
    organisation today.
    """
    reason: HandOverReason
    """Why, as a code."""


class CaseChosen(Shape):
    """A case of many, as it was read."""

    id: Id
    """The id of the case."""
    version: Annotated[int, Field(ge=1, le=MOST_VERSIONS)]
    """The version that was read: a case that somebody has handed over since is refused."""


class HandOverOfMany(HandOverCreate):
    """The same for many cases."""

    model_config = shown(examples.HAND_OVER_OF_MANY)

    cases: Annotated[list[CaseChosen], Field(min_length=1, max_length=MOST_AT_ONCE), DistinctIds]
    """The cases, at most a hundred, each named once."""

    def versions(self) -> dict[UUID, int]:
        """The version that was read of each."""
        return {each.id: each.version for each in self.cases}


class ReleaseCreate(Shape):
    """A case goes back to whoever holds its area."""

    model_config = shown(examples.RELEASE_CREATE)

    reason: HandOverReason
    """Why, as a code."""


class HandOverRead(Shape):
    """A case was handed over, or given back."""

    model_config = shown(examples.HAND_OVER_READ)

    id: UUID
    """The id of the hand-over."""
    case_id: UUID
    """The case that was handed over."""
    kind: HandOverKind
    """Whether somebody was named where nobody was, another one, or nobody any more."""
    reason: HandOverReason
    """Why, as a code."""
    former_id: UUID
    """The organisation that owned the case until then."""
    responsible_id: UUID | None
    """The organisation that answers for it from then on; unset where it went back to its area."""
    officer_id: UUID | None
    """The staff account of whoever acts there; unset where nobody is named."""
    at: AwareDatetime
    """When it was handed over."""
    version: int
    """The version of the case that it made."""


class HandedRead(Shape):
    """What became of one case of many."""

    case_id: UUID
    """The case that was named."""
    outcome: HandedOutcome
    """Whether it was handed over."""
    hand_over_id: UUID | None
    """The id of the hand-over; unset where it was refused."""
    problem: str | None
    """Why it was refused: the end of the type of the problem that it would be by itself."""


class HandedList(Shape):
    """What became of each case, in the order in which they were named."""

    model_config = shown(examples.HANDED_LIST)

    items: list[HandedRead]
    """One row for each case."""


class ResponsibilityRead(Shape):
    """Who answers for a case today, and to whom it was handed so far."""

    model_config = shown(examples.RESPONSIBILITY_READ)

    case_id: UUID
    """The case that is answered for."""
    version: int
    """Its version, which a hand-over sends back as If-Match, in quotes."""
    owner_id: UUID | None
    """The organisation that owns it today; unset when nobody does."""
    owned_by: OwnedBy
    """By what: because the case was handed to it, or because it holds the area."""
    responsible_id: UUID | None
    """The organisation that was named. If it is not the owner it may own no cases today, and
    whoever holds the area owns this one.
    """
    officer_id: UUID | None
    """The staff account of whoever acts there; unset where nobody is named."""
    officer_gone_at: AwareDatetime | None
    """Since when that account acts in no case any more, because it was deactivated or its role has
    ended: another officer is to be named. Unset while it does.
    """
    hand_overs: list[HandOverRead]
    """What was handed over so far, oldest first."""
