"""Calls over real sockets: what partners answer, and every way in which they fail to."""

import gzip
import socket
import threading
import time

import pytest

from services.notification.gateways import HttpGateway
from services.notification.policy import Answer, AttemptOutcome, Trouble, outcome_of
from shared.outbound.calling import LARGEST_ANSWER
from shared.outbound.deadlines import Call, Watch
from tests.conftest import wait_until
from tests.notification.calls import (
    LATEST,
    NO_CONTENT,
    SECONDS,
    MakeGateway,
    answering,
    send,
    timed,
)
from tests.notification.receivers import LOOPBACK, Receiver, Rude, read_request


def test_a_webhook_arrives_as_it_was_sent(gateway: HttpGateway, receiver: Receiver) -> None:
    answer = send(gateway, receiver.url + "?to=1", b'{"a": 1}')
    assert answer == Answer(status=204)
    (got,) = receiver.got
    assert (got.path, got.body) == ("/hooks?to=1", b'{"a": 1}')
    assert got.headers["host"] == receiver.url.split("/")[2]
    assert got.headers["accept-encoding"] == "identity"
    assert got.headers["webhook-id"] == "1"


def test_a_connection_is_kept(gateway: HttpGateway, receiver: Receiver) -> None:
    for _ in range(5):
        assert send(gateway, receiver.url).status == 204
    assert len({got.port for got in receiver.got}) == 1


@pytest.mark.parametrize("status", [200, 201, 400, 401, 404, 410, 422, 429, 500, 503])
def test_a_status_is_an_answer(gateway: HttpGateway, receiver: Receiver, status: int) -> None:
    receiver.always = (status, {"Retry-After": "7"})
    assert send(gateway, receiver.url) == Answer(status=status, retry_after="7")


def test_a_redirect_is_not_followed(gateway: HttpGateway, receiver: Receiver) -> None:
    receiver.always = (307, {"Location": "http://169.254.169.254/latest/meta-data"})
    answer = send(gateway, receiver.url)
    assert outcome_of(answer) is AttemptOutcome.REDIRECTED
    assert len(receiver.got) == 1


def test_a_redirect_to_itself_is_not_followed_either(
    gateway: HttpGateway,
    receiver: Receiver,
) -> None:
    receiver.always = (308, {"Location": receiver.url})
    assert send(gateway, receiver.url).status == 308
    assert len(receiver.got) == 1


