"""A message that crashes the database server itself, not only the process that handles it (33)."""

from collections.abc import Iterator

import pytest

from shared.messaging.attempts import MOST_ATTEMPTS
from tests.faults.lab import Lab, Way
from tests.faults.roles import CRASHES, RECEIVER
from tests.faults.test_messages import release, waiting, withhold


@pytest.fixture
def crashable(lab: Lab) -> Iterator[Lab]:
    """Its handlers misbehave, and the laboratory's own connections survive that."""
    (lab.folder / "mended").unlink(missing_ok=True)
    yield lab
    (lab.folder / "mended").touch()


def crashes(lab: Lab) -> int:
    """How often the server has said that one of its processes was killed."""
    log = (lab.postgres.folder / "postgres.log").read_text("utf-8", "replace")
    return log.count("was terminated by signal 9")


def parked(lab: Lab) -> list[tuple[str, int]]:
    return lab.query(RECEIVER, "SELECT reason, attempts FROM parked_messages")


def test_a_message_that_crashes_the_database_server_is_parked_at_its_fifth_try(
    crashable: Lab,
) -> None:
    lab = crashable
    before = lab.effects()
    with lab.frozen("worker"):
        lab.tell(7, cases=7)
        lab.tell(1, cases=1, kind=CRASHES)
        lab.tell(7, cases=7)
    lab.wait(lambda: parked(lab) != [], seconds=240, what="parked")
    lab.engine.dispose()
    lab.receiver_engine.dispose()

    assert crashes(lab) == MOST_ATTEMPTS
    assert parked(lab) == [("never_ended", MOST_ATTEMPTS + 1)]
    lab.wait(lambda: lab.effects() == before + 14, seconds=60, what="the others")
    lab.settle()
    lab.assert_each_once_in_order(except_for=1)
    assert lab.query(RECEIVER, "SELECT * FROM delivery_attempts") == []


def test_a_held_message_that_crashes_the_database_server_is_parked_at_its_fifth_try(
    crashable: Lab,
) -> None:
    lab = crashable
    before, known = crashes(lab), len(parked(lab))
    with lab.frozen("sender"):
        (case_id,) = lab.tell(1, cases=1, way=Way.RELAY)
        withhold(lab, case_id)
    lab.tell_about([case_id], kind=CRASHES)
    lab.wait(lambda: waiting(lab, case_id) == [2], seconds=30, what="it came before its turn")
    release(lab, case_id)
    lab.wait(lambda: next_try(lab) and len(parked(lab)) > known, seconds=240, what="parked")
    assert crashes(lab) == before + MOST_ATTEMPTS
    assert ("never_ended", MOST_ATTEMPTS + 1) in parked(lab)


def next_try(lab: Lab) -> bool:
    """Let the time pass after which a try that never ended is followed by the next."""
    lab.query(RECEIVER, "UPDATE held_messages SET next_at = now() WHERE next_at > now()")
    return True
