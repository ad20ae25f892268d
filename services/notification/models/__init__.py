"""Tables: who is told where, what is to be told, in which words, and every try."""

from services.notification.models.base import METADATA, Base
from services.notification.models.carriers import Carrier, CarrierMinute
from services.notification.models.deliveries import (
    Attempt,
    CaseSubscription,
    Delivery,
    Endpoint,
    NoticeReading,
    Organisation,
    OwnerlessNews,
    OwnerRole,
    PersonMessage,
    Replay,
    SendingChannel,
    Suspendable,
)
from services.notification.models.personal_mails import PersonalMailItem, PersonalMailRow
from services.notification.models.recordings import Recording
from services.notification.models.templates import Template

__all__ = [
    "METADATA",
    "Attempt",
    "Base",
    "Carrier",
    "CarrierMinute",
    "CaseSubscription",
    "Delivery",
    "Endpoint",
    "NoticeReading",
    "Organisation",
    "OwnerRole",
    "OwnerlessNews",
    "PersonMessage",
    "PersonalMailItem",
    "PersonalMailRow",
    "Recording",
    "Replay",
    "SendingChannel",
    "Suspendable",
    "Template",
]
