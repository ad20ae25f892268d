"""What the description shows of dated rules: a period of a working agreement, changed by two."""

from datetime import date
from typing import Any, Final

from shared.law import PeriodKey
from shared.law.shapes import example_rule

Example = dict[str, Any]

_PROPOSAL: Final = "019cb1d4-5e6f-7a8b-9c0d-1e2f3a4b5c21"
_BY: Final = "staff:019a3f20-77bb-7c87-8dbb-6e7fbe8a7b31"
_OTHER: Final = "staff:019a3f20-88cc-7d98-9ecc-7f80cf9b8c42"

PROPOSAL_CREATE: Final[Example] = {
    "key": "support.case_owner_decides",
    "regime": "2024",
    "amount": 7,
    "unit": "working_day",
    "law": {"number": "162/2025/NĐ-CP", "article": 21, "clause": 2},
    "status": "recalled",
    "valid_from": "2026-03-09",
    "applies_to_running": False,
    "reason": "text_read",
    "reference": "15/QĐ-SYT",
}
PROPOSAL_READ: Final[Example] = {
    "id": _PROPOSAL,
    **PROPOSAL_CREATE,
    "state": "published",
    "proposed_at": "2026-03-02T02:00:00Z",
    "proposed_by": _BY,
    "concluded_at": "2026-03-03T02:00:00Z",
    "concluded_by": _OTHER,
    "rehearsals": [
        {
            "service": "livelihood_support",
            "running": 12,
            "moved": 0,
            "rehearsed_at": "2026-03-02T02:00:05Z",
        }
    ],
    "awaited": [],
    "is_mine": False,
}
PROPOSAL_LIST: Final[Example] = {"items": [PROPOSAL_READ], "next_cursor": None}

RULE_LIST: Final[Example] = {
    "items": [
        {
            **example_rule(PeriodKey.DIRECTORY_FRESHNESS, on=date(2026, 3, 2)),
            "regime": None,
            "starts_with": "programme.assured",
            "services": ["livelihood_support", "directory"],
            "valid_from": None,
            "valid_to": None,
            "is_replaced": False,
            "can_be_superseded": True,
            "published": None,
        },
        {
            "key": "support.case_owner_decides",
            "amount": 7,
            "unit": "working_day",
            "owner_role": "case_owner",
            "legal_ref": "162/2025/NĐ-CP Art. 21(2)",
            "status": "recalled",
            "regime": "2024",
            "starts_with": "support.applied",
            "services": [],
            "valid_from": "2026-03-09",
            "valid_to": None,
            "is_replaced": False,
            "can_be_superseded": True,
            "published": {
                "proposal_id": _PROPOSAL,
                "proposed_by": _BY,
                "published_by": _OTHER,
                "published_at": "2026-03-03T02:00:00Z",
                "reason": "text_read",
                "reference": "15/QĐ-SYT",
                "applies_to_running": False,
            },
        },
    ]
}
