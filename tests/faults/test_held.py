"""Thousands of held messages become due at once (31); the worker keeps the product's own times."""

import time
from collections.abc import Iterator, Sequence
from functools import partial

import pytest

from tests.faults import pace
from tests.faults.lab import Lab
from tests.faults.roles import RECEIVER, TOO_SOON

CASES = 100
OF_EACH = 25 if pace.IS_QUICK else 100
"""Ten thousand in all; a quarter of that in the suite, which would last too long."""
PATIENCE = 15.0
"""Seconds for which a frame may wait for its turn, on a slow machine too. Alone with what is held,
it would wait for minutes."""


@pytest.fixture
def waiting_for_a_fact(lab: Lab) -> Iterator[Lab]:
    """Cases whose first message lacks an earlier fact, so that all the others wait behind it."""
    (lab.folder / "mended").unlink(missing_ok=True)
    cases = lab.tell(CASES, cases=CASES, kind=TOO_SOON, frame=64)
    lab.wait(lambda: held(lab, "not_yet") == CASES, seconds=60, what="the first are held")
    # Each frame has one message of each case, so that no case has a turn of its own meanwhile.
    lab.tell_about(cases * (OF_EACH - 1), frame=640)
    total = CASES * (OF_EACH - 1)
    lab.wait(lambda: held(lab, "early") == total, seconds=120, what="the rest waits behind them")
    yield lab
    (lab.folder / "mended").touch()


def held(lab: Lab, reason: str) -> int:
    query = "SELECT count(*) FROM held_messages WHERE reason = %s"
    return int(lab.query(RECEIVER, query, reason)[0][0])


@pytest.mark.long
def test_thousands_of_held_messages_released_at_once_end_no_worker_and_starve_no_frame(
    waiting_for_a_fact: Lab,
) -> None:
    lab = waiting_for_a_fact
    restarts = lab.roles["worker"].restarts
    (lab.folder / "mended").touch()
    lab.query(RECEIVER, "UPDATE held_messages SET next_at = now() WHERE reason = 'not_yet'")
    lab.wait(lambda: held(lab, "early") < CASES * (OF_EACH - 2), seconds=30, what="they are tried")

    waits = []
    for _ in range(3):
        cases = lab.tell(64, cases=64, frame=64)
        began = time.monotonic()
        lab.wait(partial(are_done, lab, cases), seconds=60, what="new ones are handled")
        waits.append(time.monotonic() - began)
    assert held(lab, "early") > 0, "and the held ones were not done yet"
    assert max(waits) < PATIENCE, waits

    while left := held(lab, "early"):
        lab.wait(partial(are_fewer, lab, left), seconds=30, what="others were tried")
    lab.settle()
    lab.assert_each_once_in_order()
    assert lab.roles["worker"].restarts == restarts
    assert "worker_stuck" not in lab.log("worker").read_text("utf-8")


def are_fewer(lab: Lab, left: int) -> bool:
    return held(lab, "early") < left


def are_done(lab: Lab, cases: Sequence[object]) -> bool:
    return done(lab, cases) == 64


def done(lab: Lab, cases: Sequence[object]) -> int:
    query = "SELECT count(*) FROM effects WHERE case_id = ANY(%s)"
    return int(lab.query(RECEIVER, query, [*cases])[0][0])
