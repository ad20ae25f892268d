"""Use cases: session and facts in, rows and outbox messages out; nothing here commits."""

from services.intake.domain.bands import ADVANCE, advance_age_bands
from services.intake.domain.consents import give_consent, withdraw_consent
from services.intake.domain.corrections import Corrected, correct_case
from services.intake.domain.disclosures import (
    Revealed,
    disclose_identity,
    reveal_identity,
)
from services.intake.domain.facts import (
    CaseCodes,
    CaseFacts,
    PlainCase,
    PlainConsent,
    PlainPaper,
    Scope,
)
from services.intake.domain.forgotten import find_forgotten, settle_forgotten
from services.intake.domain.journey import (
    GrantFacts,
    StepFacts,
    advance_cases,
    lock_cases,
    note_grants,
    note_steps,
)
from services.intake.domain.keyring import recognise_keys
from services.intake.domain.reading import (
    CaseView,
    StepView,
    find_case,
    find_cases,
    find_journey,
    seen_by,
)
from services.intake.domain.reception import Draw, Received, draw_code, receive_cases
from services.intake.domain.retention import RETENTION
from services.intake.domain.vault import open_identity, open_paper, open_reference, seal_case
from services.intake.models import IndexedField

__all__ = [
    "ADVANCE",
    "RETENTION",
    "CaseCodes",
    "CaseFacts",
    "CaseView",
    "Corrected",
    "Draw",
    "GrantFacts",
    "IndexedField",
    "PlainCase",
    "PlainConsent",
    "PlainPaper",
    "Received",
    "Revealed",
    "Scope",
    "StepFacts",
    "StepView",
    "advance_age_bands",
    "advance_cases",
    "correct_case",
    "disclose_identity",
    "draw_code",
    "find_case",
    "find_cases",
    "find_forgotten",
    "find_journey",
    "give_consent",
    "lock_cases",
    "note_grants",
    "note_steps",
    "open_identity",
    "open_paper",
    "open_reference",
    "receive_cases",
    "recognise_keys",
    "reveal_identity",
    "seal_case",
    "seen_by",
    "settle_forgotten",
    "withdraw_consent",
]
