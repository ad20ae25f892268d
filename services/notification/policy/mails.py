"""What a mail to an office says, what sending it brought, and of whom that speaks."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.notification.policy.attempts import Answer, AttemptOutcome, Trouble
from services.notification.policy.events import EventType
from shared.contracts.vocabulary import ChannelKind

MAILTO = "mailto:"
"""What the address of a mailbox begins with (RFC 6068)."""


class MailText(StrEnum):
    """What a mail says besides what happened: nothing of anybody."""

    FROM = "from"
    REFERENCE = "reference"
    LINK = "link"
    ANSWER = "answer"
    """How an office answers that has no account: by a link of its own and the code agreed."""
    DUE = "due"
    """The moment before which an answer is in time in any case."""
    TEST = "test"
    """Instead of reference and link, where nothing happened."""
    AUTOMATIC = "automatic"


_BY_CLASS = {
    2: AttemptOutcome.SENT,
    4: AttemptOutcome.DEFERRED,
    5: AttemptOutcome.REFUSED,
}
_OF_RECEIVER = frozenset(_BY_CLASS.values())


def outcome_of_mail(answer: Answer) -> AttemptOutcome:
    """How a try to send a mail ended, by its reply (RFC 5321 section 4.2.1).

    Whoever answers with anything else after the whole mail may have taken it.
    """
    if answer.status is None:
        return AttemptOutcome(answer.trouble or Trouble.FAULT)
    return _BY_CLASS.get(answer.status // 100, AttemptOutcome.UNKNOWN)


def is_of_receiver(channel: ChannelKind, outcome: AttemptOutcome) -> bool:
    """Whether an outcome says how the receiver is doing.

    Mails go by servers of ours, SMS by gateways: that one is away, or refuses us, is nobody else's
    fault, and makes no address rest.
    """
    return channel is ChannelKind.WEBHOOK or outcome in _OF_RECEIVER


def page_of(kind: EventType, data: Mapping[str, Any]) -> str:
    """Where whoever is told reads it and acts on it, in the console.

    An organisation asked is told of its own offer, and of no case.
    """
    if kind is EventType.VERIFICATION_OPENED:
        return f"/verifications/{data['verification_id']}"
    if "case_id" in data:
        return f"/cases/{data['case_id']}"
    return f"/offers/{data['offer_id']}"


ANSWERED_AT = "/answer/"
"""Where an office answers without an account; the link itself follows."""


TO_BE_ANSWERED = frozenset({EventType.REFERRAL_REQUESTED, EventType.REFERRAL_QUESTION_ANSWERED})
"""What is told of an offer that waits for an answer: that it was made, or what was replied."""


def offer_to_answer(kind: EventType, data: Mapping[str, Any]) -> UUID | None:
    """The offer that a mail asks an answer for, if it does."""
    return UUID(data["offer_id"]) if kind in TO_BE_ANSWERED else None
