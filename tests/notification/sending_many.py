"""A sender of all channels in a process of its own, with the product's limits, until its end."""

import signal
import ssl
import sys
from random import Random

from services.notification.channels import CarriedChannel, Carriers, Channels, WebhookChannel
from services.notification.channels.mail import EmailChannel
from services.notification.channels.sms import SmsChannel
from services.notification.domain import Pacing
from services.notification.gateways import HttpGateway, MailServer, SmtpGateway
from services.notification.policy import MAIN
from services.notification.tasks.sender import Limits, Sender
from services.notification.worker import weights_of
from shared.contracts.vocabulary import ChannelKind
from shared.kit.clock import utc_now
from shared.kit.database import Database, make_engine
from shared.kit.memory import freeze_gc
from shared.outbound import AddressRules
from tests.notification.builders import MASTER
from tests.notification.receivers import LOOPBACK
from tests.notification.sms_gateway import SECRET

CONNECTIONS, PER_ENDPOINT = 64, 16
SECONDS = 300.0
"""For one call: longer than the others take all together, however busy the machine is, so whoever
hangs does so all the time.
"""


def calls(*, is_repeated: bool) -> HttpGateway:
    return HttpGateway(
        AddressRules(allow_loopback=True),
        seconds=SECONDS,
        context=ssl.create_default_context(),
        is_repeated=is_repeated,
    )


def main(url: str, gateway: str, mail_port: str) -> None:
    mails = SmtpGateway(
        MailServer(LOOPBACK, int(mail_port), hello="nhipcau.example"),
        seconds=SECONDS,
        context=ssl.create_default_context(),
    )
    offices = EmailChannel(
        mails, sender="a@nhipcau.example", console="https://nhipcau.example", master=MASTER
    )
    phones = SmsChannel(
        calls(is_repeated=False), url=gateway, secrets=[SECRET], most=2, clock=utc_now
    )
    channels: Channels = {
        ChannelKind.WEBHOOK: WebhookChannel(calls(is_repeated=True), master=MASTER, clock=utc_now),
        ChannelKind.EMAIL: CarriedChannel(Carriers({MAIN: (1, offices)})),
        ChannelKind.SMS: CarriedChannel(Carriers({MAIN: (1, phones)})),
    }
    sender = Sender(
        Database(make_engine(url)).begin,
        channels,
        limits=Limits(CONNECTIONS, PER_ENDPOINT, lease_seconds=2 * SECONDS),
        pacing=Pacing(Random(1), 0.01),
        weights=weights_of(channels),
        on_death=lambda: None,
    )
    sender.start()
    freeze_gc()
    signal.pause()


if __name__ == "__main__":
    main(*sys.argv[1:])
