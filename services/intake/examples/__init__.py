"""What the interface's description shows of every body: invented, and the same story throughout."""

from datetime import date
from typing import Any, Final

from shared.contracts.sample import (
    AREA,
    CASE,
    CASE_CODE,
    COMMUNE,
    OFFICER,
    OWNER,
    POLICE,
    RECEIVED_AT,
    REFERRAL,
)
from shared.contracts.vocabulary import Regime
from shared.law import PeriodKey
from shared.law.shapes import example_rule

Example = dict[str, Any]

CASE_CREATE: Final[Example] = {
    "route": "SELF_REPORT",
    "sender_reference": "VD/2026/001",
    "languages": ["vi"],
    "needs_interpreter": False,
    "immediate_needs": ["shelter"],
    "accompanying_minors": [],
    "papers": [
        {
            "type": "DECLARATION",
            "number": "01/TK-UBND",
            "issuer": "Ủy ban nhân dân xã Kiến Thụy",
            "issued_on": "2026-03-02",
        },
        {
            "type": "POLICE_CERTIFICATE",
            "number": "12/GXN-CATP",
            "issuer": "Công an thành phố Hải Phòng",
            "issued_on": "2026-03-10",
        },
    ],
    "requested_services": ["VOCATIONAL"],
    "consents": [{"organisation_kind": "vocational_school", "purpose": "service_referral"}],
    "person": {
        "full_name": "Nguyễn Thị Ví Dụ",
        "aliases": [],
        "sex": "female",
        "birth_date": "1996-05-02",
        "nationality": "VN",
        "identity_documents": [{"type": "CCCD", "number": "031196000099"}],
        "phones": [{"number": "+84 900 000 099", "safe_to_call": True}],
        "origin_unit_code": "11680",
        "present_unit_code": "11680",
    },
    "exploitation": {"types": ["ForcedMarriage"], "country": "CN"},
}
"""``docs/examples/case.json``, which the README submits with curl."""

_LINKS: Final[Example] = {
    "self": f"/intake/v1/cases/{CASE}",
    "journey": f"/intake/v1/cases/{CASE}/journey",
    "consents": f"/intake/v1/cases/{CASE}/consents",
}
_DAY: Final = "2026-03-02"
DRAFT: Final = "019cac9c-2c3d-7b4e-9f5a-6b7c8d9eafa4"
CASE_RECEIPT: Final[Example] = {
    "id": CASE,
    "code": CASE_CODE,
    "received_at": RECEIVED_AT,
    "status": "received",
    "warnings": [],
    "accompanying": [],
    "links": _LINKS,
}
_SUMMARY: Final[Example] = {
    "id": CASE,
    "code": CASE_CODE,
    "route": "SELF_REPORT",
    "receiver_id": COMMUNE,
    "receiver_kind": "commune_committee",
    "received_at": RECEIVED_AT,
    "registered_at": RECEIVED_AT,
    "late_reason": None,
    "status": "in_verification",
    "age_band": "adult",
    "was_minor_at_act": None,
    "sex": "female",
    "citizenship": "vietnamese",
    "area_code": AREA,
    "area_on": _DAY,
    "responsible_id": None,
    "requested_services": ["VOCATIONAL"],
    "warnings": [],
    "version": 2,
}
CASE_LIST: Final[Example] = {"items": [_SUMMARY], "next_cursor": None}

CONSENT_SCOPE: Final[Example] = {
    "organisation_kind": "vocational_school",
    "purpose": "service_referral",
}
CONSENT_CREATE: Final[Example] = {**CONSENT_SCOPE, "witness": "Phạm Thị Ví Dụ"}
CONSENT_READ: Final[Example] = {
    **CONSENT_SCOPE,
    "id": "019cac8a-7d32-7e5c-8f63-7b4c8eaf6a15",
    "given_at": RECEIVED_AT,
    "withdrawn_at": None,
}
CASE_READ: Final[Example] = {
    **_SUMMARY,
    "languages": ["vi"],
    "needs_interpreter": False,
    "asked_staff_sex": None,
    "papers": ["DECLARATION", "POLICE_CERTIFICATE"],
    "consents": [CONSENT_READ],
    "accompanies": None,
    "accompanied_by": [],
    "links": _LINKS,
}

_NO_STEP: Final[Example] = dict.fromkeys(("reason", "outcome", "need", "code", "referral_id"))
JOURNEY: Final[Example] = {
    "case_id": CASE,
    "steps": [
        {
            **_NO_STEP,
            "at": RECEIVED_AT,
            "kind": "received",
            "status": "received",
            "organisation_id": COMMUNE,
        },
        {
            **_NO_STEP,
            "at": "2026-03-02T01:15:02Z",
            "kind": "verification_opened",
            "status": "in_verification",
            "organisation_id": POLICE,
        },
    ],
    "turn": {
        "who": "verifier",
        "why": "decide_verification",
        "since": "2026-03-02T01:15:02Z",
        "organisation_id": POLICE,
        "need": None,
        "code": None,
        "referral_id": None,
    },
}

