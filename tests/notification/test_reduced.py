"""What is over says no more than what it was about, seven days on; what waits says all."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient

from services.notification import domain
from services.notification.domain.reading import view_of
from services.notification.domain.retention import BODIES, RETENTION
from services.notification.models import Delivery
from services.notification.policy import OVER, DeliveryState, Event
from shared.contracts.vocabulary import Role
from shared.kit.clock import utc_now
from shared.kit.database import Begin
from shared.kit.identifiers import new_id
from shared.kit.retention import Reduced, reduce
from tests.conftest import TokenFor
from tests.notification.builders import Post
from tests.notification.test_policy_events import EVENTS
from tests.subjects import somebody

OFFICER = (Role.PROVIDER, Role.CASE_OWNER, Role.VERIFIER, Role.RECEIVER)


def reduced(post: Post) -> int:
    """Let the sweep of this table do one step."""
    (rule,) = (each for each in RETENTION if each.table == "deliveries")
    assert isinstance(rule, Reduced)
    done = reduce(post.session, rule)
    post.session.expire_all()
    return done


def told(post: Post, event: Event, ago: timedelta) -> Delivery:
    """Something that an organisation with a system was told so long ago."""
    post.reachable(event.organisation_id)
    domain.open_deliveries(post.session, events=[event], now=post.now)
    post.record(post.claim())
    delivery = post.delivery(organisation_id=event.organisation_id)
    assert delivery.state == DeliveryState.DELIVERED
    delivery.concluded_at = utc_now() - ago
    post.session.flush()
    return delivery


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.type)
def test_after_seven_days_the_codes_are_gone_and_the_notice_reads_as_before(
    post: Post, event: Event
) -> None:
    delivery = told(post, event, BODIES + timedelta(hours=1))
    officer = somebody(event.organisation_id, *OFFICER)
    before, body = as_read(post, delivery.id, officer), delivery.body
    assert reduced(post) == 1
    assert as_read(post, delivery.id, officer) == before
    assert {**delivery.body, "data": None} == {**body, "data": None}
    left = set(delivery.body["data"])
    assert left == {name for name in body["data"] if name.endswith("_id") or name == "link"}
    assert left
    assert reduced(post) == 0


def as_read(post: Post, delivery_id: UUID, officer: Any) -> tuple[Any, ...]:
    """What an officer sees of it but for the event: in the inbox, and among the deliveries."""
    facts: dict[str, Any] = {"subject": officer, "after": None, "size": 9, "now": post.now}
    view = view_of(post.session.get_one(Delivery, delivery_id), officer)
    seen = {**vars(view), "event": None, "is_reduced": None}
    return domain.find_notices(post.session, **facts), seen


def test_within_seven_days_it_is_there_in_full(post: Post) -> None:
    delivery = told(post, EVENTS[0], BODIES - timedelta(hours=1))
    assert reduced(post) == 0
    assert delivery.body["data"]["code"]


@pytest.mark.parametrize("state", DeliveryState)
def test_what_waits_for_somebody_stays_in_full_however_long(
    post: Post, state: DeliveryState
) -> None:
    post.requested(new_id())
    delivery = post.delivery()
    long_ago = utc_now() - 10 * BODIES
    delivery.state = state
    is_open = state in {DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.UNKNOWN}
    delivery.concluded_at = None if is_open else long_ago
    post.session.flush()
    assert reduced(post) == (state in OVER)
    assert ("code" in delivery.body["data"]) is (state not in OVER)


def test_an_operator_reads_that_it_was_reduced(
    client: TestClient, begin: Begin, token_for: TokenFor
) -> None:
    with begin() as session:
        post = Post(session, utc_now())
        delivery_id = told(post, EVENTS[0], BODIES).id
    path = f"/notification/v1/deliveries/{delivery_id}"
    operator = token_for("operator")
    assert client.get(path, headers=operator).json()["is_reduced"] is False
    with begin() as session:
        assert reduced(Post(session, utc_now())) == 1
    read = client.get(path, headers=operator).json()
    assert read["is_reduced"] is True
    assert "code" not in read["event"]["data"]
    assert read["event"]["data"]["offer_id"]
