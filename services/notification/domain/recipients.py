"""How it goes with what each organisation is told: what arrived, what fails, what waits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, select, text
from sqlalchemy.orm import Session

from services.notification.domain.rows import REACHABLE
from services.notification.domain.suspended import Suspension, suspensions_of
from services.notification.models import Endpoint
from services.notification.policy import ARRIVED, DUE, DeliveryState
from shared.access import Permission, visible
from shared.kit.arrays import among
from shared.kit.columns import listed
from shared.kit.subjects import Subject

# Each part reads an index of open deliveries only; what has arrived is counted for one day, of the
# organisations that are shown.
_RECIPIENTS = text(
    f"""
    WITH open AS MATERIALIZED (
        SELECT organisation_id, state, attempts > tries_before AS is_failing, created_at
          FROM deliveries WHERE state IN ({listed(DUE)})
         UNION ALL
        SELECT organisation_id, state, false, created_at
          FROM deliveries WHERE state = '{DeliveryState.PARKED}'
         UNION ALL
        SELECT organisation_id, state, false, created_at
          FROM deliveries WHERE state = '{DeliveryState.NO_ENDPOINT}'
    ), known AS (
        SELECT organisation_id FROM endpoints UNION SELECT organisation_id FROM open
         UNION SELECT organisation_id FROM organisations WHERE suspended_at IS NOT NULL
    ), shown AS (
        SELECT organisation_id FROM known
         WHERE (CAST(:only AS uuid) IS NULL OR organisation_id = :only)
           AND (CAST(:after AS uuid) IS NULL OR organisation_id > :after)
         ORDER BY organisation_id LIMIT :size
    )
    SELECT shown.organisation_id, counts.*,
           (SELECT count(*) FROM deliveries
             WHERE deliveries.organisation_id = shown.organisation_id
               AND created_at > now() - interval '1 day'
               AND state IN ({listed(ARRIVED)})) AS delivered,
           coalesce(called.endpoint_ids,
                    ARRAY(SELECT endpoint_id FROM endpoints
                           WHERE endpoints.organisation_id = shown.organisation_id
                           ORDER BY endpoint_id DESC LIMIT 1)) AS endpoint_ids
      FROM shown
      LEFT JOIN (SELECT organisation_id,
                        array_agg(endpoint_id ORDER BY topic NULLS FIRST) AS endpoint_ids
                   FROM ({REACHABLE}) AS called GROUP BY organisation_id) AS called
             ON called.organisation_id = shown.organisation_id
     CROSS JOIN LATERAL (
           SELECT count(*) FILTER (WHERE state IN ({listed(DUE)})) AS waiting,
                  count(*) FILTER (WHERE is_failing) AS failing,
                  count(*) FILTER (WHERE state = '{DeliveryState.PARKED}') AS parked,
                  count(*) FILTER (WHERE state = '{DeliveryState.NO_ENDPOINT}') AS no_endpoint,
                  min(created_at) AS oldest_at
             FROM open WHERE open.organisation_id = shown.organisation_id) AS counts
     ORDER BY shown.organisation_id
    """,  # noqa: S608 - made of our own words only
).bindparams(bindparam("only", type_=Uuid), bindparam("after", type_=Uuid))


@dataclass(frozen=True)
class Recipient:
    """An organisation that is told, and how it goes."""

    organisation_id: UUID
    delivered: int
    waiting: int
    failing: int
    parked: int
    no_endpoint: int
    oldest_at: datetime | None
    endpoints: Sequence[Endpoint]
    """Those that are called, the one without a topic first; else the youngest."""
    suspensions: Sequence[Suspension]
    """What keeps from it what is to be sent."""


def find_recipients(
    session: Session, *, subject: Subject, after: UUID | None, size: int
) -> Sequence[Recipient]:
    """Organisations that have an address, or for which something waits; all, or the own one."""
    sight = visible(subject, Permission.DELIVERY_READ)
    only = None if sight.is_over_all else subject.organisation_id
    return _found(session, only=only, after=after, size=size)


def find_recipient(session: Session, *, organisation_id: UUID) -> Recipient:
    """How it goes with one that is known, to whoever may see that."""
    (found,) = _found(session, only=organisation_id, after=None, size=1)
    return found


def _found(
    session: Session, *, only: UUID | None, after: UUID | None, size: int
) -> Sequence[Recipient]:
    rows = session.execute(_RECIPIENTS, {"only": only, "after": after, "size": size}).all()
    endpoints = _endpoints(session, rows)
    suspended = suspensions_of(
        session, {row.organisation_id: _in_order(row, endpoints) for row in rows}
    )
    return [
        Recipient(
            organisation_id=row.organisation_id,
            delivered=row.delivered,
            waiting=row.waiting,
            failing=row.failing,
            parked=row.parked,
            no_endpoint=row.no_endpoint,
            oldest_at=row.oldest_at,
            endpoints=_in_order(row, endpoints),
            suspensions=suspended[row.organisation_id],
        )
        for row in rows
    ]


def _endpoints(session: Session, rows: Sequence[Any]) -> Mapping[UUID, Endpoint]:
    ids = [endpoint_id for row in rows for endpoint_id in row.endpoint_ids]
    found = session.scalars(select(Endpoint).where(among(Endpoint.endpoint_id, ids)))
    return {each.endpoint_id: each for each in found}


def _in_order(row: Any, endpoints: Mapping[UUID, Endpoint]) -> Sequence[Endpoint]:
    return [endpoints[each] for each in row.endpoint_ids if each in endpoints]
