"""A mail that was taken and comes back: read from a folder, as a mail server puts it there."""

import signal
import ssl
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import Engine, func, select, update

from services.notification import domain
from services.notification.channels.mail import EmailChannel
from services.notification.gateways import MailServer, SmtpGateway
from services.notification.models import Delivery
from services.notification.policy import AttemptOutcome, Bounce, DeliveryState
from services.notification.settings import NotificationWorkerSettings
from services.notification.tasks.bounces import BounceReader
from services.notification.worker import companions, make_bounce_reader
from shared.contracts import DeliveryConcluded
from shared.contracts.vocabulary import ChannelKind, DeliveryOutcome, Digest, Role
from shared.kit.audit import AUDIT
from shared.kit.clock import utc_now
from shared.kit.database import Begin
from shared.kit.identifiers import new_id
from shared.messaging import alerts
from shared.messaging.alerts import AlertKind
from shared.messaging.parking import ReplayReason
from tests.notification.bounce_killed import STEPS
from tests.notification.bouncing import BOUNCES, RETURNS, STRANGER, drop, left, report
from tests.notification.builders import MASTER, Post
from tests.notification.digesting import CONSOLE, Desk, desk, plain, post_office, services
from tests.notification.exchange import Someone, a_duty
from tests.notification.office import MakeOffice, Office
from tests.notification.post_office import PostOffice, Taken
from tests.notification.receivers import LOOPBACK
from tests.notification.test_refused_mailboxes import told as refusals
from tests.subjects import somebody

__all__ = ["desk", "post_office", "services"]

