"""What the interface's description shows of every body: invented, and the same story throughout."""

from typing import Any, Final

from shared.contracts.sample import ASKED_AT, CASE, ENDPOINT, OFFER, PROGRAMME, REFERRAL, SCHOOL

Example = dict[str, Any]

_DELIVERY: Final = "019cd0b4-6f7a-7b8c-8dae-cfd0e1f2a432"
_TYPE: Final = "vn.nhipcau.referral.requested.v1"
DELIVERY_SUMMARY: Final[Example] = {
    "id": _DELIVERY,
    "organisation_id": SCHOOL,
    "case_id": CASE,
    "referral_id": REFERRAL,
    "offer_id": OFFER,
    "type": _TYPE,
    "channel": "webhook",
    "state": "delivered",
    "attempts": 1,
    "next_at": None,
    "created_at": ASKED_AT,
    "concluded_at": "2026-03-09T03:00:01Z",
    "last_code": "delivered",
    "replayed_at": None,
    "replay_reason": None,
}
DELIVERY_LIST: Final[Example] = {"items": [DELIVERY_SUMMARY], "next_cursor": None}
DELIVERY_READ: Final[Example] = {
    **DELIVERY_SUMMARY,
    "event": {
        "specversion": "1.0",
        "id": _DELIVERY,
        "source": "/livelihood-support",
        "type": _TYPE,
        "subject": f"referral/{OFFER}",
        "time": ASKED_AT,
        "datacontenttype": "application/json",
        "dataclassification": "restricted",
        "traceparent": "00-4bf91399d3c6781835bd31cc5c230b84-9f822e9e5f02976b-01",
        "data": {
            "code": "VOCATIONAL",
            "link": f"/livelihood-support/v1/referrals/{OFFER}",
            "status": "requested",
            "offer_id": OFFER,
            "referral_id": OFFER,
            "programme_id": PROGRAMME,
        },
    },
    "tries": [
        {
            "number": 1,
            "started_at": ASKED_AT,
            "ended_at": "2026-03-09T03:00:01Z",
            "outcome": "delivered",
            "http_status": 204,
            "smtp_status": None,
        }
    ],
}
REPLAY_CREATE: Final[Example] = {"reason": "cause_fixed"}
ENDPOINT_READ: Final[Example] = {
    "endpoint_id": ENDPOINT,
    "organisation_id": SCHOOL,
    "channel": "webhook",
    "status": "active",
    "secret_version": 1,
    "consecutive_failures": 0,
    "paused_until": None,
    "last_status": 204,
    "changed_at": "2026-03-02T02:00:00Z",
    "suspended_at": None,
    "suspended_by": None,
    "suspension_reason": None,
}
ENDPOINT_LIST: Final[Example] = {"items": [ENDPOINT_READ], "next_cursor": None}
SUSPENSION_CREATE: Final[Example] = {"reason": "partner_asked"}
RECIPIENT_LIST: Final[Example] = {
    "items": [
        {
            "organisation_id": SCHOOL,
            "delivered": 4,
            "waiting": 0,
            "failing": 0,
            "parked": 0,
            "no_endpoint": 0,
            "oldest_at": None,
            "endpoint": ENDPOINT_READ,
        }
    ],
    "next_cursor": None,
}
