"""A process that tells people, and ends as by a power cut at one step of one mail or text."""

import os
import signal
import ssl
import sys
from collections.abc import Mapping
from datetime import datetime
from random import Random
from typing import Any

from services.notification.channels import Carriers
from services.notification.channels.personal import PersonalMails
from services.notification.channels.personal_texts import PersonalTexts
from services.notification.channels.sms import SmsChannel
from services.notification.domain import Pacing
from services.notification.gateways import HttpGateway, MailServer, SmtpGateway
from services.notification.gateways.exchange import ExchangeGateway, Recipient
from services.notification.policy import MAIN, Answer, Mailing
from services.notification.tasks.digests import Digester, Rhythm
from shared.contracts.vocabulary import ChannelKind, MailingKind
from shared.kit.clock import utc_now
from shared.kit.database import Database, make_engine
from shared.outbound import AddressRules
from tests.notification.builders import MASTER
from tests.notification.exchange import AT_NOTIFICATION
from tests.notification.receivers import LOOPBACK
from tests.notification.sms_gateway import SECRET

CLAIMED, BEFORE, AFTER = "claimed", "before", "after"
STEPS = (CLAIMED, BEFORE, AFTER)
LEASE = 60.0


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class DiesAt(SmtpGateway):
    """Ends its process before a mail leaves, or once its reply has come."""

    step = ""

    def send(self, sender: str, recipient: str, message: bytes) -> Answer:
        if self.step == BEFORE:
            die()
        answer = super().send(sender, recipient, message)
        if self.step == AFTER:
            die()
        return answer


class DiesAsking(ExchangeGateway):
    """Ends its process once a mail is claimed, and before anything of it is known."""

    step = ""

    def recipient(self, mailing: Mailing, kind: MailingKind, by: ChannelKind) -> Recipient | None:
        if self.step == CLAIMED:
            die()
        return super().recipient(mailing, kind, by)


class TextDiesAt(HttpGateway):
    """Ends its process before a text leaves, or once its answer has come."""

    step = ""

    def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        if self.step == BEFORE:
            die()
        answer = super().send(url, headers, body)
        if self.step == AFTER:
            die()
        return answer


def texts(gateway: str, step: str) -> PersonalTexts:
    """Whoever sends texts to this gateway, and dies there."""
    http = TextDiesAt(
        AddressRules(allow_loopback=True),
        seconds=20.0,
        context=ssl.create_default_context(),
        is_repeated=False,
    )
    http.step = step
    channel = SmsChannel(http, url=gateway, secrets=[SECRET], most=2, clock=utc_now)
    return PersonalTexts(channel, lambda *_: None)


def main(url: str, services: str, port: str, at: str, *how: str) -> None:
    step, gateway = how if len(how) > 1 else (*how, "")
    now = datetime.fromisoformat(at)
    server = MailServer(LOOPBACK, int(port), hello="nhipcau.example")
    smtp = DiesAt(server, seconds=20.0, context=ssl.create_default_context())
    exchange = DiesAsking(services, links=AT_NOTIFICATION, seconds=20.0, clock=lambda: now)
    smtp.step = exchange.step = step
    mails = PersonalMails(
        smtp, sender="a@nhipcau.example", console="https://nhipcau.example", master=MASTER
    )
    ways: dict[ChannelKind, Carriers[Any]] = {ChannelKind.EMAIL: Carriers({MAIN: (1, mails)})}
    if gateway:
        ways[ChannelKind.SMS] = Carriers({MAIN: (1, texts(gateway, step))})
    Digester(
        Database(make_engine(url)).begin,
        exchange,
        ways,
        clock=lambda: now,
        pacing=Pacing(Random(1)),
        on_death=lambda: None,
        rhythm=Rhythm(notices=0.0, duties=0.0, lease=LEASE),
    ).turn()


if __name__ == "__main__":
    main(*sys.argv[1:])
