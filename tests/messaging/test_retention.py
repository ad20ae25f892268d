"""What is over is deleted in bounded steps, by the database's clock, and nothing else is."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Self
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, text

from deploy.stack.invariants import Balance, balance
from shared.kit import clock
from shared.kit.clock import utc_now
from shared.kit.documents import document, ids
from shared.kit.identifiers import new_id
from shared.kit.retention import (
    CLOSED_DAYS,
    KEPT_DAYS,
    MOST_CLOSED_DAYS,
    Pruned,
    is_over,
    prune,
)
from shared.messaging import inbox
from shared.messaging.envelope import open_parcel
from shared.messaging.inbox import InboxState
from shared.messaging.parking import ReplayReason, propose_skip, skip
from shared.messaging.relay import Relay
from shared.messaging.retention import common, pruning
from tests.messaging.desk import Desk
from tests.messaging.parts import (
    RECEIVER,
    SENDER,
    Receiver,
    case_received,
    links_of,
    message_id_of,
    sealed,
    wires,
)
from tests.messaging.test_failures import park
from tests.messaging.test_stale import id_made
from tests.statements import pages

RULES = {rule.table: rule for rule in common() if isinstance(rule, Pruned)}


def count(receiver: Receiver, table: str) -> int:
    (row,) = receiver.rows(f"SELECT count(*) AS n FROM {table}")  # noqa: S608
    return int(row["n"])


def pruned(receiver: Receiver, table: str, most: int = 5000) -> int:
    with receiver.database.begin() as session:
        return prune(session, RULES[table], most)


def relay_of(desk: Desk) -> Relay:
    return desk.relay(sweeps=pruning(common()))


@pytest.fixture
def wrong_clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """Moves the one clock of this process, whoever has it in hand already."""

    def shift(by: timedelta) -> None:
        class Wrong(datetime):
            @classmethod
            def now(cls, tz: tzinfo | None = None) -> Self:
                return super().now(tz) + by

        monkeypatch.setattr(clock, "datetime", Wrong)
        assert abs(utc_now() - datetime.now(UTC) - by) < timedelta(minutes=1)

    return shift


BEGUN = """
    INSERT INTO begun_frames (id, parcel_ids, begun_at)
    SELECT gen_random_uuid(), ARRAY[gen_random_uuid()], now() - interval '30 days'
      FROM generate_series(1, 1100)
"""


def test_the_relay_forgets_frames_that_were_begun_and_never_ended(desk: Desk) -> None:
    desk.receiver.run(BEGUN)
    relay_of(desk).round()
    assert count(desk.receiver, "begun_frames") == 0


def test_one_step_is_bounded_and_the_next_goes_on(receiver: Receiver) -> None:
    receiver.run(BEGUN)
    assert [pruned(receiver, "begun_frames", 500) for _ in range(4)] == [500, 500, 100, 0]


def test_tries_of_an_old_message_are_counted_until_it_is_decided(receiver: Receiver) -> None:
    (undecided, decided) = old_messages(uuid4(), 1, 2)
    receiver.take(decided)
    tries = "INSERT INTO delivery_attempts (message_id, attempts) VALUES (:id, 3)"
    for wire in (undecided, decided):
        receiver.run(tries, id=message_id_of(wire))
    assert pruned(receiver, "delivery_attempts") == 1
    (left,) = receiver.rows("SELECT message_id, attempts FROM delivery_attempts")
    assert (left["message_id"], left["attempts"]) == (message_id_of(undecided), 3)


KEY = """
    INSERT INTO idempotency_keys (client_id, route, key, fingerprint, status, body, headers,
                                  expires_at)
    VALUES ('c', 'POST /x', :key, '', 201, '{}', '{}', now() + make_interval(hours => :hours))
