"""Cases that a restored intake knows nothing of: shown to the operator, each with its agency.

The alert is also what lets intake give the case its former id when its agency submits it again.
"""

from collections.abc import Collection
from uuid import UUID

import psycopg

from deploy.stack.invariants.reading import Urls
from shared.contracts import CaseReceived, Queue
from shared.kit.database import Database, database_now
from shared.messaging import alerts
from shared.messaging.alerts import AlertKind

_AGENCIES = """
    SELECT case_id, receiver_id FROM verifications WHERE case_id = ANY(%s)
"""


def show(urls: Urls, intake: Database, cases: Collection[UUID]) -> None:
    """Raise an alert at intake for each; one that is open already stays as it is."""
    with psycopg.connect(urls(Queue.VERIFICATION)) as connection:
        rows = connection.execute(_AGENCIES, [list(cases)]).fetchall()
    agencies: dict[UUID, UUID] = {row[0]: row[1] for row in rows}
    with intake.begin() as session:
        known = set(alerts.open_objects(session, AlertKind.CASE_FORGOTTEN))
        for case_id in sorted(set(cases) - known):
            alerts.raise_alert(
                session,
                AlertKind.CASE_FORGOTTEN,
                subject=CaseReceived.type,
                object_id=case_id,
                now=database_now(session),
                receiver_id=str(agencies.get(case_id, "")),
            )
