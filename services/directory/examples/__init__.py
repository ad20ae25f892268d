"""What the interface's description shows of every body: invented, and the same story throughout."""

from typing import Any, Final

from shared.contracts.sample import AREA, CITY, COMMUNE, ENDPOINT, OFFICER, OWNER, PROGRAMME, SCHOOL

Example = dict[str, Any]

_NAMES: Final[Example] = {
    "name_vi": "Trường Cao đẳng nghề Ví Dụ",
    "name_en": "Vi Du Vocational College",
}
_SOURCE: Final[Example] = {"source": "Công văn số 15/CV-CĐVD", "certainty": "confirmed"}
_ROLE: Final[Example] = {"role": "provider", "area_code": CITY, "valid_from": "2026-01-01"}
_HELD: Final[Example] = {**_ROLE, "valid_to": None}

ORGANISATION_CHANGE: Final[Example] = {**_NAMES, "is_active": True, "roles": [_ROLE], **_SOURCE}
ORGANISATION_CREATE: Final[Example] = {
    **ORGANISATION_CHANGE,
    "code": "cao-dang-nghe-vi-du",
    "kind": "vocational_school",
    "is_test": False,
}
ORGANISATION_READ: Final[Example] = {
    "id": SCHOOL,
    **ORGANISATION_CREATE,
    "roles": [_HELD],
    "version": 1,
}
ORGANISATION_LIST: Final[Example] = {"items": [ORGANISATION_READ], "next_cursor": None}

_OWNS: Final[Example] = {"role": "case_owner", "area_code": AREA, "valid_from": "2026-01-01"}
_PERSON: Final[Example] = {"user_name": "can.bo.vi-du", "display_name": "Lê Thị Ví Dụ"}
_LINK: Final[Example] = {
    "link_number": 1,
    "link_expires_at": "2026-03-05T02:00:00Z",
    "code": "XZQ4DH-B6MPT5-YJWXNP",
}

STAFF_CHANGE: Final[Example] = {
    "display_name": _PERSON["display_name"],
    "is_active": True,
    "grants": [_OWNS],
}
STAFF_CREATE: Final[Example] = {**STAFF_CHANGE, "user_name": _PERSON["user_name"]}
STAFF_READ: Final[Example] = {
    "id": OFFICER,
    "organisation_id": OWNER,
    **STAFF_CREATE,
    "grants": [{**_OWNS, "valid_to": None}],
    "registered_at": "2026-03-02T02:00:00Z",
    "changed_at": "2026-03-02T02:00:00Z",
    "version": 1,
}
OFFICER_LIST: Final[Example] = {
    "items": [{"id": OFFICER, "display_name": STAFF_READ["display_name"]}],
    "next_cursor": None,
}
STAFF_LIST: Final[Example] = {"items": [STAFF_READ], "next_cursor": None}
MANAGER_CREATE: Final[Example] = {"user_name": "quan.ly.vi-du", "display_name": "Trần Văn Ví Dụ"}
MANAGER_APPOINTED: Final[Example] = {
    "staff_id": "019a3f20-66aa-7b76-9caa-5d6ebd7f6a12",
    "organisation_id": SCHOOL,
    **_LINK,
}
LINK_CREATE: Final[Example] = {"purpose": "password"}
LINK_MADE: Final[Example] = {"staff_id": OFFICER, **_LINK}

PROGRAMME_CHANGE: Final[Example] = {
    "name_vi": "Lớp may công nghiệp",
    "name_en": "Industrial sewing class",
    "codes": ["VOCATIONAL"],
    "area_codes": [CITY],
    "capacity": 12,
    "languages": ["vi"],
    "has_interpreter": False,
    "client_sexes": ["female", "male", "other"],
    "minimum_age": 16,
    "maximum_age": None,
    "serves_children": False,
    "staff_sexes": ["female"],
    "is_active": True,
    "certainty": "confirmed",
}
PROGRAMME_CREATE: Final[Example] = {**PROGRAMME_CHANGE, "organisation_id": SCHOOL}
PROGRAMME_READ: Final[Example] = {
    "id": PROGRAMME,
    **PROGRAMME_CREATE,
    "organisation_name_vi": _NAMES["name_vi"],
    "organisation_name_en": _NAMES["name_en"],
    "assured_at": "2026-02-19T17:00:00Z",
    "assured_by": "administrator",
    "assured_post": "Trưởng phòng Đào tạo",
    "assured_on": "2026-02-20",
    "assured_reference": "15/CV-CĐVD",
    "version": 2,
}
PROGRAMME_LIST: Final[Example] = {"items": [PROGRAMME_READ], "next_cursor": None}
ASSURANCE_CREATE: Final[Example] = {
    "confirmation": {
        "post": "Trưởng phòng Đào tạo",
        "confirmed_on": "2026-02-20",
        "reference": "15/CV-CĐVD",
    }
}

