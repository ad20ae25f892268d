"""A sender of all channels in a process of its own, which ends as by a power cut where it is told:
before any statement, before or after any commit, before or after anybody is called.
"""

import os
import signal
import ssl
import sys
from collections.abc import Mapping
from enum import StrEnum
from random import Random
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from services.notification.channels import CarriedChannel, Carriers, Channel, WebhookChannel
from services.notification.channels.mail import EmailChannel
from services.notification.channels.sms import SmsChannel
from services.notification.domain import Claimed, Pacing
from services.notification.gateways import HttpGateway, MailServer, SmtpGateway
from services.notification.policy import Answer, AttemptOutcome
from services.notification.tasks.sender import Limits, Sender
from services.notification.worker import weights_of
from shared.contracts.vocabulary import ChannelKind
from shared.kit.clock import utc_now
from shared.kit.database import Database, make_engine
from shared.outbound import AddressRules
from tests.notification.builders import MASTER
from tests.notification.receivers import LOOPBACK
from tests.notification.sms_gateway import OTHER_SECRET, SECRET

LEASE = 1.0
SECONDS = 5.0
"""For one call."""
UNIT = 0.002
"""What a second of the schedule lasts."""


class Step(StrEnum):
    """What a sender does; it may be killed at any of these, however often it was done before."""

    STATEMENT = "statement"
    """A statement is about to be asked of the database."""
    COMMIT = "commit"
    """A transaction is about to be committed."""
    COMMITTED = "committed"
    CALL = "call"
    """Somebody is about to be called."""
    CALLED = "called"
    """The call has ended, and nothing of it is written down."""
    ARRIVED = "arrived"
    """Whoever was called has it, and has not answered: killed from outside, by whoever was."""


class Doom:
    """Ends the process when a step is taken for the so manieth time."""

    def __init__(self, step: Step, number: int) -> None:
        self._step = step
        self._left = number

    def at(self, step: Step) -> None:
        """A step is taken; whoever is doomed at none comes to no harm."""
        if step is self._step:
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    def watch(self, engine: Engine) -> None:
        """See what is asked of the database."""
        event.listen(engine, "before_cursor_execute", lambda *_: self.at(Step.STATEMENT))
        # Before the engine's own, which commits.
        event.listen(engine, "commit", lambda *_: self.at(Step.COMMIT), insert=True)
        event.listen(Session, "after_commit", lambda *_: self.at(Step.COMMITTED))


class Doomed:
    """A channel whose calls are watched."""

    def __init__(self, channel: Channel[Any], doom: Doom) -> None:
        self._channel = channel
        self._doom = doom

    def render(self, claimed: Claimed) -> Any:
        return self._channel.render(claimed)

    def send(self, rendered: Any) -> Answer:
        self._doom.at(Step.CALL)
        answer = self._channel.send(rendered)
        self._doom.at(Step.CALLED)
        return answer

    def read_receipt(self, answer: Answer) -> AttemptOutcome:
        return self._channel.read_receipt(answer)

    def close(self) -> None:
        self._channel.close()


def channels_to(first: str, second: str, mail_port: int) -> Mapping[ChannelKind, Channel[Any]]:
    """Webhooks; mails by one server; texts by two gateways, the second where the first cannot."""

    def calls(*, is_repeated: bool) -> HttpGateway:
        return HttpGateway(
            AddressRules(allow_loopback=True),
            seconds=SECONDS,
            context=ssl.create_default_context(),
            is_repeated=is_repeated,
        )

    def texts(address: str, secret: str) -> SmsChannel:
        gateway = calls(is_repeated=False)
        return SmsChannel(gateway, url=address, secrets=[secret], most=2, clock=utc_now)

    mails = SmtpGateway(
        MailServer(LOOPBACK, mail_port, hello="nhipcau.example"),
        seconds=SECONDS,
        context=ssl.create_default_context(),
    )
    offices = EmailChannel(
        mails, sender="a@nhipcau.example", console="https://nhipcau.example", master=MASTER
    )
    phones = {"first": (1, texts(first, SECRET)), "second": (0, texts(second, OTHER_SECRET))}
    return {
        ChannelKind.WEBHOOK: WebhookChannel(calls(is_repeated=True), master=MASTER, clock=utc_now),
        ChannelKind.EMAIL: CarriedChannel(Carriers({"main": (1, offices)})),
        ChannelKind.SMS: CarriedChannel(Carriers(phones)),
    }


def main(url: str, first: str, second: str, mail_port: str, place: str) -> None:
    step, _, number = place.partition(":")
    doom, engine = Doom(Step(step), int(number)), make_engine(url)
    doom.watch(engine)
    channels = channels_to(first, second, int(mail_port))
    sender = Sender(
        Database(engine).begin,
        {kind: Doomed(channel, doom) for kind, channel in channels.items()},
        limits=Limits(connections=4, per_endpoint=2, lease_seconds=LEASE),
        pacing=Pacing(Random(1), UNIT),
        weights=weights_of(channels),
        on_death=lambda: None,
    )
    sender.start()
    signal.pause()


if __name__ == "__main__":
    main(*sys.argv[1:])
