"""The one invented story that the examples of all interfaces tell, to be read together.

A commune received a person on 2 March 2026, the police of the city verify, the health department
owns the case, and a school is asked. Nobody and nothing of it is taken from life.
"""

from typing import Any, Final

CASE: Final = "019cac8a-5b10-7c3a-9d41-5f2a6c8e4d01"
CASE_CODE: Final = "HP-7K3M-9Q2F"
CASE_RECEIVED: Final = "intake.case_received.v1"
"""The type of the message that tells of it."""
AREA: Final = "11680"
"""The commune where the person lives."""
CITY: Final = "31"

COMMUNE: Final = "019a3f10-11aa-7b21-8c55-0d1f6e2a9b01"
POLICE: Final = "019a3f10-22bb-7c32-9d66-1e2a7f3b8c02"
OWNER: Final = "019a3f10-33cc-7d43-ae77-2f3b8a4c7d03"
SCHOOL: Final = "019a3f10-44dd-7e54-bf88-3a4c9b5d6e04"

OFFICER: Final = "019a3f20-55ee-7f65-8a99-4b5dac6e5f05"
"""The account of an officer of the health department."""
PROGRAMME: Final = "019a3f30-66ff-7a76-9baa-5c6ebd7f4a06"
VERIFICATION: Final = "019cac8a-6c21-7d4b-8e52-6a3b7d9f5e07"
REFERRAL: Final = "019cd0b4-1a2b-7c3d-9e4f-5a6b7c8d9e08"
OFFER: Final = "019cd0b4-2b3c-7d4e-8f5a-6b7c8d9e0f09"
NEED: Final = "019cd0b4-3c4d-7e5f-9a6b-7c8d9e0f1a10"
ENDPOINT: Final = "019a3f40-77aa-7b87-8cbb-6d7fce8a3b11"

RECEIVED_AT: Final = "2026-03-02T01:15:00Z"
IDENTIFIED_ON: Final = "2026-03-05"
PLANNED_AT: Final = "2026-03-09T02:30:00Z"
ASKED_AT: Final = "2026-03-09T03:00:00Z"

_MESSAGE: Final = "019cac8a-af65-7b8f-8c96-ae7fb1dc9d24"
OPERATOR_ALERTS: Final[dict[str, Any]] = {
    "items": [
        {
            "id": "019cac91-ba76-7c9a-9da7-bf8ac2edae25",
            "kind": "message_parked",
            "case_id": CASE,
            "subject": CASE_RECEIVED,
            "object_id": _MESSAGE,
            "must_act": "operator",
            "organisation_id": None,
            "since": "2026-03-03T01:16:00Z",
            "facts": {"reason": "attempts_exhausted"},
            "times": 1,
            "last_at": "2026-03-03T01:16:00Z",
        }
    ],
    "next_cursor": None,
}
_PARKED_AT: Final = "2026-03-03T01:16:00Z"
_FAULT: Final = {"error": "OperationalError", "place": "services/verification/domain/opening.py:71"}
_REPLAY: Final = "019cacb1-cb87-7dab-8eb8-cf9bd3feba26"
_PARKED: Final[dict[str, Any]] = {
    "message_id": _MESSAGE,
    "source": "intake",
    "type": CASE_RECEIVED,
    "aggregate_id": CASE,
    "sequence": 1,
    "reason": "attempts_exhausted",
    "attempts": 12,
    "parked_at": _PARKED_AT,
    "waiting_behind": 2,
    "first_fault": _FAULT,
    "fate": "parked",
    "outcome": None,
    "replay_id": None,
    "skip_proposed_at": None,
    "skip_reason": None,
}
PARKED_MESSAGES: Final[dict[str, Any]] = {"items": [_PARKED], "next_cursor": None}
PARKED_IN_DETAIL: Final[dict[str, Any]] = {
    **_PARKED,
    "traceparent": "00-4bf91399d3c6781835bd31cc5c230b84-9f822e9e5f02976b-01",
    "ids": {"case_id": CASE, "receiver_id": COMMUNE},
    "may_confirm_skip": False,
}
PARKED_GROUPS: Final[dict[str, Any]] = {
    "items": [
        {
            "type": CASE_RECEIVED,
            "reason": "attempts_exhausted",
            "source": "intake",
            "count": 1,
            "oldest_at": _PARKED_AT,
            "first_fault": _FAULT,
        }
    ]
}
REPLAY_PREVIEW: Final[dict[str, Any]] = {
    "count": 1,
    "to_run": 1,
    "in_effect": 0,
    "out_of_turn": 0,
    "waiting_behind": 2,
}
REPLAY_PROGRESS: Final[dict[str, Any]] = {
    "replay_id": _REPLAY,
    "count": 1,
    "held": 0,
    "handled": 1,
    "known": 0,
    "refused": 0,
    "parked": 0,
}
OPERATIONS: Final[dict[str, Any]] = {
    "at": "2026-03-03T02:00:00Z",
    "outbox": [
        {
            "destination": "notification",
            "messages": 3,
            "parcels": 2,
            "unsent": 0,
            "oldest_at": "2026-03-03T01:59:58Z",
        }
    ],
    "held": [{"count": 2, "oldest_at": "2026-03-02T01:16:00Z", "reason": "early"}],
    "parked": {"count": 1, "oldest_at": _PARKED_AT},
    "alerts": [{"count": 1, "oldest_at": _PARKED_AT, "kind": "message_parked"}],
    "failing_sweeps": [],
    "workers": 1,
    "worker_seen_at": "2026-03-03T01:59:59Z",
    "relay_seen_at": "2026-03-03T01:59:59Z",
    "archived_at": None,
}
OPERATIONS_OF_DAY: Final[dict[str, Any]] = {
    "since": "2026-03-02T03:00:00Z",
    "outbox": [{"destination": "notification", "seconds": [0] * 20 + [1, 0, 0, 2]}],
}
SETTLEMENT: Final[dict[str, Any]] = {"reason": "cause_fixed"}
REPLAY_OF_MANY: Final[dict[str, Any]] = {
    "parked_for": "attempts_exhausted",
    "type": CASE_RECEIVED,
    "count": 1,
    "reason": "cause_fixed",
}
REPLAYED_MESSAGES: Final[dict[str, Any]] = {"count": 1, "replay_id": _REPLAY}
SETTLED_MESSAGE: Final[dict[str, Any]] = {
    "message_id": _MESSAGE,
    "status": "replayed",
    "replay_id": _REPLAY,
}
AUDIT_ENTRY_LIST: Final[dict[str, Any]] = {
    "items": [
        {
            "id": "019cd5f0-2c3d-7b4e-9f5a-6b7c8d9eaf33",
            "kind": "seen",
            "at": "2026-03-10T02:05:00Z",
            "actor": f"staff:{OFFICER}",
            "action": "file.request",
            "object_id": CASE,
            "outcome": "done",
            "purpose": "case_management",
            "facts": {"reason": "support_planning"},
        }
    ],
    "next_cursor": None,
}
