"""What the interface's description shows of every body: invented, and the same story throughout."""

from datetime import date
from typing import Any, Final

from services.livelihood_support.policy import POINTS
from shared.contracts.sample import (
    AREA,
    ASKED_AT,
    CASE,
    COMMUNE,
    IDENTIFIED_ON,
    NEED,
    OFFER,
    OWNER,
    PLANNED_AT,
    PROGRAMME,
    REFERRAL,
    SCHOOL,
)
from shared.contracts.vocabulary import Regime
from shared.law import PeriodKey
from shared.law.entitlements import rulebook
from shared.law.shapes import example_rule

Example = dict[str, Any]

_OFFICER: Final = "client:so-vi-du.phan-mem"
_PLAN: Final = "019cd098-1a2b-7c4d-8e5f-6a7b8c9daf26"
_FACT: Final = "019cd0a1-2b3c-7d5e-9f6a-7b8c9daeb027"
_BASIS: Final = rulebook().bases[Regime.LAW_2024]
_LAW: Final[Example] = {"legal_ref": _BASIS.legal_ref, "status": _BASIS.status}

MOVE_CREATE: Final[Example] = {"move": "accept"}
MOVE_READ: Final[Example] = {
    "id": "019cd0d2-3c4d-7e6f-8a7b-8c9daebfc128",
    "referral_id": REFERRAL,
    "offer_id": OFFER,
    "actor": "client:truong-vi-du.phan-mem",
    "from_status": "requested",
    "status": "accepted",
    "reason": None,
    "outcome": None,
    "questions": [],
    "reply": None,
    "at": "2026-03-10T02:00:00Z",
    "version": 2,
}
MOVE_LIST: Final[Example] = {"items": [MOVE_READ], "next_cursor": None}
REFERRAL_READ: Final[Example] = {
    "id": REFERRAL,
    "case_id": CASE,
    "code": "VOCATIONAL",
    "status": "requested",
    "outcome": None,
    "area_code": AREA,
    "age_band": "adult",
    "sex": "female",
    "offer_id": OFFER,
    "programme_id": PROGRAMME,
    "organisation_id": SCHOOL,
    "offered_at": ASKED_AT,
    "answer_by": "2026-03-16T17:00:00Z",
    "version": 1,
    "opened_at": ASKED_AT,
    "moved_at": ASKED_AT,
    "purge_asked_at": None,
    "purge_confirmed_at": None,
    "confirmed_at": None,
    "can": [
        {
            "move": "cancel",
            "reasons": ["distance", "person_declined", "other"],
            "outcomes": [],
            "questions": [],
        },
        {"move": "reply", "reasons": [], "outcomes": [], "questions": []},
    ],
    "questions": [
        {
            "id": "019cd0d4-5e6f-7a8b-8c9d-0e1f2a3b4c33",
            "question": "start_date",
            "state": "open",
            "asked_at": "2026-03-10T01:30:00Z",
            "reply": None,
            "replied_at": None,
            "replies": ["yes", "no", "not_known", "agreed_by_phone", "need_changed"],
        }
    ],
}
REFERRAL_LIST: Final[Example] = {"items": [REFERRAL_READ], "next_cursor": None}

