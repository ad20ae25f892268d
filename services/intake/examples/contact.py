"""What is shown of contact points, risk flags and messages to a person: the same story."""

from typing import Final

from services.intake.examples import Example
from shared.contracts.sample import CASE, RECEIVED_AT

_DAY: Final = "2026-03-02"
CONTACT_POINT: Final = "019cacb1-4d5e-7f60-8a71-8c9dae0fb1c2"
_PERSON_MESSAGE: Final = "019cacb2-5e6f-7071-8b82-9daebf10c2d3"
CONTACT_POINT_CREATE: Final[Example] = {
    "number": "+84 900 000 099",
    "rule": {
        "ways": ["call", "message"],
        "days": ["monday", "thursday"],
        "hours": "18:00/20:00",
        "answered_by": "Phạm Thị Ví Dụ",
        "code_phrase": "Chị gọi về đơn hàng vải",
    },
    "confirmed_on": _DAY,
}
CONTACT_POINT_CONFIRM: Final[Example] = {"confirmed_on": _DAY}
CONTACT_POINT_READ: Final[Example] = {
    "id": CONTACT_POINT,
    "recorded_at": RECEIVED_AT,
    "confirmed_on": _DAY,
    "holds_until": "2026-04-01",
    "ended_at": None,
    "end_reason": None,
}
RISK_FLAG_RAISE: Final[Example] = {"reason": "phone_watched"}
RISK_FLAG_LOWER: Final[Example] = {"reason": "person_says_safe"}
RISK_FLAG_READ: Final[Example] = {
    "id": "019cacb3-6f70-7182-8c93-aebfc021d3e4",
    "reason": "phone_watched",
    "raised_at": RECEIVED_AT,
    "lowered_at": None,
    "end_reason": None,
}
PERSON_MESSAGE_CREATE: Final[Example] = {
    "contact_point_id": CONTACT_POINT,
    "says": "call_known_number",
    "language": "vi",
}
PERSON_MESSAGE_READ: Final[Example] = {
    **PERSON_MESSAGE_CREATE,
    "id": _PERSON_MESSAGE,
    "asked_at": RECEIVED_AT,
    "send_at": "2026-03-02T11:00:00Z",
    "send_before": "2026-03-02T13:00:00Z",
    "refusal": None,
    "outcome": "delivered",
    "concluded_at": "2026-03-02T11:00:04Z",
    "reached_at": None,
    "reached_how": None,
    "is_left": False,
}
PERSON_MESSAGE_SETTLE: Final[Example] = {"how": "met"}
CONTACT_READ: Final[Example] = {
    "case_id": CASE,
    "points": [CONTACT_POINT_READ],
    "flag": None,
    "messages": [PERSON_MESSAGE_READ],
}
CONTACT_QUESTION: Final[Example] = {"message_id": _PERSON_MESSAGE}
CONTACT_ANSWER: Final[Example] = {
    "to": "+84900000099",
    "text": "Khi nào tiện, bạn gọi lại số bạn đã biết nhé.",
    "refusal": None,
}
