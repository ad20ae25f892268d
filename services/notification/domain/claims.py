"""A sender takes what is due: one statement, committed before any call."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Row, String, Uuid, bindparam, text
from sqlalchemy.orm import Session

from services.notification.domain.rows import (
    ACTOR,
    IS_SENT_ONCE,
    IS_SUSPENDED,
    REACHABLE,
    TAKES,
)
from services.notification.domain.wordings import MOST_SEGMENTS, Asked, choose_wordings
from services.notification.policy import DUE, AttemptOutcome, DeliveryState, EventType
from services.notification.policy.templates import Wording
from shared.contracts.vocabulary import ChannelKind
from shared.messaging.alerts import AlertKind


@dataclass(frozen=True)
class Claimed:
    """A delivery that is this sender's until its lease ends."""

    delivery_id: UUID
    number: int
    """Which try this is, over the life of the delivery."""
    tries_before: int
    """Tries that no longer count against it."""
    type: EventType
    body: bytes
    traceparent: str | None
    """Where the delivery's own trace begins; nothing of the case's."""
    endpoint_id: UUID
    channel: ChannelKind
    url: str
    secret_version: int
    secret_since: datetime
    failures: int
    """Failures in a row of the endpoint before this try."""
    last_status: int | None
    organisation_id: UUID
    is_recorded: bool
    """Whether it never leaves: its receiver is a test organisation."""
    carrier: str | None = None
    """Which mail server or gateway is asked; unset where none was chosen."""
    wording: Wording | None = None
    """What it says; unset where that is built in, or its channel says nothing in words."""

    @property
    def is_test(self) -> bool:
        """Whether it is tried once, only to see whether it arrives."""
        return self.type is EventType.ENDPOINT_TEST

    @property
    def tries(self) -> int:
        """Which try this is since the schedule last started."""
        return self.number - self.tries_before


# What cannot be written down is not sent every minute for ever.
LOST = f"""
    SELECT FROM operator_alerts AS lost
     WHERE lost.kind = '{AlertKind.RESULT_LOST}' AND lost.object_id = d.id
       AND lost.subject = '{ACTOR}' AND lost.settled_at IS NULL AND lost.rests_until > now()
"""

# Endpoints are taken in a random order, so that none is always last. Each gives no more than may
# be under way to it at once, halved with every failure in a row: what has failed often gets one
# probe. A claim whose lease ended is due like any other; its sender may be dead. What must not be
# sent twice is left to a sweep then.
_CLAIM = text(
    f"""
    WITH ready AS MATERIALIZED (
        SELECT due.id, due.state AS former, called.organisation_id, called.endpoint_id, called.channel, called.url,
               called.secret_version, called.secret_since, called.consecutive_failures,
               called.last_status, called.is_recorded
          FROM (SELECT * FROM ({REACHABLE}) AS called
                 WHERE NOT {IS_SUSPENDED} AND (paused_until IS NULL OR paused_until <= :now)
                   AND channel = ANY(CASE WHEN is_recorded THEN CAST(:recorded AS varchar[])
                                          ELSE CAST(:channels AS varchar[]) END)
                 ORDER BY random()) AS called
         CROSS JOIN LATERAL (
               SELECT id, state FROM deliveries AS d
                WHERE organisation_id = called.organisation_id AND {TAKES}
                  AND state IN ({", ".join(f"'{state}'" for state in DUE)})
                  AND NOT (state = '{DeliveryState.SENDING}' AND {IS_SENT_ONCE})
                  AND next_at <= :now AND NOT EXISTS ({LOST})
                ORDER BY next_at
                LIMIT greatest(0, (SELECT greatest(:share >> least(called.consecutive_failures, 16), 1)
                                          - count(*)
                                     FROM deliveries AS d
                                    WHERE organisation_id = called.organisation_id AND {TAKES}
                                      AND state = '{DeliveryState.SENDING}' AND next_at > :now))
                  FOR UPDATE SKIP LOCKED) AS due
         LIMIT :most
    ), claimed AS (
        UPDATE deliveries AS d
           SET state = '{DeliveryState.SENDING}', attempts = attempts + 1, next_at = :lease_until,
               channel = ready.channel
          FROM ready WHERE d.id = ready.id
        RETURNING d.id, d.type, d.attempts, d.tries_before, d.template_id, d.template_version,
                  -- What was opened by the release before has the inner trace in its body.
                  CASE WHEN d.traceparent IS NULL THEN (d.body - 'traceparent')::text
                       ELSE d.body::text END AS body,
                  CASE WHEN d.traceparent IS NOT NULL
                       THEN d.body ->> 'traceparent' END AS traceparent
    ), intended AS (
        INSERT INTO attempts (delivery_id, number, started_at)
        SELECT id, attempts, :now FROM claimed
    )
    SELECT * FROM claimed JOIN ready USING (id)
    """,  # noqa: E501, S608 - made of our own words only
).bindparams(bindparam("channels", type_=ARRAY(String)), bindparam("recorded", type_=ARRAY(String)))

