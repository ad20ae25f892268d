"""The gateway of SMS beside a sandbox keeps to the contract, also after it was killed."""

import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from time import time
from typing import Any
from urllib.parse import urlsplit

import orjson
import pytest
from standardwebhooks import Webhook

from deploy.local.patience import wait_until
from deploy.sandbox.gateway import TextGateway
from services.notification.policy import signed
from tests.notification.receivers import Got, Receiver
from tests.notification.sms_gateway import OTHER_SECRET

TEXT = {"id": "019a3f40", "attempt": 1, "to": "+84900000001", "text": "Có việc mới.", "segments": 1}
REPORTS = "/notification/v1/sms-reports"


@pytest.fixture
def exchange() -> Iterator[Receiver]:
    """Whoever is told what became of a text."""
    with Receiver() as started:
        yield started


@pytest.fixture
def gateway(folder: Path) -> TextGateway:
    return TextGateway.prepare(folder)


@pytest.fixture
def working(gateway: TextGateway, exchange: Receiver) -> Callable[[], Any]:
    """The gateway, until the block ends; then it is killed."""

    @contextmanager
    def start() -> Iterator[None]:
        program = gateway.program(exchange.url.removesuffix("/hooks"))
        started = subprocess.Popen(program.argv, env=dict(program.env), cwd=program.cwd)
        assert program.ready is not None
        try:
            assert wait_until(program.ready, within=30)
            yield
        finally:
            started.kill()
            started.wait()

    return start


def secret_of(gateway: TextGateway) -> str:
    return Path(gateway.settings["NOTIFICATION_SMS_SECRET_FILE"]).read_text().strip()


def ask(gateway: TextGateway, method: str, body: bytes, headers: Mapping[str, str]) -> Any:
    place = urlsplit(gateway.texts_url)
    connection = HTTPConnection(place.netloc, timeout=10)
    connection.request(method, place.path, body, dict(headers))
    answer = connection.getresponse()
    told = answer.read()
    connection.close()
    return answer.status, told


def hand_over(gateway: TextGateway, told: Mapping[str, Any], secret: str | None = None) -> int:
    """Hand a text over as the exchange does; what the gateway answers."""
    body = orjson.dumps(told)
    headers = signed(
        secret or secret_of(gateway), webhook_id=told["id"], timestamp=int(time()), body=body
    )
    status: int = ask(gateway, "POST", body, headers)[0]
    return status


def taken(gateway: TextGateway) -> list[dict[str, Any]]:
    """What it shows to whoever looks."""
    status, told = ask(gateway, "GET", b"", {})
    assert status == 200
    found: list[dict[str, Any]] = orjson.loads(told)["items"]
    return found


def reports(exchange: Receiver) -> list[dict[str, Any]]:
    return [orjson.loads(each.body) for each in exchange.got]


def test_a_text_is_taken_once_shown_and_reported_as_arrived(
    gateway: TextGateway, exchange: Receiver, working: Callable[[], Any]
) -> None:
    with working():
        assert hand_over(gateway, TEXT) == hand_over(gateway, TEXT) == 202
        assert wait_until(lambda: taken(gateway)[0]["reported_at"] is not None, within=30)
        (shown,) = taken(gateway)
    assert (shown["to"], shown["text"]) == (TEXT["to"], TEXT["text"])
    (got,) = exchange.got
    assert (got.path, orjson.loads(got.body)) == (
        REPORTS,
        {"id": TEXT["id"], "attempt": 1, "outcome": "delivered"},
    )
    assert is_genuine(got, secret_of(gateway))


def is_genuine(got: Got, secret: str) -> bool:
    """By a package that is not ours."""
    Webhook(secret).verify(got.body, got.headers)
    return True


def test_what_is_not_signed_with_its_secret_is_not_taken(
    gateway: TextGateway, working: Callable[[], Any]
) -> None:
    with working():
        assert hand_over(gateway, TEXT, OTHER_SECRET) == 401
        assert ask(gateway, "POST", orjson.dumps(TEXT), {})[0] == 401
        assert taken(gateway) == []


def test_what_is_not_known_yet_is_reported_again_until_it_is(
    gateway: TextGateway, exchange: Receiver, working: Callable[[], Any]
) -> None:
    exchange.answers = [(409, {}), (503, {})]
    with working():
        hand_over(gateway, TEXT)
        assert wait_until(lambda: taken(gateway)[0]["reported_at"] is not None, within=60)
    assert len(reports(exchange)) == 3


def test_what_the_exchange_does_not_know_is_reported_once(
    gateway: TextGateway, exchange: Receiver, working: Callable[[], Any]
) -> None:
    exchange.answers = [(404, {})]
    with working():
        hand_over(gateway, TEXT)
        assert wait_until(lambda: len(exchange.got) == 1, within=30)
        hand_over(gateway, {**TEXT, "id": "another"})
        assert wait_until(lambda: taken(gateway)[0]["reported_at"] is not None, within=30)
    assert [each["id"] for each in reports(exchange)] == [TEXT["id"], "another"]


def test_killed_it_still_knows_its_texts_and_what_it_has_to_report(
    gateway: TextGateway, exchange: Receiver, working: Callable[[], Any]
) -> None:
    exchange.always = (503, {})
    with working():
        hand_over(gateway, TEXT)
        assert wait_until(lambda: len(exchange.got) > 0, within=30)
    exchange.always = (204, {})
    with working():
        assert hand_over(gateway, {**TEXT, "attempt": 2}) == 202
        assert wait_until(lambda: taken(gateway)[0]["reported_at"] is not None, within=30)
        assert len(taken(gateway)) == 1
    assert reports(exchange)[-1]["attempt"] == 2


def test_its_secret_is_made_once_and_nobody_elses_to_read(folder: Path) -> None:
    first, second = TextGateway.prepare(folder), TextGateway.prepare(folder)
    assert secret_of(first) == secret_of(second)
    assert first.folder.stat().st_mode & 0o077 == 0
