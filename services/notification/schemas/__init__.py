"""HTTP shapes. No field takes free text, and no body of a webhook says who a person is."""

from services.notification.schemas.channels import (
    ChannelList,
    ChannelRead,
    ErrorCount,
    StateCount,
)
from services.notification.schemas.deliveries import (
    AttemptRead,
    DeliveryList,
    DeliveryRead,
    DeliverySummary,
    EndpointList,
    EndpointRead,
    NoticeList,
    NoticeRead,
    ReadingCreate,
    Recipient,
    RecipientList,
    ReplayCreate,
    SmsReportCreate,
    SuspensionCreate,
    SuspensionRead,
    UnreadCount,
)
from services.notification.schemas.recordings import (
    RecordingList,
    RecordingRead,
    RecordingSummary,
)
from services.notification.schemas.replays import (
    PacedReplayCreate,
    PacedReplayList,
    PacedReplayRead,
    Replayable,
)

__all__ = [
    "AttemptRead",
    "ChannelList",
    "ChannelRead",
    "DeliveryList",
    "DeliveryRead",
    "DeliverySummary",
    "EndpointList",
    "EndpointRead",
    "ErrorCount",
    "NoticeList",
    "NoticeRead",
    "PacedReplayCreate",
    "PacedReplayList",
    "PacedReplayRead",
    "ReadingCreate",
    "Recipient",
    "RecipientList",
    "RecordingList",
    "RecordingRead",
    "RecordingSummary",
    "ReplayCreate",
    "Replayable",
    "SmsReportCreate",
    "StateCount",
    "SuspensionCreate",
    "SuspensionRead",
    "UnreadCount",
]
