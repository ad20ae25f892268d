"""What partners' systems, and the gateway of SMS beside them, take in a demonstration, and keep."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx2
import orjson
import pytest
from standardwebhooks import Webhook

from deploy.demo.cast import (
    BROKEN_SCHOOL,
    CASE_OWNER,
    NEXT_ASKED,
    UNREADING,
    are_there,
    open_ledger,
)
from deploy.demo.ledger import Ledger
from deploy.demo.mailroom import TOLD
from deploy.demo.simulator import LISTENING, TEXTS, Partner, Receiver, secret_of_texts
from deploy.local.ports import free_port

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NUMBER = "+84900000002"
TEXT = {"id": "a-text", "to": NUMBER, "text": "Khi nào tiện, bạn gọi lại số bạn đã biết nhé."}
EVENT: dict[str, Any] = {"type": "vn.nhipcau.plan.opened.v1", "data": {}}
TEST = "vn.nhipcau.endpoint.test.v1"


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return open_ledger(tmp_path / "simulator.json")


@pytest.fixture
def address(ledger: Ledger) -> Iterator[str]:
    with listening(free_port(), ledger) as found:
        yield found


@contextmanager
def listening(port: int, ledger: Ledger) -> Iterator[str]:
    """A school's system, and the gateway of SMS."""
    school: Any = Partner(
        code=BROKEN_SCHOOL,
        behaviour=LISTENING,
        secret=SECRET,
        client=None,  # type: ignore[arg-type]
        full_for="",
    )
    Receiver.partners, Receiver.ledger = {BROKEN_SCHOOL: school}, ledger
    door = ThreadingHTTPServer(("127.0.0.1", port), Receiver)
    at_work = threading.Thread(target=door.serve_forever, daemon=True)
    at_work.start()
    yield f"http://127.0.0.1:{port}"
    door.shutdown()
    door.server_close()
    at_work.join()


def send(url: str, body: dict[str, Any], *, secret: str, webhook_id: str = "w") -> int:
    raw, now = orjson.dumps(body), datetime.now(UTC)
    headers = {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign(webhook_id, now, raw.decode()),
    }
    return httpx2.post(url, content=raw, headers=headers, trust_env=False).status_code


def test_the_gateway_takes_a_text_and_keeps_that_it_left_and_nothing_of_it(
    address: str, ledger: Ledger, tmp_path: Path
) -> None:
    assert not ledger.has_text("a-text")
    for _ in range(2):
        assert send(address + TEXTS, TEXT, secret=secret_of_texts()) == 202
    assert ledger.has_text("a-text")
    kept = b"".join(each.read_bytes() for each in tmp_path.iterdir())
    assert b"a-text" in kept
    assert NUMBER.encode() not in kept
    assert TEXT["text"].encode() not in kept


def test_the_gateway_takes_nothing_that_is_signed_otherwise(address: str, ledger: Ledger) -> None:
    assert send(address + TEXTS, TEXT, secret=SECRET) == 401
    assert not ledger.has_text("a-text")


def test_a_system_out_of_order_takes_nothing_until_it_is_mended(
    address: str, ledger: Ledger
) -> None:
    school = f"{address}/{BROKEN_SCHOOL}"
    assert send(school, EVENT, secret=SECRET) == 503
    assert ledger.kept(BROKEN_SCHOOL) == set()
    ledger.mend(BROKEN_SCHOOL)
    assert send(school, EVENT, secret=SECRET) == 204
    assert send(school, EVENT, secret=secret_of_texts(), webhook_id="another") == 401
    assert ledger.kept(BROKEN_SCHOOL) == {"w"}


def test_what_comes_under_two_ids_is_a_repeat_unless_it_is_a_test(
    address: str, ledger: Ledger
) -> None:
    ledger.mend(BROKEN_SCHOOL)
    for number in ("w1", "w2"):
        test: dict[str, Any] = {"type": TEST, "id": number, "data": {}}
        assert send(f"{address}/{BROKEN_SCHOOL}", test, secret=SECRET, webhook_id=number) == 204
    assert ledger.summary()["twice"] == 0
    for number in ("w3", "w4"):
        assert send(f"{address}/{BROKEN_SCHOOL}", EVENT, secret=SECRET, webhook_id=number) == 204
    assert ledger.summary()["twice"] == 1


def test_two_wait_for_the_case_owner_and_a_third_does_not(ledger: Ledger) -> None:
    for number, partner in enumerate((NEXT_ASKED, UNREADING, "a-bank")):
        ledger.keep(f"w{number}", partner, EVENT, f"effect {number}")
    assert [each.partner for each in ledger.waiting()] == ["a-bank"]
    ledger.release(UNREADING)
    assert [each.partner for each in ledger.waiting()] == [UNREADING, "a-bank"]


def test_what_was_written_to_a_mailbox_is_read_in_order_and_nobody_elses(ledger: Ledger) -> None:
    for number, to in enumerate(("one@vi-du.vn", "another@vi-du.vn", "one@vi-du.vn")):
        told = {"type": TOLD, "data": {"to": to, "words": f"mail {number}"}}
        ledger.keep(f"m{number}", CASE_OWNER, told, f"m{number}")
    assert ledger.mails("one@vi-du.vn") == ["mail 0", "mail 2"]
    assert ledger.mails("nobody@vi-du.vn") == []


def test_partners_are_there_once_they_listen(ledger: Ledger) -> None:
    port = free_port()
    assert not are_there(port)
    with listening(port, ledger):
        assert are_there(port)