"""


@pytest.mark.parametrize("years", [-10, 10])
def test_a_relay_with_a_wrong_clock_forgets_what_the_databases_clock_says(
    desk: Desk, years: int, wrong_clock: Callable[[timedelta], None]
) -> None:
    """Fault 38."""
    for name, hours in (("over", -30), ("just-over", -1), ("promised", 1)):
        desk.receiver.run(KEY, key=name, hours=hours)
    wrong_clock(timedelta(days=365 * years))
    relay_of(desk).round()
    keys = desk.receiver.rows("SELECT key FROM idempotency_keys ORDER BY key")
    assert [row["key"] for row in keys] == ["just-over", "promised"]


def old_messages(case_id: UUID, *numbers: int) -> list[dict[str, Any]]:
    """Messages told longer ago than the inbox remembers."""
    made = datetime.now(UTC) - timedelta(days=KEPT_DAYS + 2)
    return [
        sealed(case_received(case_id, str(number)), number, message_id=id_made(made))
        for number in numbers
    ]


AGE = "UPDATE inbox SET received_at = received_at - interval '92 days' WHERE aggregate_id = :id"


@pytest.fixture
def counted(engine: Engine) -> Callable[[], Balance]:
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    return lambda: balance(lambda _service: url, (RECEIVER,))


def test_a_repeat_of_what_the_inbox_has_forgotten_still_has_no_effect(
    receiver: Receiver, counted: Callable[[], Balance]
) -> None:
    case_id = uuid4()
    told = old_messages(case_id, 1, 2, 3)
    receiver.take(*told)
    receiver.run(AGE, id=case_id)
    before = counted()

    assert pruned(receiver, "inbox") == 3

    assert set(receiver.take(*told)) == {message_id_of(wire) for wire in told}, "it is receipted"
    assert receiver.words(case_id) == ["1", "2", "3"]
    assert receiver.parked() == {message_id_of(wire): "stale_sequence" for wire in told}
    shown = counted()
    assert replace(shown, stale=0, parked=before.parked) == before, "the sums are what they were"
    receiver.take(*wires(case_id, 4))
    assert receiver.words(case_id) == ["1", "2", "3", "4"]
    assert counted().gaps == 0


def test_the_inbox_forgets_nothing_that_waits_or_is_young(receiver: Receiver) -> None:
    early, young = uuid4(), uuid4()
    receiver.take(*old_messages(early, 2, 3))
    receiver.run(AGE, id=early)
    receiver.take(*old_messages(young, 1))
    receiver.take(*wires(uuid4(), 1))
    assert pruned(receiver, "inbox") == 0
    assert count(receiver, "inbox") == 4


OF_EVERY_STATE = """
    INSERT INTO inbox (message_id, source, type, aggregate_id, sequence, state, outcome,
                       received_at)
    SELECT CAST(id AS uuid), 'intake', 'intake.case_received.v1', gen_random_uuid(), 1, state,
           outcome, now() - interval '92 days'
      FROM json_to_recordset(CAST(:rows AS json)) AS told(id text, state text, outcome text)
"""


def test_the_inbox_forgets_exactly_what_is_counted_as_over(receiver: Receiver) -> None:
    made = datetime.now(UTC) - timedelta(days=KEPT_DAYS + 2)
    outcomes = {InboxState.STALE: ("already_known", "stale_sequence")}
    rows = [
        {"id": str(id_made(made)), "state": state, "outcome": outcome}
        for state in InboxState
        for outcome in outcomes.get(state, (None,))
    ]
    receiver.run(OF_EVERY_STATE, rows=document(rows))
    rule = RULES["inbox"]
    over = f"SELECT state, outcome FROM inbox WHERE {is_over(rule)} ORDER BY state"  # noqa: S608
    assert receiver.rows(over, after=rule.after) == [
        {"state": "handled", "outcome": None},
        {"state": "refused", "outcome": None},
        {"state": "stale", "outcome": "already_known"},
    ]
    assert pruned(receiver, "inbox") == 3
    assert receiver.rows(over, after=rule.after) == []
    assert count(receiver, "inbox") == len(rows) - 3


def test_what_waits_for_a_person_stays_and_what_was_settled_long_ago_goes(
    receiver: Receiver,
) -> None:
    first, second = park(receiver, uuid4()), park(receiver, uuid4())
    long_ago = datetime.now(UTC) - timedelta(days=91)
    with receiver.database.begin() as session:
        for give_up, actor in ((propose_skip, "operator:one"), (skip, "operator:another")):
            give_up(
                session,
                message_id=message_id_of(first[0]),
                actor=actor,
                reason=ReplayReason.NOT_NEEDED,
                now=long_ago,
            )
    receiver.run("UPDATE parked_messages SET parked_at = now() - interval '10 years'")
    assert pruned(receiver, "parked_messages") == 1
    assert list(receiver.parked()) == [message_id_of(second[0])]


ALERT = """
    INSERT INTO operator_alerts (id, kind, subject, object_id, facts, times, raised_at, last_at,
                                 rests_until, settled_at)
    VALUES (:id, 'sweep_failed', :subject, :id, '{}', 1, now(), now(), now(),
            now() - make_interval(days => :days))
