"""What cannot wait and how it ended, as the interface shows it."""

from typing import Final

from services.intake.examples import Example
from shared.contracts.sample import CASE, CASE_CODE, COMMUNE, RECEIVED_AT

NEED_END_CREATE: Final[Example] = {"outcome": "met", "ended_on": "2026-03-02"}
NEED_END_READ: Final[Example] = {
    "id": "019cb1d2-6a71-7f8c-9d9e-afb0c1d2e325",
    "case_id": CASE,
    "need": "shelter",
    **NEED_END_CREATE,
    "organisation_id": COMMUNE,
    "recorded_at": "2026-03-02T03:00:00Z",
}
IMMEDIATE_NEEDS: Final[Example] = {
    "case_id": CASE,
    "case_code": CASE_CODE,
    "since": RECEIVED_AT,
    "settled_at": None,
    "must_act": True,
    "items": [
        {
            "need": "shelter",
            "is_open": False,
            **NEED_END_CREATE,
            "organisation_id": COMMUNE,
            "recorded_at": "2026-03-02T03:00:00Z",
        },
        {
            "need": "medical",
            "is_open": True,
            "outcome": None,
            "ended_on": None,
            "organisation_id": None,
            "recorded_at": None,
        },
    ],
}