UNIT_LIST: Final[Example] = {
    "items": [
        {
            "code": "10507",
            "name": "Phường Thành Đông",
            "kind": "ward",
            "parent_code": CITY,
            "valid_from": "2025-07-01",
            "valid_to": None,
            "source": "vietnamese-provinces-database",
        }
    ],
    "next_cursor": None,
}
SUCCESSION_LIST: Final[Example] = {
    "items": [{"old_code": "11890", "new_code": "10804", "changed_on": "2025-07-01"}]
}

_KEY: Final[Example] = {
    "kty": "OKP",
    "crv": "Ed25519",
    "x": "qx5DGeu0lrWzXh3Br4WdOyPIws-zGflmxi4-gppeSWA",
}
CLIENT_CHANGE: Final[Example] = {"public_jwk": _KEY, "is_active": True}
CLIENT_CREATE: Final[Example] = {
    "client_id": "xa-vi-du.tiep-nhan",
    "organisation_id": COMMUNE,
    "public_jwk": _KEY,
}
CLIENT_READ: Final[Example] = {
    **CLIENT_CREATE,
    "is_active": True,
    "registered_at": "2026-03-02T02:00:00Z",
    "version": 1,
    "thumbprint": "R2nj1czTJ9oyNLfZ217O9OoMra76lLtGUB5Mt2gn9m8",
}
CLIENT_LIST: Final[Example] = {"items": [CLIENT_READ]}

ENDPOINT_CREATE: Final[Example] = {
    "url": "https://phan-mem.truong-nghe-vi-du.edu.vn/nhip-cau",
    "topic": "referrals",
}
ENDPOINT_READ: Final[Example] = {
    "id": ENDPOINT,
    "organisation_id": SCHOOL,
    **ENDPOINT_CREATE,
    "status": "active",
    "reason": None,
    "secret_version": 1,
    "changed_at": "2026-03-02T02:00:00Z",
}
ENDPOINT_LIST: Final[Example] = {"items": [ENDPOINT_READ]}
ENDPOINT_REGISTERED: Final[Example] = {
    **ENDPOINT_READ,
    "secret": "whsec_VsOtIGThu6UgY2jhu6kga2jDtG5nIHBo4bqjaSB0aOG6rXQ=",
}

CONTACT_POINT_CREATE: Final[Example] = {"mailbox": "van-phong@truong-nghe-vi-du.edu.vn"}
CONTACT_POINT_READ: Final[Example] = {
    "id": "019a3f40-88bb-7c98-8dcc-7e8adf9b4c12",
    "organisation_id": SCHOOL,
    "channel": "email",
    **CONTACT_POINT_CREATE,
    "number": None,
    "valid_from": "2026-03-02T02:00:00Z",
    "valid_to": None,
    "code_since": "2026-03-02T02:10:00Z",
}
ANSWER_CODE_MADE: Final[Example] = {**CONTACT_POINT_READ, "code": "7Q2MXH-9T4K"}
CONTACT_POINT_LIST: Final[Example] = {"items": [CONTACT_POINT_READ]}

TOKEN_REQUEST: Final[Example] = {
    "grant_type": "client_credentials",
    "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    "client_assertion": "eyJhbGciOiJFZDI1NTE5In0.eyJpc3MiOiJ4YS12aS1kdSJ9.Y2jhu68ta8O9LXbDrS1k4bul",
    "scope": "receiver",
}
TOKEN_READ: Final[Example] = {
    "access_token": "eyJ0eXAiOiJhdCtqd3QifQ.eyJzdWIiOiJ4YS12aS1kdSJ9.Y2jhu68ta8O9LXbDrS1k4bul",
    "token_type": "Bearer",
    "expires_in": 600,
    "scope": "receiver",
}
TOKEN_ERROR: Final[Example] = {
    "error": "invalid_client",
    "error_description": "The client could not be authenticated. (expired)",
}
KEY_SET: Final[Example] = {"keys": [{**_KEY, "kid": "2026-03", "alg": "Ed25519"}]}

