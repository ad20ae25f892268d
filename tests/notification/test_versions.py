"""Health is that of a version of an endpoint: what a former address answers is no news of it."""

from collections.abc import Callable

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from services.notification.policy import (
    Answer,
    DeliveryState,
    Trouble,
    outcome_of,
)
from shared.contracts import BY_TYPE, Message, Queue
from shared.contracts.vocabulary import EndpointReason, EndpointStatus
from tests.conftest import wait_until
from tests.notification.builders import Post
from tests.notification.office import MakeOffice, Office
from tests.notification.receivers import Receiver
from tests.told import IN_OUTBOX

NEW = "https://moi.example/hooks"


@pytest.fixture
def told_directory(session: Session, settle: Callable[[], None]) -> Callable[[], list[Message]]:
    """What the directory was told."""

    def read() -> list[Message]:
        settle()
        rows = session.execute(
            select(IN_OUTBOX.c.type, IN_OUTBOX.c.body)
            .where(IN_OUTBOX.c.destination == Queue.DIRECTORY)
            .order_by(IN_OUTBOX.c.sequence),
        )
        return [BY_TYPE[row.type].model_validate(row.body) for row in rows]

    return read


FAILURES = [
    Answer(status=410),
    Answer(status=503, retry_after="86400"),
    Answer(status=429, retry_after="86400"),
    Answer(status=400),
    Answer(trouble=Trouble.UNKNOWN),
    Answer(trouble=Trouble.UNREACHABLE),
    Answer(trouble=Trouble.TLS_FAILED),
]


@pytest.mark.parametrize("answer", FAILURES, ids=lambda it: str(it.status or it.trouble))
def test_a_late_answer_of_a_former_address_sends_it_to_the_new_one_at_once(
    post: Post, answer: Answer, told_directory: Callable[[], list[Message]]
) -> None:
    school = post.reachable()
    endpoint = post.endpoint(school)
    post.requested(school)
    (claimed,) = post.claim()
    replaced = post.told.endpoint(
        school, endpoint_id=endpoint.endpoint_id, secret_version=2, url=NEW
    )
    post.hand(replaced)
    post.record_each([(claimed, answer)])
    kept = post.endpoint(school)
    assert (kept.status, kept.url) == (EndpointStatus.ACTIVE, NEW)
    assert (kept.consecutive_failures, kept.paused_until, kept.last_status) == (0, None, None)
    assert told_directory() == []
    delivery = post.delivery()
    assert delivery.last_code == outcome_of(answer)
    assert delivery.concluded_at is None
    (again,) = post.claim()
    assert (again.delivery_id, again.url) == (claimed.delivery_id, NEW)


def test_a_late_answer_of_a_disabled_endpoint_changes_nothing_of_its_successor(
    post: Post,
) -> None:
    school = post.reachable()
    former = post.endpoint(school)
    post.requested(school)
    (claimed,) = post.claim()
    gone = post.told.endpoint(
        school, endpoint_id=former.endpoint_id, status=EndpointStatus.DISABLED
    )
    post.hand(gone)
    post.hand(post.told.endpoint(school, url=NEW))
    post.record([claimed], 410)
    (again,) = post.claim()
    assert again.url == NEW


def test_what_a_former_address_took_is_delivered(post: Post) -> None:
    school = post.reachable()
    endpoint = post.endpoint(school)
    post.requested(school)
    claimed = post.claim()
    post.hand(
        post.told.endpoint(school, endpoint_id=endpoint.endpoint_id, secret_version=2, url=NEW)
    )
    post.record(claimed, 204)
    assert post.delivery().state == DeliveryState.DELIVERED
    assert post.endpoint(school).last_status is None


def test_the_last_try_at_a_former_address_does_not_park(post: Post) -> None:
    school = post.reachable()
    endpoint = post.endpoint(school)
    post.requested(school)
    # All tries but the last are behind it.
    post.session.execute(text("UPDATE deliveries SET attempts = 9"))
    (claimed,) = post.claim()
    post.hand(
        post.told.endpoint(school, endpoint_id=endpoint.endpoint_id, secret_version=2, url=NEW)
    )
    post.record([claimed], 500)
    assert post.delivery().state == DeliveryState.PENDING


def test_a_410_of_the_present_version_is_told_to_the_directory(
    post: Post, told_directory: Callable[[], list[Message]]
) -> None:
    school = post.reachable(secret_version=3)
    post.requested(school, 4)
    post.record(post.claim(), 410)
    endpoint = post.endpoint(school)
    assert endpoint.status == EndpointStatus.DISABLED
    (told,) = told_directory()
    assert told.model_dump(exclude={"occurred_at"}) == {
        "endpoint_id": endpoint.endpoint_id,
        "organisation_id": school,
        "secret_version": 3,
        "reason": EndpointReason.GONE,
    }


@pytest.mark.parametrize("status", [200, 202, 204])
def test_retry_after_with_a_success_is_not_heard(post: Post, status: int) -> None:
    """RFC 9110 section 10.2.3 knows it for what failed or is to be asked again."""
    school = post.reachable()
    post.requested(school)
    post.record(post.claim(), status, retry_after="86400")
    assert post.endpoint(school).paused_until is None
    post.requested(school)
    assert len(post.claim()) == 1


@pytest.mark.parametrize("status", [302, 400, 404, 413])
def test_a_refusal_of_one_webhook_with_retry_after_delays_no_other(post: Post, status: int) -> None:
    school = post.reachable()
    post.requested(school)
    post.record(post.claim(), status, retry_after="86400")
    assert post.endpoint(school).paused_until is None
    assert (post.delivery().next_at - post.now).total_seconds() >= 86_400
    post.requested(school)
    assert len(post.claim()) == 1


@pytest.mark.parametrize("status", [429, 500, 503])
def test_an_overloaded_receiver_is_left_alone(post: Post, status: int) -> None:
    school = post.reachable()
    post.requested(school)
    post.record(post.claim(), status, retry_after="600")
    paused = post.endpoint(school).paused_until
    assert paused is not None
    assert (paused - post.now).total_seconds() == 600


def test_an_endpoint_replaced_while_its_answer_is_on_the_way_is_called_at_once(
    make_office: MakeOffice,
) -> None:
    """Fault 40, with real calls: the former address answers 410 after the new one was told."""
    office: Office = make_office()
    with Receiver() as former, Receiver() as new:
        former.always = (410, {})
        former.hold.clear()
        with office.at() as post:
            school = post.reachable(url=former.url)
            endpoint = post.endpoint(school)
            post.requested(school)
        wait_until(lambda: former.under_way == 1)
        with office.at() as post:
            post.hand(
                post.told.endpoint(
                    school, endpoint_id=endpoint.endpoint_id, secret_version=2, url=new.url
                )
            )
        former.hold.set()
        office.settled(delivered=1)
        assert (len(former.got), new.ids) == (1, former.ids)
    with office.begin() as session:
        kept = Post(session, post.now).endpoint(school)
        assert (kept.status, kept.consecutive_failures) == (EndpointStatus.ACTIVE, 0)
