"""How the work of a service goes, as an operator reads it."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

from fastapi.testclient import TestClient

from shared.messaging import alerts
from shared.messaging.alerts import AlertKind
from tests.messaging.desk import COPIES, Desk
from tests.messaging.parts import NOON, RECEIVER, Receiver
from tests.messaging.test_failures import park

Headers = Callable[..., dict[str, str]]
ADDRESS = "/verification/v1/operations"


def read(client: TestClient, headers: dict[str, str]) -> dict[str, Any]:
    answer = client.get(ADDRESS, headers=headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_service_with_nothing_to_do_says_so(client: TestClient, token_for: Headers) -> None:
    found = read(client, token_for("operator"))
    assert found["outbox"] == found["held"] == found["alerts"] == found["failing_sweeps"] == []
    assert found["parked"] == {"count": 0, "oldest_at": None}
    assert (found["workers"], found["worker_seen_at"]) == (0, None)


def test_what_waits_is_counted_with_the_age_of_the_oldest(
    client: TestClient, token_for: Headers, receiver: Receiver, desk: Desk
) -> None:
    desk.tell(3)
    receiver.run(
        "UPDATE outbox SET sends = 1, created_at = '2026-01-05T00:00:00Z' WHERE parcel_id ="
        " (SELECT min(parcel_id::text)::uuid FROM outbox WHERE destination = :name)",
        name=RECEIVER,
    )
    park(receiver, uuid4())
    with receiver.database.begin() as session:
        alerts.raise_alert(
            session, AlertKind.SWEEP_FAILED, subject="tell_owners", object_id=UUID(int=0), now=NOON
        )
    found = read(client, token_for("operator"))
    told = {each["destination"]: each for each in found["outbox"]}
    assert len(told) == COPIES
    mine = told[RECEIVER]
    assert mine["messages"] == 3
    assert mine["unsent"] == mine["parcels"] - 1
    assert mine["oldest_at"].startswith("2026-01-05")
    (held,) = found["held"]
    assert (held["reason"], held["count"]) == ("early", 2)
    assert found["parked"]["count"] == 1
    assert {each["kind"]: each["count"] for each in found["alerts"]} == {
        "message_parked": 1,
        "sweep_failed": 1,
    }
    (sweep,) = found["failing_sweeps"]
    assert (sweep["name"], sweep["times"]) == ("tell_owners", 1)


def test_signs_of_life_are_shown(
    client: TestClient, token_for: Headers, receiver: Receiver
) -> None:
    receiver.run(
        "INSERT INTO heartbeats (queue, seen_at) VALUES (:name, :at)", name=RECEIVER, at=NOON
    )
    receiver.run(
        "INSERT INTO workers SELECT pid, backend_start FROM pg_stat_activity"
        " WHERE pid = pg_backend_pid()"
    )
    found = read(client, token_for("operator"))
    assert found["worker_seen_at"].startswith("2026-03-02T05:00")
    assert found["workers"] in {0, 1}, "whether the session of this statement is still there"


STILL_OPEN = """
    INSERT INTO outbox (parcel_id, destination, aggregates, sequences, messages, created_at,
                        next_at, sends)
    VALUES (gen_random_uuid(), :queue, '{}', '{}', '[]', now() - make_interval(hours => :hours),
            now(), 1)
"""
TAKEN_OVER = """
    INSERT INTO closed_outbox (parcel_id, destination, aggregates, sequences, messages, created_at,
                               closed_at)
    VALUES (gen_random_uuid(), :queue, '{}', '{}', '[]', now() - make_interval(hours => :hours),
            now() - make_interval(hours => :until))
"""


def test_how_old_a_queue_grew_is_told_of_every_hour_of_a_day(
    client: TestClient, token_for: Headers, receiver: Receiver
) -> None:
    address = f"{ADDRESS}/day"
    assert client.get(address, headers=token_for("operator")).json()["outbox"] == []
    receiver.run(TAKEN_OVER, queue="livelihood_support", hours=5, until=2)
    receiver.run(TAKEN_OVER, queue="livelihood_support", hours=5, until=4)
    receiver.run(TAKEN_OVER, queue="livelihood_support", hours=40, until=30)
    receiver.run(STILL_OPEN, queue="notification", hours=30)
    found = client.get(address, headers=token_for("operator")).json()["outbox"]
    ages = {each["destination"]: each["seconds"] for each in found}
    assert set(ages) == {"livelihood_support", "notification"}

    closed = ages["livelihood_support"]
    assert len(closed) == 24
    assert closed[:18] == [0] * 18, "what was over before is not of this day"
    assert closed[18] <= 3600, "it was told within this hour"
    assert [after - before for before, after in pairwise(closed[18:21])] == [3600, 3600]
    assert closed[21:] == [3 * 3600, 0, 0], "and taken over within this one"

    open_still = ages["notification"]
    assert [after - before for before, after in pairwise(open_still[:23])] == [3600] * 22
    assert open_still[23] >= 30 * 3600


def test_nobody_else_reads_it(client: TestClient, token_for: Headers) -> None:
    others = token_for("administrator", "auditor", "case_owner")
    for address in (ADDRESS, f"{ADDRESS}/day"):
        assert client.get(address, headers=others).status_code == 403
        assert client.get(address).status_code == 401