CORRECTION_CREATE: Final[Example] = {"birth_date": "1996-05-12", "reason": "paper_shown"}
CORRECTION_READ: Final[Example] = {
    "id": "019cac9b-8e43-7f6d-9a74-8c5d9fba7b16",
    "case_id": CASE,
    "reason": "paper_shown",
    "at": "2026-03-02T07:00:00Z",
    "age_band": "adult",
    "was_minor_at_act": None,
    "version": 3,
}

_RULE: Final[Example] = {
    "ways": ["call"],
    "hours": "18:00/20:00",
    "answered_by": "Chị gái",
    "may_leave_message": False,
    "code_phrase": "Tôi gọi về lớp may",
}
DISCLOSURE_CREATE: Final[Example] = {
    "referral_id": REFERRAL,
    "purpose": "service_referral",
    "fields": ["full_name", "safe_phones"],
}
DISCLOSURE_READ: Final[Example] = {
    "disclosure_id": "019cd5f0-1b2c-7a3d-8e4f-9a5b6c7d8e17",
    "referral_id": REFERRAL,
    "purpose": "service_referral",
    "person": {
        "full_name": "Nguyễn Thị Ví Dụ",
        "safe_phones": ["+84900000099"],
        "contact_rules": [{"number": "+84900000099", **_RULE}],
    },
    "withheld": None,
}
FILE_DISCLOSURE_CREATE: Final[Example] = {
    "purpose": "case_management",
    "reason": "support_planning",
    "fields": ["full_name", "phones", "present_unit_code", "present_unit_on", "immediate_needs"],
}
FILE_DISCLOSURE_READ: Final[Example] = {
    "disclosure_id": "019cac9c-2c3d-7b4e-9f5a-6b7c8d9eaf18",
    "case_id": CASE,
    "purpose": "case_management",
    "reason": "support_planning",
    "person": {
        "full_name": "Nguyễn Thị Ví Dụ",
        "phones": [
            {
                "number": "+84900000099",
                "safe_to_call": True,
                "was_reached": False,
                "is_confirmed": True,
                "rule": _RULE,
            }
        ],
        "present_unit_code": AREA,
        "present_unit_on": _DAY,
        "immediate_needs": ["shelter"],
    },
    "withheld": None,
}

ASSIGNMENT_CREATE: Final[Example] = {
    "organisation_id": "019a3f10-88bb-7c98-9dcc-7e8fdf9b4c19",
    "role": "facility",
    "reason": "shelter_needed",
    "valid_from": "2026-03-02",
    "valid_to": "2026-04-01",
}
ASSIGNMENT_END: Final[Example] = {"reason": "no_longer_needed"}
ASSIGNMENT_READ: Final[Example] = {
    "id": "019cac9d-3d4e-7c5f-8a6b-7c8d9eafb020",
    "case_id": CASE,
    "case_code": CASE_CODE,
    "person": {
        "age_band": "adult",
        "sex": "female",
        "area_code": AREA,
        "area_on": _DAY,
    },
    **ASSIGNMENT_CREATE,
    "assigned_at": "2026-03-02T02:30:00Z",
    "ended_at": None,
    "end_reason": None,
}
ASSIGNMENT_LIST: Final[Example] = {"items": [ASSIGNMENT_READ], "next_cursor": None}

_WAITS: Final[Example] = {
    "id": "019cac8a-9f54-7a7e-8b85-9d6ea0cb8c21",
    "kind": "immediate_needs",
    "case_id": CASE,
    "must_act": "case_owner",
    "organisation_id": OWNER,
    "since": RECEIVED_AT,
}
ALERT_LIST: Final[Example] = {"items": [{**_WAITS, "read_at": None}], "next_cursor": None}
WAITING_LIST: Final[Example] = {
    "items": [{**_WAITS, "subject": "case", "object_id": CASE, "facts": {"read_at": None}}],
    "next_cursor": None,
}

INITIAL_CHECK_CREATE: Final[Example] = {
    "checked_on": "2026-03-03",
    "outcome": "signs_found",
    "together_with_id": POLICE,
    "evidence_ref": "07/BB-SYT",
}
INITIAL_CHECK_READ: Final[Example] = {
    "id": "019cb1d1-5f60-7e7b-8c8d-9eafb0c1d224",
    "case_id": CASE,
    **INITIAL_CHECK_CREATE,
    "organisation_id": OWNER,
    "recorded_at": "2026-03-03T02:00:00Z",
}
INITIAL_CHECK_STANDING: Final[Example] = {
    "case_id": CASE,
    "is_owed": False,
    "is_company_needed": True,
    "due": {
        "rule": example_rule(
            PeriodKey.RECEPTION_INITIAL_CHECK, on=date(2026, 3, 2), regime=Regime.LAW_2024
        ),
        "why": None,
    },
    "check": INITIAL_CHECK_READ,
}