_ABANDONED = text(
    f"""
    UPDATE attempts SET ended_at = :now, outcome = '{AttemptOutcome.UNKNOWN}'
      FROM deliveries AS d
     WHERE d.id = ANY(:ids) AND delivery_id = d.id AND number < d.attempts AND ended_at IS NULL
    """,  # noqa: S608 - made of our own words only
).bindparams(bindparam("ids", type_=ARRAY(Uuid)))


def claim_deliveries(
    session: Session,
    *,
    most: int,
    per_endpoint: int,
    lease_seconds: float,
    channels: Collection[ChannelKind],
    recorded: Collection[ChannelKind] = (),
    now: datetime,
    most_segments: int = MOST_SEGMENTS,
) -> list[Claimed]:
    """Take up to ``most`` due deliveries, each with the intention of a try written down.

    What goes by a channel that this sender does not have stays due, and so does what is to be
    recorded where it does not record. What says something in words is given them here, and which
    they are is written down with it.

    ``now`` is the database's: it says which leases of other senders have ended.
    """
    rows = session.execute(
        _CLAIM,
        {
            "now": now,
            "most": most,
            "share": per_endpoint,
            "channels": sorted(map(str, channels)),
            "recorded": sorted(map(str, recorded)),
            "lease_until": now + timedelta(seconds=lease_seconds),
        },
    ).all()
    _give_up_on_former(
        session, [row.id for row in rows if row.former == DeliveryState.SENDING], now
    )
    wordings = choose_wordings(session, [_asked(row) for row in rows], most=most_segments)
    return [_claimed(row, wordings.get(row.id)) for row in rows]


def _asked(row: Row[Any]) -> Asked:
    return Asked(
        delivery_id=row.id,
        kind=EventType(row.type),
        channel=ChannelKind(row.channel),
        organisation_id=row.organisation_id,
        template_id=row.template_id,
        template_version=row.template_version,
        is_first=row.attempts - row.tries_before == 1,
    )


def _claimed(row: Row[Any], wording: Wording | None) -> Claimed:
    return Claimed(
        delivery_id=row.id,
        number=row.attempts,
        tries_before=row.tries_before,
        type=EventType(row.type),
        body=row.body.encode(),
        traceparent=row.traceparent,
        endpoint_id=row.endpoint_id,
        channel=ChannelKind(row.channel),
        url=row.url,
        secret_version=row.secret_version,
        secret_since=row.secret_since,
        failures=row.consecutive_failures,
        last_status=row.last_status,
        organisation_id=row.organisation_id,
        is_recorded=row.is_recorded,
        wording=wording,
    )


def _give_up_on_former(session: Session, ids: Sequence[UUID], now: datetime) -> None:
    """It is not known how the former try ended, so its outcome is unknown."""
    if ids:
        session.execute(_ABANDONED, {"ids": ids, "now": now})
