"""Who may open a file by law, what for, and which part of it.

A consent is asked for where a person is offered a service. Whoever must decide or protect by law
needs none: the verifier decides (Law 53/2024 Arts 27-32), the case owner supports, the facility
receives and cares (Decree 162/2025 Art. 17), the protector guards (Law 53/2024 Arts 34-36). Each
learns what its task needs, for as long as the task is its own, and says why each time.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

from shared.contracts.vocabulary import Role


class LegalPurpose(StrEnum):
    """What a file is opened for by law."""

    VERIFICATION = "verification"
    CASE_MANAGEMENT = "case_management"
    SHELTER = "shelter"
    PROTECTION = "protection"


class LegalReason(StrEnum):
    """Why a file is opened this time."""

    INTERVIEW = "interview"
    CHECK_OF_PAPERS = "check_of_papers"
    OTHER_BODY_ASKED = "other_body_asked"
    """Another body is asked for what it knows."""
    IMMEDIATE_NEEDS = "immediate_needs"
    SUPPORT_PLANNING = "support_planning"
    CONTACT = "contact"
    COMPLAINT = "complaint"
    RECEPTION = "reception"
    CARE = "care"
    RETURN_HOME = "return_home"
    THREAT = "threat"
    ESCORT = "escort"
    OFFICIAL_PAPER = "official_paper"
    """An official paper about the case is made, with the name on it."""


class CaseField(StrEnum):
    """The parts of a file. The sender's own reference and its officer's name are in none."""

    FULL_NAME = "full_name"
    ALIASES = "aliases"
    BIRTH_DATE = "birth_date"
    BIRTH_YEAR = "birth_year"
    SEX = "sex"
    ETHNICITY = "ethnicity"
    NATIONALITY = "nationality"
    IDENTITY_DOCUMENTS = "identity_documents"
    PHONES = "phones"
    """All of them, with what is known of each."""
    SAFE_PHONES = "safe_phones"
    LANGUAGES = "languages"
    NEEDS_INTERPRETER = "needs_interpreter"
    ASKED_STAFF_SEX = "asked_staff_sex"
    """The sex that the person asks staff to have; unset if any will do."""
    ORIGIN_UNIT_CODE = "origin_unit_code"
    ORIGIN_UNIT_ON = "origin_unit_on"
    """The day by which that code is read."""
    PRESENT_UNIT_CODE = "present_unit_code"
    PRESENT_UNIT_ON = "present_unit_on"
    PRESENT_ADDRESS = "present_address"
    REFUGE = "refuge"
    """Where the person is kept safe, as whoever protects them has said."""
    ACCOMPANYING_MINORS = "accompanying_minors"
    REPRESENTATIVE = "representative"
    BEST_INTEREST_NOTE = "best_interest_note"
    IMMEDIATE_NEEDS = "immediate_needs"
    EXPLOITATION = "exploitation"
    PAPERS = "papers"


_F, _P, _R = CaseField, LegalPurpose, LegalReason

_WHOM_TO_MEET = frozenset(
    {
        _F.FULL_NAME, _F.ALIASES, _F.BIRTH_DATE, _F.BIRTH_YEAR, _F.SEX, _F.SAFE_PHONES,
        _F.LANGUAGES, _F.NEEDS_INTERPRETER, _F.ASKED_STAFF_SEX, _F.ORIGIN_UNIT_CODE,
        _F.ORIGIN_UNIT_ON, _F.PRESENT_UNIT_CODE, _F.PRESENT_UNIT_ON, _F.ACCOMPANYING_MINORS,
        _F.REPRESENTATIVE, _F.BEST_INTEREST_NOTE,
    }
)  # fmt: skip
"""Who it is, how to speak with them, and who stands beside them."""

FIELDS_BY_LAW: Mapping[LegalPurpose, frozenset[CaseField]] = MappingProxyType(
    {
        # What was done and what proves it; not where the person sleeps.
        _P.VERIFICATION: _WHOM_TO_MEET
        | {_F.NATIONALITY, _F.ETHNICITY, _F.IDENTITY_DOCUMENTS, _F.EXPLOITATION, _F.PAPERS},
        _P.CASE_MANAGEMENT: frozenset(_F) - {_F.SAFE_PHONES, _F.REFUGE},
        # Whom to receive, and what cannot wait; not what was done to them.
        _P.SHELTER: (_WHOM_TO_MEET - {_F.ALIASES}) | {_F.IMMEDIATE_NEEDS, _F.REFUGE},
        # Whom to guard and where; not what was done to them, nor what the papers say.
        _P.PROTECTION: _WHOM_TO_MEET | {_F.PRESENT_ADDRESS, _F.REFUGE},
    }
)

ON_PAPERS: frozenset[CaseField] = frozenset(
    {
        _F.FULL_NAME, _F.BIRTH_DATE, _F.BIRTH_YEAR, _F.SEX, _F.NATIONALITY, _F.IDENTITY_DOCUMENTS,
    }
)  # fmt: skip
"""What tells on a paper whom it is about: all that is read to make one."""

ROLES: Mapping[LegalPurpose, Role] = MappingProxyType(
    {
        _P.VERIFICATION: Role.VERIFIER,
        _P.CASE_MANAGEMENT: Role.CASE_OWNER,
        _P.SHELTER: Role.FACILITY,
        _P.PROTECTION: Role.PROTECTOR,
    }
)
"""The role in which an organisation acts for a purpose."""

REASONS: Mapping[LegalPurpose, frozenset[LegalReason]] = MappingProxyType(
    {
        _P.VERIFICATION: frozenset(
            {_R.INTERVIEW, _R.CHECK_OF_PAPERS, _R.OTHER_BODY_ASKED, _R.OFFICIAL_PAPER}
        ),
        _P.CASE_MANAGEMENT: frozenset(
            {
                _R.IMMEDIATE_NEEDS,
                _R.SUPPORT_PLANNING,
                _R.CONTACT,
                _R.COMPLAINT,
                _R.RETURN_HOME,
                _R.OFFICIAL_PAPER,
            }
        ),
        _P.SHELTER: frozenset({_R.RECEPTION, _R.CARE, _R.RETURN_HOME}),
        _P.PROTECTION: frozenset({_R.THREAT, _R.ESCORT, _R.RETURN_HOME}),
    }
)
"""The reasons that a purpose can have."""


class Part(StrEnum):
    """What an organisation has to do with a case, in the role that a purpose asks for."""

    NONE = "none"
    NOT_NOW = "not_now"
    """It had a part, or will have one, and has none today."""
    DECIDED = "decided"
    """It decided, and that holds: it has the papers of its decision to write, and no more."""
    PRESENT = "present"


class FileOutcome(StrEnum):
    """How a request to open a file ended."""

    GRANTED = "granted"
    CASE_UNKNOWN = "case_unknown"
    NOT_RESPONSIBLE_NOW = "not_responsible_now"


Withheld = Literal[FileOutcome.CASE_UNKNOWN, FileOutcome.NOT_RESPONSIBLE_NOW]
"""Why a file is not shown."""


def decide_file(part: Part, reason: LegalReason) -> FileOutcome:
    """Somebody else's case does not exist for the caller, whatever else holds."""
    match part:
        case Part.DECIDED if reason is LegalReason.OFFICIAL_PAPER:
            return FileOutcome.GRANTED
        case Part.PRESENT:
            return FileOutcome.GRANTED
        case Part.NOT_NOW | Part.DECIDED:
            return FileOutcome.NOT_RESPONSIBLE_NOW
        case Part.NONE:
            return FileOutcome.CASE_UNKNOWN