_WEIGHTS: Final[Example] = {str(merit): most for merit, most in POINTS.items()}
_POINTS: Final[Example] = {"free_places": 20, "seldom_declines": 20, "shared_language": 20}
_ASKED_ON: Final = date(2026, 3, 9)
_DELIVERY: Final = example_rule(PeriodKey.REFERRAL_DELIVERY, on=_ASKED_ON)
_ANSWER: Final = example_rule(PeriodKey.REFERRAL_ANSWER, on=_ASKED_ON)
_BEGAN: Final[Example] = {"started_on": "2026-03-09", "moved": None, "pauses": []}
OFFER_LIST: Final[Example] = {
    "items": [
        {
            "id": OFFER,
            "programme_id": PROGRAMME,
            "organisation_id": SCHOOL,
            "organisation_kind": "vocational_school",
            "status": "offered",
            "points": _POINTS,
            "offered_at": ASKED_AT,
            "delivery_due_at": "2026-03-11T17:00:00Z",
            "delivery_due_why": {
                **_BEGAN,
                "rule": _DELIVERY,
                "last_day": "2026-03-11",
                "at": "2026-03-11T17:00:00Z",
                "skipped": [],
            },
            "expires_at": "2026-03-16T17:00:00Z",
            "expires_why": {
                **_BEGAN,
                "rule": _ANSWER,
                "last_day": "2026-03-16",
                "at": "2026-03-16T17:00:00Z",
                "skipped": [
                    {"day": "2026-03-14", "reason": "weekend", "name": None},
                    {"day": "2026-03-15", "reason": "weekend", "name": None},
                ],
            },
            "delivered_at": ASKED_AT,
            "seen_at": None,
            "accepted_at": None,
            "ended_at": None,
            "confirmed_at": None,
            "reason": None,
            "purge_asked_at": None,
            "purge_confirmed_at": None,
        }
    ],
    "weights": _WEIGHTS,
    "delivery_rule": _DELIVERY,
    "answer_rule": _ANSWER,
}
_CANDIDATE: Final[Example] = {
    "programme_id": PROGRAMME,
    "organisation_id": SCHOOL,
    "organisation_kind": "vocational_school",
    "rank": 1,
    "score": 60,
    "points": _POINTS,
    "excluded_by": None,
    "capacity": 12,
    "free": 11,
    "is_asked": True,
}
_EXCLUDED: Final[Example] = {
    **_CANDIDATE,
    "programme_id": "019cd0d7-1b2c-7d3e-9f4a-5b6c7d8e9f31",
    "organisation_id": "019cd0d7-2c3d-7e4f-8a5b-6c7d8e9fa032",
    "rank": None,
    "score": None,
    "points": {},
    "excluded_by": "no_free_place",
    "free": 0,
    "is_asked": False,
}
CANDIDATE_LIST: Final[Example] = {"items": [_CANDIDATE, _EXCLUDED], "weights": _WEIGHTS}

_ASSURED_ON: Final = date(2026, 2, 20)
PLACES_LIST: Final[Example] = {
    "items": [
        {
            "id": PROGRAMME,
            "capacity": 12,
            "held": 1,
            "free": 11,
            "assured_until": {
                "rule": example_rule(PeriodKey.DIRECTORY_FRESHNESS, on=_ASSURED_ON),
                "started_on": "2026-02-20",
                "last_day": "2026-05-21",
                "at": "2026-05-21T17:00:00Z",
                "skipped": [],
                "moved": None,
                "pauses": [],
            },
            "closed_by": None,
        }
    ],
    "next_cursor": None,
}

NEED_CREATE: Final[Example] = {"code": "VOCATIONAL"}
NEED_MOVE_CREATE: Final[Example] = {"move": "end", "reason": "person_declined"}
NEED_READ: Final[Example] = {
    "id": NEED,
    "case_id": CASE,
    "code": "VOCATIONAL",
    "referral_id": REFERRAL,
    "asked_by": _OFFICER,
    "asked_at": ASKED_AT,
    "ended_at": None,
    "reason": None,
    "version": 1,
}
NEED_LIST: Final[Example] = {
    "items": [NEED_READ],
    "may_change": True,
    "granted": ["MEDICAL", "VOCATIONAL"],
    "next_cursor": None,
}

PROVISION_CREATE: Final[Example] = {
    "code": "ESSENTIAL",
    "days": 3,
    "given_on": "2026-03-02",
    "organisation_id": COMMUNE,
    "paper": "receipt",
    "paper_number": "15/BN-UBND",
    "paper_on": "2026-03-02",
}
PROVISION_MOVE_CREATE: Final[Example] = {"move": "entered_in_error", "reason": "recorded_twice"}
PROVISION_READ: Final[Example] = {
    "id": "019cd0a3-4d5e-7f6a-8b7c-8d9eafb0c134",
    "case_id": CASE,
    "code": "ESSENTIAL",
    "vnd": None,
    "days": 3,
    "given_on": "2026-03-02",
    "organisation_id": COMMUNE,
    "referral_id": None,
    "paper": "receipt",
    "paper_number": "15/BN-UBND",
    "paper_on": "2026-03-02",
    "recorded_by": _OFFICER,
    "recorded_for": OWNER,
    "recorded_at": "2026-03-03T02:10:00Z",
    "voided_at": None,
    "reason": None,
    "version": 1,
}
PROVISION_LIST: Final[Example] = {
    "items": [PROVISION_READ],
    "received": [
        {
            "code": "ESSENTIAL",
            "times": 1,
            "vnd": 0,
            "days": 3,
            "referrals": 0,
            "ceiling": None,
            "remaining_vnd": None,
        }
    ],
    "may_change": True,
    "next_cursor": None,
}

