"""Operators stop sending to an endpoint and go on; a test shows whether webhooks arrive."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import select

from services.notification.models import Endpoint
from shared.kit.audit import AUDIT
from shared.kit.clock import utc_now
from shared.kit.database import Begin
from shared.messaging.tables import OPERATOR_ALERTS
from tests.conftest import NOON, wait_until
from tests.notification.builders import Post
from tests.notification.office import Office
from tests.notification.receivers import Receiver

BASE = "/notification/v1"
TokenFor = Callable[..., dict[str, str]]
Headers = dict[str, str]


@pytest.fixture
def operator(token_for: TokenFor) -> Headers:
    return token_for("operator", client_id="ops")


def endpoint_of(begin: Begin, organisation_id: UUID) -> UUID:
    with begin() as session:
        of = Endpoint.organisation_id == organisation_id
        found: UUID = session.scalars(select(Endpoint.endpoint_id).where(of)).one()
        return found


def act(client: TestClient, who: Headers, endpoint_id: UUID, what: str, **body: Any) -> Response:
    headers = {**who, "Idempotency-Key": str(uuid4())}
    answer: Response = client.post(
        f"{BASE}/endpoints/{endpoint_id}/{what}", headers=headers, json=body or None
    )
    return answer


def problem(answer: Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].removeprefix("urn:nhipcau:problem:")


def test_what_is_to_be_sent_to_a_suspended_endpoint_waits_and_then_goes(
    client: TestClient, operator: Headers, begin: Begin, office: Office, receiver: Receiver
) -> None:
    with office.at() as post:
        school = post.reachable(url=receiver.url)
    endpoint_id = endpoint_of(begin, school)
    suspended = act(client, operator, endpoint_id, "suspensions", reason="partner_asked").json()
    assert (suspended["suspended_by"], suspended["suspension_reason"]) == (
        "client:ops", "partner_asked",
    )  # fmt: skip
    with office.at() as post:
        post.requested(school, 2)
        other = post.reachable(url=receiver.url)
        post.requested(other, 1)
    office.settled(pending=2, delivered=1)
    again = act(client, operator, endpoint_id, "suspensions", reason="incident")
    assert problem(again) == (409, "endpoint-suspended")
    assert act(client, operator, endpoint_id, "resumptions").json()["suspended_at"] is None
    office.settled(delivered=3)
    assert problem(act(client, operator, endpoint_id, "resumptions")) == (
        409, "endpoint-not-suspended",
    )  # fmt: skip
    with begin() as session:
        actions = session.scalars(select(AUDIT.c.action).where(AUDIT.c.object_id == endpoint_id))
        assert set(actions) == {
            "endpoint.suspended", "endpoint.resumed",
            f"POST {BASE}/endpoints/{endpoint_id}/suspensions",
            f"POST {BASE}/endpoints/{endpoint_id}/resumptions",
        }  # fmt: skip


def test_news_of_an_endpoint_does_not_end_its_suspension(
    client: TestClient, operator: Headers, begin: Begin
) -> None:
    with begin() as session:
        post = Post(session, NOON)
        school = post.reachable()
    endpoint_id = endpoint_of(begin, school)
    act(client, operator, endpoint_id, "suspensions", reason="incident")
    with begin() as session:
        post = Post(session, NOON)
        post.hand(post.told.endpoint(school, endpoint_id=endpoint_id, secret_version=2))
        post.requested(school, 1)
        assert post.claim() == []


def test_a_test_arrives_signed_and_before_what_waits(
    client: TestClient, token_for: TokenFor, begin: Begin, office: Office, receiver: Receiver
) -> None:
    receiver.always = (503, {"Retry-After": "3600"})
    with office.at() as post:
        school = post.reachable(url=receiver.url)
        post.requested(school, 1)
    wait_until(lambda: len(receiver.got) == 1, seconds=10, what="a first try")
    receiver.always = (204, {})
    endpoint_id = endpoint_of(begin, school)
    mine = token_for("provider", organisation_id=school)
    asked = act(client, mine, endpoint_id, "tests")
    assert asked.status_code == 201, asked.text
    wait_until(lambda: len(receiver.got) == 2, seconds=10, what="the test")
    event = orjson.loads(receiver.got[1].body)
    assert event["type"] == "vn.nhipcau.endpoint.test.v1"
    assert event["data"] == {"endpoint_id": str(endpoint_id)}
    assert event["id"] == asked.json()["id"] == receiver.got[1].headers["webhook-id"]
    assert receiver.got[1].headers["webhook-signature"].startswith("v1,")
    read = client.get(asked.headers["Location"], headers=mine)
    wait_until(
        lambda: client.get(asked.headers["Location"], headers=mine).json()["state"] == "delivered",
        seconds=10,
        what="its result",
    )
    assert (read.json()["case_id"], read.json()["referral_id"]) == (None, None)


def test_a_test_that_does_not_arrive_is_tried_once_and_alerts_nobody(
    client: TestClient, operator: Headers, begin: Begin, office: Office, receiver: Receiver
) -> None:
    receiver.always = (500, {})
    with office.at() as post:
        school = post.reachable(url=receiver.url)
    asked = act(client, operator, endpoint_of(begin, school), "tests").json()
    office.settled(failed=1)
    read = client.get(f"{BASE}/deliveries/{asked['id']}", headers=operator).json()
    assert [(each["number"], each["http_status"]) for each in read["tries"]] == [(1, 500)]
    assert read["next_at"] is None
    again = client.post(
        f"{BASE}/deliveries/{asked['id']}/replays",
        headers={**operator, "Idempotency-Key": str(uuid4())},
        json={"reason": "cause_fixed"},
    )
    assert problem(again) == (409, "delivery-not-parked")
    with begin() as session:
        assert session.execute(select(OPERATOR_ALERTS)).all() == []


def test_only_what_is_called_is_tested_and_one_test_at_a_time(
    client: TestClient, operator: Headers, begin: Begin
) -> None:
    with begin() as session:
        school = Post(session, utc_now()).reachable()
    endpoint_id = endpoint_of(begin, school)
    assert act(client, operator, endpoint_id, "tests").status_code == 201
    assert problem(act(client, operator, endpoint_id, "tests")) == (
        409, "endpoint-test-under-way",
    )  # fmt: skip
    act(client, operator, endpoint_id, "suspensions", reason="partner_down")
    assert problem(act(client, operator, endpoint_id, "tests")) == (409, "endpoint-not-called")


def test_an_organisation_tests_its_own_endpoint_and_suspends_none(
    client: TestClient, token_for: TokenFor, begin: Begin
) -> None:
    with begin() as session:
        school = Post(session, utc_now()).reachable()
    endpoint_id = endpoint_of(begin, school)
    mine, stranger = token_for("provider", organisation_id=school), token_for("provider")
    assert problem(act(client, stranger, endpoint_id, "tests")) == (404, "endpoint-not-found")
    asked = act(client, mine, endpoint_id, "suspensions", reason="incident")
    assert problem(asked) == (403, "role-missing")
    assert act(client, mine, endpoint_id, "resumptions").status_code == 403


def test_each_recipient_shows_what_arrived_fails_and_waits(
    client: TestClient, token_for: TokenFor, operator: Headers, begin: Begin
) -> None:
    with begin() as session:
        post = Post(session, utc_now())
        school, lost = post.reachable(), uuid4()
        post.requested(school, 3)
        first, second, _ = post.claim()
        post.record([first], 204)
        post.record([second], 503)
        post.requested(lost, 1)
    answer = client.get(f"{BASE}/recipients", headers=operator).json()["items"]
    found = {each["organisation_id"]: each for each in answer}
    mine = found[str(school)]
    assert (mine["delivered"], mine["waiting"], mine["parked"]) == (1, 2, 0)
    assert mine["failing"] == 2, "one is being tried, one is tried again"
    assert [each["status"] for each in mine["endpoints"]] == ["active"]
    assert found[str(lost)]["no_endpoint"] == 1
    assert found[str(lost)]["endpoints"] == []
    own = client.get(
        f"{BASE}/recipients", headers=token_for("provider", organisation_id=school)
    ).json()["items"]
    assert [each["organisation_id"] for each in own] == [str(school)]


def test_deliveries_are_found_by_organisation_and_the_newest_may_come_first(
    client: TestClient, operator: Headers, begin: Begin
) -> None:
    with begin() as session:
        post = Post(session, utc_now())
        school = post.reachable()
        post.requested(school, 3)
        post.requested(post.reachable(), 1)
    asked = {"organisation_id": str(school), "page_size": "2"}

    def pages(**more: str) -> list[str]:
        seen: list[str] = []
        query = {**asked, **more}
        while True:
            page = client.get(f"{BASE}/deliveries", headers=operator, params=query).json()
            seen += [each["id"] for each in page["items"]]
            if page["next_cursor"] is None:
                return seen
            query["cursor"] = page["next_cursor"]

    oldest = pages()
    assert len(oldest) == 3
    assert pages(order="newest_first") == oldest[::-1]