_PLACE: Final[Example] = {"device": "phone", "source": "203.0.113.7"}
_SESSION: Final = "019cac8a-8e43-7f6d-9a74-8c5d9fbb7a13"
_PASSWORD: Final = "thuyền nan trên sông"  # noqa: S105 - an example
LOG_IN_RULES_READ: Final[Example] = {
    "second_factor_required": True,
    "shortest_password": 12,
    "idle_minutes": 20,
    "longest_hours": 8,
}
LOG_IN_START: Final[Example] = {
    **_PLACE,
    "user_name": _PERSON["user_name"],
    "password": _PASSWORD,
}
SECOND_FACTOR_GIVEN: Final[Example] = {
    **_PLACE,
    "log_in": "YHB-kHO1cpDBZCYysGHxcQhycXaskDlEQdQ37Wi1QKw",
    "code": "050649",
}
LINK_REDEEMED: Final[Example] = {**_PLACE, "code": _LINK["code"], "password": _PASSWORD}
OFFICE_GIVEN: Final[Example] = {
    **_PLACE,
    "link": "AZo_QIi7fJiNzH6K35tMEnwSnSLlq0v2kZ1Zs5yqIjQAAAAAaa9xQPZ8V9mO6X0r8mF3eZ0q7Jw",
    "code": ANSWER_CODE_MADE["code"],
}
LOG_IN_READ: Final[Example] = {
    "step": "done",
    "log_in": None,
    "authenticator": None,
    "session": "1U5-yBzZRUqxKFzVYmwmglvymi1sFmb0yw8bNQH4pn4",
    "session_id": _SESSION,
    "recovery_codes": [],
    "device_token": "VYIRFHor-uA9J94ak5ZZbNHe1pJH5bDGgwCMHs3Rwlo",
    "second_factor_required": True,
}
SESSION_TOKEN: Final[Example] = {"session": LOG_IN_READ["session"]}
PASSWORD_CHANGE: Final[Example] = {"password": _PASSWORD, "new_password": "cầu tre qua ba con rạch"}

ACCOUNT_READ: Final[Example] = {
    "id": OFFICER,
    "organisation_id": OWNER,
    **_PERSON,
    "grants": [{"role": "case_owner", "area": AREA}],
    "has_authenticator": True,
    "recovery_codes_left": 10,
    "second_factor_required": True,
    "passkeys_possible": True,
}
SESSION_READ: Final[Example] = {
    "id": _SESSION,
    "device": "phone",
    "begun_at": "2026-03-09T00:45:00Z",
    "used_at": "2026-03-09T01:05:00Z",
    "is_this": True,
}
SESSION_LIST: Final[Example] = {"items": [SESSION_READ]}
ACCOUNT_LOG: Final[Example] = {
    "items": [
        {
            "id": "019cd0a0-9f54-7a7e-8b85-9d6ea0cc8b14",
            "at": "2026-03-09T00:45:00Z",
            "event": "account.log_in",
            "outcome": "done",
            "is_own_act": True,
            "device": "phone",
            "times": 1,
        }
    ],
    "next_cursor": None,
}

_CREDENTIAL = "h0uLqRIaJ7nqTW0eYhHMIg"
_CHALLENGE: Final[Example] = {
    "rp_id": "nhipcau.vi-du.vn",
    "challenge": "0ZqjXxYlR6wDd5Rr1m3VbJ1m3oQmCwZyYhB-kHO1cpE",
    "credential_ids": [_CREDENTIAL],
}
STEP_TOKEN: Final[Example] = {"log_in": SECOND_FACTOR_GIVEN["log_in"]}
CHALLENGE_READ: Final[Example] = {"passkey": _CHALLENGE}
PROOF_GIVEN: Final[Example] = {"password": _PASSWORD, "code": "050649"}
APP_CODE: Final[Example] = {"code": "050649"}
AUTHENTICATOR: Final[Example] = {
    "secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
    "address": "otpauth://totp/can.bo.vi-du?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
}
RECOVERY_CODES: Final[Example] = {"recovery_codes": ["7Q2MXH-9T4K", "CWB01S-G8ZD"]}
PASSKEY_CREATE: Final[Example] = {
    "name": "Điện thoại cơ quan",
    "credential_id": _CREDENTIAL,
    "client_data": "eyJ0eXBlIjoid2ViYXV0aG4uY3JlYXRlIn0",
    "attestation": "o2NmbXRkbm9uZWdhdHRTdG10oGhhdXRoRGF0YVg",
}
PASSKEY_INVITATION: Final[Example] = {
    **_CHALLENGE,
    "user_id": "AZo_IGaqe3acql1uvX9qEg",
    **_PERSON,
    "algorithms": [-8, -7, -257],
}
PASSKEY_READ: Final[Example] = {
    "id": "019cd0a0-9f54-7a7e-8b85-9d6ea0cc8b15",
    "name": PASSKEY_CREATE["name"],
    "registered_at": "2026-03-09T00:50:00Z",
    "used_at": None,
}
PASSKEY_LIST: Final[Example] = {"items": [PASSKEY_READ]}
PASSKEY_ADDED: Final[Example] = {"passkey": PASSKEY_READ, "recovery_codes": []}

