"""HTTP shapes of what notices say. The only free text here is what is to be sent to many."""

from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from services.notification import examples
from services.notification.policy import TextKind
from services.notification.policy.templates import (
    MOST_SUBJECT,
    MOST_WORDING,
    FactType,
    Placeholder,
    TemplateReason,
    TemplateState,
)
from shared.contracts.vocabulary import ChannelKind
from shared.kit.shapes import Cursor, Shape, shown

Subject = Annotated[str, Field(max_length=MOST_SUBJECT)]
Words = Annotated[str, Field(min_length=1, max_length=MOST_WORDING)]


class DeclaredRead(Shape):
    """A fact that a text has a place for, written `{{ name }}`."""

    name: Placeholder
    """What its place is called."""
    type: FactType
    """What it is, and so how it is written."""
    is_mandatory: bool
    """Whether a text must have it, in both languages."""
    is_for_subjects: bool
    """Whether the subject of a mail may have it."""


class PreviewRead(Shape):
    """A text with invented facts, in one language, as it would be read."""

    language: str
    """The language that it is read in: `vi` or `en`."""
    subject: str | None
    """The subject of the mail; unset for a text to a phone."""
    plain: str
    """What is read as plain text."""
    html: str | None
    """The other part of the mail; unset for a text to a phone."""
    encoding: str | None
    """How the letters of a text to a phone are sent: `gsm7` or `ucs2`; unset for a mail."""
    units: int | None
    """How many septets or pairs of octets a text to a phone takes; unset for a mail."""
    segments: int | None
    """In how many segments a text to a phone is sent; unset for a mail."""


class TemplateSummary(Shape):
    """What notices of a kind say on a channel, as it stands now."""

    kind: TextKind
    """What the notice tells."""
    channel: ChannelKind
    """The way by which it is told."""
    organisation_id: UUID | None
    """The organisation whose notices are asked about; unset for those of all."""
    version_id: UUID | None
    """The version that is said; unset where that is built in."""
    number: int
    """Its number; nought is what is built in."""
    is_own: bool
    """Whether it was published for that organisation; of all, whether anything was."""
    draft_id: UUID | None
    """The draft that waits, if there is one."""
    left_out_id: UUID | None
    """What was published last, where it could not be sent any more: what stands below it is said
    instead.
    """


class TemplateList(Shape):
    """Every kind of notice on every channel that says something in words."""

    model_config = shown(examples.TEMPLATE_LIST)

    items: list[TemplateSummary]
    """One for each kind and channel."""


class TemplateRead(TemplateSummary):
    """One of them, with what is said and what it may say."""

    model_config = shown(examples.TEMPLATE_READ)

    subject_vi: str | None
    """The subject that is said in Vietnamese; unset for a text to a phone."""
    wording_vi: str
    """What is said in Vietnamese, with its places."""
    subject_en: str | None
    """The subject in English."""
    wording_en: str
    """What is said in English."""
    placeholders: list[DeclaredRead]
    """The facts that a text of this kind has places for."""
    most_segments: int
    """How many segments a text to a phone may take."""
    previews: list[PreviewRead]
    """The text with invented facts, in each language."""


class TemplateDraft(Shape):
    """What a text is to say; with nothing in either language, what stands below it is said.

    That is the text for all, or what is built in.
    """

    reason: TemplateReason
    """Why it is changed, as a code; who does is recorded with it."""
    subject_vi: Subject | None = None
    """The subject in Vietnamese; left out for a text to a phone."""
    wording_vi: Words | None = None
    """What it says in Vietnamese: paragraphs with an empty line between them, facts in their
    places.
    """
    subject_en: Subject | None = None
    """The subject in English."""
    wording_en: Words | None = None
    """What it says in English."""


class TemplateCreate(TemplateDraft):
    """A draft of a text that is begun."""

    model_config = shown(examples.TEMPLATE_CREATE)

    kind: TextKind
    """What the notice tells."""
    channel: ChannelKind
    """The way by which it is told: `email` or `sms`."""
    organisation_id: UUID | None = None
    """The organisation whose notices shall say it; left out for those of all."""


class TemplateChange(TemplateDraft):
    """What a draft is to say instead."""

    model_config = shown(examples.TEMPLATE_CHANGE)


class TemplateVersion(Shape):
    """A version of a text: what it says, who wrote it, and what became of it."""

    model_config = shown(examples.TEMPLATE_VERSION)

    id: UUID
    """The id of the version; a delivery names the one that it was sent with."""
    kind: TextKind
    """What the notice tells."""
    channel: ChannelKind
    """The way by which it is told."""
    organisation_id: UUID | None
    """Whose notices say it; unset for those of all."""
    number: int
    """Which version of this text it is."""
    state: TemplateState
    """Whether it is still a draft."""
    reason: TemplateReason
    """Why it was written."""
    is_fallback: bool
    """Whether it says nothing of its own, so that what stands below it is said."""
    subject_vi: str | None
    """The subject in Vietnamese."""
    wording_vi: str | None
    """What it says in Vietnamese."""
    subject_en: str | None
    """The subject in English."""
    wording_en: str | None
    """What it says in English."""
    made_at: AwareDatetime
    """When it was begun."""
    made_by: str
    """Who wrote it, as the audit names them."""
    changed_at: AwareDatetime
    """When the draft was last changed."""
    concluded_at: AwareDatetime | None
    """When it was published or discarded."""
    concluded_by: str | None
    """Who published or discarded it, as the audit names them."""
    version: int
    """The version of the row, as its ETag has it."""
    is_mine: bool
    """Whether you wrote it: then somebody else publishes it."""


class TemplateVersionRead(TemplateVersion):
    """A version with invented facts, as it would be read."""

    model_config = shown(examples.TEMPLATE_VERSION_READ)

    previews: list[PreviewRead]
    """The text in each language; where it says nothing of its own, what is said instead."""


class TemplateVersionList(Shape):
    """A page of the history of a text."""

    model_config = shown(examples.TEMPLATE_VERSION_LIST)

    items: list[TemplateVersion]
    """The versions of this page, the newest first."""
    next_cursor: Cursor
