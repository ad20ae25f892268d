"""What intake and notification know of referrals that a restored livelihood support has forgotten.

Intake's journey has every offer, every move and every confirmation, notification's deliveries have
the programme of each offer, and whether it arrived. Neither keeps who the person is. What only one
of them has heard comes last: the other has not had a message with a higher number.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import dict_row

from deploy.stack.invariants.reading import Urls
from services.livelihood_support import domain
from shared.contracts import Queue
from shared.kit.database import Database, database_now

_PEERS = (Queue.INTAKE, Queue.NOTIFICATION)
_STEP = 500
"""Cases whose steps are read and handed over in one transaction."""

# What was told in one transaction has one moment: first how offers ended, then who is asked next.
_HEARD_BY_INTAKE = """
    SELECT source_id AS id, case_id, referral_id, status, reason, outcome, at,
           organisation_id IS NOT NULL AS is_asked
      FROM journey_steps
     WHERE case_id = ANY(%s)
       AND kind IN ('referral_requested', 'referral_moved', 'referral_confirmed')
     ORDER BY case_id, at, (status IN ('requested', 'unplaced')), referral_id
"""
_HEARD_BY_NOTIFICATION = """
    SELECT DISTINCT ON (cause_id) cause_id AS id, case_id, referral_id,
           body #>> '{data,status}' AS status, body #>> '{data,reason}' AS reason,
           body #>> '{data,outcome}' AS outcome, created_at AS at,
           offer_id IS NOT NULL AS is_asked,
           CAST(body #>> '{data,programme_id}' AS uuid) AS programme_id,
           CASE WHEN type = 'vn.nhipcau.referral.requested.v1' AND state IN ('delivered', 'sent')
                THEN concluded_at END AS delivered_at
      FROM deliveries
     WHERE case_id = ANY(%s) AND cause_id IS NOT NULL
       AND type IN ('vn.nhipcau.referral.requested.v1', 'vn.nhipcau.referral.moved.v1')
     ORDER BY cause_id, created_at
"""

Row = dict[str, Any]


def remember(
    urls: Urls,
    livelihood_support: Database,
    *,
    cases: Collection[UUID],
    actor: str,
) -> int:
    """Hand livelihood support what it has forgotten of these cases; returns how many steps.

    To be done while none of its processes works: what it has decided anew stays decided.
    """
    waiting = sorted(cases)
    total = 0
    for first in range(0, len(waiting), _STEP):
        steps = list(_steps(urls, waiting[first : first + _STEP]))
        with livelihood_support.begin() as session:
            now = database_now(session)
            total += domain.remember(session, steps, actor=actor, now=now)
    retrace(livelihood_support)
    return total


def retrace(livelihood_support: Database) -> None:
    """Take up what is remembered of cases that were not forgotten themselves."""
    with livelihood_support.begin() as session:
        domain.retrace_ready(session, database_now(session))


def _steps(urls: Urls, cases: Collection[UUID]) -> Iterator[domain.RememberedFacts]:
    journeys, deliveries = (
        _read(urls(peer), statement, cases)
        for peer, statement in zip(_PEERS, (_HEARD_BY_INTAKE, _HEARD_BY_NOTIFICATION), strict=True)
    )
    delivered = {row["id"]: row for row in deliveries}
    heard = {row["id"] for row in journeys}
    late = sorted((it for it in deliveries if it["id"] not in heard), key=lambda it: it["at"])
    places: defaultdict[UUID, int] = defaultdict(int)
    for row in (*journeys, *late):
        more = delivered.get(row["id"], {})
        places[row["case_id"]] += 1
        yield domain.RememberedFacts(
            **{
                **row,
                "place": places[row["case_id"]],
                "programme_id": more.get("programme_id"),
                "delivered_at": more.get("delivered_at"),
            }
        )


def _read(url: str, statement: str, cases: Collection[UUID]) -> list[Row]:
    with psycopg.connect(url, row_factory=dict_row) as connection:
        return connection.execute(statement, [list(cases)]).fetchall()
