"""After an outage what was parked is sent again together, so many a minute, also past a kill -9."""

import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import Engine, select, update

from services.notification import domain
from services.notification.models import Delivery, Replay
from services.notification.policy import AttemptOutcome, DeliveryState, SuspensionReason
from shared.contracts.vocabulary import ChannelKind, Role
from shared.kit.audit import AUDIT
from shared.kit.clock import utc_now
from shared.kit.database import Begin, database_now
from tests.conftest import wait_until
from tests.notification.builders import Post
from tests.notification.office import Office
from tests.notification.receivers import Receiver
from tests.subjects import somebody

BASE = "/notification/v1"
TokenFor = Callable[..., dict[str, str]]
Headers = dict[str, str]
A_MINUTE = timedelta(minutes=1)


@pytest.fixture
def operator(token_for: TokenFor) -> Headers:
    return token_for("operator", client_id="ops")


def park(post: Post, organisation_id: UUID, many: int, **facts: Any) -> list[UUID]:
    """So many deliveries to an organisation that were tried as often as they may be."""
    told = [it.offer_id for it in post.requested(organisation_id, many)]
    ids = list(post.session.scalars(select(Delivery.id).where(Delivery.offer_id.in_(told))))
    parked = {
        "state": DeliveryState.PARKED,
        "concluded_at": post.now,
        "last_code": AttemptOutcome.FAILED,
        "channel": ChannelKind.WEBHOOK,
        **facts,
    }
    post.session.execute(update(Delivery).where(Delivery.id.in_(ids)).values(parked))
    return ids


def start(client: TestClient, who: Headers, **body: Any) -> Response:
    asked = {"reason": "transient_fault", "per_minute": 6000, **body}
    headers = {**who, "Idempotency-Key": str(uuid4())}
    answer: Response = client.post(f"{BASE}/replays", headers=headers, json=asked)
    return answer


def count(client: TestClient, who: Headers, **query: str) -> int:
    found = client.get(f"{BASE}/replayable-deliveries", headers=who, params=query).json()
    counted: int = found["count"]
    return counted


def problem(answer: Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].removeprefix("urn:nhipcau:problem:")


def read(client: TestClient, who: Headers, replay_id: str) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"{BASE}/replays/{replay_id}", headers=who).json()
    return found


def replayed(begin: Begin) -> list[datetime]:
    with begin() as session:
        query = select(Delivery.replayed_at).where(Delivery.replayed_at.is_not(None))
        return sorted(each for each in session.scalars(query) if each is not None)


def test_what_was_parked_in_an_outage_is_sent_again_and_says_who_asked_and_why(
    client: TestClient, operator: Headers, begin: Begin, office: Office, receiver: Receiver
) -> None:
    with begin() as session:
        post = Post(session, utc_now())
        ids = park(post, post.reachable(url=receiver.url), 5)
    assert count(client, operator) == 5
    assert problem(start(client, operator, count=4)) == (409, "deliveries-differ")
    assert count(client, operator) == 5, "nothing was begun"
    made = start(client, operator, count=5)
    assert made.status_code == 201, made.text
    replay_id = made.json()["replay_id"]
    assert made.headers["Location"] == f"{BASE}/replays/{replay_id}"
    office.settled(delivered=5)
    wait_until(
        lambda: read(client, operator, replay_id)["ended_at"] is not None, seconds=10, what="an end"
    )
    found = read(client, operator, replay_id)
    assert (found["chosen"], found["waiting"], found["under_way"], found["arrived"]) == (5, 0, 0, 5)
    assert (found["started_by"], found["reason"]) == ("client:ops", "transient_fault")
    assert sorted(got.headers["webhook-id"] for got in receiver.got) == sorted(map(str, ids))
    with begin() as session:
        query = select(AUDIT.c.object_id).where(
            AUDIT.c.action == "delivery.replayed", AUDIT.c.actor == "client:ops"
        )
        assert set(session.scalars(query)) == set(ids)
    one = client.get(f"{BASE}/deliveries/{ids[0]}", headers=operator).json()
    assert (one["replayed_by"], one["replay_reason"]) == ("client:ops", "transient_fault")


def test_what_has_to_be_decided_one_by_one_is_left_alone(
    client: TestClient, operator: Headers, begin: Begin
) -> None:
    with begin() as session:
        post = Post(session, utc_now())
        school, office, duty = post.reachable(), post.written_to(), post.texted()
        park(post, school, 1, last_code=AttemptOutcome.UNKNOWN)
        park(post, office, 1, channel=ChannelKind.EMAIL, last_code=AttemptOutcome.REFUSED)
        park(post, office, 1, channel=ChannelKind.EMAIL, last_code=AttemptOutcome.DEFERRED)
        park(post, duty, 1, channel=ChannelKind.SMS, last_code=AttemptOutcome.UNKNOWN)
        park(post, duty, 1, channel=ChannelKind.SMS, last_code=AttemptOutcome.UNDELIVERED)
        (late,) = park(post, duty, 1, channel=ChannelKind.SMS, last_code=AttemptOutcome.FAILED)
    assert count(client, operator) == 3
    assert count(client, operator, channel="sms") == 1
    assert count(client, operator, organisation_id=str(office)) == 1
    made = start(client, operator, count=1, channel="sms").json()
    assert count(client, operator) == 2, "what waits in a replay is chosen for no other"
    with begin() as session:
        domain.pace_replays(session, now=database_now(session))
    with begin() as session:
        query = select(Delivery.id).where(Delivery.state == DeliveryState.PENDING)
        assert session.scalars(query).all() == [late]
    assert read(client, operator, made["replay_id"])["under_way"] == 1


