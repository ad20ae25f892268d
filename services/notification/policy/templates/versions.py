"""How far a version of a text has come, and why there is another."""

from enum import StrEnum


class TemplateState(StrEnum):
    """Where a version of a text stands."""

    DRAFT = "draft"
    """Changed by whoever began it, and sent to nobody."""
    PUBLISHED = "published"
    """The one that was published last is what is said; those before it are history."""
    DISCARDED = "discarded"


class TemplateReason(StrEnum):
    """Why a text is changed: a code, so that no free text is stored beside what is sent."""

    CLEARER = "clearer"
    MISTAKE = "mistake"
    LAW_CHANGED = "law_changed"
    PROCEDURE_CHANGED = "procedure_changed"
    PARTNER_ASKED = "partner_asked"
    BACK_TO_EARLIER = "back_to_earlier"
