"""The clock that the demonstration turns: for two offers, and for one officer.

No setting shortens a period of the rules, and none should; nor does one shorten the hour between
two digests. So one row says that a day or an hour has passed which has not; whatever follows from
that is the exchange's own doing, and the screen says so.
"""

from datetime import timedelta

import psycopg

from deploy.stack.invariants import Urls
from shared.contracts import Queue
from shared.duties import Escalation
from shared.duties.escalation import last_moment_of
from shared.kit.clock import local_date, utc_now

MIDNIGHT = timedelta(minutes=2)
"""So close to it no day is called the last one: it would be over before anybody has acted."""

_END_DELIVERY = """
    UPDATE offers SET delivery_due_at = now()
     WHERE id = %s AND status = 'offered' AND delivery_due_at > now()
       AND delivered_at IS NULL AND seen_at IS NULL
"""
_BRING_LAST_DAY = """
    UPDATE clocks SET due_at = %s
      FROM offers
     WHERE offers.id = %s AND offers.id = clocks.object_id AND status = 'offered' AND due_at > %s
       AND fact = 'referral.delivered' AND clocks.ended_at IS NULL
       AND delivered_at IS NOT NULL AND seen_at IS NULL
"""
_END_HOUR = """
    UPDATE staff_settings SET digest_since = date_trunc('hour', now())
     WHERE staff_id = %s AND digest = 'hour' AND digest_since > date_trunc('hour', now())
"""


def end_delivery(urls: Urls, offer_id: str) -> None:
    """Let the days be over in which an offer had to arrive that has not."""
    with psycopg.connect(urls(Queue.LIVELIHOOD_SUPPORT)) as connection:
        connection.execute(_END_DELIVERY, (offer_id,))


def bring_last_day(urls: Urls, offer_id: str) -> None:
    """Let today be the last day to answer an offer that has arrived."""
    now = utc_now()
    end = last_moment_of(Escalation.RESPONSIBLE, local_date(now))
    if end - now > MIDNIGHT:
        with psycopg.connect(urls(Queue.LIVELIHOOD_SUPPORT)) as connection:
            connection.execute(_BRING_LAST_DAY, (end, offer_id, end))


def end_hour(urls: Urls, staff_id: str) -> None:
    """Let an hour have passed since somebody wished for a digest every hour."""
    with psycopg.connect(urls(Queue.DIRECTORY)) as connection:
        connection.execute(_END_HOUR, (staff_id,))
