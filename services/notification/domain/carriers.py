"""Which carrier is asked for what goes by e-mail or SMS, and how each of them is doing.

Chosen in the transaction that claims a message, and written down before the carrier is asked: so
whoever is killed when, it is known which one may have it. How each is doing stands in rows, for all
processes alike, and for one that has just been started.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, bindparam, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.notification.domain.claims import Claimed
from services.notification.models import Attempt, Carrier, CarrierMinute
from services.notification.policy import (
    UNTRIED,
    AttemptOutcome,
    Calls,
    Past,
    Rest,
    Standing,
    Weights,
    choose_carrier,
    first_minute_of_window,
    id_of_carrier,
    is_fault_of_carrier,
    minute_of_call,
    past_of,
    rest_after,
)
from shared.contracts.vocabulary import ChannelKind
from shared.kit.database import database_now
from shared.kit.documents import document
from shared.messaging import alerts
from shared.messaging.alerts import AlertKind

WATCH = "watch_carriers"
"""The name of the sweep."""
SUBJECT = "carrier"
"""What the alerts are about."""
_ORDER = (Carrier.channel, Carrier.carrier)
"""In which they are locked, all of them together: there are few."""

STILL_SERVED = timedelta(minutes=5)
"""For how long after the last word of its process a carrier is shown beside those of another that
has spoken since: one that was taken out of the file is gone then. Chosen here.
"""

_TRIES = text(
    """
    SELECT delivery_id, carrier, outcome FROM attempts
     WHERE delivery_id = ANY(:ids) AND carrier IS NOT NULL AND outcome IS NOT NULL
     ORDER BY delivery_id, number
    """,
).bindparams(bindparam("ids", type_=ARRAY(Uuid)))

_ASK = text(
    """
    UPDATE attempts AS a SET carrier = told.carrier
      FROM json_to_recordset(CAST(:rows AS json))
           AS told(delivery_id uuid, number int, carrier text)
     WHERE (a.delivery_id, a.number) = (told.delivery_id, told.number)
    """,
)


@dataclass(frozen=True)
class Called:
    """A call of a carrier that has ended."""

    channel: ChannelKind
    name: str
    outcome: AttemptOutcome
    asked: int = 0
    """Seconds that it wants to be left alone."""


@dataclass(frozen=True)
class CarrierView:
    """A carrier, and how it has done in the last minutes."""

    carrier: str
    weight: int
    resting_since: datetime | None
    rests_until: datetime | None
    last_failed_at: datetime | None
    calls: int
    failures: int


class CarrierChoice:
    """Chooses among the carriers of one process, for the messages of one transaction."""

    def __init__(
        self,
        session: Session,
        weights: Weights,
        *,
        rng: Random,
        lease_seconds: float,
        now: datetime,
    ) -> None:
        """``now`` is the database's. A try that finds out is waited for as long as a lease."""
        self._rng = rng
        self._now = now
        self._until = now + timedelta(seconds=lease_seconds)
        self._rows = _known(session, weights)
        self._standings = {
            channel: [
                Standing(name, weight, _rest(self._rows[channel, name]))
                for name, weight in sorted(names.items())
            ]
            for channel, names in weights.items()
        }

    def one(self, channel: ChannelKind, past: Past = UNTRIED) -> str:
        """Who is asked for one message."""
        standings = self._standings[channel]
        draw = self._rng.random()
        name = choose_carrier(standings, past=past, draw=draw, now=self._now)
        if self._rows[channel, name].resting_since is not None:
            self._rows[channel, name].tried_until = self._until
            self._standings[channel] = [
                each.tried(self._until) if each.name == name else each for each in standings
            ]
        return name


def note_carriers(session: Session, weights: Weights) -> None:
    """A process that has these carriers is there."""
    rows = [
        {"channel": channel, "carrier": name, "weight": weight, "served_at": func.now()}
        for channel, names in sorted(weights.items())
        for name, weight in sorted(names.items())
    ]
    if rows:
        told = insert(Carrier).values(rows)
        session.execute(
            told.on_conflict_do_update(
                index_elements=["channel", "carrier"],
                set_={"weight": told.excluded.weight, "served_at": told.excluded.served_at},
            )
        )


