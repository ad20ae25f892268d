"""A row that cannot be moved stops no other, and an operator learns of it."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from shared.kit.clock import utc_now
from shared.kit.database import is_database_down, is_worth_repeating
from shared.kit.timepiece import Delayed
from shared.messaging import alerts
from shared.messaging.alerts import AlertKind
from shared.messaging.sweeps import Sweep, each_alone, resting, settle_unseen
from tests.messaging.desk import Desk
from tests.messaging.parts import NOON, Receiver

NAME = "mark_things"
ADDRESS = "/verification/v1/alerts"


class Inconsistent(Exception):
    """What a row that breaks a rule raises."""


@pytest.fixture
def bad() -> UUID:
    return uuid4()


def sweep(receiver: Receiver, rows: Sequence[UUID], bad: UUID | None) -> int:
    """Write a word about each row that does not rest; a bad one fails after writing."""

    def act(session: Session) -> Callable[[Sequence[UUID]], None]:
        def mark(ids: Sequence[UUID]) -> None:
            for row_id in ids:
                session.execute(
                    text("INSERT INTO effects (aggregate_id, word) VALUES (:id, 'marked')"),
                    {"id": row_id},
                )
                if row_id == bad:
                    raise Inconsistent

        return mark

    with receiver.database.begin() as session:
        asleep = set(session.scalars(resting(NAME)))
        due = [row_id for row_id in rows if row_id not in asleep]
        return each_alone(session, NAME, due, act(session), key=lambda row_id: row_id, now=NOON)


def opened(receiver: Receiver) -> list[Any]:
    return receiver.rows("SELECT * FROM operator_alerts WHERE settled_at IS NULL")


def test_a_bad_row_stops_no_other_and_is_told_once(receiver: Receiver, bad: UUID) -> None:
    good = [uuid4(), uuid4()]
    assert sweep(receiver, [good[0], bad, good[1]], bad) == 2
    assert [receiver.words(row_id) for row_id in (*good, bad)] == [["marked"], ["marked"], []]
    (alert,) = opened(receiver)
    assert (alert["kind"], alert["subject"], alert["object_id"], alert["times"]) == (
        "sweep_row_failed",
        NAME,
        bad,
        1,
    )
    assert alert["facts"]["error"] == "Inconsistent"


def test_a_bad_row_rests_and_is_tried_again_after_its_rest(receiver: Receiver, bad: UUID) -> None:
    sweep(receiver, [bad], bad)
    assert sweep(receiver, [bad], bad) == 0
    assert opened(receiver)[0]["times"] == 1, "it rested"
    receiver.run("UPDATE operator_alerts SET rests_until = now()")
    sweep(receiver, [bad], bad)
    assert opened(receiver)[0]["times"] == 2
    receiver.run("UPDATE operator_alerts SET rests_until = now()")
    assert sweep(receiver, [bad], None) == 1
    assert receiver.words(bad) == ["marked"]
    assert opened(receiver) == []


def test_the_alert_of_a_row_that_is_not_due_any_more_is_settled(
    receiver: Receiver, bad: UUID
) -> None:
    sweep(receiver, [bad], bad)
    with receiver.database.begin() as session:
        settle_unseen(session, NAME, NOON)
    assert len(opened(receiver)) == 1, "it may still be due"
    receiver.run("UPDATE operator_alerts SET rests_until = now() - interval '11 minutes'")
    with receiver.database.begin() as session:
        settle_unseen(session, NAME, NOON)
    assert opened(receiver) == []


def test_an_alert_that_was_settled_begins_anew(receiver: Receiver, bad: UUID) -> None:
    for _ in range(3):
        sweep(receiver, [bad], bad)
        receiver.run("UPDATE operator_alerts SET rests_until = now()")
    assert opened(receiver)[0]["times"] == 3
    sweep(receiver, [bad], None)
    sweep(receiver, [bad], bad)
    assert opened(receiver)[0]["times"] == 1


def test_a_sweep_that_fails_as_a_whole_is_an_alert_until_it_succeeds(desk: Desk) -> None:
    is_broken = True

    def run(_session: Session, _now: object) -> int:
        if is_broken:
            raise Inconsistent
        return 0

    desk.relay(sweeps=[Sweep(NAME, run)]).round()
    (alert,) = opened(desk.receiver)
    assert (alert["kind"], alert["subject"]) == ("sweep_failed", NAME)
    is_broken = False
    desk.relay(sweeps=[Sweep(NAME, run)]).round()
    assert opened(desk.receiver) == [], "settled by the relay that came after"


def test_a_sweep_that_hangs_is_interrupted_at_its_deadline(desk: Desk) -> None:
    def hang(session: Session, _now: object) -> int:
        session.execute(text("SELECT pg_sleep(20)"))
        return 0

    desk.relay(sweeps=[Sweep(NAME, hang, deadline=0.2)]).round()
    (alert,) = opened(desk.receiver)
    assert alert["facts"]["error"] == "HandlerTimeout"


def test_a_day_that_is_jumped_over_makes_a_sweep_due_at_its_end(desk: Desk, tmp_path: Path) -> None:
    dial, moments = tmp_path / "seconds-behind", list[datetime]()

    def look(_session: Session, now: datetime) -> int:
        moments.append(now)
        return 0

    dial.write_text("86400", encoding="ascii")
    relay = desk.relay(sweeps=[Sweep(NAME, look, every=3600.0)], timepiece=Delayed(dial))
    relay.round()
    relay.round()
    assert len(moments) == 1
    assert utc_now() - moments[0] > timedelta(hours=23)
    dial.write_text("0", encoding="ascii")
    relay.round()
    assert len(moments) == 2
    assert utc_now() - moments[1] < timedelta(minutes=5)


def test_operators_see_open_alerts_page_by_page(
    receiver: Receiver, client: TestClient, token_for: Callable[..., dict[str, str]]
) -> None:
    for _ in range(3):
        with receiver.database.begin() as session:
            alerts.raise_alert(
                session, AlertKind.SWEEP_ROW_FAILED, subject=NAME, object_id=uuid4(), now=NOON
            )
    first = client.get(ADDRESS, params={"page_size": 2}, headers=token_for("operator"))
    assert first.status_code == 200
    assert len(first.json()["items"]) == 2
    shown = first.json()["items"][0]
    assert (shown["must_act"], shown["case_id"], shown["subject"]) == ("operator", None, NAME)
    assert datetime.fromisoformat(shown["since"]) == NOON
    rest = client.get(first.links["next"]["url"], headers=token_for("operator"))
    assert len(rest.json()["items"]) == 1
    assert client.get(ADDRESS, headers=token_for("case_owner")).json()["items"] == []
    assert client.get(ADDRESS, headers=token_for("provider")).status_code == 403


def test_a_case_owner_reads_what_waits_for_it_and_of_one_case_alone(
    receiver: Receiver, client: TestClient, token_for: Callable[..., dict[str, str]]
) -> None:
    cases, us = [uuid4(), uuid4(), uuid4()], uuid4()
    with receiver.database.begin() as session:
        for case_id, named in zip(cases, (us, us, uuid4()), strict=True):
            alerts.raise_alert(
                session,
                AlertKind.NO_AUTHORITY,
                subject="verification",
                object_id=uuid4(),
                now=NOON,
                case_id=str(case_id),
                organisation_id=str(named),
            )

    def listed(role: str, **query: str) -> list[str]:
        caller = token_for(role, organisation_id=us)
        found = client.get(ADDRESS, params=query, headers=caller).json()["items"]
        assert {it["must_act"] for it in found} <= {"case_owner"}
        return [it["case_id"] for it in found]

    assert listed("operator") == [str(each) for each in cases]
    assert listed("case_owner") == [str(each) for each in cases[:2]]
    assert listed("case_owner", case_id=str(cases[1])) == [str(cases[1])]
    assert listed("case_owner", case_id=str(cases[2])) == []


def test_only_a_database_that_serves_nobody_counts_as_down(receiver: Receiver) -> None:
    def execute(statements: Sequence[str]) -> None:
        with receiver.database.begin() as session:
            for each in statements:
                session.execute(text(each))

    def fault_of(*statements: str) -> Exception:
        with pytest.raises(Exception) as met:  # noqa: PT011
            execute(statements)
        return met.value

    own = fault_of("SELECT 1 / 0")
    locked = fault_of("SET LOCAL statement_timeout = '10ms'", "SELECT pg_sleep(1)")
    ended = fault_of("SELECT pg_terminate_backend(pg_backend_pid())")
    full = fault_of("DO $$ BEGIN RAISE SQLSTATE '53100'; END $$")
    victim = fault_of("DO $$ BEGIN RAISE SQLSTATE '40P01'; END $$")
    lock = fault_of("DO $$ BEGIN RAISE SQLSTATE '55P03'; END $$")
    large = fault_of("DO $$ BEGIN RAISE SQLSTATE '54000'; END $$")
    assert [is_database_down(each) for each in (own, locked, victim, lock, large)] == [False] * 5
    assert [is_database_down(each) for each in (ended, full)] == [True] * 2
    assert is_worth_repeating(victim)
    assert not any(is_worth_repeating(each) for each in (own, locked, ended, full, lock, large))