"""


def test_an_alert_is_forgotten_a_quarter_after_its_cause_is_gone(receiver: Receiver) -> None:
    for subject, days in (("gone", 91), ("lately", 1), ("open", None)):
        receiver.run(ALERT, id=new_id(), subject=subject, days=days)
    assert pruned(receiver, "operator_alerts") == 1
    rows = receiver.rows("SELECT subject FROM operator_alerts ORDER BY subject")
    assert [row["subject"] for row in rows] == ["lately", "open"]


def test_closed_messages_are_kept_for_their_days(desk: Desk) -> None:
    for _ in range(4):
        desk.tell()
    desk.broker.send_receipts([(SENDER, desk.receipt())])
    desk.relay().round()
    assert count(desk.receiver, "closed_outbox") == 4
    desk.receiver.run(
        "UPDATE closed_outbox SET closed_at = now() - interval '15 days'"
        " WHERE parcel_id IN (SELECT parcel_id FROM closed_outbox LIMIT 1)"
    )
    assert pruned(desk.receiver, "closed_outbox") == 1
    assert count(desk.receiver, "closed_outbox") == 3


CLOSED_DAILY = """
    INSERT INTO closed_outbox (parcel_id, destination, aggregates, sequences, messages, created_at,
                               closed_at)
    SELECT gen_random_uuid(), 'intake', ARRAY[gen_random_uuid()], ARRAY[day + 1], '[{}]',
           now() - make_interval(days => day, hours => 1),
           now() - make_interval(days => day, hours => 1)
      FROM generate_series(0, :days - 1) AS day
"""


@pytest.mark.parametrize("days", [1, CLOSED_DAYS, MOST_CLOSED_DAYS])
def test_a_relay_that_was_away_for_weeks_forgets_exactly_what_is_over(
    desk: Desk, days: int
) -> None:
    """Whatever it kept before: how many days that is may have been changed meanwhile."""
    desk.receiver.run(CLOSED_DAILY, days=2 * MOST_CLOSED_DAYS)
    desk.relay(sweeps=pruning(common(days))).round()
    left = desk.receiver.rows("SELECT sequences[1] AS day FROM closed_outbox ORDER BY day")
    assert [row["day"] for row in left] == [*range(1, days + 1)]


# --- ten years in compressed time ---------------------------------------------------------------

MONTH = timedelta(days=30)
MONTHS = 120
CASES = 100
EACH = 5
"""Messages of one case."""

# As the processes would have left it: messages taken and applied, told and closed, requests
# answered, frames begun and never ended, settled parked messages and alerts, refused envelopes.
_ONE_MONTH = """
    WITH times AS (
        SELECT now() - :ago + :month * (n / CAST(:many AS float)) AS at, n
          FROM generate_series(0, :many - 1) AS n
    ), rows AS (
        SELECT at, n, 1 + n % :each AS number,
               CAST(rpad(lpad(to_hex(CAST(extract(epoch FROM at) * 1000 AS bigint)), 12, '0'), 13,
                         '7') || substr(md5(CAST(:ago AS text) || n), 1, 19) AS uuid) AS id,
               md5(CAST(:ago AS text) || n / :each)::uuid AS about
          FROM times
    ), taken AS (
        INSERT INTO inbox (message_id, source, type, aggregate_id, sequence, state, received_at)
        SELECT id, 'intake', 'intake.case_received.v1', about, number, 'handled', at FROM rows
    ), cursors AS (
        INSERT INTO inbox_cursors (source, aggregate_id, last_sequence)
        SELECT DISTINCT 'intake', about, CAST(:each AS bigint) FROM rows
    ), closed AS (
        INSERT INTO closed_outbox (parcel_id, destination, aggregates, sequences, messages,
                                   created_at, closed_at)
        SELECT id, 'intake', ARRAY[about], ARRAY[number], '[{}]', at, at FROM rows
    ), keys AS (
        INSERT INTO idempotency_keys (client_id, route, key, fingerprint, status, body, headers,
                                      expires_at)
        SELECT 'c', 'POST /x', id::text, '', 201, '{}', '{}', at + interval '30 days' FROM rows
    ), frames AS (
        INSERT INTO begun_frames (id, parcel_ids, begun_at)
        SELECT id, ARRAY[id], at FROM rows WHERE n % 10 = 0
    ), tries AS (
        INSERT INTO delivery_attempts (message_id, attempts) SELECT id, 2 FROM rows WHERE n % 10 = 0
    ), parked AS (
        INSERT INTO parked_messages (message_id, source, type, aggregate_id, sequence, envelope,
                                     reason, attempts, parked_at, replayed_at)
        SELECT id, 'intake', 't', about, number, '{}', 'no_handler', 1, at, at
          FROM rows WHERE n % 10 = 0
    ), refused AS (
        INSERT INTO refused_envelopes (digest, reason, times, first_at)
        SELECT sha256(id::text::bytea), 'not_genuine', 1, at FROM rows WHERE n % 10 = 0
    )
    INSERT INTO operator_alerts (id, kind, subject, object_id, facts, times, raised_at, last_at,
                                 rests_until, settled_at)
    SELECT id, 'sweep_failed', 's', id, '{}', 1, at, at, at, at FROM rows WHERE n % 10 = 0
