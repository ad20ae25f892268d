"""Use cases: session and facts in, rows and outbox messages out; nothing here commits."""

from services.notification.domain.claims import Claimed, claim_deliveries
from services.notification.domain.due import has_made_due
from services.notification.domain.duties import DUTIES
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
from services.notification.domain.parked import WATCH as WATCH_UNREACHED
from services.notification.domain.parked import watch_unreached
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
from services.notification.domain.recipients import Recipient, find_recipients
from services.notification.domain.records import Pacing, Result, record_results, tell_lost
from services.notification.domain.replays import replay_delivery
from services.notification.domain.retention import RETENTION
from services.notification.domain.suspensions import (
    resume_endpoint,
    suspend_endpoint,
    try_endpoint,
)
from services.notification.domain.trail import TRAIL
from services.notification.domain.waiting import (
    RELEASE,
    STRAND,
    release_deliveries,
    strand_deliveries,
)

__all__ = [
    "DUTIES",
    "RELEASE",
    "RETENTION",
    "STRAND",
    "TELL_OWNERS",
    "TRAIL",
    "WATCH_UNREACHED",
    "Belonging",
    "Claimed",
    "DeliveryView",
    "EndpointFacts",
    "Followed",
    "OrganisationFacts",
    "Pacing",
    "Recipient",
    "Result",
    "claim_deliveries",
    "find_attempts",
    "find_cases",
    "find_deliveries",
    "find_delivery",
    "find_endpoints",
    "find_recipients",
    "has_made_due",
    "note_cases",
    "note_endpoints",
    "note_hand_overs",
    "note_organisations",
    "open_deliveries",
    "record_results",
    "release_deliveries",
    "replay_delivery",
    "resume_endpoint",
    "strand_deliveries",
    "suspend_endpoint",
    "tell_lost",
    "tell_owners",
    "tell_owners_of",
    "try_endpoint",
    "watch_unreached",
]
