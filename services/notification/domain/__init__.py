"""Use cases: session and facts in, rows and outbox messages out; nothing here commits."""

from services.notification.domain.carriers import WATCH as WATCH_CARRIERS
from services.notification.domain.carriers import (
    Called,
    CarrierChoice,
    assign_carriers,
    note_calls,
    note_carriers,
    watch_carriers,
)
from services.notification.domain.channels import (
    SERVED_EVERY,
    find_channel,
    find_channels,
    note_served,
    watch_channels,
)
from services.notification.domain.channels import WATCH as WATCH_CHANNELS
from services.notification.domain.claims import Claimed, claim_deliveries
from services.notification.domain.due import has_made_due
from services.notification.domain.duties import DUTIES
from services.notification.domain.failing import find_failing, note_failing, note_written_to
from services.notification.domain.moot import cancel_asking
from services.notification.domain.notices import (
    NoticeView,
    count_unread,
    find_notice,
    find_notices,
    read_notice,
    read_notices,
)
from services.notification.domain.opening import open_deliveries
from services.notification.domain.owners import (
    SWEEP as TELL_OWNERS,
)
from services.notification.domain.owners import (
    Belonging,
    Followed,
    find_cases,
    note_hand_overs,
    tell_owners,
    tell_owners_of,
)
from services.notification.domain.paced_replays import (
    PACED_EVERY,
    Choice,
    Progress,
    count_replayable,
    find_replay,
    find_replays,
    pace_replays,
    start_replay,
    stop_replay,
)
from services.notification.domain.parked import WATCH as WATCH_UNREACHED
from services.notification.domain.parked import watch_unreached
from services.notification.domain.personal_items import (
    NOTICE,
    find_refused,
    find_told,
    find_untold,
    items_of,
    open_urgent,
    was_refused,
)
from services.notification.domain.personal_mails import (
    Written,
    carried_before,
    claim_left,
    claim_mail,
    conclude_mail,
    give_mail_to,
    keep_mail,
    stopped_ways,
)
from services.notification.domain.personal_returns import settle_left_texts
from services.notification.domain.persons import (
    ClaimedMessage,
    claim_message,
    give_to,
    note_asked,
    record_try,
)
from services.notification.domain.projections import (
    EndpointFacts,
    OrganisationFacts,
    note_cases,
    note_endpoints,
    note_organisations,
)
from services.notification.domain.reading import (
    DeliveryView,
    find_attempts,
    find_deliveries,
    find_delivery,
    find_endpoints,
)
from services.notification.domain.recipients import Recipient, find_recipient, find_recipients
from services.notification.domain.recordings import REPORT as REPORT_RECORDED
from services.notification.domain.recordings import (
    Recorded,
    RecordingView,
    find_recording,
    find_recordings,
    keep_recording,
    report_recorded,
)
from services.notification.domain.records import Pacing, Result, record_results, tell_lost
from services.notification.domain.replays import replay_delivery
from services.notification.domain.reports import note_bounce, note_report
from services.notification.domain.retention import RETENTION
from services.notification.domain.suspended import Suspension
from services.notification.domain.suspensions import (
    resume_channel,
    resume_endpoint,
    resume_organisation,
    suspend_channel,
    suspend_endpoint,
    suspend_organisation,
    try_endpoint,
)
from services.notification.domain.telling import telling_words
from services.notification.domain.trail import TRAIL
from services.notification.domain.unanswered import PARK as PARK_UNANSWERED
from services.notification.domain.unanswered import park_unanswered
from services.notification.domain.waiting import (
    RELEASE,
    STRAND,
    release_deliveries,
    strand_deliveries,
)
from services.notification.domain.wordings import MOST_SEGMENTS, look_over, personal_wording

__all__ = [
    "DUTIES",
    "MOST_SEGMENTS",
    "NOTICE",
    "PACED_EVERY",
    "PARK_UNANSWERED",
    "RELEASE",
    "REPORT_RECORDED",
    "RETENTION",
    "SERVED_EVERY",
    "STRAND",
    "TELL_OWNERS",
    "TRAIL",
    "WATCH_CARRIERS",
    "WATCH_CHANNELS",
    "WATCH_UNREACHED",
    "Belonging",
    "Called",
    "CarrierChoice",
    "Choice",
    "Claimed",
    "ClaimedMessage",
    "DeliveryView",
    "EndpointFacts",
    "Followed",
    "NoticeView",
    "OrganisationFacts",
    "Pacing",
    "Progress",
    "Recipient",
    "Recorded",
    "RecordingView",
    "Result",
    "Suspension",
    "Written",
    "assign_carriers",
    "cancel_asking",
    "carried_before",
    "claim_deliveries",
    "claim_left",
    "claim_mail",
    "claim_message",
    "conclude_mail",
    "count_replayable",
    "count_unread",
    "find_attempts",
    "find_cases",
    "find_channel",
    "find_channels",
    "find_deliveries",
    "find_delivery",
    "find_endpoints",
    "find_failing",
    "find_notice",
    "find_notices",
    "find_recipient",
    "find_recipients",
    "find_recording",
    "find_recordings",
    "find_refused",
    "find_replay",
    "find_replays",
    "find_told",
    "find_untold",
    "give_mail_to",
    "give_to",
    "has_made_due",
    "items_of",
    "keep_mail",
    "keep_recording",
    "look_over",
    "note_asked",
    "note_bounce",
    "note_calls",
    "note_carriers",
    "note_cases",
    "note_endpoints",
    "note_failing",
    "note_hand_overs",
    "note_organisations",
    "note_report",
    "note_served",
    "note_written_to",
    "open_deliveries",
    "open_urgent",
    "pace_replays",
    "park_unanswered",
    "personal_wording",
    "read_notice",
    "read_notices",
    "record_results",
    "record_try",
    "release_deliveries",
    "replay_delivery",
    "report_recorded",
    "resume_channel",
    "resume_endpoint",
    "resume_organisation",
    "settle_left_texts",
    "start_replay",
    "stop_replay",
    "stopped_ways",
    "strand_deliveries",
    "suspend_channel",
    "suspend_endpoint",
    "suspend_organisation",
    "tell_lost",
    "tell_owners",
    "tell_owners_of",
    "telling_words",
    "try_endpoint",
    "was_refused",
    "watch_carriers",
    "watch_channels",
    "watch_unreached",
]
