"""What a service cannot settle by itself and an operator must look at.

One row for each cause: what goes on being wrong is counted, not told again. It is open until its
cause is gone, and says since when. What a caseworker must look at is told by the domain instead.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, RowMapping, Uuid, bindparam, select, text
from sqlalchemy.orm import Session

from shared.kit.documents import document
from shared.kit.identifiers import new_id
from shared.kit.logging import logger
from shared.messaging.tables import OPERATOR_ALERTS


class AlertKind(StrEnum):
    """What is wrong."""

    SWEEP_FAILED = "sweep_failed"
    """A sweep of the relay fails as a whole; ``subject`` is its name."""
    SWEEP_ROW_FAILED = "sweep_row_failed"
    """A sweep cannot move one row, ``object_id``; the others go on."""
    STALE_MESSAGE = "stale_message"
    """A message came under a number its aggregate had passed; ``object_id`` is parked."""
    MESSAGE_PARKED = "message_parked"
    """The message ``object_id`` waits for an operator to decide; ``subject`` is its type."""
    MESSAGE_LATE = "message_late"
    """It has been held for too long, and is still tried; ``subject`` is its type."""

    CASE_FORGOTTEN = "case_forgotten"
    """The others work on the case ``object_id``, of which a restored intake knows nothing."""
    CASE_WITHOUT_OWNER = "case_without_owner"
    """Nobody owns the case ``object_id``: whoever comes to is told what is kept."""
    DELIVERY_PARKED = "delivery_parked"
    """The webhook ``object_id`` was tried as often as it may be, and did not arrive."""
    NO_ENDPOINT = "no_endpoint"
    """What the organisation ``object_id`` has to act on waits, for it has no address."""
    RESULT_LOST = "result_lost"
    """The result of the call for ``object_id`` cannot be stored; the call is made again."""


ABOUT_CASES = frozenset({AlertKind.CASE_FORGOTTEN, AlertKind.CASE_WITHOUT_OWNER})
"""Kinds whose object is a case. Of others the facts may name one."""


def case_of(alert: Mapping[str, Any]) -> UUID | None:
    """The case that an alert, as it is kept, is about."""
    if alert["kind"] in ABOUT_CASES:
        found: UUID = alert["object_id"]
        return found
    return _named(alert, "case_id")


def organisation_of(alert: Mapping[str, Any]) -> UUID | None:
    """The organisation that an alert, as it is kept, speaks of."""
    return _named(alert, "organisation_id")


def _named(alert: Mapping[str, Any], fact: str) -> UUID | None:
    told = alert["facts"].get(fact)
    return UUID(told) if told else None


SHORTEST_REST = timedelta(seconds=10)
LONGEST_REST = timedelta(hours=1)

# An alert that was settled and is raised again starts from one. The rest doubles with every time,
# by the clock of the database, which also says when it is over.
_RAISE = text(
    """
    INSERT INTO operator_alerts AS kept (id, kind, subject, object_id, facts, times, raised_at,
                                         last_at, rests_until)
    SELECT id, :kind, :subject, object_id, facts, 1, :now, :now,
           now() + make_interval(secs => :shortest)
      FROM json_to_recordset(CAST(:rows AS json)) AS told(id uuid, object_id uuid, facts jsonb)
     ORDER BY object_id
        ON CONFLICT (kind, subject, object_id) DO UPDATE
        SET id = CASE WHEN kept.settled_at IS NULL THEN kept.id ELSE excluded.id END,
            facts = excluded.facts, last_at = excluded.last_at, settled_at = NULL,
            times = CASE WHEN kept.settled_at IS NULL THEN kept.times + 1 ELSE 1 END,
            raised_at = CASE WHEN kept.settled_at IS NULL THEN kept.raised_at
                             ELSE excluded.raised_at END,
            rests_until = now() + make_interval(secs => CASE
                WHEN kept.settled_at IS NULL
                THEN least(:shortest * power(2, least(kept.times, 20)), :longest)
                ELSE :shortest END)
    RETURNING times
    """,
)


def raise_alert(
    session: Session,
    kind: AlertKind,
    *,
    subject: str,
    object_id: UUID,
    now: datetime,
    **facts: Any,
) -> None:
    """Tell the operator once for each kind, subject and object; what goes on is counted.

    ``facts`` are codes, ids and counts, never a text that came from outside.
    """
    raise_alerts(session, kind, subject=subject, objects={object_id: facts}, now=now)


def raise_alerts(
    session: Session,
    kind: AlertKind,
    *,
    subject: str,
    objects: Mapping[UUID, Mapping[str, Any]],
    now: datetime,
) -> None:
    """The same for many objects, each with its facts, in one statement."""
    rows = [
        {"id": new_id(), "object_id": object_id, "facts": facts}
        for object_id, facts in objects.items()
    ]
    raised = session.scalars(
        _RAISE,
        {
            "kind": kind,
            "subject": subject,
            "rows": document(rows),
            "now": now,
            "shortest": SHORTEST_REST.total_seconds(),
            "longest": LONGEST_REST.total_seconds(),
        },
    )
    if any(times == 1 for times in raised):
        logger().error("operator_alert", reason=kind, code=subject)


# In the order in which they are raised.
_SETTLE = text(
    """
    WITH open AS MATERIALIZED (
        SELECT id FROM operator_alerts
         WHERE kind = :kind AND subject = :subject AND object_id = ANY(:object_ids)
           AND settled_at IS NULL
         ORDER BY object_id FOR UPDATE
    )
    UPDATE operator_alerts SET settled_at = :now WHERE id IN (SELECT id FROM open)
    """,
).bindparams(bindparam("object_ids", type_=ARRAY(Uuid)))


def settle(
    session: Session,
    kind: AlertKind,
    *,
    subject: str,
    object_ids: Collection[UUID],
    now: datetime,
) -> None:
    """Close the alerts whose cause is gone."""
    session.execute(
        _SETTLE,
        {"kind": kind, "subject": subject, "object_ids": list(object_ids), "now": now},
    )


def open_objects(session: Session, kind: AlertKind) -> Collection[UUID]:
    """What the open alerts of a kind are about."""
    query = select(OPERATOR_ALERTS.c.object_id).where(
        OPERATOR_ALERTS.c.settled_at.is_(None), OPERATOR_ALERTS.c.kind == kind
    )
    return session.scalars(query).all()


def list_open(
    session: Session,
    *,
    size: int,
    after: UUID | None = None,
) -> Sequence[RowMapping]:
    """Alerts whose cause is not gone, oldest first."""
    query = (
        select(OPERATOR_ALERTS)
        .where(OPERATOR_ALERTS.c.settled_at.is_(None))
        .order_by(OPERATOR_ALERTS.c.id)
    )
    if after is not None:
        query = query.where(OPERATOR_ALERTS.c.id > after)
    return session.execute(query.limit(size)).mappings().all()
