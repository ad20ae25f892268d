"""Which deliveries and endpoints there are for whom: one's own, or all."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from services.notification import domain
from services.notification.errors import DeliveryNotFound
from services.notification.models import Delivery, Endpoint
from shared.contracts.vocabulary import Role
from shared.kit.database import Begin
from shared.messaging.parking import ReplayReason
from tests.conftest import NOON
from tests.notification.builders import Post
from tests.reaching import HERE, THINGS, Ask, Lies, Mark, among, expected, shown, told_by, unlisted
from tests.subjects import somebody

BASE = "/notification/v1"
Headers = dict[str, str]

TABLE = """
                                                           operator  others
GET  /notification/v1/deliveries                           ++++      ++--
GET  /notification/v1/deliveries/{delivery_id}             ++++      ++--
POST /notification/v1/deliveries/{delivery_id}/replays     ++++      xxxx
GET  /notification/v1/recipients                           ++++      ++--
GET  /notification/v1/endpoints                            ++++      ++--
POST /notification/v1/endpoints/{endpoint_id}/tests        ++++      ++--
POST /notification/v1/endpoints/{endpoint_id}/suspensions  ++++      xxxx
POST /notification/v1/endpoints/{endpoint_id}/resumptions  ++++      xxxx
"""


@dataclass(frozen=True)
class Made:
    """An organisation's endpoint, and a delivery to it."""

    organisation_id: UUID
    delivery_id: UUID
    endpoint_id: UUID


def make(post: Post, organisation_id: UUID) -> Made:
    post.requested(post.reachable(organisation_id))
    delivery = select(Delivery.id).where(Delivery.organisation_id == organisation_id)
    endpoint = select(Endpoint.endpoint_id).where(Endpoint.organisation_id == organisation_id)
    return Made(
        organisation_id,
        post.session.scalars(delivery).one(),
        post.session.scalars(endpoint).one(),
    )


@pytest.fixture
def us() -> UUID:
    return uuid4()


@pytest.fixture
def made(begin: Begin, us: UUID) -> Mapping[Lies, Made]:
    """What is sent has no place: here and elsewhere are one."""
    with begin() as session:
        post = Post(session, NOON)
        ours, theirs = make(post, us), make(post, uuid4())
    return {lies: ours if lies.is_own else theirs for lies in THINGS}


@pytest.fixture
def asks(client: TestClient, made: Mapping[Lies, Made]) -> Mapping[str, Ask]:
    def listed(headers: Headers, lies: Lies) -> Mark:
        return among(client.get(f"{BASE}/deliveries", headers=headers), made[lies].delivery_id)

    def read(headers: Headers, lies: Lies) -> Mark:
        address = f"{BASE}/deliveries/{made[lies].delivery_id}"
        return told_by(client.get(address, headers=headers))

    def replay(headers: Headers, lies: Lies) -> Mark:
        address = f"{BASE}/deliveries/{made[lies].delivery_id}/replays"
        extra = {"Idempotency-Key": str(uuid4())}
        body = {"reason": "cause_fixed"}
        return told_by(client.post(address, json=body, headers=headers | extra))

    def endpoints(headers: Headers, lies: Lies) -> Mark:
        answer = client.get(f"{BASE}/endpoints", headers=headers)
        return among(answer, made[lies].endpoint_id, "endpoint_id")

    def recipients(headers: Headers, lies: Lies) -> Mark:
        answer = client.get(f"{BASE}/recipients", headers=headers)
        return among(answer, made[lies].organisation_id, "organisation_id")

    def of_endpoint(what: str, **body: str) -> Ask:
        def acts(headers: Headers, lies: Lies) -> Mark:
            address = f"{BASE}/endpoints/{made[lies].endpoint_id}/{what}"
            extra = {"Idempotency-Key": str(uuid4())}
            return told_by(client.post(address, json=body or None, headers=headers | extra))

        return acts

    return {
        "GET /notification/v1/recipients": recipients,
        "POST /notification/v1/endpoints/{endpoint_id}/tests": of_endpoint("tests"),
        "POST /notification/v1/endpoints/{endpoint_id}/suspensions": of_endpoint(
            "suspensions", reason="incident"
        ),
        "POST /notification/v1/endpoints/{endpoint_id}/resumptions": of_endpoint("resumptions"),
        "GET /notification/v1/deliveries": listed,
        "GET /notification/v1/deliveries/{delivery_id}": read,
        "POST /notification/v1/deliveries/{delivery_id}/replays": replay,
        "GET /notification/v1/endpoints": endpoints,
    }


def test_each_role_reaches_what_the_table_says(
    asks: Mapping[str, Ask], us: UUID, token_for: Callable[..., Headers]
) -> None:
    def headers_of(role: Role) -> Headers:
        return token_for(role, organisation_id=us, areas=(HERE,))

    assert shown(TABLE, asks, headers_of) == expected(TABLE)


def test_every_route_is_a_line_of_the_table(client: TestClient) -> None:
    assert unlisted(client.app, TABLE) == set()  # type: ignore[arg-type]


@pytest.mark.parametrize("role", Role, ids=str)
def test_a_list_has_exactly_what_the_single_read_shows(post: Post, role: Role) -> None:
    us, them = uuid4(), uuid4()
    for who in (us, them):
        post.requested(post.reachable(who), 2)
    every = post.session.scalars(select(Delivery.id)).all()
    subject = somebody(us, role, areas=(HERE,))

    def is_read(delivery_id: UUID) -> bool:
        try:
            domain.find_delivery(post.session, delivery_id=delivery_id, subject=subject)
        except DeliveryNotFound:
            return False
        return True

    facts: Mapping[str, Any] = {"state": None, "case_id": None, "after": None, "size": 100}
    found = domain.find_deliveries(post.session, subject=subject, **facts)
    assert {each.id for each in found} == {each for each in every if is_read(each)}
    assert len(found) == (4 if role is Role.OPERATOR else 2)


def test_who_does_not_operate_replays_not_even_its_own(post: Post) -> None:
    us = uuid4()
    mine = make(post, us).delivery_id
    with pytest.raises(DeliveryNotFound):
        domain.replay_delivery(
            post.session,
            delivery_id=mine,
            subject=somebody(us, Role.CASE_OWNER),
            reason=ReplayReason.CAUSE_FIXED,
            actor="test",
            now=post.now,
        )
