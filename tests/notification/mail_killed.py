"""A sender of mails in a process of its own, which ends as by a power cut at one step of a mail."""

import os
import signal
import ssl
import sys
from random import Random

from services.notification.channels.mail import EmailChannel
from services.notification.domain import Pacing
from services.notification.gateways import MailServer, SmtpGateway
from services.notification.policy import Answer
from services.notification.tasks.sender import Limits, Sender
from shared.contracts.vocabulary import ChannelKind
from shared.kit.database import Database, make_engine
from tests.notification.builders import MASTER
from tests.notification.receivers import LOOPBACK

BEFORE, AFTER, NEVER = "before", "after", "never"
LEASE = 1.0


class DiesAt(SmtpGateway):
    """Ends its process before a mail leaves, or once its reply has come."""

    step = NEVER

    def send(self, sender: str, recipient: str, message: bytes) -> Answer:
        if self.step == BEFORE:
            os.kill(os.getpid(), signal.SIGKILL)
        answer = super().send(sender, recipient, message)
        if self.step == AFTER:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer


def main(url: str, port: str, step: str) -> None:
    gateway = DiesAt(
        MailServer(LOOPBACK, int(port), hello="nhipcau.example"),
        seconds=20.0,
        context=ssl.create_default_context(),
    )
    gateway.step = step
    channel = EmailChannel(
        gateway, sender="a@nhipcau.example", console="https://nhipcau.example", master=MASTER
    )
    sender = Sender(
        Database(make_engine(url)).begin,
        {ChannelKind.EMAIL: channel},
        limits=Limits(connections=1, per_endpoint=1, lease_seconds=LEASE),
        pacing=Pacing(Random(1)),
        on_death=lambda: None,
    )
    sender.start()
    signal.pause()


if __name__ == "__main__":
    main(*sys.argv[1:])