def assign_carriers(
    session: Session,
    claimed: Sequence[Claimed],
    *,
    weights: Weights,
    rng: Random,
    lease_seconds: float,
    now: datetime,
) -> list[Claimed]:
    """Choose who is asked for each of these, and write it down with the try."""
    asked = [each for each in claimed if each.channel in weights and not each.is_recorded]
    if not asked:
        return list(claimed)
    choice = CarrierChoice(session, weights, rng=rng, lease_seconds=lease_seconds, now=now)
    pasts = _pasts(session, [each for each in asked if each.number > 1])
    chosen = {
        each.delivery_id: choice.one(each.channel, pasts.get(each.delivery_id, UNTRIED))
        for each in asked
    }
    rows = [
        {
            "delivery_id": each.delivery_id,
            "number": each.number,
            "carrier": chosen[each.delivery_id],
        }
        for each in asked
    ]
    session.execute(_ASK, {"rows": document(rows)})
    return [replace(each, carrier=chosen.get(each.delivery_id)) for each in claimed]


def note_calls(
    session: Session, called: Sequence[Called], *, unit_seconds: float, now: datetime
) -> None:
    """Count these calls, let rest who fails too often, and end the rest of who has answered."""
    told: dict[tuple[str, str], Counter[bool]] = defaultdict(Counter)
    for each in called:
        told[each.channel, each.name][is_fault_of_carrier(each.channel, each.outcome)] += 1
    if not told:
        return
    counts = {of: Calls(found.total(), found[True]) for of, found in told.items()}
    _count(session, counts, now)
    if not any(each.failures for each in counts.values()) and not _resting(session, counts):
        return
    rows, windows = _locked(session), _windows(session, now)
    for of, calls in counts.items():
        if of in rows:
            asked = max(it.asked for it in called if (it.channel, it.name) == of)
            rest = rest_after(
                _rest(rows[of]),
                told=calls,
                window=windows.get(of, calls),
                asked=asked,
                now=now,
                unit_seconds=unit_seconds,
            )
            _stand(rows[of], rest)


def find_carriers(session: Session) -> Mapping[str, Sequence[CarrierView]]:
    """By channel the carriers of those processes that have said so last, by name."""
    latest = select(Carrier.channel, func.max(Carrier.served_at).label("at"))
    last = latest.group_by(Carrier.channel).subquery()
    query = (
        select(Carrier, func.now().label("now"))
        .join(last, last.c.channel == Carrier.channel)
        .where(Carrier.served_at > last.c.at - STILL_SERVED)
        .order_by(*_ORDER)
    )
    found = session.execute(query.execution_options(populate_existing=True)).all()
    windows = _windows(session, found[0].now) if found else {}
    views: dict[str, list[CarrierView]] = defaultdict(list)
    for row in found:
        views[row.Carrier.channel].append(_view(row.Carrier, windows))
    return views


def watch_carriers(session: Session, now: datetime, *, rested_seconds: float) -> int:
    """Alert once of each carrier that has rested for so long; returns what changed.

    It ends when the carrier takes a message again, or no process has it any more.
    """
    at = database_now(session)
    found = {
        id_of_carrier(channel, each.carrier): {
            "channel": channel,
            "carrier": each.carrier,
            "oldest": each.resting_since.isoformat(),
        }
        for channel, carriers in find_carriers(session).items()
        for each in carriers
        if each.resting_since and (at - each.resting_since).total_seconds() >= rested_seconds
    }
    return alerts.keep_open(
        session, AlertKind.CARRIER_RESTING, subject=SUBJECT, found=found, now=now
    ).changes


def was_asked(session: Session, *, delivery_id: UUID, attempt: int, carrier: str) -> bool:
    """Whether this try went by this carrier; one of the release before may have."""
    query = select(Attempt.delivery_id, Attempt.carrier).where(
        Attempt.delivery_id == delivery_id, Attempt.number == attempt
    )
    row = session.execute(query).one_or_none()
    return row is not None and row.carrier in {None, carrier}


