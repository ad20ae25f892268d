"""A sender of messages to persons in a process of its own, which ends as by a power cut."""

import os
import signal
import ssl
import sys
from collections.abc import Mapping

from services.notification.channels import Carriers
from services.notification.channels.sms import SmsChannel
from services.notification.gateways import HttpGateway, IntakeGateway
from services.notification.policy import MAIN, Answer
from services.notification.tasks.persons import PersonSender
from shared.kit.clock import utc_now
from shared.kit.database import Database, make_engine
from shared.outbound import AddressRules
from tests.notification.answering_intake import OF_NOTIFICATION
from tests.notification.sms_gateway import SECRET

ANSWERED, SENT = "answered", "sent"
LEASE = 1.0


class DiesAt(HttpGateway):
    """Ends its process once intake has answered, or once the gateway has taken the text."""

    step = ANSWERED

    def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        if self.step == SENT:
            super().send(url, headers, body)
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError


def main(url: str, intake: str, gateway: str, step: str) -> None:
    doomed = DiesAt(
        AddressRules(allow_loopback=True),
        seconds=20.0,
        context=ssl.create_default_context(),
        is_repeated=False,
    )
    doomed.step = step
    channel = SmsChannel(doomed, url=gateway, secrets=[SECRET], most=2, clock=utc_now)
    PersonSender(
        Database(make_engine(url)).begin,
        IntakeGateway(OF_NOTIFICATION, intake, seconds=20.0),
        Carriers({MAIN: (1, channel)}),
        lease_seconds=LEASE,
        unit_seconds=1.0,
        on_death=lambda: None,
    ).turn()


if __name__ == "__main__":
    main(*sys.argv[1:])
