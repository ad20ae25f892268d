"""A sender is killed in the middle of a mail: it goes out again, under the same Message-ID."""

import signal
import ssl
import subprocess
import sys

import pytest
from sqlalchemy import Engine

from services.notification.channels.mail import EmailChannel
from services.notification.gateways import MailServer, SmtpGateway
from shared.contracts.vocabulary import ChannelKind
from shared.kit.clock import utc_now
from shared.kit.database import Begin
from tests.conftest import wait_until
from tests.notification.builders import MASTER, Post
from tests.notification.mail_killed import AFTER, BEFORE, NEVER
from tests.notification.office import MakeOffice
from tests.notification.post_office import PostOffice
from tests.notification.receivers import LOOPBACK


@pytest.mark.parametrize(("step", "copies"), [(BEFORE, 1), (NEVER, 2), (AFTER, 2)])
def test_a_mail_whose_sender_was_killed_arrives_under_one_id(
    make_office: MakeOffice, begin: Begin, engine: Engine, step: str, copies: int
) -> None:
    with begin() as session:
        post = Post(session, utc_now())
        post.requested(post.written_to())
    with PostOffice() as post_office:
        if step == NEVER:
            post_office.hold.clear()
        url = engine.url.render_as_string(hide_password=False)
        place = [url, str(post_office.port), step]
        doomed = subprocess.Popen([sys.executable, "-m", "tests.notification.mail_killed", *place])
        try:
            if step == NEVER:
                wait_until(lambda: len(post_office.taken) == 1, seconds=30)
                doomed.kill()
            assert doomed.wait(30) == -signal.SIGKILL
        finally:
            doomed.kill()
            doomed.wait()
        post_office.hold.set()
        server = MailServer(LOOPBACK, post_office.port, hello="nhipcau.example")
        gateway = SmtpGateway(server, seconds=5.0, context=ssl.create_default_context())
        channel = EmailChannel(
            gateway, sender="a@nhipcau.example", console="https://nhipcau.example", master=MASTER
        )
        make_office(more={ChannelKind.EMAIL: channel}).settled(sent=1)
        assert len(post_office.taken) == copies
        assert len({each.raw for each in post_office.taken}) == 1, "the link is the same, too"
    with begin() as session:
        post = Post(session, utc_now())
        outcomes = [each.outcome for each in post.attempts(post.delivery().id)]
    assert outcomes == ["unknown", "sent"]
