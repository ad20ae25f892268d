"""What a simulated recipient answers, by its address: as the real ones of its channel would."""

from collections.abc import Mapping
from http import HTTPStatus

from services.notification.policy.attempts import Answer, Trouble
from services.notification.policy.mails import MAILTO
from services.notification.policy.sms import TEL, SmsOutcome
from shared.contracts.simulator import SimulatedOutcome, simulated_outcome
from shared.contracts.vocabulary import ChannelKind

TAKEN_BY: Mapping[ChannelKind, int] = {
    ChannelKind.WEBHOOK: HTTPStatus.NO_CONTENT,
    ChannelKind.EMAIL: 250,
    ChannelKind.SMS: HTTPStatus.ACCEPTED,
}
"""What whoever takes a message says."""
_LATER: Mapping[ChannelKind, int] = {
    ChannelKind.WEBHOOK: HTTPStatus.SERVICE_UNAVAILABLE,
    ChannelKind.EMAIL: 451,
    ChannelKind.SMS: HTTPStatus.SERVICE_UNAVAILABLE,
}
"""What whoever asks to come again says."""
_NEVER: Mapping[ChannelKind, int] = {
    ChannelKind.WEBHOOK: HTTPStatus.BAD_REQUEST,
    ChannelKind.EMAIL: 550,
    ChannelKind.SMS: HTTPStatus.UNPROCESSABLE_ENTITY,
}
"""What whoever refuses says."""


def outcome_at(channel: ChannelKind, url: str) -> SimulatedOutcome:
    """How sending to a test organisation ends; where its address says nothing of it, it arrives."""
    address = url.removeprefix(MAILTO).removeprefix(TEL)
    return simulated_outcome(channel, address) or SimulatedOutcome.DELIVERED


def answer_of(outcome: SimulatedOutcome, channel: ChannelKind, tries: int) -> Answer:
    """The answer to a try, of which so many have been made since the schedule last started."""
    if outcome is SimulatedOutcome.UNKNOWN:
        return Answer(trouble=Trouble.UNKNOWN)
    if outcome is SimulatedOutcome.PERMANENT_FAILURE:
        return Answer(_NEVER[channel])
    if outcome is SimulatedOutcome.TEMPORARY_FAILURE and tries == 1:
        return Answer(_LATER[channel])
    return Answer(TAKEN_BY[channel])


def report_of(outcome: SimulatedOutcome, channel: ChannelKind, answer: Answer) -> SmsOutcome | None:
    """What the network reports of an SMS that was taken; ``None`` where it says nothing."""
    if channel is not ChannelKind.SMS or answer.status != TAKEN_BY[channel]:
        return None
    if outcome is SimulatedOutcome.UNREPORTED:
        return None
    is_lost = outcome is SimulatedOutcome.UNDELIVERED
    return SmsOutcome.FAILED if is_lost else SmsOutcome.DELIVERED
