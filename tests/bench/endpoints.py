"""What sending costs as more partners take webhooks: the same deliveries, to ten or a thousand.

Notification's database is copied and made to owe webhooks to so many organisations; then its
worker sends them to a system that answers at once.
"""

import time

from deploy.stack.environment import Process
from services.notification.policy import DeliveryState
from shared.contracts import Queue
from shared.contracts.vocabulary import EndpointStatus
from tests.bench.bench import Bench
from tests.bench.crew import Crew
from tests.bench.exchange import Exchange
from tests.bench.patience import count_up_to
from tests.bench.races import Load
from tests.bench.usage import used_by_tree
from tests.bench.web import receive

FEW, MANY = 10, 1_000
OWED = 4_000
MODELS = 8
WITHIN = 240.0
OWING = "owing"
"""The copy of notification's database."""
WORKER = "notification-worker"
"""The process that sends."""

# A new row is an old one in which a few things differ, whatever else a row is made of.
_ENDPOINTS = """
INSERT INTO endpoints
SELECT made.* FROM (SELECT one AS row FROM endpoints AS one WHERE status = %s LIMIT 1) AS model,
       generate_series(1, %s) AS number,
       LATERAL jsonb_populate_record(model.row, jsonb_build_object(
           'endpoint_id', gen_random_uuid(), 'organisation_id', gen_random_uuid(), 'number', number
       )) AS made
RETURNING organisation_id
"""
_DELIVERIES = """
INSERT INTO deliveries
SELECT made.* FROM (SELECT one AS row FROM deliveries AS one WHERE state = %s LIMIT 1) AS model,
       unnest(%s::uuid[]) AS organisation, generate_series(1, %s) AS number,
       LATERAL jsonb_populate_record(model.row, jsonb_build_object(
           'id', gen_random_uuid(), 'effect_key', gen_random_uuid(), 'number', number,
           'organisation_id', organisation, 'state', %s::text, 'next_at', now(),
           'concluded_at', NULL
       )) AS made
"""
_SENT = "SELECT count(*) FROM deliveries WHERE state = %s AND organisation_id = ANY(%s)"


def endpoints(bench: Bench) -> None:
    """Processor time and rate of a webhook with ten open endpoints, and with a thousand."""
    # The deliveries of these cases are the models of those that are owed.
    bench.ours(Load(MODELS))
    costs = []
    for count in (FEW, MANY):
        rate, cost = _send(bench.exchange, count)
        name = f"webhooks to {count:,} endpoints"
        bench.measured.note(f"{name}, a second", rate)
        bench.measured.note(f"{name}, all CPU us each", cost * 1e6)
        costs.append(cost)
    bench.say(
        f"a webhook with {MANY:,} endpoints costs {costs[1] / costs[0]:.2f} of one with {FEW}"
    )


def _send(exchange: Exchange, count: int) -> tuple[float, float]:
    """Webhooks a second, and seconds of everybody's processor time for one."""
    exchange.copy_database(Queue.NOTIFICATION, OWING)
    try:
        made = exchange.query(OWING, _ENDPOINTS, EndpointStatus.ACTIVE, count)
        organisations = [row[0] for row in made]
        states = DeliveryState.NO_ENDPOINT, DeliveryState.PENDING
        exchange.query(OWING, _DELIVERIES, states[0], organisations, OWED // count, states[1])
        with Crew(exchange.folder) as crew:
            receive(exchange, crew, OWED)
            env = exchange.environment.of(Queue.NOTIFICATION, Process.WORKER)
            env["NOTIFICATION_DATABASE_URL"] = exchange.environment.url_of(
                OWING, Queue.NOTIFICATION
            )
            server, began = used_by_tree(exchange.postgres.pid), time.monotonic()
            crew.run(WORKER, "services.notification.worker", env=env)

            def sent() -> int:
                crew.check()
                rows = exchange.query(OWING, _SENT, DeliveryState.DELIVERED, organisations)
                return int(rows[0][0])

            count_up_to(OWED, sent, seconds=WITHIN, what="webhooks are sent")
            rate = OWED / (time.monotonic() - began)
            spent = crew.cpu([WORKER]) + used_by_tree(exchange.postgres.pid) - server
    finally:
        exchange.drop_database(OWING)
        exchange.empty_queues()
    return rate, spent / OWED
