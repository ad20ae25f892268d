"""A sender in a process of its own, to be killed while it sends again what was parked."""

import signal
import ssl
import sys
from random import Random

from services.notification.channels import WebhookChannel
from services.notification.domain import Pacing
from services.notification.gateways import HttpGateway
from services.notification.tasks.sender import Limits, Sender
from shared.contracts.vocabulary import ChannelKind
from shared.kit.clock import utc_now
from shared.kit.database import Database, make_engine
from shared.outbound import AddressRules
from tests.notification.builders import MASTER


def main(url: str) -> None:
    gateway = HttpGateway(
        AddressRules(allow_loopback=True), seconds=5.0, context=ssl.create_default_context()
    )
    sender = Sender(
        Database(make_engine(url)).begin,
        {ChannelKind.WEBHOOK: WebhookChannel(gateway, master=MASTER, clock=utc_now)},
        limits=Limits(connections=8, per_endpoint=8, lease_seconds=2.0),
        pacing=Pacing(Random(1)),
        on_death=lambda: None,
    )
    sender.start()
    signal.pause()


if __name__ == "__main__":
    main(*sys.argv[1:])
