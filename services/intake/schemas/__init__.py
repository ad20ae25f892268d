"""HTTP shapes. What identifies someone is only ever written, except in a disclosure."""

from services.intake.schemas.case import (
    CaseCreate,
    CaseList,
    CaseRead,
    CaseReceipt,
    CaseSummary,
    Journey,
    Links,
    PaperCreate,
    StepRead,
)
from services.intake.schemas.consent import ConsentCreate, ConsentRead, ConsentScope
from services.intake.schemas.correction import CorrectionCreate, CorrectionRead
from services.intake.schemas.disclosure import DisclosedPerson, DisclosureCreate, DisclosureRead
from services.intake.schemas.file import (
    AlertList,
    AlertRead,
    AssignmentCreate,
    AssignmentEnd,
    AssignmentList,
    AssignmentRead,
    FileDisclosureCreate,
    FileDisclosureRead,
    OpenedPerson,
    UrgencyRead,
    UrgencySettle,
    WaitingList,
)

__all__ = [
    "AlertList",
    "AlertRead",
    "AssignmentCreate",
    "AssignmentEnd",
    "AssignmentList",
    "AssignmentRead",
    "CaseCreate",
    "CaseList",
    "CaseRead",
    "CaseReceipt",
    "CaseSummary",
    "ConsentCreate",
    "ConsentRead",
    "ConsentScope",
    "CorrectionCreate",
    "CorrectionRead",
    "DisclosedPerson",
    "DisclosureCreate",
    "DisclosureRead",
    "FileDisclosureCreate",
    "FileDisclosureRead",
    "Journey",
    "Links",
    "OpenedPerson",
    "PaperCreate",
    "StepRead",
    "UrgencyRead",
    "UrgencySettle",
    "WaitingList",
]
