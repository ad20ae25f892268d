"""The sender with real commits, real threads and real receivers on loopback."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session
from standardwebhooks import Webhook

from services.notification import domain
from services.notification.policy import (
    Answer,
    DeliveryState,
)
from services.notification.tasks import sender
from services.notification.tasks.sender import LOOK, PART
from shared.kit.clock import utc_now
from shared.kit.database import Begin, Database
from shared.kit.webhook_secrets import derive_secret
from tests.conftest import wait_until
from tests.notification.builders import MASTER, Post
from tests.notification.office import MakeOffice, Office
from tests.notification.receivers import Receiver


def endpoint_of(begin: Begin, organisation_id: UUID) -> Any:
    with begin() as session:
        return Post(session, utc_now()).endpoint(organisation_id)


def test_a_fresh_delivery_leaves_within_moments_signed_and_whole(
    office: Office,
    receiver: Receiver,
) -> None:
    with office.at() as post:
        school = post.reachable(url=receiver.url, secret_version=2)
        endpoint = post.endpoint(school)
    with office.at() as post:
        (asked,) = post.requested(school)
    office.settled(delivered=1)
    (got,) = receiver.got
    event = orjson.loads(got.body)
    assert event["data"]["referral_id"] == str(asked.offer_id)
    assert event["id"] == got.headers["webhook-id"]
    assert got.headers["content-type"] == "application/cloudevents+json; charset=utf-8"
    assert got.headers["idempotency-key"] == f'"{event["id"]}"'
    for version in (1, 2):
        secret = derive_secret(MASTER, endpoint.endpoint_id, version)
        assert Webhook(secret).verify(got.body, got.headers) == event


def test_delivery_does_not_wait_for_the_next_look(office: Office, receiver: Receiver) -> None:
    with office.at() as post:
        school = post.reachable(url=receiver.url)
    seconds = []
    for number in range(12):
        with office.at() as post:
            post.requested(school)
        began = time.perf_counter()
        wait_until(lambda n=number: len(receiver.got) > n)  # type: ignore[misc]
        seconds.append(time.perf_counter() - began)
    # The median is far below the time between two looks, on a busy machine too.
    assert sorted(seconds)[len(seconds) // 2] < LOOK / 8


def test_what_another_process_has_committed_is_found_by_the_next_look(
    office: Office,
    receiver: Receiver,
    begin: Begin,
) -> None:
    with begin() as session:
        post = Post(session, utc_now())
        post.requested(post.reachable(url=receiver.url))
    office.settled(delivered=1)


def test_many_deliveries_to_many_receivers_arrive_each_once(make_office: MakeOffice) -> None:
    office = make_office()
    with ExitStack() as stack:
        receivers = [stack.enter_context(Receiver()) for _ in range(8)]
        with office.at() as post:
            schools = [post.reachable(url=each.url) for each in receivers]
        for _ in range(5):
            with office.at() as post:
                for school in schools:
                    post.requested(school, 8)
        office.settled(delivered=8 * 5 * 8)
        ids = [webhook_id for each in receivers for webhook_id in each.ids]
    assert len(ids) == len(set(ids)) == 320
    assert max(each.most_under_way for each in receivers) <= 8


def test_connections_are_kept_between_deliveries(office: Office, receiver: Receiver) -> None:
    with office.at() as post:
        school = post.reachable(url=receiver.url)
    for number in range(6):
        with office.at() as post:
            post.requested(school)
        office.settled(delivered=number + 1)
    assert len({got.port for got in receiver.got}) == 1


def test_what_fails_is_tried_again_under_the_same_id(office: Office, receiver: Receiver) -> None:
    receiver.answers = [(500, {}), (503, {"Retry-After": "0"}), (502, {})]
    with office.at() as post:
        post.requested(post.reachable(url=receiver.url))
    office.settled(delivered=1)
    assert len(receiver.ids) == 4
    assert len(set(receiver.ids)) == 1


def test_a_timeout_after_sending_is_unknown_and_sent_again_under_the_same_id(
    make_office: MakeOffice,
    receiver: Receiver,
) -> None:
    office = make_office(seconds=0.3)
    receiver.hold.clear()
    with office.at() as post:
        post.requested(post.reachable(url=receiver.url))
    wait_until(lambda: len(receiver.got) >= 2)
    receiver.hold.set()
    office.settled(delivered=1)
    assert len(set(receiver.ids)) == 1
    keys = {got.headers["idempotency-key"] for got in receiver.got}
    assert keys == {f'"{receiver.ids[0]}"'}
    with office.begin() as session:
        post = Post(session, utc_now())
        outcomes = [each.outcome for each in post.attempts(post.delivery().id)]
    assert outcomes[0] == "unknown"
    assert outcomes[-1] == "delivered"


def test_a_dead_receiver_does_not_hold_up_the_others(make_office: MakeOffice) -> None:
    office = make_office(seconds=3.0)
    with Receiver() as dead, Receiver() as alive:
        dead.hold.clear()
        with office.at() as post:
            silent, answering = post.reachable(url=dead.url), post.reachable(url=alive.url)
            post.requested(silent, 30)
        wait_until(lambda: dead.under_way == 32 // PART)
        began = time.monotonic()
        for _ in range(5):
            with office.at() as post:
                post.requested(answering, 20)
        wait_until(lambda: office.states()["delivered"] == 100)
        assert time.monotonic() - began < 2.5
        assert dead.most_under_way == 32 // PART


def test_gone_is_not_called_again_until_it_has_a_new_endpoint(
    office: Office,
    receiver: Receiver,
) -> None:
    receiver.always = (410, {})
    with office.at() as post:
        school = post.reachable(url=receiver.url)
        post.requested(school)
    office.settled(no_endpoint=1)
    with office.at() as post:
        post.requested(school)
    office.settled(no_endpoint=2)
    assert len(receiver.got) == 1
    receiver.always = (204, {})
    with office.at() as post:
        post.reachable(school, url=receiver.url)
    office.settled(delivered=2)


def test_what_is_exhausted_is_parked(office: Office, receiver: Receiver) -> None:
    receiver.always = (500, {})
    with office.at() as post:
        post.requested(post.reachable(url=receiver.url))
        # All tries but the last are behind it.
        post.session.execute(text("UPDATE deliveries SET attempts = 9"))
    office.settled(parked=1)
    assert len(receiver.got) == 1


def test_a_claim_of_a_dead_sender_is_taken_over(
    make_office: MakeOffice,
    begin: Begin,
    receiver: Receiver,
) -> None:
    with begin() as session:
        post = Post(session, utc_now())
        post.requested(post.reachable(url=receiver.url))
        (lost,) = post.claim()
        session.execute(text("UPDATE deliveries SET next_at = now() + interval '0.4 s'"))
    make_office().settled(delivered=1)
    assert receiver.ids == [str(lost.delivery_id)]
    with begin() as session:
        post = Post(session, utc_now())
        outcomes = [each.outcome for each in post.attempts(lost.delivery_id)]
    assert outcomes == ["unknown", "delivered"]


def test_two_senders_share_the_work_and_send_nothing_twice(make_office: MakeOffice) -> None:
    one, two = make_office(), make_office()
    with Receiver() as receiver:
        with one.at() as post:
            school = post.reachable(url=receiver.url)
        for number in range(10):
            with (one, two)[number % 2].at() as post:
                post.requested(school, 20)
        one.settled(delivered=200)
        assert len(receiver.ids) == len(set(receiver.ids)) == 200


def test_stopping_writes_down_the_calls_under_way(begin: Begin, receiver: Receiver) -> None:
    office = Office(begin)
    office.sender.start()
    receiver.hold.clear()
    with office.at() as post:
        post.requested(post.reachable(url=receiver.url), 3)
    wait_until(lambda: receiver.under_way == 3)
    threading.Timer(0.3, receiver.hold.set).start()
    office.sender.stop()
    assert office.states() == Counter(delivered=3)
    assert office.deaths == 0


def test_a_database_that_goes_away_loses_no_result(
    office: Office,
    receiver: Receiver,
    engine: Engine,
) -> None:
    receiver.hold.clear()
    with office.at() as post:
        post.requested(post.reachable(url=receiver.url), 2)
    wait_until(lambda: receiver.under_way == 2)
    with engine.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()",
            ),
        )
    receiver.hold.set()
    wait_until(lambda: settled_despite_cuts(engine), seconds=20)
    assert len(receiver.ids) == len(set(receiver.ids)) == 2
    assert office.deaths == 0


def settled_despite_cuts(engine: Engine) -> bool:
    with Session(engine.execution_options()) as session:
        try:
            found = session.scalars(text("SELECT state FROM deliveries")).all()
        except Exception:  # noqa: BLE001 - a connection of the pool that was cut as well
            return False
        return found == [DeliveryState.DELIVERED] * 2


class Broken:
    """A gateway with a fault of our own."""

    def send(self, *_: Any) -> Answer:
        raise ZeroDivisionError

    def close(self) -> None:
        pass


def test_a_fault_of_our_own_is_written_down_and_ends_parked(make_office: MakeOffice) -> None:
    office = make_office(gateway=Broken())
    with office.at() as post:
        school = post.reachable()
        post.requested(school)
    wait_until(lambda: bool(endpoint_of(office.begin, school).consecutive_failures))
    with office.begin() as session:
        post = Post(session, utc_now())
        (attempt,) = post.attempts(post.delivery().id)
        assert attempt.outcome == "fault"
    assert office.deaths == 0


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_sender_that_cannot_go_on_says_so(database: Database) -> None:
    @contextmanager
    def broken() -> Iterator[Session]:
        raise ZeroDivisionError
        yield

    office = Office(broken)
    office.sender.start()
    wait_until(lambda: office.deaths == 1)
    office.sender.stop()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """One entry for each time a sender asks what is due; it looks only where it has a reason."""
    monkeypatch.setattr(sender, "LOOK", 3600.0)
    asked: list[str] = []
    claim = domain.claim_deliveries

    def counted(session: Session, **how: Any) -> Any:
        asked.append("claim")
        return claim(session, **how)

    monkeypatch.setattr(domain, "claim_deliveries", counted)
    return asked


def test_an_idle_sender_asks_the_database_nothing(asked: list[str], office: Office) -> None:
    wait_until(lambda: len(asked) == 1)
    time.sleep(0.6)
    assert asked == ["claim"], "once, as it starts"


def test_a_sender_is_woken_by_what_is_due_and_by_no_other_commit(
    asked: list[str], office: Office, receiver: Receiver, begin: Begin
) -> None:
    wait_until(lambda: len(asked) == 1)
    with begin() as session:
        school = Post(session, utc_now()).reachable(url=receiver.url)
    with office.at() as post:
        post.requested(uuid4())
    time.sleep(0.2)
    assert asked == ["claim"], "there is nowhere to send it"
    with office.at() as post:
        post.requested(school)
    wait_until(lambda: len(receiver.got) == 1)


def test_a_further_try_is_made_when_its_time_has_come(
    asked: list[str], office: Office, receiver: Receiver
) -> None:
    receiver.answers = [(503, {}), (503, {})]
    with office.at() as post:
        post.requested(post.reachable(url=receiver.url))
    office.settled(delivered=1)
    assert len(receiver.got) == 3