def fields_by_law(
    purpose: LegalPurpose,
    reason: LegalReason,
    wanted: frozenset[CaseField] | None,
) -> list[CaseField]:
    """The fields of a purpose, or those of them that were asked for; in a fixed order.

    A paper is made of those that stand on it, whatever else the purpose has.
    """
    allowed = FIELDS_BY_LAW[purpose]
    if reason is LegalReason.OFFICIAL_PAPER:
        allowed &= ON_PAPERS
    granted = allowed if wanted is None else allowed & wanted
    return [field for field in CaseField if field in granted]


class Alarm(StrEnum):
    """What waits for the owner of a case."""

    IMMEDIATE_NEEDS = "immediate_needs"


class AssignedRole(StrEnum):
    """The roles in which a case owner gives an organisation a part in a case."""

    FACILITY = Role.FACILITY
    PROTECTOR = Role.PROTECTOR


class AssignmentReason(StrEnum):
    """Why an organisation is given a part in a case, or why its part ends."""

    SHELTER_NEEDED = "shelter_needed"
    CARE_NEEDED = "care_needed"
    THREAT = "threat"
    ESCORT_NEEDED = "escort_needed"
    MOVED_ELSEWHERE = "moved_elsewhere"
    NO_LONGER_NEEDED = "no_longer_needed"
    PERSON_DECLINED = "person_declined"
    DAYS_OVER = "days_over"
    """Its last day had passed; noted by the exchange when the organisation is assigned again."""


ENDING = frozenset(
    {
        AssignmentReason.MOVED_ELSEWHERE,
        AssignmentReason.NO_LONGER_NEEDED,
        AssignmentReason.PERSON_DECLINED,
    }
)
"""The reasons for which a case owner ends a part."""

BEGINNING = frozenset(AssignmentReason) - ENDING - {AssignmentReason.DAYS_OVER}
"""The reasons for which a part begins."""