SENDER = "thong-bao@nhipcau.example"
Told = Callable[[], list[DeliveryConcluded]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "bounces"
    for part in ("new", "cur", "tmp"):
        (place / part).mkdir(parents=True)
    return place


@pytest.fixture
def reader(begin: Begin, folder: Path) -> BounceReader:
    return BounceReader(begin, folder, RETURNS, clock=utc_now, on_death=lambda: None)


@pytest.fixture
def office(make_office: MakeOffice, post_office: PostOffice) -> Office:
    """A sender with a mail server, whose mails come back to where they are read."""
    server = MailServer(LOOPBACK, post_office.port, hello="nhipcau.example")
    smtp = SmtpGateway(server, seconds=5.0, context=ssl.create_default_context())
    channel = EmailChannel(smtp, sender=SENDER, console=CONSOLE, master=MASTER, returns=RETURNS)
    return make_office(more={ChannelKind.EMAIL: channel})


@pytest.fixture
def sent(office: Office, post_office: PostOffice) -> Taken:
    """An offer that a school was told of by e-mail."""
    with office.at() as post:
        post.requested(post.written_to())
    office.settled(sent=1)
    return post_office.taken[0]


def stands(begin: Begin) -> tuple[str, str | None]:
    with begin() as session:
        delivery = Post(session, utc_now()).delivery()
        return delivery.state, delivery.last_code


def is_alert_open(begin: Begin) -> bool:
    with begin() as session:
        return bool(alerts.open_objects(session, AlertKind.DELIVERY_PARKED))


def noted(begin: Begin, action: str) -> int:
    by_bounces = AUDIT.c.actor == "bounces:mail"
    with begin() as session:
        found = select(func.count()).where(AUDIT.c.action == action, by_bounces)
        return session.scalar(found) or 0


def test_every_try_of_a_mail_names_one_address_that_is_its_own(
    office: Office, post_office: PostOffice, begin: Begin
) -> None:
    post_office.at_recipient = ["451 4.7.1 greylisted, come again"]
    with office.at() as post:
        post.requested(post.written_to(), 2)
    office.settled(sent=2)
    with begin() as session:
        made = {each.id for each in Post(session, utc_now()).deliveries()}
    assert {RETURNS.read(each.sender) for each in post_office.taken} == {(it, 0) for it in made}
    assert {str(each.mail["From"]).rpartition("<")[2] for each in post_office.taken} == {
        f"{SENDER}>"
    }
    assert BOUNCES not in "".join(each.raw.decode() for each in post_office.taken)


def test_a_mail_that_comes_back_is_parked_told_and_an_alert(
    sent: Taken, folder: Path, reader: BounceReader, begin: Begin, told: Told
) -> None:
    assert [each.outcome for each in told()] == [DeliveryOutcome.DELIVERED]
    for _ in range(2):
        drop(folder, report(sent, "failed"))
        reader.turn()
    assert stands(begin) == (DeliveryState.PARKED, AttemptOutcome.UNDELIVERED)
    assert [each.outcome for each in told()] == [DeliveryOutcome.DELIVERED, DeliveryOutcome.PARKED]
    assert is_alert_open(begin)
    assert left(folder) == 0
    assert noted(begin, "delivery.parked") == 1


def test_one_that_is_late_is_noted_once_and_goes_on_as_sent(
    sent: Taken, folder: Path, reader: BounceReader, begin: Begin, told: Told
) -> None:
    for _ in range(2):
        drop(folder, report(sent, "delayed"))
        reader.turn()
    assert stands(begin) == (DeliveryState.SENT, AttemptOutcome.DEFERRED)
    assert [each.outcome for each in told()] == [DeliveryOutcome.DELIVERED]
    assert noted(begin, "delivery.delayed") == 1
    drop(folder, report(sent, "failed"))
    reader.turn()
    assert stands(begin) == (DeliveryState.PARKED, AttemptOutcome.UNDELIVERED)


def test_what_somebody_makes_up_changes_nothing(
    *,
    sent: Taken,
    folder: Path,
    reader: BounceReader,
    begin: Begin,
    told: Told,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Whoever knows the delivery's id, its Message-ID and the mailbox; but not the envelope."""
    with begin() as session:
        mail_id = Post(session, utc_now()).delivery().id
    for sender in (STRANGER.of(mail_id), BOUNCES, SENDER):
        drop(folder, report(replace(sent, sender=sender), "failed"))
    drop(folder, b"Subject: hello\r\n\r\nhello\r\n")
    drop(folder, report(sent, "failed", is_whole=False))
    reader.turn()
    assert stands(begin) == (DeliveryState.SENT, AttemptOutcome.SENT)
    assert [each.outcome for each in told()] == [DeliveryOutcome.DELIVERED]
    assert left(folder) == 0, "nothing of anybody stays"
    said = capfd.readouterr()
    assert sent.recipient not in said.out + said.err


def test_what_comes_back_of_a_mail_that_was_sent_again_since_is_no_news(
    *,
    sent: Taken,
    office: Office,
    post_office: PostOffice,
    folder: Path,
    reader: BounceReader,
    begin: Begin,
) -> None:
    drop(folder, report(sent, "failed"))
    reader.turn()
    with begin() as session:
        domain.replay_delivery(
            session,
            delivery_id=Post(session, utc_now()).delivery().id,
            reason=ReplayReason.CAUSE_FIXED,
            subject=somebody(new_id(), Role.OPERATOR),
            actor="staff:operator",
            now=utc_now(),
        )
    office.settled(sent=1)
    assert not is_alert_open(begin)
    drop(folder, report(sent, "failed"))
    reader.turn()
    assert stands(begin) == (DeliveryState.SENT, AttemptOutcome.SENT)
    drop(folder, report(post_office.taken[-1], "failed"))
    reader.turn()
    assert stands(begin) == (DeliveryState.PARKED, AttemptOutcome.UNDELIVERED)


def test_what_comes_back_before_its_own_answer_is_written_down_is_read_again(
    sent: Taken, folder: Path, reader: BounceReader, begin: Begin
) -> None:
    set_to = update(Delivery).values(concluded_at=None)
    with begin() as session:
        session.execute(set_to.values(state=DeliveryState.SENDING))
    drop(folder, report(sent, "failed"))
    reader.turn()
    assert left(folder) == 1
    with begin() as session:
        session.execute(update(Delivery).values(state=DeliveryState.SENT, concluded_at=utc_now()))
    reader.turn()
    assert left(folder) == 0
    assert stands(begin) == (DeliveryState.PARKED, AttemptOutcome.UNDELIVERED)


@pytest.mark.parametrize("step", STEPS)
def test_whoever_is_killed_while_reading_leaves_it_to_be_read_again_and_noted_once(
    *, sent: Taken, folder: Path, reader: BounceReader, begin: Begin, engine: Engine, step: str
) -> None:
    drop(folder, report(sent, "failed"))
    url = engine.url.render_as_string(hide_password=False)
    program = [sys.executable, "-m", "tests.notification.bounce_killed", url, str(folder), step]
    doomed = subprocess.run(program, check=False, timeout=60)
    assert doomed.returncode == -signal.SIGKILL
    assert left(folder) == 1
    reader.turn()
    assert left(folder) == 0
    assert stands(begin) == (DeliveryState.PARKED, AttemptOutcome.UNDELIVERED)
    assert noted(begin, "delivery.parked") == 1


def test_a_test_that_comes_back_has_failed_and_is_nobodys_to_see_to(
    office: Office, post_office: PostOffice, folder: Path, reader: BounceReader, begin: Begin
) -> None:
    with office.at() as post:
        school = post.written_to()
        endpoint = post.endpoint(school)
        domain.try_endpoint(
            post.session,
            endpoint_id=endpoint.endpoint_id,
            subject=somebody(new_id(), Role.OPERATOR),
            now=utc_now(),
        )
    office.settled(sent=1)
    drop(folder, report(post_office.taken[0], "failed"))
    reader.turn()
    assert stands(begin) == (DeliveryState.FAILED, AttemptOutcome.UNDELIVERED)
    assert not is_alert_open(begin)


def test_a_folder_that_is_not_there_ends_no_worker(
    begin: Begin, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    nowhere = tmp_path / "nowhere"
    reader = BounceReader(begin, nowhere, RETURNS, clock=utc_now, on_death=lambda: None)
    assert reader.turn() is False
    assert "bounces_unreadable" in "".join(capfd.readouterr())


BOTH = {"bounce_address": BOUNCES, "bounces_folder": "/bounces"}


def told_of(tmp_path: Path, **more: str) -> NotificationWorkerSettings:
    (tmp_path / "keys").write_text("{}")
    return NotificationWorkerSettings(
        database_url="postgresql://nobody@127.0.0.1/none",
        broker_url="redis://127.0.0.1/0",
        link_keys_file=tmp_path / "keys",
        jwks_file=tmp_path / "keys",
        issuer="https://nhipcau.example",
        webhook_master_file=tmp_path / "keys",
        smtp_host=LOOPBACK,
        mail_from=SENDER,
        console_address=CONSOLE,
        **more,  # type: ignore[arg-type]
    )


def test_a_worker_is_told_of_the_address_and_of_its_folder_or_of_neither(tmp_path: Path) -> None:
    reads = [each for each in companions(told_of(tmp_path, **BOTH)) if _is_reader(each)]
    assert len(reads) == 1
    assert not [each for each in companions(told_of(tmp_path)) if _is_reader(each)]
    for name, said in BOTH.items():
        with pytest.raises(ValueError, match="need each other"):
            told_of(tmp_path, **{name: said})


def _is_reader(companion: object) -> bool:
    return isinstance(companion, partial) and companion.func is make_bounce_reader


@pytest.fixture
def returning(desk: Desk) -> Desk:
    """Mails to people come back to where they are read."""
    desk.returns = RETURNS
    desk.digester = desk.another()
    return desk


def test_a_mail_to_a_person_that_comes_back_is_told_as_one_that_was_refused(
    returning: Desk, folder: Path, reader: BounceReader
) -> None:
    someone = returning.services.has(Someone(new_id(), digest=Digest.NONE))
    offer_id = returning.asked(someone)
    (mail,) = returning.look()
    for _ in range(2):
        drop(folder, report(mail, "failed"))
        reader.turn()
    assert returning.states() == [("urgent", "parked", 1)]
    (refused,) = refusals(returning)
    assert (refused.recipient_id, refused.mailbox_id) == (someone.id, someone.mailbox_id)
    assert refused.is_urgent
    assert returning.look(hours=1) == []
    someone.mailbox, someone.mailbox_id = "moi@xa-vi-du.gov.vn", new_id()
    (again,) = returning.look(hours=1)
    assert f"{CONSOLE}/offers/{offer_id}" in plain(again)


def test_a_mail_to_a_person_that_is_late_is_noted(
    returning: Desk, folder: Path, reader: BounceReader, begin: Begin
) -> None:
    returning.services.has(Someone(new_id(), duties=[a_duty()]))
    (mail,) = returning.look()
    for _ in range(2):
        drop(folder, report(mail, "delayed"))
        reader.turn()
    assert returning.states() == [("digest", "sent", 1)]
    assert refusals(returning) == []
    assert noted(begin, "personal_mail.delayed") == 1


def test_what_names_no_mail_of_ours_is_nothing(
    folder: Path, reader: BounceReader, begin: Begin
) -> None:
    mail_id = UUID(int=7)
    raw = f"Message-ID: <{mail_id}@nhipcau.example>\r\n\r\nx\r\n".encode()
    lost = Taken(RETURNS.of(mail_id), "vp@truong.example", True, raw)
    for bounce in Bounce:
        drop(folder, report(lost, bounce))
    reader.turn()
    assert left(folder) == 0
    with begin() as session:
        assert session.scalar(select(func.count()).select_from(AUDIT)) == 0