def test_a_replay_is_stopped_and_the_rest_stays_parked_and_can_be_chosen_again(
    client: TestClient, operator: Headers, begin: Begin, office: Office, receiver: Receiver
) -> None:
    with begin() as session:
        post = Post(session, utc_now())
        park(post, post.reachable(url=receiver.url), 3)
    replay_id = start(client, operator, count=3, per_minute=1).json()["replay_id"]
    office.settled(delivered=1, parked=2)
    headers = {**operator, "Idempotency-Key": str(uuid4())}
    stopped = client.post(f"{BASE}/replays/{replay_id}/stops", headers=headers)
    assert stopped.status_code == 201, stopped.text
    assert stopped.json()["stopped_by"] == "client:ops"
    assert (stopped.json()["arrived"], stopped.json()["waiting"]) == (1, 2)
    headers = {**operator, "Idempotency-Key": str(uuid4())}
    again = client.post(f"{BASE}/replays/{replay_id}/stops", headers=headers)
    assert problem(again) == (409, "replay-over")
    assert start(client, operator, count=2).status_code == 201
    office.settled(delivered=3)


def test_whoever_is_suspended_or_rests_keeps_its_turn_and_holds_up_nobody(
    client: TestClient, operator: Headers, begin: Begin
) -> None:
    with begin() as session:
        post = Post(session, utc_now())
        stopped, resting, well = (post.reachable() for _ in range(3))
        first = park(post, stopped, 1) + park(post, resting, 1)
        last = park(post, well, 1)
        post.endpoint(resting).paused_until = post.now + timedelta(hours=1)
        post.hand(post.told.organisation(stopped))
        domain.suspend_organisation(
            session,
            organisation_id=stopped,
            subject=somebody(uuid4(), Role.OPERATOR),
            reason=SuspensionReason.PARTNER_DOWN,
            now=post.now,
        )
    replay_id = start(client, operator, count=3).json()["replay_id"]
    with begin() as session:
        domain.pace_replays(session, now=database_now(session) + timedelta(seconds=1))
    with begin() as session:
        states = {each.id: each.state for each in session.scalars(select(Delivery))}
    assert {states[each] for each in first} == {DeliveryState.PARKED}
    assert {states[each] for each in last} == {DeliveryState.PENDING}
    assert read(client, operator, replay_id)["ended_at"] is None


def test_what_is_parked_again_has_had_its_turn(
    client: TestClient, operator: Headers, begin: Begin
) -> None:
    with begin() as session:
        post = Post(session, utc_now())
        (delivery_id,) = park(post, post.reachable(), 1)
    replay_id = start(client, operator, count=1).json()["replay_id"]
    with begin() as session:
        domain.pace_replays(session, now=database_now(session))
        session.execute(
            update(Delivery)
            .where(Delivery.id == delivery_id)
            .values(state=DeliveryState.PARKED, concluded_at=utc_now())
        )
    with begin() as session:
        domain.pace_replays(session, now=database_now(session) + A_MINUTE)
    found = read(client, operator, replay_id)
    assert (found["waiting"], found["parked"], found["ended_at"] is None) == (0, 1, False)
    with begin() as session:
        assert session.scalar(select(Delivery.state)) == DeliveryState.PARKED


def send_until(engine: Engine, is_enough: Callable[[], bool], what: str) -> None:
    """A sender in a process of its own, which ends then as by a power cut."""
    url = engine.url.render_as_string(hide_password=False)
    doomed = subprocess.Popen([sys.executable, "-m", "tests.notification.replay_killed", url])
    try:
        wait_until(is_enough, seconds=90, what=what)
    finally:
        doomed.kill()
        doomed.wait()


def test_the_pace_holds_past_senders_that_are_killed(
    client: TestClient, operator: Headers, begin: Begin, engine: Engine, receiver: Receiver
) -> None:
    many, pace = 30, 120
    with begin() as session:
        post = Post(session, utc_now())
        park(post, post.reachable(url=receiver.url), many)
    replay_id = start(client, operator, count=many, per_minute=pace).json()["replay_id"]
    send_until(engine, lambda: len(replayed(begin)) >= 5, "the first")
    send_until(engine, lambda: len(replayed(begin)) >= 10, "more")
    send_until(engine, lambda: read(client, operator, replay_id)["arrived"] == many, "all of them")
    gone = replayed(begin)
    gap = A_MINUTE / pace
    assert len(gone) == many
    # In whichever stretch one looks: what it may have, and what is made up for of five seconds.
    most = timedelta(seconds=5) / gap + 1
    for place, since in enumerate(gone):
        for more, until in enumerate(gone[place:]):
            assert more <= (until - since) / gap + most
    found = read(client, operator, replay_id)
    assert (found["arrived"], found["waiting"]) == (many, 0)
    with begin() as session:
        assert session.scalar(select(Replay.per_minute)) == pace
    assert len({got.headers["webhook-id"] for got in receiver.got}) == many


def test_only_operators_have_many_sent_again(
    client: TestClient, token_for: TokenFor, begin: Begin
) -> None:
    for role in Role:
        if role is Role.OPERATOR:
            continue
        mine = token_for(role)
        assert client.get(f"{BASE}/replayable-deliveries", headers=mine).status_code == 403
        assert client.get(f"{BASE}/replays", headers=mine).status_code == 403
        assert start(client, mine, count=1).status_code == 403
