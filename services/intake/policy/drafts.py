"""What is typed before a case can be submitted: in which pieces, and for how long it is kept."""

from datetime import datetime, timedelta
from enum import StrEnum

DRAFT_KEPT = timedelta(days=14)
"""For how long after its last change a draft is kept: longer than a long holiday, so that whoever
began it finds it again; and no longer, because it tells of somebody whom nobody has received. A
working rule; no law names a period.
"""


class DraftSection(StrEnum):
    """A part of a submission, as people are asked for it one after another."""

    RECEPTION = "reception"
    """How and when the person was received."""
    PERSON = "person"
    """Who the person is."""
    CONTACT = "contact"
    """Where the person is and is from, and how they can be reached safely."""
    BESIDE = "beside"
    """Children who came along, and who stands beside a person under 18."""
    EVENTS = "events"
    """What was done to the person."""
    NEEDS = "needs"
    """What the person needs, and in which languages they speak."""
    PAPERS = "papers"
    """Papers that can be shown."""
    CONSENTS = "consents"
    """What the person agreed to."""


def kept_until(changed_at: datetime) -> datetime:
    """When a draft that is not changed any more is deleted."""
    return changed_at + DRAFT_KEPT
