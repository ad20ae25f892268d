"""What a text tells: what happened, to an office; or on the phone of a person, what is urgent."""

from enum import StrEnum

from services.notification.policy.events import EventType
from shared.contracts.vocabulary import ChannelKind


class PersonalKind(StrEnum):
    """What is sent to the phone of a person's own, beside what happened (ADR 0063)."""

    CONFIRMATION = "vn.nhipcau.person.confirmation.v1"
    """The code by which the number is confirmed."""
    URGENT = "vn.nhipcau.person.urgent.v1"
    """That something cannot wait; it is read in the console."""


TextKind = EventType | PersonalKind

WRITTEN = (ChannelKind.EMAIL, ChannelKind.SMS)
"""The channels that say something in words."""
TEXTS: tuple[tuple[TextKind, ChannelKind], ...] = (
    *((kind, channel) for kind in EventType for channel in WRITTEN),
    *((kind, ChannelKind.SMS) for kind in PersonalKind),
)
"""Every text there is. What people are told by mail is put together of many things."""


def text_kind(value: str) -> TextKind:
    """The kind of this name; raises ``ValueError``."""
    known = PersonalKind._value2member_map_
    return PersonalKind(value) if value in known else EventType(value)
