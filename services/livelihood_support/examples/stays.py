"""A person who is in a facility for a week: what the interface's description shows of stays."""

from datetime import date
from typing import Any, Final

from shared.contracts.sample import AREA, CASE, CASE_CODE, OWNER
from shared.contracts.vocabulary import Regime
from shared.law import PeriodKey
from shared.law.shapes import example_rule

Example = dict[str, Any]

_STAY: Final = "019cac9c-2e43-7f70-8b52-9d6e3f807b31"
_FACILITY: Final = "019a3f10-55ee-7f65-8c99-4b5dac6e7f35"
_RULE: Final = example_rule(PeriodKey.STAY_MAXIMUM, on=date(2026, 3, 2), regime=Regime.LAW_2024)
_UNSAID: Final[Example] = {
    "extended_until": None,
    "paper_number": None,
    "paper_on": None,
    "left_on": None,
    "left_to": None,
    "reason": None,
}
_ARRIVAL: Final[Example] = {
    "arrived_on": "2026-03-02",
    "needs": ["lodging", "meals", "health_check"],
    "kit": ["outer_clothes", "underwear", "towel", "toothbrush", "soap"],
}
STAY_CREATE: Final[Example] = {"expected_on": "2026-03-02", "facility_id": _FACILITY}
STAY_MOVE_CREATE: Final[Example] = {"move": "arrive", **_ARRIVAL}
STAY_MOVE_READ: Final[Example] = {
    "id": "019cac9c-8f90-7b1c-8d3e-4f5a6b7c8d32",
    "stay_id": _STAY,
    "actor": "client:co-so-vi-du.phan-mem",
    "move": "arrive",
    "from_status": "announced",
    "status": "staying",
    **_ARRIVAL,
    **_UNSAID,
    "at": "2026-03-02T08:30:00Z",
    "version": 2,
}
STAY_MOVE_LIST: Final[Example] = {"items": [STAY_MOVE_READ], "next_cursor": None}
STAY_READ: Final[Example] = {
    "id": _STAY,
    "case_id": CASE,
    "case_code": CASE_CODE,
    "age_band": "adult",
    "sex": "female",
    "languages": ["vi"],
    "needs_interpreter": False,
    "facility_id": _FACILITY,
    "announcer_id": OWNER,
    "announced_at": "2026-03-02T03:00:00Z",
    "expected_on": "2026-03-02",
    "status": "staying",
    **_ARRIVAL,
    "days": 7,
    "last_day": "2026-06-30",
    "due_at": "2026-06-30T17:00:00Z",
    "due_rule": _RULE,
    "due_why": {
        "rule": _RULE,
        "started_on": "2026-03-02",
        "last_day": "2026-06-30",
        "at": "2026-06-30T17:00:00Z",
        "skipped": [],
        "moved": None,
        "pauses": [],
    },
    **_UNSAID,
    "version": 2,
    "can": [
        {"move": "provide", "needs": [], "may_have": ["kit", "needs"], "reasons": []},
        {
            "move": "extend",
            "needs": ["extended_until", "paper_number", "paper_on"],
            "may_have": [],
            "reasons": [],
        },
        {"move": "leave", "needs": ["left_on", "left_to"], "may_have": [], "reasons": []},
        {
            "move": "entered_in_error",
            "needs": ["reason"],
            "may_have": [],
            "reasons": ["not_arrived", "recorded_twice", "wrong_person"],
        },
    ],
}
STAY_LIST: Final[Example] = {"items": [STAY_READ], "next_cursor": None}

SHEET_CREATE: Final[Example] = {
    "valid_from": "2026-03-02",
    "rooms": 8,
    "places": 20,
    "staff": 6,
    "interpreters": ["lo", "km"],
    "equipment": ["arrival_kits", "kitchen", "medical_room", "separate_rooms", "washroom"],
}
SHEET_READ: Final[Example] = {
    "id": "019cac9d-3f54-7a81-9c63-ae7f40918c33",
    "facility_id": _FACILITY,
    **SHEET_CREATE,
    "written_by": "client:co-so-vi-du.phan-mem",
    "written_at": "2026-03-02T01:00:00Z",
}
ATTESTATION_READ: Final[Example] = {
    "sheet_id": SHEET_READ["id"],
    "attested_by": "staff:019cac9d-3f54-7a81-9c63-ae7f40918c34",
    "attested_at": "2026-03-02T02:00:00Z",
}
READINESS_LIST: Final[Example] = {
    "items": [
        {
            "facility_id": _FACILITY,
            "sheet": SHEET_READ,
            "attestation": ATTESTATION_READ,
            "staying": 3,
            "announced": 1,
            "held": 2,
            "free": 14,
            "lacking": ["equipment"],
            "missing_equipment": ["childrens_room", "counselling_room", "transport"],
        }
    ]
}

HANDOVER_ANSWER: Final[Example] = {"escorts": 1}
HANDOVER_READ: Final[Example] = {
    "notice_id": "019cab10-1122-7a33-8b44-5c66d77e88f1",
    "expected_on": "2026-03-02",
    "area_code": AREA,
    "area_on": "2026-02-27",
    "is_cancelled": False,
    "facility_id": _FACILITY,
    "asked_at": "2026-02-27T02:00:01Z",
    "escorts": 0,
    "answered_at": "2026-02-27T03:00:00Z",
    "people": [
        {
            "number": 1,
            "age_band": "under_16",
            "sex": "male",
            "languages": ["km"],
            "needs_interpreter": True,
            "needs_escort": True,
            "status": "held",
        }
    ],
    "escorts_needed": 1,
    "lacking": ["escorts"],
}
HANDOVER_LIST: Final[Example] = {"items": [HANDOVER_READ], "next_cursor": None}
