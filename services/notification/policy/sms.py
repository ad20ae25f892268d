"""What an SMS to an office on duty says, what sending it brought, and what its report means."""

from collections.abc import Mapping
from enum import StrEnum
from http import HTTPStatus
from typing import Any

from services.notification.policy.attempts import Answer, AttemptOutcome, Trouble
from services.notification.policy.events import EventType
from services.notification.policy.mails import page_of
from services.notification.policy.text_kinds import PersonalKind, TextKind

TEL = "tel:"
"""What the address of a number begins with (RFC 3966)."""
CODE = 8
"""Digits of the id that a text names: what its page in the console ends with."""


class SmsText(StrEnum):
    """What an SMS is made of: nothing of anybody, and nothing of who sends it."""

    ACT = "act"
    """Somebody has to do something."""
    READ = "read"
    CODE = "code"
    WHERE = "where"
    CONFIRMATION = "confirmation"
    GOOD_FOR = "good_for"
    URGENT = "urgent"
    TEST = "test"
    """Alone, where nothing happened."""


class SmsOutcome(StrEnum):
    """What the network has reported of an SMS."""

    DELIVERED = "delivered"
    FAILED = "failed"


_TO_ACT_ON = frozenset(
    {
        EventType.REFERRAL_REQUESTED,
        EventType.REFERRAL_PURGE,
        EventType.REFERRAL_QUESTION_ANSWERED,
        EventType.CASE_RECEIVED,
        EventType.CASE_HANDED_OVER,
        EventType.ALERT_RAISED,
        EventType.VERIFICATION_OPENED,
    }
)

_BY_STATUS = {
    HTTPStatus.UNPROCESSABLE_ENTITY: AttemptOutcome.REFUSED,
    HTTPStatus.TOO_MANY_REQUESTS: AttemptOutcome.THROTTLED,
    HTTPStatus.SERVICE_UNAVAILABLE: AttemptOutcome.FAILED,
}
_BY_CLASS = {2: AttemptOutcome.SENT, 3: AttemptOutcome.FAULT, 4: AttemptOutcome.FAULT}


_PERSONAL: Mapping[TextKind, tuple[SmsText, ...]] = {
    PersonalKind.CONFIRMATION: (SmsText.CONFIRMATION, SmsText.GOOD_FOR),
    PersonalKind.URGENT: (SmsText.URGENT, SmsText.WHERE),
}


def texts_of(kind: TextKind) -> tuple[SmsText, ...]:
    """The parts of the text that tells of something, in their order; a fact follows its name."""
    if kind in _PERSONAL:
        return _PERSONAL[kind]
    if kind is EventType.ENDPOINT_TEST:
        return (SmsText.TEST,)
    what = SmsText.ACT if kind in _TO_ACT_ON else SmsText.READ
    return (what, SmsText.CODE, SmsText.WHERE)


def code_of(kind: EventType, data: Mapping[str, Any]) -> str:
    """What a text names: the end of the address at which it is read and acted on."""
    return page_of(kind, data)[-CODE:].upper()


def outcome_of_sms(answer: Answer) -> AttemptOutcome:
    """How a try to send an SMS ended, by what the contract with gateways lets a status say.

    ``503`` alone says that nothing was sent. Whoever answers with another fault may have sent it.
    """
    if answer.status is None:
        return AttemptOutcome(answer.trouble or Trouble.FAULT)
    known = _BY_STATUS.get(answer.status)  # type: ignore[call-overload]
    return known or _BY_CLASS.get(answer.status // 100, AttemptOutcome.UNKNOWN)