def _view(carrier: Carrier, windows: Mapping[tuple[str, str], Calls]) -> CarrierView:
    window = windows.get((carrier.channel, carrier.carrier), Calls())
    return CarrierView(
        carrier=carrier.carrier,
        weight=carrier.weight,
        resting_since=carrier.resting_since,
        rests_until=carrier.rests_until,
        last_failed_at=carrier.last_failed_at,
        calls=window.calls,
        failures=window.failures,
    )


def _pasts(session: Session, again: Sequence[Claimed]) -> Mapping[UUID, Past]:
    """What earlier tries of these say; what is tried for the first time costs no statement."""
    if not again:
        return {}
    channels = {each.delivery_id: each.channel for each in again}
    tries: dict[UUID, list[tuple[str, AttemptOutcome]]] = defaultdict(list)
    for row in session.execute(_TRIES, {"ids": sorted(channels)}):
        tries[row.delivery_id].append((row.carrier, AttemptOutcome(row.outcome)))
    return {each: past_of(channels[each], found) for each, found in tries.items()}


def _known(session: Session, weights: Weights) -> Mapping[tuple[str, str], Carrier]:
    """Their rows: made if they are missing, and locked if one of them rests.

    Whoever rests is tried by one message: two that choose at once must not both send it one.
    """
    wanted = {(channel, name) for channel, names in weights.items() for name in names}
    rows = _rows(session)
    if not wanted <= rows.keys():
        note_carriers(session, weights)
        rows = _rows(session)
    is_one_resting = any(rows[of].resting_since is not None for of in wanted)
    return _locked(session) if is_one_resting else rows


def _locked(session: Session) -> Mapping[tuple[str, str], Carrier]:
    return _rows(session, is_locked=True)


def _rows(session: Session, *, is_locked: bool = False) -> Mapping[tuple[str, str], Carrier]:
    session.flush()
    query = select(Carrier).order_by(*_ORDER).execution_options(populate_existing=True)
    found = session.scalars(query.with_for_update() if is_locked else query)
    return {(each.channel, each.carrier): each for each in found}


def _resting(session: Session, of: Mapping[tuple[str, str], Any]) -> bool:
    query = select(Carrier.channel, Carrier.carrier).where(Carrier.resting_since.is_not(None))
    return any((row.channel, row.carrier) in of for row in session.execute(query))


def _count(session: Session, counts: Mapping[tuple[str, str], Calls], now: datetime) -> None:
    minute = minute_of_call(now)
    rows = [
        {
            "channel": channel,
            "carrier": name,
            "minute": minute,
            "calls": calls.calls,
            "failures": calls.failures,
        }
        for (channel, name), calls in sorted(counts.items())
    ]
    told = insert(CarrierMinute).values(rows)
    session.execute(
        told.on_conflict_do_update(
            index_elements=["channel", "carrier", "minute"],
            set_={
                "calls": CarrierMinute.calls + told.excluded.calls,
                "failures": CarrierMinute.failures + told.excluded.failures,
            },
        )
    )


def _windows(session: Session, now: datetime) -> Mapping[tuple[str, str], Calls]:
    query = (
        select(
            CarrierMinute.channel,
            CarrierMinute.carrier,
            func.sum(CarrierMinute.calls).label("calls"),
            func.sum(CarrierMinute.failures).label("failures"),
        )
        .where(CarrierMinute.minute >= first_minute_of_window(now))
        .group_by(CarrierMinute.channel, CarrierMinute.carrier)
    )
    return {
        (row.channel, row.carrier): Calls(int(row.calls), int(row.failures))
        for row in session.execute(query)
    }


def _rest(row: Carrier) -> Rest:
    return Rest(row.resting_since, row.rests_until, row.rests, row.tried_until, row.last_failed_at)


def _stand(row: Carrier, rest: Rest) -> None:
    row.resting_since, row.rests_until, row.rests = rest.since, rest.until, rest.times
    row.tried_until, row.last_failed_at = rest.tried_until, rest.last_failed_at
