"""Use cases: session and facts in, rows and outbox messages out; nothing here commits."""

from services.intake.domain.advance_notices.giving import (
    NoticeFacts,
    cancel_notice,
    change_day,
    give_notice,
)
from services.intake.domain.advance_notices.meeting import (
    NoticeMet,
    NoticesMet,
    miss,
    receive_by_hand,
)
from services.intake.domain.advance_notices.reading import (
    NoticeView,
    find_notice,
    find_notices,
    show_notices,
)
from services.intake.domain.alerting import waiting_alerts
from services.intake.domain.apart_reading import find_apart_of_case, find_apart_of_notice
from services.intake.domain.apart_sight import ApartView
from services.intake.domain.assignments import (
    AssignmentFacts,
    assign,
    end_assignment,
    find_assignments,
)
from services.intake.domain.bands import ADVANCE, advance_age_bands
from services.intake.domain.codes import Codes, Draw, draw_code
from services.intake.domain.consents import give_consent, withdraw_consent
from services.intake.domain.contact import (
    ContactFacts,
    confirm_point,
    lower_flag,
    raise_flag,
    record_point,
    withdraw_point,
)
from services.intake.domain.corrections import Corrected, correct_case
from services.intake.domain.disclosed import (
    DisclosedView,
    Reveal,
    find_disclosures,
    find_reveals,
)
from services.intake.domain.disclosures import (
    Revealed,
    disclose_identity,
    reveal_identity,
)
from services.intake.domain.drafts import (
    Drafting,
    DraftSent,
    DraftsSent,
    count_of_others,
    find_draft,
    find_drafts,
)
from services.intake.domain.duties import DUTIES
from services.intake.domain.facts import (
    CaseCodes,
    CaseFacts,
    PlainCase,
    PlainConsent,
    PlainPaper,
    Scope,
)
from services.intake.domain.files import FileRequest, OpenedFile, disclose_file, reveal_file
from services.intake.domain.forgotten import Forgotten, settle_forgotten
from services.intake.domain.handing import (
    Handed,
    HandOverFacts,
    Responsibility,
    find_responsibility,
    hand_over,
    hand_over_many,
)
from services.intake.domain.immediate_needs import EndFacts, NeedsView, end_need, find_needs
from services.intake.domain.initial_checks import (
    CheckFacts,
    CheckView,
    find_check,
    record_check,
)
from services.intake.domain.journey import (
    GrantFacts,
    StepFacts,
    advance_cases,
    lock_cases,
    note_grants,
    note_steps,
)
from services.intake.domain.kept_apart import (
    OfCases,
    OfNotice,
    check_openable,
    end_apart,
    open_kept_apart,
    tell_apart,
)
from services.intake.domain.keyring import recognise_keys
from services.intake.domain.officers import OfficerFacts, note_officers
from services.intake.domain.organisations import OrganisationFacts, note_organisations
from services.intake.domain.person_messages import (
    ContactAnswer,
    ContactView,
    answer_message,
    ask_message,
    find_contact,
    is_left,
    note_message,
    settle_message,
)
from services.intake.domain.reading import (
    CaseView,
    StepView,
    Wanted,
    find_case,
    find_cases,
    find_journey,
)
from services.intake.domain.reception import Received, receive_cases
from services.intake.domain.refuges import end_refuge, record_refuge
from services.intake.domain.retention import RETENTION
from services.intake.domain.running import RUNNING
from services.intake.domain.searching import Found, Search, search_cases
from services.intake.domain.targets import (
    Entering,
    Unverified,
    find_entering,
    find_unverified,
)
from services.intake.domain.timekeeping import (
    KEYS,
    WATCHING,
    begin_first_looks,
    watch_clocks,
)
from services.intake.domain.timeline import EventView, Moment, find_timeline
from services.intake.domain.trail import TRAIL, find_audited_cases
from services.intake.domain.turns import TurnView, find_turn
from services.intake.domain.urgency import AlertView, find_alerts
from services.intake.domain.vault import open_identity, open_paper, open_reference, seal_case
from services.intake.domain.watching import WATCH, watch_duties

__all__ = [
    "ADVANCE",
    "DUTIES",
    "KEYS",
    "RETENTION",
    "RUNNING",
    "TRAIL",
    "WATCH",
    "WATCHING",
    "AlertView",
    "ApartView",
    "AssignmentFacts",
    "CaseCodes",
    "CaseFacts",
    "CaseView",
    "CheckFacts",
    "CheckView",
    "Codes",
    "ContactAnswer",
    "ContactFacts",
    "ContactView",
    "Corrected",
    "DisclosedView",
    "DraftSent",
    "Drafting",
    "DraftsSent",
    "Draw",
    "EndFacts",
    "Entering",
    "EventView",
    "FileRequest",
    "Forgotten",
    "Found",
    "GrantFacts",
    "HandOverFacts",
    "Handed",
    "Moment",
    "NeedsView",
    "NoticeFacts",
    "NoticeMet",
    "NoticeView",
    "NoticesMet",
    "OfCases",
    "OfNotice",
    "OfficerFacts",
    "OpenedFile",
    "OrganisationFacts",
    "PlainCase",
    "PlainConsent",
    "PlainPaper",
    "Received",
    "Responsibility",
    "Reveal",
    "Revealed",
    "Scope",
    "Search",
    "StepFacts",
    "StepView",
    "TurnView",
    "Unverified",
    "Wanted",
    "advance_age_bands",
    "advance_cases",
    "answer_message",
    "ask_message",
    "assign",
    "begin_first_looks",
    "cancel_notice",
    "change_day",
    "check_openable",
    "confirm_point",
    "correct_case",
    "count_of_others",
    "disclose_file",
    "disclose_identity",
    "draw_code",
    "end_apart",
    "end_assignment",
    "end_need",
    "end_refuge",
    "find_alerts",
    "find_apart_of_case",
    "find_apart_of_notice",
    "find_assignments",
    "find_audited_cases",
    "find_case",
    "find_cases",
    "find_check",
    "find_contact",
    "find_disclosures",
    "find_draft",
    "find_drafts",
    "find_entering",
    "find_journey",
    "find_needs",
    "find_notice",
    "find_notices",
    "find_responsibility",
    "find_reveals",
    "find_timeline",
    "find_turn",
    "find_unverified",
    "give_consent",
    "give_notice",
    "hand_over",
    "hand_over_many",
    "is_left",
    "lock_cases",
    "lower_flag",
    "miss",
    "note_grants",
    "note_message",
    "note_officers",
    "note_organisations",
    "note_steps",
    "open_identity",
    "open_kept_apart",
    "open_paper",
    "open_reference",
    "raise_flag",
    "receive_by_hand",
    "receive_cases",
    "recognise_keys",
    "record_check",
    "record_point",
    "record_refuge",
    "reveal_file",
    "reveal_identity",
    "seal_case",
    "search_cases",
    "settle_forgotten",
    "settle_message",
    "show_notices",
    "tell_apart",
    "waiting_alerts",
    "watch_clocks",
    "watch_duties",
    "withdraw_consent",
    "withdraw_point",
]
