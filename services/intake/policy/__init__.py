"""Pure decisions: what a route needs, what is odd, who is a minor, what may be disclosed."""

from services.intake.policy.acts import Act, CorrectionReason, read_span, was_minor_at_act
from services.intake.policy.ages import AFTER, Birth, age_band, band_ends_on, next_band_ends_on
from services.intake.policy.births import BY_BIRTH, Born, find_birth_warnings
from services.intake.policy.by_law import (
    ENDING,
    FIELDS_BY_LAW,
    REASONS,
    ROLES,
    AssignedRole,
    AssignmentReason,
    CaseField,
    FileOutcome,
    LegalPurpose,
    LegalReason,
    Part,
    decide_file,
    fields_by_law,
)
from services.intake.policy.codes import ALPHABET, DRAWN, case_code, check_character, read_code
from services.intake.policy.disclosure import (
    DISCLOSABLE,
    FIELDS,
    DisclosedField,
    DisclosureOutcome,
    decide_disclosure,
    granted_fields,
)
from services.intake.policy.findings import Caution, Fault, Rule
from services.intake.policy.identity_numbers import (
    IdentityDocumentType,
    look_at_number,
    searchable_number,
)
from services.intake.policy.lateness import LateReason, received_at
from services.intake.policy.phones import Phone, read_phone
from services.intake.policy.progress import STATUS_AFTER, CaseStatus, StepKind, status_of
from services.intake.policy.reception import (
    REQUIREMENTS,
    StatedPaper,
    Statement,
    citizenship_of,
    find_act_faults,
    find_birth_faults,
    find_faults,
    find_warnings,
)

__all__ = [
    "AFTER",
    "ALPHABET",
    "BY_BIRTH",
    "DISCLOSABLE",
    "DRAWN",
    "ENDING",
    "FIELDS",
    "FIELDS_BY_LAW",
    "REASONS",
    "REQUIREMENTS",
    "ROLES",
    "STATUS_AFTER",
    "Act",
    "AssignedRole",
    "AssignmentReason",
    "Birth",
    "Born",
    "CaseField",
    "CaseStatus",
    "Caution",
    "CorrectionReason",
    "DisclosedField",
    "DisclosureOutcome",
    "Fault",
    "FileOutcome",
    "IdentityDocumentType",
    "LateReason",
    "LegalPurpose",
    "LegalReason",
    "Part",
    "Phone",
    "Rule",
    "StatedPaper",
    "Statement",
    "StepKind",
    "age_band",
    "band_ends_on",
    "case_code",
    "check_character",
    "citizenship_of",
    "decide_disclosure",
    "decide_file",
    "fields_by_law",
    "find_act_faults",
    "find_birth_faults",
    "find_birth_warnings",
    "find_faults",
    "find_warnings",
    "granted_fields",
    "look_at_number",
    "next_band_ends_on",
    "read_code",
    "read_phone",
    "read_span",
    "received_at",
    "searchable_number",
    "status_of",
    "was_minor_at_act",
]
