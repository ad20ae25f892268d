"""Use cases: session and facts in, rows and outbox messages out; nothing here commits."""

from services.verification.domain.ages import Age, lock_cases, note_ages
from services.verification.domain.assigning import ASSIGN, assign_anew, assign_waiting
from services.verification.domain.complaints import find_complaints
from services.verification.domain.duties import DUTIES
from services.verification.domain.evidence import EvidenceView, find_evidence, record_evidence
from services.verification.domain.grounds import Grounds, find_grounds
from services.verification.domain.handing import note_hand_overs
from services.verification.domain.moving import find_possible_moves, move_verification
from services.verification.domain.opening import CaseFacts, open_verifications
from services.verification.domain.organisations import OrganisationFacts, note_organisations
from services.verification.domain.papers import Papers, find_papers, record_paper
from services.verification.domain.protection.asking import Request, request_protection
from services.verification.domain.protection.finding import (
    FIND,
    find_protectors,
    find_protectors_anew,
)
from services.verification.domain.protection.moving import move_protection
from services.verification.domain.protection.reading import (
    Shown,
    Wanted,
    find_protection,
    find_protection_moves,
    find_protections,
    show_protections,
)
from services.verification.domain.protection.standstill import WATCH as WATCH_PROTECTIONS
from services.verification.domain.protection.standstill import watch_protections
from services.verification.domain.protection.targets import (
    Protecting,
    Unprotected,
    find_protecting,
    find_unprotected,
)
from services.verification.domain.reach import reached_alerts
from services.verification.domain.reading import (
    find_moves,
    find_verification,
    find_verifications,
)
from services.verification.domain.requests import decision_period, find_clocks, is_extended
from services.verification.domain.resting import find_what_rests
from services.verification.domain.retention import RETENTION
from services.verification.domain.running import RUNNING
from services.verification.domain.standstill import WATCH, watch_standstills
from services.verification.domain.timekeeping import WATCHING
from services.verification.domain.trail import TRAIL
from services.verification.domain.unread import ReadFacts, note_reads

__all__ = [
    "ASSIGN",
    "DUTIES",
    "FIND",
    "RETENTION",
    "RUNNING",
    "TRAIL",
    "WATCH",
    "WATCHING",
    "WATCH_PROTECTIONS",
    "Age",
    "CaseFacts",
    "EvidenceView",
    "Grounds",
    "OrganisationFacts",
    "Papers",
    "Protecting",
    "ReadFacts",
    "Request",
    "Shown",
    "Unprotected",
    "Wanted",
    "assign_anew",
    "assign_waiting",
    "decision_period",
    "find_clocks",
    "find_complaints",
    "find_evidence",
    "find_grounds",
    "find_moves",
    "find_papers",
    "find_possible_moves",
    "find_protecting",
    "find_protection",
    "find_protection_moves",
    "find_protections",
    "find_protectors",
    "find_protectors_anew",
    "find_unprotected",
    "find_verification",
    "find_verifications",
    "find_what_rests",
    "is_extended",
    "lock_cases",
    "move_protection",
    "move_verification",
    "note_ages",
    "note_hand_overs",
    "note_organisations",
    "note_reads",
    "open_verifications",
    "reached_alerts",
    "record_evidence",
    "record_paper",
    "request_protection",
    "show_protections",
    "watch_protections",
    "watch_standstills",
]