WAY_MOVE_CREATE: Final[Example] = {"move": "taken"}
WAY_READ: Final[Example] = {
    "id": "019cd0a6-5e6f-7a7b-8c8d-9eafb0c1d235",
    "case_id": CASE,
    "way": "social_assistance",
    "offered_at": PLANNED_AT,
    "outcome": None,
    "settled_at": None,
    "settled_by": None,
    "version": 1,
}
WAY_LIST: Final[Example] = {"items": [WAY_READ], "may_change": True}

_PAPER: Final[Example] = {"evidence_ref": "27/QĐ-UBND"}
FINANCIAL_HARDSHIP: Final[Example] = {"fact": "financial_hardship", "value": True, **_PAPER}
POOR_HOUSEHOLD: Final[Example] = {
    "fact": "poor_household",
    "value": True,
    **_PAPER,
    "holds_from": "2026-01-01",
}
VIETNAMESE_CITIZEN: Final[Example] = {"fact": "vietnamese_citizen", "value": True, **_PAPER}
UNDER_EIGHTEEN: Final[Example] = {"fact": "under_18", "value": False, **_PAPER}
PERMANENT_RESIDENCE: Final[Example] = {"fact": "permanent_residence", "value": True, **_PAPER}
GRANTED_IN_THIS_CASE: Final[Example] = {"fact": "granted_in_this_case", "value": True, **_PAPER}
IDENTIFIED: Final[Example] = {
    "fact": "identified",
    "value": True,
    **_PAPER,
    "holds_from": IDENTIFIED_ON,
}
WINDOW_EXCEPTION: Final[Example] = {"fact": "window_exception", "value": True, **_PAPER}
CATEGORY: Final[Example] = {"fact": "category", "value": "VICTIM_RESIDENT", **_PAPER}
FACT_WITHDRAWAL: Final[Example] = {"fact": "poor_household", "reason": "told_in_error"}
_TOLD: Final[Example] = {
    "id": _FACT,
    "case_id": CASE,
    "fact": "poor_household",
    "value": True,
    "reason": None,
    **_PAPER,
    "holds_from": "2026-01-01",
    "told_by": _OFFICER,
    "organisation_id": OWNER,
    "told_at": "2026-03-09T02:45:00Z",
    "ended_at": None,
}
FACT_LIST: Final[Example] = {"items": [_TOLD], "may_change": True, "next_cursor": None}
FACT_ANSWER: Final[Example] = {
    "fact": _TOLD,
    "plan_id": _PLAN,
    "revision": 2,
    "changes": [
        {
            **_LAW,
            "code": "HARDSHIP",
            "from_decision": "needs_information",
            "to_decision": "entitled",
            "facts": [],
        }
    ],
    "referred": [],
}
PLAN_LIST: Final[Example] = {
    "items": [
        {
            "id": _PLAN,
            "case_id": CASE,
            "regime": "2024",
            "category": "VICTIM_RESIDENT",
            "track": "identified",
            "opened_at": PLANNED_AT,
            "revision": 1,
            "since": PLANNED_AT,
            "cause": None,
            "fact_id": None,
            "changes": [],
            "entitlements": [
                {
                    **_LAW,
                    "code": "VOCATIONAL",
                    "decision": "entitled",
                    "facts": [],
                    "used": [
                        {
                            "fact": "citizen_or_permanent_resident",
                            "holds": True,
                            "fact_id": None,
                            "evidence_ref": None,
                            "last_day": None,
                        }
                    ],
                    "can_be_told": [],
                    "contents": [],
                    "amounts": [],
                }
            ],
            "application_window": None,
        }
    ]
}

ALERT_MOVE_CREATE: Final[Example] = {"move": "decline"}
_ALERT: Final = "019cd0b5-4d5e-7f7a-9b8c-9daebfcad229"
ALERT_MOVED: Final[Example] = {
    "id": _ALERT,
    "case_id": CASE,
    "code": "EDUCATION",
    "kind": "window_closing",
    "settled_at": "2026-03-10T03:00:00Z",
}
ALERT_LIST: Final[Example] = {
    "items": [
        {
            "id": _ALERT,
            "kind": "no_programme",
            "case_id": CASE,
            "subject": "MEDICAL",
            "object_id": "019cd0b4-5e6f-7a8b-8c9d-aebfcad0e330",
            "must_act": "case_owner",
            "organisation_id": OWNER,
            "since": ASKED_AT,
            "facts": {"excluded": {"no_consent": 2}},
            "referral_id": "019cd0b4-5e6f-7a8b-8c9d-aebfcad0e330",
            "code": "MEDICAL",
            "raised_at": ASKED_AT,
        }
    ],
    "next_cursor": None,
}
