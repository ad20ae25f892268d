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
