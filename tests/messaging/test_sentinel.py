"""A broker watched by Redis Sentinel: every use of it finds the master, and the one after it."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from pydantic import ValidationError
from sqlalchemy import Engine

from deploy.local.patience import wait_until
from shared.kit.settings import ServiceSettings
from shared.messaging.broker import Broker, BrokerDown
from shared.messaging.envelope import seal_receipt
from tests.architecture.source import ROOT
from tests.guarded import GuardedProcess
from tests.messaging.desk import Desk
from tests.messaging.parts import RECEIVER, SENDER, Receiver, link_file, links_of, wires
from tests.messaging.watched import Watched


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    opened = Watched.start(tmp_path)
    yield opened
    opened.stop()


def answers(broker: Broker) -> bool:
    try:
        broker.backlogs([RECEIVER])
    except BrokerDown:
        return False
    return True


def use_in_every_way(sender: Broker, receiver: Broker) -> None:
    sender.leave_mark("mark")
    assert sender.epoch() == "mark"
    before = sender.backlogs([RECEIVER])[RECEIVER]
    sender.send_frames([(RECEIVER, wires(uuid4(), 1, 2))])
    sender.send_beat(RECEIVER)
    assert sender.backlogs([RECEIVER]) == {RECEIVER: before + 2}
    receipt = seal_receipt(links_of(RECEIVER), SENDER, [str(uuid4())])
    receiver.send_receipts([(SENDER, receipt)])
    assert receipt in sender.take_receipts(10)


def test_every_use_of_a_broker_finds_the_master_and_the_one_after_it(watched: Watched) -> None:
    sender = Broker(SENDER, watched.url, watched.sentinels)
    receiver = Broker(RECEIVER, watched.url, watched.sentinels)
    use_in_every_way(sender, receiver)
    watched.lose_the_master()
    assert wait_until(lambda: answers(sender) and answers(receiver), within=30)
    use_in_every_way(sender, receiver)


def test_a_relay_works_through_sentinels(desk: Desk, watched: Watched) -> None:
    broker = Broker(SENDER, watched.url, watched.sentinels)
    desk.tell()
    relay = desk.relay(broker)
    relay.round()
    assert broker.backlogs([RECEIVER]) == {RECEIVER: 1}
    Broker(RECEIVER, watched.url, watched.sentinels).send_receipts([(SENDER, desk.receipt())])
    relay.round()
    assert desk.totals() == {str(RECEIVER): (1, 0)}


@contextmanager
def working(watched: Watched, engine: Engine, folder: Path) -> Iterator[GuardedProcess]:
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        "WORK_DATABASE_URL": engine.url.render_as_string(hide_password=False),
        "WORK_BROKER_URL": watched.url,
        "WORK_BROKER_MASTER_NAME": watched.sentinels.master_name,
        "WORK_BROKER_SENTINEL_PASSWORD": watched.sentinels.password or "",
        "WORK_LINK_KEYS_FILE": str(link_file(folder, RECEIVER)),
        "WORK_JWKS_FILE": str(folder / "unused"),
    }
    with (folder / "worker.log").open("ab") as log:
        process = GuardedProcess(
            [sys.executable, "-m", "tests.messaging.working", "worker"],
            env=environment,
            output=log,
            cwd=ROOT,
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_a_worker_consumes_through_sentinels_also_when_another_server_took_over(
    watched: Watched, engine: Engine, receiver: Receiver, tmp_path: Path
) -> None:
    sender = Broker(SENDER, watched.url, watched.sentinels)
    log = tmp_path / "worker.log"

    def is_handled(count: int) -> bool:
        return list(receiver.states().values()) == ["handled"] * count

    with working(watched, engine, tmp_path) as worker:
        sender.send_frames([(RECEIVER, wires(uuid4(), 1))])
        assert wait_until(lambda: is_handled(1), within=60), log.read_text()
        watched.lose_the_master()
        # It ends because its server has gone, and is started again by whoever runs it.
        assert worker.wait(60) is not None
    with working(watched, engine, tmp_path):
        assert wait_until(lambda: answers(sender), within=30)
        sender.send_frames([(RECEIVER, wires(uuid4(), 1))])
        assert wait_until(lambda: is_handled(2), within=60), log.read_text()
    assert "of-the-" not in log.read_text(), "no password in the log"


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("sentinel://host:26379", None),
        ("sentinel://host:26379;sentinel://other:26379", ""),
        ("redis://host:6379/0", "nhipcau"),
        ("redis+socket:///path", "nhipcau"),
    ],
)
def test_sentinels_and_the_name_of_their_master_go_together(url: str, name: str | None) -> None:
    with pytest.raises(ValidationError):
        settings_of(url, name)


def test_settings_say_who_the_sentinels_are_and_show_no_password() -> None:
    settings = settings_of("sentinel://u:p@host:26379/0", "nhipcau", password="hidden")
    assert settings.sentinels is not None
    assert settings.sentinels.master_name == "nhipcau"
    assert settings.sentinels.password == "hidden"
    assert "hidden" not in repr(settings)
    assert "hidden" not in repr(settings.sentinels)
    assert settings_of("redis://host:6379/0", None).sentinels is None


def settings_of(url: str, name: str | None, password: str | None = None) -> ServiceSettings:
    return ServiceSettings.model_validate(
        {
            "database_url": "postgresql+psycopg://x@/x",
            "broker_url": url,
            "broker_master_name": name,
            "broker_sentinel_password": password,
            "link_keys_file": "x",
            "jwks_file": "x",
        }
    )
