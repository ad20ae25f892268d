"""How it goes with each way of telling: what waits, what failed, and whether a sender has it.

Counted when it is asked for: what is open from indexes of open rows, what is over of one day.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.notification.domain.carriers import CarrierView, find_carriers
from services.notification.domain.rows import REACHABLE, TAKES
from services.notification.models import SendingChannel
from services.notification.policy import ARRIVED, DUE, TAKEN, DeliveryState, id_of_channel
from shared.contracts.vocabulary import ChannelKind
from shared.kit.columns import listed
from shared.messaging import alerts
from shared.messaging.alerts import AlertKind

WATCH = "watch_channels"
"""The name of the sweep."""
SUBJECT = "channel"
"""What the alerts are about."""
SERVED_EVERY = 60.0
"""Seconds after which a sender says again which channels it has."""
UNSERVED_AFTER = 5 * SERVED_EVERY
"""Seconds without a sender that has it, after which a channel is said to have none: a restart is
over by then. Chosen here.
"""

# What waits goes by the channel of the address that is called now, whatever it was opened for.
_WAITING = text(
    f"""
    SELECT called.channel, d.state, count(*) AS count,
           min(d.next_at) FILTER (WHERE d.state <> '{DeliveryState.SENDING}'
                                    AND d.next_at <= now()) AS oldest_due_at
      FROM deliveries AS d
      JOIN ({REACHABLE}) AS called
        ON called.organisation_id = d.organisation_id AND {TAKES}
     WHERE d.state IN ({listed(DUE)}) GROUP BY called.channel, d.state
    """,  # noqa: S608 - made of our own words only
)

_OVER = text(
    f"""
    SELECT channel, state, count(*) AS count FROM deliveries
     WHERE created_at > now() - interval '1 day' AND channel IS NOT NULL
       AND state IN ({listed([*ARRIVED, DeliveryState.FAILED])}) GROUP BY channel, state
     UNION ALL
    SELECT channel, state, count(*) FROM deliveries
     WHERE state = '{DeliveryState.PARKED}' AND channel IS NOT NULL GROUP BY channel, state
    """,  # noqa: S608 - made of our own words only
)

_ERRORS = text(
    f"""
    SELECT d.channel, a.outcome, count(*) AS count, max(a.started_at) AS last_at
      FROM attempts AS a JOIN deliveries AS d ON d.id = a.delivery_id
     WHERE a.started_at > now() - interval '1 day' AND a.outcome NOT IN ({listed(TAKEN)})
       AND d.channel IS NOT NULL
     GROUP BY d.channel, a.outcome ORDER BY count(*) DESC, a.outcome
    """,  # noqa: S608 - made of our own words only
)


@dataclass(frozen=True)
class ChannelView:
    """A way of telling, and how it goes."""

    channel: ChannelKind
    served_at: datetime | None
    suspended_at: datetime | None
    suspended_by: str | None
    suspension_reason: str | None
    oldest_due_at: datetime | None
    states: Sequence[Row[Any]]
    errors: Sequence[Row[Any]]
    carriers: Sequence[CarrierView]


def find_channels(session: Session) -> list[ChannelView]:
    """Every way of telling with how it goes, also one by which nothing ever went."""
    known = {each.channel: each for each in session.scalars(select(SendingChannel))}
    waiting = _by_channel(session.execute(_WAITING))
    over = _by_channel(session.execute(_OVER))
    errors = _by_channel(session.execute(_ERRORS))
    carriers = find_carriers(session)
    return [
        ChannelView(
            channel=channel,
            served_at=row.served_at if row else None,
            suspended_at=row.suspended_at if row else None,
            suspended_by=row.suspended_by if row else None,
            suspension_reason=row.suspension_reason if row else None,
            oldest_due_at=_oldest(waiting[channel]),
            states=[*waiting[channel], *over[channel]],
            errors=errors[channel],
            carriers=carriers.get(channel, ()),
        )
        for channel in ChannelKind
        for row in [known.get(channel)]
    ]


def find_channel(session: Session, channel: ChannelKind) -> ChannelView:
    """The same of one."""
    return next(each for each in find_channels(session) if each.channel is channel)


def note_served(session: Session, channels: Collection[ChannelKind]) -> None:
    """A sender that has these channels is there; what goes by another is left to one who has it."""
    rows = [
        {"channel": each, "channel_id": id_of_channel(each), "served_at": func.now()}
        for each in sorted(channels)
    ]
    told = insert(SendingChannel).values(rows)
    session.execute(
        told.on_conflict_do_update(
            index_elements=["channel"], set_={"served_at": told.excluded.served_at}
        )
    )


def watch_channels(session: Session, now: datetime) -> int:
    """Alert once of each channel by which something is to go, and which no sender has.

    The setting is missing that says by whom it goes (``SMTP_HOST``, ``SMS_GATEWAY_ADDRESS``),
    or no sender runs. What somebody has suspended is that somebody's. Returns what changed.
    """
    at = session.scalar(select(func.now()))
    known = {each.channel: each for each in session.scalars(select(SendingChannel))}
    found = {
        id_of_channel(ChannelKind(channel)): {"channel": channel, "oldest": oldest.isoformat()}
        for channel, rows in _by_channel(session.execute(_WAITING)).items()
        for oldest in [_oldest(rows)]
        if oldest is not None and _is_unserved(known.get(channel), oldest, at)
    }
    return alerts.keep_open(
        session, AlertKind.CHANNEL_UNSERVED, subject=SUBJECT, found=found, now=now
    ).changes


def _is_unserved(channel: SendingChannel | None, oldest: datetime, at: Any) -> bool:
    if channel is not None and channel.suspended_at is not None:
        return False
    served_at = channel.served_at if channel is not None else None
    last = max(served_at or oldest, oldest)
    return bool((at - last).total_seconds() > UNSERVED_AFTER)


def _by_channel(rows: Iterable[Row[Any]]) -> Mapping[str, Sequence[Row[Any]]]:
    found: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        found[row.channel].append(row)
    return found


def _oldest(rows: Sequence[Row[Any]]) -> datetime | None:
    return min((row.oldest_due_at for row in rows if row.oldest_due_at), default=None)
