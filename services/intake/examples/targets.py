"""The first target of the city's plan, as the interface shows it."""

from typing import Final

from services.intake.examples import Example
from shared.contracts.sample import CASE, CASE_CODE, COMMUNE, RECEIVED_AT

ENTERING_VERIFICATION: Final[Example] = {
    "received": 41,
    "entered": 40,
    "on_their_way": 0,
    "excepted": 1,
    "items": [
        {
            "case_id": CASE,
            "case_code": CASE_CODE,
            "since": RECEIVED_AT,
            "who": "case_owner",
            "why": "find_authority",
            "organisation_id": COMMUNE,
        }
    ],
    "next_cursor": None,
}
