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
    "template_id": None,
    "template_version": None,
    "replayed_at": None,
    "replayed_by": None,
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
            "answer_not_due_before": "2026-03-16T17:00:00Z",
        },
    },
    "is_reduced": False,
    "tries": [
        {
            "number": 1,
            "started_at": ASKED_AT,
            "ended_at": "2026-03-09T03:00:01Z",
            "outcome": "delivered",
            "http_status": 204,
            "smtp_status": None,
            "carrier": None,
        }
    ],
}
RECORDING_SUMMARY: Final[Example] = {
    "id": "019cd0b4-6f7a-7b8c-8dae-cfd0e1f2a4cc",
    "delivery_id": _DELIVERY,
    "number": 1,
    "organisation_id": SCHOOL,
    "type": _TYPE,
    "channel": "sms",
    "outcome": "sent",
    "report": "delivered",
    "recorded_at": ASKED_AT,
}
RECORDING_READ: Final[Example] = {
    **RECORDING_SUMMARY,
    "headers": {},
    "content": "Có việc mới cần xử lý. Mã: 7B0C1D2E. Xem trên trang làm việc.",
}
RECORDING_LIST: Final[Example] = {"items": [RECORDING_SUMMARY], "next_cursor": None}
REPLAY_CREATE: Final[Example] = {"reason": "cause_fixed"}
REPLAYABLE: Final[Example] = {"count": 240, "oldest_at": ASKED_AT}
PACED_REPLAY_CREATE: Final[Example] = {
    "channel": "email",
    "organisation_id": None,
    "count": 240,
    "per_minute": 60,
    "reason": "transient_fault",
}
REPLAY_READ: Final[Example] = {
    "replay_id": "019cd0b4-6f7a-7b8c-8dae-cfd0e1f2a4bb",
    "channel": "email",
    "organisation_id": None,
    "per_minute": 60,
    "reason": "transient_fault",
    "started_at": ASKED_AT,
    "started_by": "staff:019cd0b4-6f7a-7b8c-8dae-cfd0e1f2a4aa",
    "ended_at": None,
    "stopped_by": None,
    "chosen": 240,
    "waiting": 180,
    "under_way": 2,
    "arrived": 57,
    "parked": 1,
}
REPLAY_LIST: Final[Example] = {"items": [REPLAY_READ], "next_cursor": None}
SMS_REPORT_CREATE: Final[Example] = {
    "id": DELIVERY_SUMMARY["id"],
    "attempt": 1,
    "outcome": "delivered",
}
ENDPOINT_READ: Final[Example] = {
    "endpoint_id": ENDPOINT,
    "organisation_id": SCHOOL,
    "channel": "webhook",
    "topic": "referrals",
    "status": "active",
    "secret_version": 1,
    "consecutive_failures": 0,
    "paused_until": None,
    "last_status": 204,
    "changed_at": "2026-03-02T02:00:00Z",
    "is_recorded": False,
    "suspended_at": None,
    "suspended_by": None,
    "suspension_reason": None,
}
ENDPOINT_LIST: Final[Example] = {"items": [ENDPOINT_READ], "next_cursor": None}
SUSPENSION_CREATE: Final[Example] = {"reason": "partner_asked"}
RECIPIENT: Final[Example] = {
    "organisation_id": SCHOOL,
    "delivered": 4,
    "waiting": 1,
    "failing": 0,
    "parked": 0,
    "no_endpoint": 0,
    "oldest_at": ASKED_AT,
    "endpoints": [ENDPOINT_READ],
    "suspensions": [
        {
            "part": "organisation",
            "suspended_at": ASKED_AT,
            "suspended_by": "staff:019cd0b4-6f7a-7b8c-8dae-cfd0e1f2a4aa",
            "suspension_reason": "partner_asked",
        }
    ],
}
RECIPIENT_LIST: Final[Example] = {"items": [RECIPIENT], "next_cursor": None}
CHANNEL_READ: Final[Example] = {
    "channel": "email",
    "served_at": ASKED_AT,
    "suspended_at": None,
    "suspended_by": None,
    "suspension_reason": None,
    "oldest_due_at": None,
    "states": [{"state": "pending", "count": 1}, {"state": "sent", "count": 12}],
    "errors": [{"outcome": "deferred", "count": 2, "last_at": ASKED_AT}],
    "carriers": [
        {
            "carrier": "main",
            "weight": 3,
            "resting_since": None,
            "rests_until": None,
            "last_failed_at": None,
            "calls": 12,
            "failures": 0,
        }
    ],
}
CHANNEL_LIST: Final[Example] = {"items": [CHANNEL_READ]}
NOTICE_READ: Final[Example] = {
    "id": _DELIVERY,
    "type": _TYPE,
    "subject": f"referral/{OFFER}",
    "case_id": None,
    "referral_id": OFFER,
    "page": f"/offers/{OFFER}",
    "told_at": "2026-03-09T03:00:00Z",
    "is_urgent": True,
    "is_yours": True,
    "read_at": None,
    "first_read_at": None,
}
NOTICE_LIST: Final[Example] = {"items": [NOTICE_READ], "unread": 1, "next_cursor": None}
READING_CREATE: Final[Example] = {"up_to": _DELIVERY}
UNREAD_COUNT: Final[Example] = {"unread": 0}
_VERSION: Final = "019cd0b4-6f7a-7b8c-8dae-cfd0e1f2a4c1"
_SAID: Final[Example] = {
    "subject_vi": None,
    "wording_vi": "Anh chị có việc mới. Mã: {{ code }}.",
    "subject_en": None,
    "wording_en": "There is something new. Code: {{ code }}.",
}
_OF: Final[Example] = {"kind": _TYPE, "channel": "sms", "organisation_id": None}
_PREVIEW: Final[Example] = {
    "language": "vi",
    "subject": None,
    "plain": "Anh chị có việc mới. Mã: 019CD0B4.",
    "html": None,
    "encoding": "ucs2",
    "units": 34,
    "segments": 1,
}
TEMPLATE_SUMMARY: Final[Example] = {
    **_OF,
    "version_id": _VERSION,
    "number": 1,
    "is_own": True,
    "draft_id": None,
    "left_out_id": None,
}
TEMPLATE_LIST: Final[Example] = {"items": [TEMPLATE_SUMMARY]}
TEMPLATE_READ: Final[Example] = {
    **TEMPLATE_SUMMARY,
    **_SAID,
    "placeholders": [
        {"name": "code", "type": "short_code", "is_mandatory": True, "is_for_subjects": True}
    ],
    "most_segments": 2,
    "previews": [_PREVIEW],
}
TEMPLATE_CREATE: Final[Example] = {**_OF, **_SAID, "reason": "clearer"}
TEMPLATE_CHANGE: Final[Example] = {**_SAID, "reason": "clearer"}
TEMPLATE_VERSION: Final[Example] = {
    "id": _VERSION,
    **_OF,
    **_SAID,
    "number": 1,
    "state": "published",
    "reason": "clearer",
    "is_fallback": False,
    "made_at": "2026-03-02T02:00:00Z",
    "made_by": "client:administration",
    "changed_at": "2026-03-02T02:00:00Z",
    "concluded_at": "2026-03-02T07:00:00Z",
    "concluded_by": "client:second-administration",
    "version": 2,
    "is_mine": False,
}
TEMPLATE_VERSION_READ: Final[Example] = {**TEMPLATE_VERSION, "previews": [_PREVIEW]}
TEMPLATE_VERSION_LIST: Final[Example] = {"items": [TEMPLATE_VERSION], "next_cursor": None}
