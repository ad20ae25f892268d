"""Whoever writes to people is killed in the middle of a mail: each is made once, under one id."""

import signal
import subprocess
import sys

import pytest
from sqlalchemy import Engine

from shared.contracts.vocabulary import ChannelKind, Digest, MailingKind
from shared.kit.identifiers import new_id
from tests.notification.digest_killed import AFTER, BEFORE, CLAIMED, LEASE, STEPS
from tests.notification.digesting import Desk, desk, post_office, services
from tests.notification.exchange import Services, Someone, a_duty
from tests.notification.sms_gateway import SmsGateway

__all__ = ["desk", "post_office", "services"]


def killed(desk: Desk, engine: Engine, services: Services, step: str, *gateway: str) -> None:
    """A process looks, and dies there."""
    url = engine.url.render_as_string(hide_password=False)
    told = [url, services.address, str(desk.post_office.port), desk.now.isoformat(), step]
    told += gateway
    doomed = subprocess.run(
        [sys.executable, "-m", "tests.notification.digest_killed", *told], timeout=60, check=False
    )
    assert doomed.returncode == -signal.SIGKILL


@pytest.mark.parametrize("step", STEPS)
def test_a_weekly_page_whose_sender_was_killed_arrives_under_one_id(
    desk: Desk, engine: Engine, services: Services, step: str
) -> None:
    office = Someone(new_id(), kind=MailingKind.ORGANISATION, digest=Digest.WEEK)
    office.duties = [a_duty()]
    services.has(office)
    killed(desk, engine, services, step)
    assert desk.look() == [], "whoever has it may be alive"
    assert len(desk.look(seconds=LEASE + 1)) == 1
    assert desk.look(hours=1) == []
    assert desk.states() == [("week", "sent", 2)]
    assert len(desk.post_office.taken) == (2 if step == AFTER else 1)
    assert len(set(desk.post_office.message_ids())) == 1


@pytest.mark.parametrize("step", STEPS[1:])
def test_an_urgent_mail_whose_sender_was_killed_is_written_once_more_and_no_other(
    desk: Desk, engine: Engine, services: Services, step: str
) -> None:
    someone = services.has(Someone(new_id(), digest=Digest.NONE))
    desk.asked(someone)
    killed(desk, engine, services, step)
    assert desk.look() == []
    assert len(desk.look(seconds=LEASE + 1)) == 1
    assert desk.look(hours=1) == []
    assert desk.states() == [("urgent", "sent", 2)]
    assert len(set(desk.post_office.message_ids())) == 1


@pytest.mark.parametrize("step", [BEFORE, AFTER])
def test_a_text_whose_sender_was_killed_leaves_once_at_most_and_no_mail_follows(
    desk: Desk, engine: Engine, services: Services, step: str
) -> None:
    ways = (ChannelKind.SMS, ChannelKind.EMAIL)
    someone = services.has(Someone(new_id(), digest=Digest.NONE, urgent_by=ways))
    desk.asked(someone)
    with SmsGateway() as gateway:
        killed(desk, engine, services, step, gateway.address)
        desk.sms_gateways = (gateway,)
        desk.digester = desk.another()
        assert desk.look() == []
        for _ in range(3):
            assert desk.look(seconds=LEASE + 1) == []
        assert len(gateway.phones) == (1 if step == AFTER else 0)
    assert desk.states() == [("urgent", "unknown", 1)]


def test_a_text_whose_sender_was_killed_before_it_was_given_to_anybody_is_sent(
    desk: Desk, engine: Engine, services: Services
) -> None:
    someone = services.has(Someone(new_id(), urgent_by=(), code="7Q2MXH-9T4K"))
    someone.phone_at = desk.now
    with SmsGateway() as gateway:
        killed(desk, engine, services, CLAIMED, gateway.address)
        desk.sms_gateways = (gateway,)
        desk.digester = desk.another()
        desk.look(seconds=LEASE + 1)
        assert len(gateway.phones) == 1
    assert desk.states() == [("confirmation", "sent", 2)]
