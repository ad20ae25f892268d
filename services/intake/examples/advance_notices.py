"""Handovers that are announced, and people who are kept apart, as the interface shows them."""

from typing import Final

from services.intake.examples import Example
from shared.contracts.sample import AREA, CASE, CASE_CODE, COMMUNE

NOTICE: Final = "019cab10-1122-7a33-8b44-5c66d77e88f1"
_APART: Final = "019cab10-3344-7b55-9c66-7d88e99fa0b2"
_DAY: Final = "2026-03-02"
_PEOPLE: Final[list[Example]] = [
    {
        "age_band": "adult",
        "sex": "female",
        "languages": ["vi"],
        "needs_interpreter": False,
        "needs_escort": False,
    },
    {
        "age_band": "under_16",
        "sex": "male",
        "languages": ["km"],
        "needs_interpreter": True,
        "needs_escort": True,
    },
]
NOTICE_CREATE: Final[Example] = {
    "route": "BILATERAL_HANDOVER",
    "expected_on": _DAY,
    "unit_code": AREA,
    "people": _PEOPLE,
}
_SUMMARY: Final[Example] = {
    "id": NOTICE,
    "announcer_id": COMMUNE,
    "route": "BILATERAL_HANDOVER",
    "expected_on": _DAY,
    "unit_code": AREA,
    "unit_on": "2026-02-27",
    "given_at": "2026-02-27T02:00:00Z",
    "cancelled_at": None,
    "cancel_reason": None,
    "version": 2,
    "expected": 1,
    "received": 1,
    "absent": 0,
}
NOTICE_READ: Final[Example] = {
    **_SUMMARY,
    "people": [
        {
            "number": 1,
            **_PEOPLE[0],
            "status": "received",
            "case_id": CASE,
            "case_code": CASE_CODE,
            "reason": None,
            "settled_at": "2026-03-02T01:15:00Z",
        },
        {
            "number": 2,
            **_PEOPLE[1],
            "status": "expected",
            "case_id": None,
            "case_code": None,
            "reason": None,
            "settled_at": None,
        },
    ],
}
NOTICE_LIST: Final[Example] = {"items": [_SUMMARY], "next_cursor": None}
DAY_CHANGE: Final[Example] = {"expected_on": "2026-03-03"}
CANCEL: Final[Example] = {"reason": "called_off"}
RECEPTION: Final[Example] = {"case_id": CASE}
ABSENCE: Final[Example] = {"reason": "not_handed_over"}

APART_CREATE: Final[Example] = {
    "notice_id": NOTICE,
    "numbers": [1, 2],
    "reason": "Người thứ nhất nói sợ người thứ hai",
}
APART_TOLD: Final[Example] = {"id": _APART, "told_at": "2026-02-27T02:05:00Z", "ended_at": None}
APART_END: Final[Example] = {"reason": "fear_is_over"}
APART_OPENED: Final[Example] = {"id": _APART, "reason": APART_CREATE["reason"]}
APART_LIST: Final[Example] = {
    "items": [
        {
            "id": _APART,
            "told_at": "2026-02-27T02:05:00Z",
            "numbers": [1, 2],
            "other_case_id": None,
            "other_case_code": None,
            "is_same_house": False,
            "may_open": True,
            "may_end": True,
        }
    ]
}
