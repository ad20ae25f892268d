"""What became of the calls: tries, states, the endpoints' health, what is told; in bulk."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from services.notification.domain.carriers import Called, note_calls
from services.notification.domain.claims import Claimed
from services.notification.domain.conclusions import conclude
from services.notification.domain.parked import note_parked, settle_parked
from services.notification.domain.rows import ACTOR, TOLD
from services.notification.domain.waiting import hasten_deliveries, settle_waiting
from services.notification.models import Endpoint
from services.notification.policy import (
    ARRIVED,
    CONCLUDED,
    OVERLOADED,
    RETRIES,
    TAKEN,
    Answer,
    AttemptOutcome,
    DeliveryState,
    failures_after,
    is_awaiting_report,
    is_left_to_people,
    is_of_receiver,
    next_attempt,
    pause_after,
    retry_after_seconds,
    state_after,
)
from shared.contracts import EndpointDisabled
from shared.contracts.vocabulary import ChannelKind, EndpointReason, EndpointStatus
from shared.kit import audit
from shared.kit.arrays import among
from shared.kit.columns import listed
from shared.kit.documents import document
from shared.messaging import alerts, outbox
from shared.messaging.alerts import AlertKind


@dataclass(frozen=True)
class Pacing:
    """How tries are spread over time."""

    rng: Random
    unit_seconds: float = 1.0


@dataclass(frozen=True)
class Result:
    """A claimed delivery, what sending it brought, and what its channel reads from that."""

    claimed: Claimed
    answer: Answer
    outcome: AttemptOutcome
    ended_at: datetime

    @property
    def retry_after(self) -> int | None:
        """Seconds until the next try, as the receiver asked; what it took has none."""
        if self.outcome in TAKEN:
            return None
        return retry_after_seconds(self.answer.retry_after, self.ended_at)

    @property
    def pause(self) -> int:
        """Seconds the receiver asked to be left alone with whatever else waits for it."""
        return (self.retry_after or 0) if self.outcome in OVERLOADED else 0

    @property
    def called(self) -> Sequence[Called]:
        """The carrier that was asked, if one was."""
        name = self.claimed.carrier
        if name is None:
            return ()
        return (Called(self.claimed.channel, name, self.outcome, self.pause),)


# A result whose delivery was meanwhile claimed again completes its own try and nothing else. What
# was cancelled meanwhile stays so, unless it has arrived.
_RECORD = text(
    f"""
    WITH told AS MATERIALIZED (
        SELECT * FROM json_to_recordset(CAST(:rows AS json))
            AS told(delivery_id uuid, number int, state text, next_at timestamptz,
                    concluded_at timestamptz, outcome text, http_status int, smtp_status int,
                    ended_at timestamptz)
    ), noted AS (
        UPDATE attempts AS a
           SET ended_at = told.ended_at, outcome = told.outcome, http_status = told.http_status,
               smtp_status = told.smtp_status
          FROM told WHERE (a.delivery_id, a.number) = (told.delivery_id, told.number)
    )
    UPDATE deliveries AS d
       SET state = told.state, next_at = coalesce(told.next_at, d.next_at),
           concluded_at = told.concluded_at, last_code = told.outcome
      FROM told
     WHERE d.id = told.delivery_id AND d.attempts = told.number
       AND (d.state = '{DeliveryState.SENDING}'
            OR d.state = '{DeliveryState.CANCELLED}' AND told.state IN ({listed(ARRIVED)})) {TOLD}
    """,  # noqa: S608 - made of our own words only
)

_HEALTH = text(
    """
    UPDATE endpoints AS e
       SET consecutive_failures = told.failures, paused_until = told.paused_until,
           last_status = told.last_status, status = coalesce(told.status, e.status)
      FROM json_to_recordset(CAST(:rows AS json))
           AS told(endpoint_id uuid, failures int, paused_until timestamptz, last_status int,
                   status text)
     WHERE e.endpoint_id = told.endpoint_id
    """,
)


def record_results(
    session: Session,
    *,
    results: Sequence[Result],
    pacing: Pacing,
    now: datetime,
) -> list[datetime]:
    """Write down how these calls ended and what follows; bounded statements, whatever the number.

    Returns the moments at which something is to be tried again: when a delivery is, and when the
    pause of an endpoint ends.

    One for deliveries and tries, one for messages and one for the audit; two more if an endpoint's
    health changed, a few more if an endpoint is gone. Waits begin now, by the database's clock.
    """
    if not results:
        return []
    changed = _changed(results)
    kept = _locked(session, changed) if changed else {}
    former = {id(each) for told in changed.values() for each in told if _is_former(each, kept)}
    rows = [_row(result, pacing, now, is_former=id(result) in former) for result in results]
    recorded = session.execute(_RECORD, {"rows": document(rows)}).all()
    for row in recorded:
        conclude(session, row, now=now, actor=ACTOR)
    _settle_lost(session, results, now)
    note_parked(session, recorded, now=now)
    _settle_parked(session, results, recorded, now)
    current = {
        endpoint_id: [each for each in told if id(each) not in former]
        for endpoint_id, told in changed.items()
    }
    told = [kept[it] for it in current if current[it]]
    pauses = _note_health(session, told, current, pacing, now)
    called = [each for result in results for each in result.called]
    note_calls(session, called, unit_seconds=pacing.unit_seconds, now=now)
    return [moment for moment in (*(row["next_at"] for row in rows), *pauses) if moment is not None]


def tell_lost(session: Session, result: Result, *, now: datetime, **told: Any) -> None:
    """Tell the operator of a result that cannot be written down; its webhook goes out again.

    An SMS does not: when its lease ends, a person decides.
    """
    alerts.raise_alert(
        session,
        AlertKind.RESULT_LOST,
        subject=ACTOR,
        object_id=result.claimed.delivery_id,
        now=now,
        outcome=result.outcome,
        **told,
    )


def _settle_lost(session: Session, results: Sequence[Result], now: datetime) -> None:
    """Results that are written down now, after another sending, need no alert any more."""
    again = [each.claimed.delivery_id for each in results if each.claimed.number > 1]
    if again:
        alerts.settle(session, AlertKind.RESULT_LOST, subject=ACTOR, object_ids=again, now=now)


def _settle_parked(
    session: Session,
    results: Sequence[Result],
    recorded: Sequence[Any],
    now: datetime,
) -> None:
    """What was sent again after it was parked, and has arrived: nobody has to see to it any more.

    What was never parked has no tries before its schedule began, and costs no statement.
    """
    again = {it.claimed.delivery_id for it in results if it.claimed.tries < it.claimed.number}
    arrived = [
        row.id
        for row in recorded
        if row.id in again
        and row.state in ARRIVED
        and not is_awaiting_report(row.state, row.channel)
    ]
    if arrived:
        settle_parked(session, arrived, now=now)


def _is_former(result: Result, kept: Mapping[UUID, Any]) -> bool:
    """Whether what answered is no longer called: it was replaced or disabled meanwhile.

    A version of an endpoint is an address with its secret; each registration begins another.
    """
    row = kept.get(result.claimed.endpoint_id)
    if row is None or row.status != EndpointStatus.ACTIVE:
        return True
    is_same: bool = row.secret_version == result.claimed.secret_version
    return not is_same


def _row(result: Result, pacing: Pacing, now: datetime, *, is_former: bool) -> dict[str, Any]:
    outcome = result.outcome
    retry = RETRIES[result.claimed.channel]
    if is_former and outcome not in TAKEN and not is_left_to_people(outcome, retry):
        # What a former address answers says nothing of the new one, which is tried at once.
        is_unknown = outcome is AttemptOutcome.UNKNOWN
        state = DeliveryState.UNKNOWN if is_unknown else DeliveryState.PENDING
        return _ended(result, state, next_at=now)
    if result.claimed.is_test and outcome not in {*TAKEN, AttemptOutcome.GONE}:
        return _ended(result, DeliveryState.FAILED, next_at=None)
    wait = next_attempt(
        result.claimed.tries,
        result.retry_after,
        pacing.rng,
        retry=retry,
        outcome=outcome,
        unit_seconds=pacing.unit_seconds,
    )
    state = state_after(outcome, has_next=wait is not None)
    if state in CONCLUDED or wait is None:
        return _ended(result, state, next_at=None)
    return _ended(result, state, next_at=now + timedelta(seconds=wait))


def _ended(result: Result, state: DeliveryState, *, next_at: datetime | None) -> dict[str, Any]:
    is_mail = result.claimed.channel is ChannelKind.EMAIL
    return {
        "delivery_id": result.claimed.delivery_id,
        "number": result.claimed.number,
        "state": state,
        "next_at": next_at,
        "concluded_at": result.ended_at if state in CONCLUDED else None,
        "outcome": result.outcome,
        "http_status": None if is_mail else result.answer.status,
        "smtp_status": result.answer.status if is_mail else None,
        "ended_at": result.ended_at,
    }


def _changed(results: Sequence[Result]) -> dict[UUID, list[Result]]:
    """Results by endpoint, of those whose health is no longer what it was when claimed.

    An endpoint that goes on answering as before costs no statement.
    """
    by_endpoint: dict[UUID, list[Result]] = defaultdict(list)
    for result in results:
        if not is_of_receiver(result.claimed.channel, result.outcome):
            continue
        by_endpoint[result.claimed.endpoint_id].append(result)
    return {
        endpoint_id: told
        for endpoint_id, told in by_endpoint.items()
        if any(_differs(result) for result in told)
    }


def _differs(result: Result) -> bool:
    is_taken = result.outcome in TAKEN
    is_same = result.answer.status == result.claimed.last_status
    return not is_taken or not is_same or result.claimed.failures > 0


def _locked(session: Session, endpoint_ids: Collection[UUID]) -> Mapping[UUID, Any]:
    """The endpoints as they stand now, which stay so until this commits."""
    # Locked in one order, so that two senders wait for each other instead of deadlocking.
    rows = session.execute(
        select(
            Endpoint.endpoint_id,
            Endpoint.organisation_id,
            Endpoint.status,
            Endpoint.secret_version,
            Endpoint.consecutive_failures,
        )
        .where(among(Endpoint.endpoint_id, endpoint_ids))
        .order_by(Endpoint.endpoint_id)
        .with_for_update(),
    )
    return {row.endpoint_id: row for row in rows}


def _note_health(
    session: Session,
    kept: Sequence[Any],
    results: Mapping[UUID, Sequence[Result]],
    pacing: Pacing,
    now: datetime,
) -> list[datetime | None]:
    """Returns until when each of them is left alone."""
    if not kept:
        return []
    rows = [_health(row, results[row.endpoint_id], pacing, now) for row in kept]
    session.execute(_HEALTH, {"rows": document(rows)})
    gone = [each for each, row in zip(kept, rows, strict=True) if row["status"] is not None]
    for endpoint in gone:
        _tell_gone(session, endpoint, now)
    if gone:
        # What was for it goes where it goes now, at once.
        hasten_deliveries(session, [each.endpoint_id for each in gone], now=now)
        settle_waiting(session, now)
    return [row["paused_until"] for row in rows]


def _tell_gone(session: Session, endpoint: Any, now: datetime) -> None:
    """The directory shows it disabled too, until its organisation registers another version."""
    audit.record(
        session,
        actor=ACTOR,
        action="endpoint.gone",
        object_id=endpoint.endpoint_id,
        now=now,
        secret_version=endpoint.secret_version,
    )
    outbox.add(
        session,
        EndpointDisabled(
            occurred_at=now,
            endpoint_id=endpoint.endpoint_id,
            organisation_id=endpoint.organisation_id,
            secret_version=endpoint.secret_version,
            reason=EndpointReason.GONE,
        ),
    )


def _health(kept: Any, results: Sequence[Result], pacing: Pacing, now: datetime) -> dict[str, Any]:
    outcomes = [result.outcome for result in results]
    is_alive = any(outcome in TAKEN for outcome in outcomes)
    failures = failures_after(kept.consecutive_failures, len(results), is_alive=is_alive)
    asked = max((result.pause for result in results), default=0)
    pause = pause_after(failures, asked, unit_seconds=pacing.unit_seconds)
    statuses = [result.answer.status for result in results]
    return {
        "endpoint_id": kept.endpoint_id,
        "failures": failures,
        "paused_until": now + timedelta(seconds=pause) if pause else None,
        "last_status": statuses[-1],
        "status": EndpointStatus.DISABLED if AttemptOutcome.GONE in outcomes else None,
    }