"""


def claim_pages(engine: Engine) -> int:
    """What claiming a frame about new cases costs; rolled back."""
    told = [open_parcel(links_of(RECEIVER), *wires(uuid4(), 1)) for _ in range(20)]
    asked = {
        "rows": inbox._told([it for parcel in told for it in parcel.envelopes]),
        "state": "handled",
        "frame_id": new_id(),
        "unless_begun": ids(it.parcel_id for it in told),
    }
    asked["not_yet"] = inbox.HeldReason.NOT_YET
    with engine.connect() as connection, connection.begin() as transaction:
        touched = pages(connection, inbox._CLAIM.text, **asked)
        transaction.rollback()
    return touched


def test_ten_years_of_load_leave_tables_and_statements_as_they_are_after_one(
    receiver: Receiver, engine: Engine
) -> None:
    many = CASES * EACH
    sizes: dict[str, list[int]] = {table: [] for table in RULES}
    costs: list[int] = []
    for month in range(MONTHS):
        ago = MONTH * (MONTHS - month)
        with engine.begin() as connection:
            values = {"ago": ago, "month": MONTH, "many": many, "each": EACH}
            connection.execute(text(_ONE_MONTH), values)
        for table, rule in RULES.items():
            later = replace(rule, after=rule.after + ago - MONTH)
            with receiver.database.begin() as session:
                while prune(session, later, most=200) == 200:
                    pass
            sizes[table].append(count(receiver, table))
        if month % 12 == 11:
            vacuum(engine)
            costs.append(claim_pages(engine))

    for table, found in sizes.items():
        assert max(found[12:]) <= max(found[:12]), f"{table} grows: {found[::12]}"
        assert max(found) <= 5 * many, table
    assert max(costs[2:]) <= costs[1] * 1.5, f"pages of a claim, year by year: {costs}"
    idle = {table: idle_pages(engine, rule) for table, rule in RULES.items()}
    assert max(idle.values()) < 300, f"pages to find that nothing is over: {idle}"
    (sums,) = receiver.rows(
        "SELECT sum(last_sequence) AS told, sum(pruned) AS gone FROM inbox_cursors"
    )
    assert sums["told"] == many * MONTHS
    assert sums["gone"] + count(receiver, "inbox") == many * MONTHS


def vacuum(engine: Engine) -> None:
    """What the server does by itself in the course of a year."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def idle_pages(engine: Engine, rule: Pruned) -> int:
    """What it costs to find that nothing is over."""
    never = timedelta(days=365 * 20)
    statement = f"SELECT 1 FROM {rule.table} WHERE {is_over(rule)} LIMIT 100"  # noqa: S608
    with engine.connect() as connection:
        return pages(connection, statement, after=never)
