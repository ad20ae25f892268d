"""A sender is killed in the middle of an SMS: at most one copy, and a person decides."""

import signal
import ssl
import subprocess
import sys

import pytest
from sqlalchemy import Engine

from services.notification import domain
from services.notification.channels.sms import SmsChannel
from services.notification.gateways import HttpGateway
from services.notification.policy import AttemptOutcome, DeliveryState
from shared.contracts.vocabulary import ChannelKind
from shared.kit.clock import utc_now
from shared.kit.database import Begin
from shared.outbound import AddressRules
from tests.conftest import wait_until
from tests.notification.builders import Post
from tests.notification.carrying import Make, carrying, gateway, replayed, settings
from tests.notification.office import MakeOffice
from tests.notification.sms_gateway import NEVER_ANSWERS, OTHER_SECRET, SECRET, TAKES, SmsGateway
from tests.notification.sms_killed import AFTER, BEFORE, NEVER

__all__ = ["carrying", "settings"]


def kill_sender(engine: Engine, step: str, first: SmsGateway, second: SmsGateway) -> None:
    """A sender with these gateways is killed at a step, while the first one holds its answer."""
    first.hold.clear()
    url = engine.url.render_as_string(hide_password=False)
    place = [url, first.address, step, second.address]
    doomed = subprocess.Popen([sys.executable, "-m", "tests.notification.sms_killed", *place])
    try:
        if step == NEVER:
            wait_until(lambda: len(first.phones) == 1, seconds=30)
            doomed.kill()
        assert doomed.wait(30) == -signal.SIGKILL
    finally:
        doomed.kill()
        doomed.wait()
    first.hold.set()


@pytest.mark.parametrize(("step", "copies"), [(BEFORE, 0), (NEVER, 1), (AFTER, 1)])
def test_a_text_whose_sender_was_killed_leaves_once_at_most(
    make_office: MakeOffice, begin: Begin, engine: Engine, step: str, copies: int
) -> None:
    with begin() as session:
        post = Post(session, utc_now())
        post.requested(post.texted(number=NEVER_ANSWERS if step == NEVER else TAKES))
    with SmsGateway() as gateway:
        kill_sender(engine, step, gateway, gateway)
        channel = SmsChannel(
            HttpGateway(
                AddressRules(allow_loopback=True),
                seconds=5.0,
                context=ssl.create_default_context(),
                is_repeated=False,
            ),
            url=gateway.address,
            secrets=[SECRET],
            most=2,
            clock=utc_now,
        )
        office = make_office(more={ChannelKind.SMS: channel})

        def is_parked() -> bool:
            with begin() as session:
                return domain.park_unanswered(session, utc_now()) == 1

        wait_until(is_parked, seconds=20)
        # The sender that came after it is at work, and leaves this one alone.
        with office.at() as post:
            post.requested(post.texted(number=TAKES))
        office.settled(parked=1, sent=1)
        assert len(gateway.phones) == copies + 1
    with begin() as session:
        post = Post(session, utc_now())
        delivery = post.delivery(state=DeliveryState.PARKED)
        assert delivery.last_code == AttemptOutcome.UNKNOWN
        assert [it.outcome for it in post.attempts(delivery.id)] == [AttemptOutcome.UNKNOWN]


@pytest.mark.parametrize("step", [BEFORE, NEVER, AFTER])
def test_what_a_killed_sender_may_have_given_to_one_gateway_comes_to_no_other(
    carrying: Make, begin: Begin, engine: Engine, step: str
) -> None:
    with begin() as session:
        post = Post(session, utc_now())
        post.requested(post.texted(number=NEVER_ANSWERS if step == NEVER else TAKES))
    with SmsGateway() as first, SmsGateway(OTHER_SECRET) as second:
        kill_sender(engine, step, first, second)
        # The sender after it would rather ask the other.
        named = gateway("first", first.address, weight=0)
        office = carrying(named + gateway("second", second.address, OTHER_SECRET))

        def is_parked() -> bool:
            with begin() as session:
                return domain.park_unanswered(session, utc_now()) == 1

        wait_until(is_parked, seconds=20)
        with office.at() as post:
            replayed(post.session, post.delivery().id, post.now)
        office.sender.wake()
        office.settled(sent=1)
        assert (len(first.phones), len(second.bodies)) == (1, 0)
        with begin() as session:
            tried = Post(session, utc_now()).attempts(Post(session, utc_now()).delivery().id)
            assert {each.carrier for each in tried} == {"first"}
