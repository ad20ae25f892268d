"""Drafts: what was typed so far, as it was typed. It is shown to whoever typed it alone."""

from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints

from services.intake import examples
from services.intake.policy import DraftSection
from services.intake.schemas.shape import Lines
from shared.kit.shapes import Cursor, Shape, shown

MOST = 100
"""How many values one field may have."""

FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}(\.[a-z0-9_]{1,40}){0,4}$")]
"""Where the value goes in a submission: ``person.phones.0.number``."""
Values = Annotated[tuple[Lines, ...], Field(max_length=MOST)]


class SectionWrite(Shape):
    """What was typed into one section, in place of what was there."""

    model_config = shown(examples.SECTION_WRITE)

    answers: dict[FieldName, Values]
    """The values of each field, as they were typed: a field has the name of its place in a
    submission, with dots (`person.full_name`, `person.phones.0.number`), and several values where
    several can be ticked. Nothing of it is judged before the case is submitted. Sealed.
    """


class DraftCreate(Shape):
    """A draft, with what was typed so far."""

    model_config = shown(examples.DRAFT_CREATE)

    sections: dict[DraftSection, SectionWrite]
    """What was typed into the sections that were typed. Sealed."""


class DraftSummary(Shape):
    """A draft in a list: how far it is, and not whom it is about."""

    model_config = shown(examples.DRAFT_SUMMARY)

    id: UUID
    """The id of the draft."""
    begun_at: AwareDatetime
    """When it was begun."""
    changed_at: AwareDatetime
    """When something was last typed."""
    kept_until: AwareDatetime
    """When it is deleted, unless something is typed or it is submitted before."""
    sections: list[DraftSection]
    """The sections into which something was typed."""
    version: int
    """The number in the ETag; it grows with every change."""
    case_id: UUID | None
    """The case that it became; unset while it is not submitted."""


class DraftRead(DraftSummary):
    """A draft as whoever began it reads it; its ETag is its ``version``."""

    model_config = shown(examples.DRAFT_READ)

    typed: dict[DraftSection, dict[str, list[str]]]
    """What was typed, by section and field; empty once it was submitted."""


class DraftList(Shape):
    """A page of the drafts that you began and have not submitted, newest first."""

    model_config = shown(examples.DRAFT_LIST)

    items: list[DraftSummary]
    """The drafts of this page."""
    of_others: int
    """How many drafts others of your organisation have begun; only they go on with them."""
    next_cursor: Cursor = None