HAND_OVER_CREATE: Final[Example] = {
    "organisation_id": OWNER,
    "officer_id": OFFICER,
    "reason": "person_moved",
}
HAND_OVER_OF_MANY: Final[Example] = {
    "cases": [{"id": CASE, "version": 4}],
    **HAND_OVER_CREATE,
}
RELEASE_CREATE: Final[Example] = {"reason": "given_by_mistake"}
_HAND_OVER: Final = "019cb1c0-4e5f-7d6a-9b7c-8d9eafb0c122"
HAND_OVER_READ: Final[Example] = {
    "id": _HAND_OVER,
    "case_id": CASE,
    "kind": "assigned",
    "reason": "person_moved",
    "former_id": "019a3f10-99cc-7da9-8edd-8f9aeaac5d23",
    "responsible_id": OWNER,
    "officer_id": OFFICER,
    "at": "2026-03-03T01:00:00Z",
    "version": 5,
}
HANDED_LIST: Final[Example] = {
    "items": [{"case_id": CASE, "outcome": "done", "hand_over_id": _HAND_OVER, "problem": None}]
}
RESPONSIBILITY_READ: Final[Example] = {
    "case_id": CASE,
    "version": 5,
    "owner_id": OWNER,
    "owned_by": "hand_over",
    "responsible_id": OWNER,
    "officer_id": OFFICER,
    "officer_gone_at": None,
    "hand_overs": [HAND_OVER_READ],
}

_NO_EVENT: Final[Example] = {
    **dict.fromkeys(("status", "reason", "outcome", "need", "code", "referral_id")),
    **dict.fromkeys(("organisation_id", "organisation_kind", "purpose", "role")),
}
TIMELINE: Final[Example] = {
    "items": [
        {
            **_NO_EVENT,
            "at": "2026-03-02T02:30:00Z",
            "kind": "assignment_made",
            "reason": "shelter_needed",
            "organisation_id": "019a3f10-88bb-7c98-9dcc-7e8fdf9b4c19",
            "role": "facility",
        },
        {
            **_NO_EVENT,
            "at": RECEIVED_AT,
            "kind": "received",
            "status": "received",
            "organisation_id": COMMUNE,
        },
    ],
    "next_cursor": None,
}
DISCLOSED_LIST: Final[Example] = {
    "items": [
        {
            "id": "019cac9c-2c3d-7b4e-9f5a-6b7c8d9eaf18",
            "at": "2026-03-02T02:00:00Z",
            "basis": "law",
            "organisation_id": OWNER,
            "purpose": "case_management",
            "reason": "support_planning",
            "referral_id": None,
            "outcome": "granted",
            "fields": ["full_name", "phones"],
        }
    ],
    "next_cursor": None,
}
REVEAL_LIST: Final[Example] = {
    "items": [
        {
            "id": "019cac9c-2c3d-7b4e-9f5a-6b7c8d9eaf18",
            "at": "2026-03-02T02:00:00Z",
            "basis": "law",
            "case_code": CASE_CODE,
            "purpose": "case_management",
            "reason": "support_planning",
        }
    ],
    "next_cursor": None,
}
CASE_SEARCH: Final[Example] = {
    "field": "phone",
    "value": "+84 900 000 099",
    "purpose": "person_called",
}
CASES_FOUND: Final[Example] = {"items": [_SUMMARY], "is_more": False}

SECTION_WRITE: Final[Example] = {
    "answers": {"person.full_name": ["Nguyễn Thị Ví Dụ"], "person.birth_year": ["1996"]}
}
DRAFT_CREATE: Final[Example] = {"sections": {"person": SECTION_WRITE}}
DRAFT_SUMMARY: Final[Example] = {
    "id": DRAFT,
    "begun_at": RECEIVED_AT,
    "changed_at": RECEIVED_AT,
    "kept_until": "2026-03-16T02:00:00Z",
    "sections": ["person"],
    "version": 1,
    "case_id": None,
}
DRAFT_READ: Final[Example] = {**DRAFT_SUMMARY, "typed": {"person": SECTION_WRITE["answers"]}}
DRAFT_LIST: Final[Example] = {"items": [DRAFT_SUMMARY], "of_others": 2, "next_cursor": None}
AUDITED_CASE_LIST: Final[Example] = {
    "items": [{"id": CASE, "code": CASE_CODE, "received_at": RECEIVED_AT}],
    "next_cursor": None,
}
