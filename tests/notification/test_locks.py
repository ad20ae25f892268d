"""One order of locks: frames about endpoints and results of calls never wait in a circle."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from sqlalchemy import func, select

from services.notification.models import Attempt
from services.notification.tasks.messages import consumer
from shared.contracts import Queue
from shared.kit.database import Begin
from shared.messaging.delivery import Delivery
from tests.messaging.parts import deliver, links_of, sealed
from tests.noticing import Deadlocks
from tests.notification.builders import Post

ENDPOINTS = 150
TURNS = 15


def test_frames_of_endpoints_and_results_of_calls_never_wait_in_a_circle(
    begin: Begin,
    now: datetime,
) -> None:
    met = Deadlocks(begin)
    with begin() as session:
        post = Post(session, now)
        schools = [post.reachable() for _ in range(ENDPOINTS)]
        told = [
            post.told.endpoint(school, endpoint_id=post.endpoint(school).endpoint_id)
            for school in schools
        ]
        for school in schools:
            post.requested(school, count=TURNS)
    delivery = Delivery(
        consumer, met.begin, links_of(Queue.NOTIFICATION), lambda: now, handler_seconds=20
    )

    def tell() -> None:
        for sequence in range(1, TURNS + 1):
            wires = [sealed(each, sequence, destination=Queue.NOTIFICATION) for each in told]
            deliver(delivery, wires[::-1])

    def send() -> None:
        for turn in range(TURNS):
            with met.begin() as session:
                claimed = Post(session, now + timedelta(days=turn)).claim(most=ENDPOINTS)
            with met.begin() as session:
                Post(session, now + timedelta(days=turn)).record(claimed, 503)

    with ThreadPoolExecutor(max_workers=3) as pool:
        for done in [pool.submit(act) for act in (tell, send, send)]:
            done.result()
    assert met.deadlocks == []
    with begin() as session:
        assert (session.scalar(select(func.count()).select_from(Attempt)) or 0) > TURNS