def test_a_proxy_of_the_environment_is_not_used(
    gateway: HttpGateway,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert send(gateway, receiver.url).status == 204


def test_nobody_listening_is_unreachable(gateway: HttpGateway) -> None:
    with socket.create_server((LOOPBACK, 0)) as server:
        port = server.getsockname()[1]
    assert send(gateway, f"http://{LOOPBACK}:{port}/").trouble is Trouble.UNREACHABLE


def test_silence_after_reading_is_unknown_at_the_deadline(gateway: HttpGateway) -> None:
    def hang(client: socket.socket, over: threading.Event) -> None:
        read_request(client)
        over.wait(20)

    with Rude(hang) as rude:
        answer, seconds = timed(gateway, rude.url)
    assert answer.trouble is Trouble.UNKNOWN
    assert SECONDS * 0.9 < seconds < LATEST


def test_a_receiver_that_never_reads_is_given_up_at_the_deadline(gateway: HttpGateway) -> None:
    def stare(_client: socket.socket, over: threading.Event) -> None:
        over.wait(20)

    with Rude(stare) as rude:
        began = time.monotonic()
        answer = send(gateway, rude.url, b"x" * 20_000_000)
        seconds = time.monotonic() - began
    assert answer.trouble is Trouble.UNKNOWN
    assert seconds < LATEST


def test_a_drip_of_headers_ends_at_the_deadline(gateway: HttpGateway) -> None:
    def drip(client: socket.socket, over: threading.Event) -> None:
        read_request(client)
        client.sendall(b"HTTP/1.1 200 OK\r\n")
        while not over.wait(0.05):
            client.sendall(b"x")

    with Rude(drip) as rude:
        answer, seconds = timed(gateway, rude.url)
    assert answer.trouble is Trouble.UNKNOWN
    assert SECONDS * 0.9 < seconds < LATEST


def test_a_drip_of_interim_answers_ends_at_the_deadline(gateway: HttpGateway) -> None:
    def drip(client: socket.socket, over: threading.Event) -> None:
        read_request(client)
        while not over.wait(0.02):
            client.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")

    with Rude(drip) as rude:
        answer, seconds = timed(gateway, rude.url)
    assert answer.trouble is Trouble.UNKNOWN
    assert seconds < LATEST


def test_a_drip_of_the_body_changes_no_answer_and_ends_at_the_deadline(
    gateway: HttpGateway,
) -> None:
    def drip(client: socket.socket, over: threading.Event) -> None:
        read_request(client)
        client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while not over.wait(0.05):
            client.sendall(b"x")

    with Rude(drip) as rude:
        answer, seconds = timed(gateway, rude.url)
    assert answer.status == 200
    assert seconds < LATEST


INTERIM = {
    "100": b"HTTP/1.1 100 Continue\r\n\r\n",
    "102": b"HTTP/1.1 102 Processing\r\n\r\n",
    "103": b"HTTP/1.1 103 Early Hints\r\nLink: </s.css>; rel=preload\r\nRetry-After: 9\r\n\r\n",
    "199": b"HTTP/1.1 199 Nobody Knows\r\nContent-Length: 7\r\n\r\n",
}


@pytest.mark.parametrize("interim", [*INTERIM.values(), b"".join(INTERIM.values())])
def test_interim_answers_before_the_final_one_are_not_heard(
    gateway: HttpGateway, interim: bytes
) -> None:
    """RFC 9110 section 15.2, also twice on one connection."""

    def early(client: socket.socket, _over: threading.Event) -> None:
        for _ in range(2):
            read_request(client)
            client.sendall(interim + NO_CONTENT)

    with Rude(early) as rude:
        assert [send(gateway, rude.url) for _ in range(2)] == [Answer(status=204)] * 2
        assert rude.connections == 1


def test_an_answer_that_changes_the_protocol_is_no_success(gateway: HttpGateway) -> None:
    with Rude(answering(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n")) as rude:
        assert outcome_of(send(gateway, rude.url)) is AttemptOutcome.FAILED


@pytest.mark.parametrize("status", [102, 103])
def test_a_drip_of_other_interim_answers_ends_at_the_deadline(
    gateway: HttpGateway, status: int
) -> None:
    def drip(client: socket.socket, over: threading.Event) -> None:
        read_request(client)
        while not over.wait(0.02):
            client.sendall(b"HTTP/1.1 %d Wait\r\n\r\n" % status)

    with Rude(drip) as rude:
        answer, seconds = timed(gateway, rude.url)
    assert answer.trouble is Trouble.UNKNOWN
    assert seconds < LATEST


def test_an_endless_body_is_dropped_early(gateway: HttpGateway) -> None:
    sent = 0

    def pour(client: socket.socket, over: threading.Event) -> None:
        nonlocal sent
        read_request(client)
        client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while not over.is_set():
            sent += client.send(b"x" * 65_536)

    with Rude(pour) as rude:
        answer, seconds = timed(gateway, rude.url)
    assert answer.status == 200
    assert seconds < SECONDS
    # What the two kernels buffer comes on top of what was read.
    assert sent < LARGEST_ANSWER + 16_000_000


def test_a_gzip_bomb_is_not_unpacked(gateway: HttpGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = gzip.compress(b"\0" * 30_000_000)
    assert len(bomb) < LARGEST_ANSWER
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb)

    def unpack(*_: object, **__: object) -> bytes:
        raise AssertionError("an answer was unpacked")

    monkeypatch.setattr("urllib3.response.GzipDecoder.decompress", unpack)
    with Rude(answering(head + bomb)) as rude:
        assert send(gateway, rude.url).status == 200


@pytest.mark.parametrize(
    "junk",
    [b"\x16\x03\x01\x02\x00 no http at all", b"HTTP/1.1 abc\r\n\r\n", b"", b"\r\n" * 10],
)
def test_an_answer_that_is_none_is_unknown(gateway: HttpGateway, junk: bytes) -> None:
    with Rude(answering(junk)) as rude:
        assert send(gateway, rude.url).trouble is Trouble.UNKNOWN


def test_too_many_headers_are_no_answer(gateway: HttpGateway) -> None:
    with Rude(answering(b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 5000 + b"\r\n")) as rude:
        assert send(gateway, rude.url).trouble is Trouble.UNKNOWN


def test_a_kept_connection_the_receiver_closed_is_replaced(gateway: HttpGateway) -> None:
    """Closed while idle, or just when the second request arrives: both go out once more."""

    def once_then_close_on_the_next(client: socket.socket, _over: threading.Event) -> None:
        read_request(client)
        client.sendall(NO_CONTENT)
        client.recv(1)

    with Rude(once_then_close_on_the_next) as rude:
        assert [send(gateway, rude.url).status for _ in range(3)] == [204, 204, 204]
        assert rude.connections == 3


def test_a_new_connection_that_breaks_is_not_repeated(gateway: HttpGateway) -> None:
    def slam(client: socket.socket, _over: threading.Event) -> None:
        read_request(client)

    with Rude(slam) as rude:
        assert send(gateway, rude.url).trouble is Trouble.UNKNOWN
        assert rude.connections == 1


def test_after_a_call_was_cut_the_next_one_is_served(gateway: HttpGateway) -> None:
    waits = [True]

    def hang_once(client: socket.socket, over: threading.Event) -> None:
        while True:
            read_request(client)
            if waits and waits.pop():
                over.wait(SECONDS * 2)
            client.sendall(NO_CONTENT)

    with Rude(hang_once) as rude:
        assert send(gateway, rude.url).trouble is Trouble.UNKNOWN
        assert [send(gateway, rude.url).status for _ in range(3)] == [204, 204, 204]


def test_many_calls_at_once_come_back_each_with_its_own_answer(
    make_gateway: MakeGateway,
    receiver: Receiver,
) -> None:
    gateway = make_gateway(seconds=20)
    answers: list[int | None] = []

    def call() -> None:
        for _ in range(10):
            answers.append(send(gateway, receiver.url).status)  # noqa: PERF401 - one at a time

    threads = [threading.Thread(target=call) for _ in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [204] * 240
    assert len(receiver.got) == 240


def test_nobody_looks_for_overdue_calls_while_there_are_none() -> None:
    watch = Watch()
    with watch.over(Call(60.0)):
        assert watch._has_calls.is_set()
    wait_until(lambda: not watch._has_calls.is_set())
    watch.close()
