"""What the gateway reports: signed, once or many times, and believed of nothing else."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from fastapi.testclient import TestClient

from services.notification import domain
from services.notification.policy import AttemptOutcome, DeliveryState, Trouble
from shared.contracts import DeliveryConcluded
from shared.contracts.vocabulary import DeliveryOutcome, Role
from shared.kit.database import Begin
from shared.kit.identifiers import new_id
from shared.messaging import alerts
from shared.messaging.alerts import AlertKind
from shared.messaging.parking import ReplayReason
from tests.notification.builders import Post
from tests.notification.conftest import NOON
from tests.notification.sms_gateway import OTHER_SECRET, report
from tests.subjects import somebody

AT = NOON.timestamp()
Told = Callable[[], list[DeliveryConcluded]]


@pytest.fixture
def texted(begin: Begin) -> Callable[..., UUID]:
    """An offer that was told by SMS, and how handing it over ended."""

    def make(status: int | None = 202, *, trouble: Trouble | None = None) -> UUID:
        with begin() as session:
            post = Post(session, NOON)
            post.requested(post.texted())
            (claimed,) = post.claim()
            post.record([claimed], status, trouble=trouble)
            return claimed.delivery_id

    return make


def said(delivery_id: UUID, outcome: str, attempt: int = 1) -> dict[str, Any]:
    return {"id": str(delivery_id), "attempt": attempt, "outcome": outcome}


def stands(begin: Begin, at: datetime = NOON) -> tuple[str, str | None]:
    with begin() as session:
        delivery = Post(session, at).delivery()
        return delivery.state, delivery.last_code


def is_alert_open(begin: Begin) -> bool:
    with begin() as session:
        return bool(alerts.open_objects(session, AlertKind.DELIVERY_PARKED))


def outcomes(told: Told) -> list[DeliveryOutcome]:
    return [each.outcome for each in told()]


def test_what_the_network_has_delivered_is_told_once_however_often_it_is_reported(
    client: TestClient, texted: Callable[..., UUID], begin: Begin, told: Told
) -> None:
    delivery_id = texted()
    assert outcomes(told) == []
    for _ in range(3):
        assert report(client, said(delivery_id, "delivered"), at=AT).status_code == 204
    assert stands(begin) == (DeliveryState.DELIVERED, AttemptOutcome.DELIVERED)
    assert outcomes(told) == [DeliveryOutcome.DELIVERED]
    # What has arrived has, whatever else is said of it.
    assert report(client, said(delivery_id, "failed"), at=AT).status_code == 204
    assert stands(begin) == (DeliveryState.DELIVERED, AttemptOutcome.DELIVERED)


def test_what_did_not_arrive_waits_for_a_person_and_is_told(
    client: TestClient, texted: Callable[..., UUID], begin: Begin, told: Told
) -> None:
    delivery_id = texted()
    for _ in range(2):
        assert report(client, said(delivery_id, "failed"), at=AT).status_code == 204
    assert stands(begin) == (DeliveryState.PARKED, AttemptOutcome.UNDELIVERED)
    assert outcomes(told) == [DeliveryOutcome.PARKED]
    assert is_alert_open(begin)


def test_what_nobody_knew_of_is_settled_by_a_report(
    client: TestClient, texted: Callable[..., UUID], begin: Begin, told: Told
) -> None:
    delivery_id = texted(None, trouble=Trouble.UNKNOWN)
    assert stands(begin) == (DeliveryState.PARKED, AttemptOutcome.UNKNOWN)
    assert is_alert_open(begin)
    assert report(client, said(delivery_id, "delivered"), at=AT).status_code == 204
    assert stands(begin) == (DeliveryState.DELIVERED, AttemptOutcome.DELIVERED)
    assert not is_alert_open(begin)
    assert outcomes(told) == [DeliveryOutcome.PARKED, DeliveryOutcome.DELIVERED]


def test_what_nobody_knew_of_and_has_failed_is_told_no_second_time(
    client: TestClient, texted: Callable[..., UUID], begin: Begin, told: Told
) -> None:
    delivery_id = texted(None, trouble=Trouble.UNKNOWN)
    assert report(client, said(delivery_id, "failed"), at=AT).status_code == 204
    assert stands(begin) == (DeliveryState.PARKED, AttemptOutcome.UNDELIVERED)
    assert outcomes(told) == [DeliveryOutcome.PARKED]


def test_a_forged_report_changes_nothing(
    client: TestClient, texted: Callable[..., UUID], begin: Begin
) -> None:
    delivery_id = texted()
    body = said(delivery_id, "delivered")
    other = orjson.dumps(said(uuid4(), "delivered"))
    forged = [
        report(client, body, at=AT, secret=OTHER_SECRET),
        report(client, body, at=AT, signing=other),
        client.post("/notification/v1/sms-reports", json=body),
    ]
    assert [each.status_code for each in forged] == [401] * 3
    assert stands(begin) == (DeliveryState.SENT, AttemptOutcome.SENT)


@pytest.mark.parametrize("late", [-301, 301])
def test_a_report_of_another_hour_is_not_believed(
    client: TestClient, texted: Callable[..., UUID], begin: Begin, late: int
) -> None:
    delivery_id = texted()
    assert report(client, said(delivery_id, "delivered"), at=AT + late).status_code == 401
    assert stands(begin) == (DeliveryState.SENT, AttemptOutcome.SENT)


def test_a_failure_of_an_earlier_try_is_no_news_of_the_one_under_way(
    client: TestClient, texted: Callable[..., UUID], begin: Begin
) -> None:
    delivery_id = texted()
    failed = said(delivery_id, "failed")
    report(client, failed, at=AT)
    with begin() as session:
        post = Post(session, NOON)
        domain.replay_delivery(
            session,
            delivery_id=delivery_id,
            subject=somebody(new_id(), Role.OPERATOR),
            reason=ReplayReason.CAUSE_FIXED,
            actor="operator",
            now=NOON,
        )
        (claimed,) = post.claim()
    # Until its own answer is written down, nothing is believed of it.
    assert report(client, failed, at=AT).status_code == 409
    with begin() as session:
        Post(session, NOON).record([claimed], 202)
    assert report(client, failed, at=AT).status_code == 204
    assert stands(begin) == (DeliveryState.SENT, AttemptOutcome.SENT)
    assert is_alert_open(begin)
    assert report(client, said(delivery_id, "delivered", 2), at=AT).status_code == 204
    assert not is_alert_open(begin)


def test_nothing_is_reported_of_what_is_no_sms(client: TestClient, begin: Begin) -> None:
    with begin() as session:
        post = Post(session, NOON)
        post.requested(post.reachable())
        delivery_id = post.delivery().id
    for unknown in (delivery_id, uuid4()):
        assert report(client, said(unknown, "delivered"), at=AT).status_code == 404


def test_without_a_secret_no_report_is_believed(
    client: TestClient, texted: Callable[..., UUID]
) -> None:
    delivery_id = texted()
    client.app.state.sms_secrets = {}  # type: ignore[attr-defined]
    assert report(client, said(delivery_id, "delivered"), at=AT).status_code == 401
