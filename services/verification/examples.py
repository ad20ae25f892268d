"""What the interface's description shows of every body: invented, and the same story throughout."""

from datetime import date
from typing import Any, Final

from shared.contracts.sample import (
    AREA,
    CASE,
    CASE_CODE,
    IDENTIFIED_ON,
    OWNER,
    POLICE,
    RECEIVED_AT,
    VERIFICATION,
)
from shared.contracts.vocabulary import OrganisationKind, Regime
from shared.law import PeriodKey
from shared.law.shapes import GroundRead, example_rule
from shared.law.verifying import verification_rules

Example = dict[str, Any]

_RECEIVED_ON: Final = date(2026, 3, 2)
_DUE: Final = example_rule(PeriodKey.VERIFICATION_NORMAL, on=_RECEIVED_ON, regime=Regime.LAW_2024)
_AUTHORITY: Final = GroundRead.model_validate(
    verification_rules().authority(OrganisationKind.POLICE, on=_RECEIVED_ON)
).model_dump(mode="json")

_DECIDED: Final[Example] = {
    "outcome": "identified",
    "grounds": ["rescuing_body", "person_or_relative"],
    "evidence": ["019cbd71-5e6f-7a8b-9cad-bfcad0e1f333"],
    "evidence_ref": "12/KL-CATP",
}
MOVE_CREATE: Final[Example] = {"move": "conclude", **_DECIDED}
MOVE_READ: Final[Example] = {
    "id": "019cbd71-5e6f-7a8b-9cad-bfcad0e1f331",
    "verification_id": VERIFICATION,
    "actor": "client:cong-an-vi-du.phan-mem",
    "move": "conclude",
    "from_status": "in_progress",
    "status": "concluded",
    "verifier_id": POLICE,
    "reason": None,
    **_DECIDED,
    "received_on": None,
    "is_late": None,
    "at": "2026-03-05T08:30:00Z",
    "version": 3,
}
MOVE_LIST: Final[Example] = {"items": [MOVE_READ], "next_cursor": None}
VERIFICATION_READ: Final[Example] = {
    "id": VERIFICATION,
    "case_id": CASE,
    "case_code": CASE_CODE,
    "route": "SELF_REPORT",
    "area_code": AREA,
    "age_band": "adult",
    "was_minor_at_act": False,
    "regime": "2024",
    "status": "concluded",
    "proof": None,
    "proof_rule": None,
    **_DECIDED,
    "reason": None,
    "verifier_id": POLICE,
    "verifier_rule": _AUTHORITY,
    "received_at": RECEIVED_AT,
    "opened_at": "2026-03-02T01:15:02Z",
    "requested_on": "2026-03-02",
    "is_extended": False,
    "due_on": None,
    "concluded_at": "2026-03-05T08:30:00Z",
    "identified_on": IDENTIFIED_ON,
    "version": 3,
    "due_rule": _DUE,
    "due_why": None,
    "complaint": None,
    "complained": None,
    "can": [],
}
VERIFICATION_LIST: Final[Example] = {"items": [VERIFICATION_READ], "next_cursor": None}

_PAPER: Final[Example] = {
    "kind": "request_letter",
    "number": "128/SYT-PCTNXH",
    "issued_on": "2026-03-02",
}
PAPER_CREATE: Final[Example] = _PAPER
PAPER_READ: Final[Example] = {
    "id": "019cbd71-5e6f-7a8b-9cad-bfcad0e1f332",
    "verification_id": VERIFICATION,
    "move_id": "019cbd71-5e6f-7a8b-9cad-bfcad0e1f330",
    **_PAPER,
    "issuer_id": OWNER,
    "recorded_at": "2026-03-02T03:10:00Z",
    "is_current": True,
}
PAPER_LIST: Final[Example] = {"items": [PAPER_READ], "can": ["request_letter"]}

_EVIDENCE: Final[Example] = {
    "source": "rescuing_body",
    "number": "07/BB-DBP",
    "issued_on": "2026-03-01",
}
EVIDENCE_CREATE: Final[Example] = _EVIDENCE
EVIDENCE_READ: Final[Example] = {
    "id": "019cbd71-5e6f-7a8b-9cad-bfcad0e1f333",
    "verification_id": VERIFICATION,
    **_EVIDENCE,
    "issuer_id": None,
    "recorded_at": "2026-03-03T02:20:00Z",
    "is_cited": True,
}
EVIDENCE_LIST: Final[Example] = {"items": [EVIDENCE_READ]}
_DECISION_DUE: Final = example_rule(
    PeriodKey.PROTECTION_DECISION, on=_RECEIVED_ON, regime=Regime.LAW_2024
)
_PROTECTION: Final = "019cac9b-1d32-7e6f-9a41-8c5d2e7f6a08"
_GRANTED: Final[Example] = {
    "measures": ["safe_refuge", "secrecy"],
    "paper_number": "07/QĐ-CATP",
    "paper_on": "2026-03-02",
    "review_on": "2026-04-02",
}
PROTECTION_CREATE: Final[Example] = {
    "for_whom": "person",
    "measures": ["safe_refuge", "secrecy", "guarding"],
}
PROTECTION_MOVE_CREATE: Final[Example] = {"move": "grant", **_GRANTED}
PROTECTION_MOVE_READ: Final[Example] = {
    "id": "019cac9b-7e8f-7a0b-8c2d-3e4f5a6b7c09",
    "protection_id": _PROTECTION,
    "actor": "client:cong-an-vi-du.phan-mem",
    "move": "grant",
    "from_status": "requested",
    "status": "granted",
    "protector_id": POLICE,
    "reason": None,
    **_GRANTED,
    "at": "2026-03-02T04:30:00Z",
    "version": 2,
}
PROTECTION_MOVE_LIST: Final[Example] = {"items": [PROTECTION_MOVE_READ], "next_cursor": None}
PROTECTION_READ: Final[Example] = {
    "id": _PROTECTION,
    "case_id": CASE,
    "case_code": CASE_CODE,
    "verification_id": VERIFICATION,
    "for_whom": "person",
    "requester_id": OWNER,
    "requested_at": "2026-03-02T02:00:00Z",
    "asked": ["safe_refuge", "secrecy", "guarding"],
    "status": "granted",
    **_GRANTED,
    "reason": None,
    "protector_id": POLICE,
    "due_at": "2026-03-03T02:00:00Z",
    "due_rule": _DECISION_DUE,
    "due_why": {
        "rule": _DECISION_DUE,
        "started_on": "2026-03-02",
        "last_day": "2026-03-03",
        "at": "2026-03-03T02:00:00Z",
        "skipped": [],
        "moved": None,
        "pauses": [],
    },
    "decided_at": "2026-03-02T04:30:00Z",
    "ended_at": None,
    "version": 2,
    "can": [],
}
PROTECTION_LIST: Final[Example] = {"items": [PROTECTION_READ], "next_cursor": None}
TARGETS_READ: Final[Example] = {
    "in_need": 4,
    "protected": 3,
    "excepted": 1,
    "items": [
        {
            "protection_id": _PROTECTION,
            "case_id": CASE,
            "case_code": CASE_CODE,
            "for_whom": "person",
            "gap": "overdue",
            "since": "2026-03-02T02:00:00Z",
            "due_at": "2026-03-03T02:00:00Z",
            "who": "protector",
            "organisation_id": POLICE,
        }
    ],
    "next_cursor": None,
}