PROVIDER_SET: Final[Example] = {
    "issuer": "https://dang-nhap.vi-du.edu.vn",
    "client_id": "nhip-cau",
}
PROVIDER_READ: Final[Example] = {
    "organisation_id": SCHOOL,
    **PROVIDER_SET,
    "redirect_uri": "https://nhipcau.vi-du.vn/log-in/outside/return",
    "changed_at": "2026-03-02T02:00:00Z",
}
VOUCHED_LIST: Final[Example] = {"items": [{"organisation_id": SCHOOL, **_NAMES}]}
OUTSIDE_START: Final[Example] = {"organisation_id": SCHOOL}
OUTSIDE_BEGUN: Final[Example] = {
    "address": "https://dang-nhap.vi-du.edu.vn/authorize?response_type=code&client_id=nhip-cau",
    "log_in": "YHB-kHO1cpDBZCYysGHxcQhycXaskDlEQdQ37Wi1QKw",
}
OUTSIDE_RETURNED: Final[Example] = {
    **_PLACE,
    "log_in": OUTSIDE_BEGUN["log_in"],
    "state": "b5dPZ0jB1Yw3rT0Zl0ZJ5m2bq8m1YcWc",
    "code": "Zk3rQ0m1b7",
}
ACTOR_LIST: Final[Example] = {
    "items": [
        {
            "actor": f"staff:{OFFICER}",
            "organisation_id": OWNER,
            "organisation_name_vi": "Sở Ví Dụ",
            "organisation_name_en": "Department of Vi Du",
            "display_name": _PERSON["display_name"],
        }
    ]
}

SETTINGS_CHANGE: Final[Example] = {
    "digest": "day",
    "quiet_from": "18:00",
    "quiet_to": "06:30",
    "language": "vi",
    "is_on_call": False,
    "urgent_first": "sms",
}
SETTINGS_READ: Final[Example] = {
    **SETTINGS_CHANGE,
    "mailbox": "can.bo@vi-du.edu.vn",
    "mailbox_at": "2026-03-02T02:00:00Z",
    "confirmed_at": "2026-03-02T02:04:00Z",
    "refused_since": None,
    "stopped_at": None,
    "phone": {
        "number": "+84912345678",
        "named_at": "2026-03-02T02:10:00Z",
        "confirmed_at": "2026-03-02T02:11:00Z",
        "refused_since": None,
        "stopped_at": None,
    },
}
PHONE_GIVEN: Final[Example] = {"number": "+84912345678"}
MAILBOX_GIVEN: Final[Example] = {"mailbox": SETTINGS_READ["mailbox"]}
CODE_GIVEN: Final[Example] = {"code": "7Q2MXH-9T4K"}
WEEKLY_PAGE: Final[Example] = {"is_wanted": True}
WEEKLY_PAGE_READ: Final[Example] = {**WEEKLY_PAGE, "since": "2026-03-02T02:00:00Z"}
MAILINGS_ASKED: Final[Example] = {"asked_at": "2026-03-09T00:50:00Z", "after": None}
MAILING_LIST: Final[Example] = {
    "items": [
        {
            "kind": "person",
            "id": OFFICER,
            "organisation_id": OWNER,
            "since": SETTINGS_READ["confirmed_at"],
            "digest": SETTINGS_CHANGE["digest"],
            "quiet_from": SETTINGS_CHANGE["quiet_from"],
            "quiet_to": SETTINGS_CHANGE["quiet_to"],
            "is_on_call": False,
            "urgent_by": ["sms", "email"],
            "phone_at": None,
        }
    ],
    "next_cursor": None,
}
RECIPIENT_ASKED: Final[Example] = {
    "asked_at": MAILINGS_ASKED["asked_at"],
    "kind": "person",
    "id": OFFICER,
    "by": "email",
}
RECIPIENT_READ: Final[Example] = {
    "mailbox": SETTINGS_READ["mailbox"],
    "mailbox_id": "019cac91-ba76-7c9a-9da7-bf8ac2edae25",
    "number": None,
    "number_id": None,
    "language": "vi",
    "code": None,
    "token": "eyJhbGciOiJFZDI1NTE5In0.eyJzdWIiOiIuLi4ifQ.c2lnbmF0dXJl",
}
UNSUBSCRIPTION: Final[Example] = {
    "link": "AZysDQm3d1qv0RkQv0b7AQGcrJG6dnyanacFv4rC7a4lQk0mS1hXb2w5cT4uN3Z5eA"
}
