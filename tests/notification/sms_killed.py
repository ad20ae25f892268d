"""A sender of SMS in a process of its own, which ends as by a power cut at one step of a text."""

import os
import signal
import ssl
import sys
from collections.abc import Mapping
from random import Random

from services.notification.channels import CarriedChannel, Carriers
from services.notification.channels.sms import SmsChannel
from services.notification.domain import Pacing
from services.notification.gateways import HttpGateway
from services.notification.policy import Answer
from services.notification.tasks.sender import Limits, Sender
from shared.contracts.vocabulary import ChannelKind
from shared.kit.clock import utc_now
from shared.kit.database import Database, make_engine
from shared.outbound import AddressRules
from tests.notification.sms_gateway import OTHER_SECRET, SECRET

BEFORE, AFTER, NEVER = "before", "after", "never"
LEASE = 1.0


class DiesAt(HttpGateway):
    """Ends its process before a text leaves, or once its answer has come."""

    step = NEVER

    def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        if self.step == BEFORE:
            os.kill(os.getpid(), signal.SIGKILL)
        answer = super().send(url, headers, body)
        if self.step == AFTER:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer


def main(url: str, address: str, step: str, spare: str) -> None:
    gateway = DiesAt(
        AddressRules(allow_loopback=True),
        seconds=20.0,
        context=ssl.create_default_context(),
        is_repeated=False,
    )
    gateway.step = step
    channel = CarriedChannel(
        Carriers(
            {
                name: (weight, SmsChannel(gateway, url=to, secrets=[key], most=2, clock=utc_now))
                for name, weight, to, key in (
                    ("first", 1, address, SECRET),
                    ("second", 0, spare, OTHER_SECRET),
                )
            }
        )
    )
    sender = Sender(
        Database(make_engine(url)).begin,
        {ChannelKind.SMS: channel},
        weights={ChannelKind.SMS: channel.weights},
        limits=Limits(connections=1, per_endpoint=1, lease_seconds=LEASE),
        pacing=Pacing(Random(1)),
        on_death=lambda: None,
    )
    sender.start()
    signal.pause()


if __name__ == "__main__":
    main(*sys.argv[1:])
