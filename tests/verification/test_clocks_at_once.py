"""The sweep of clocks beside others: at once, killed in its middle, at the wrong time."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, select

from services.verification.models import Verification
from shared.clocks import CLOCKS
from shared.kit.database import Begin
from tests.architecture.source import ROOT
from tests.verification.builders import START, Bench, verifier
from tests.verification.test_clocks import (
    MINUTE,
    OLD_LAW,
    PAUSE,
    WARNED,
    Told,
    W,
    levels,
    manager,
    owner_role,
)


@pytest.fixture
def given_apart(begin: Begin) -> Verification:
    """The same, committed: for tests of several connections."""
    with begin() as session:
        old = Bench(session, OLD_LAW)
        old.organisation(verifier(), manager())
        old.organisation(owner_role(), code="so-noi-vu")
        return old.opened()


def test_two_sweeps_at_once_warn_once(begin: Begin, given_apart: Verification, told: Told) -> None:
    def sweep(_place: int) -> int:
        with begin() as session:
            return Bench(session, WARNED).watch_clocks()

    with ThreadPoolExecutor(4) as all_at_once:
        moved = list(all_at_once.map(sweep, range(4)))
    assert sorted(moved) == [0, 0, 0, 1]
    assert levels(told) == [W]


@contextmanager
def sweeping(engine: Engine, now: datetime) -> Iterator[subprocess.Popen[str]]:
    """A sweep in a process of its own, which has written all and committed nothing."""
    url = engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.verification.sweeper", url, now.isoformat()]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_a_sweep_killed_in_its_middle_has_told_nothing_and_is_made_up_for(
    engine: Engine, begin: Begin, given_apart: Verification, told: Told
) -> None:
    with sweeping(engine, WARNED) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "1\n"
        with begin() as session:
            assert Bench(session, WARNED).watch_clocks() == 0, "it is in somebody's hand"
        process.kill()
        process.wait()
    assert levels(told) == []
    with begin() as session:
        row = session.execute(select(CLOCKS)).one()
        assert (row.warned_at, row.level) == (None, None)
    deadline = 50
    while deadline:
        with begin() as session:
            if Bench(session, WARNED).watch_clocks():
                break
        deadline -= 1
    assert levels(told) == [W]


def test_a_move_waits_for_the_sweep_and_then_has_the_last_word(
    begin: Begin, given_apart: Verification
) -> None:
    with begin() as session:
        Bench(session, OLD_LAW).move(given_apart, START)

    def pause() -> None:
        with begin() as other:
            bench = Bench(other, WARNED + MINUTE)
            bench.move(bench.of(given_apart.case_id), PAUSE)

    with ThreadPoolExecutor(1) as beside:
        with begin() as session:
            assert Bench(session, WARNED).watch_clocks() == 1
            moving = beside.submit(pause)
        moving.result(timeout=20)
    with begin() as session:
        clock = Bench(session, WARNED).clock(given_apart)
        assert (clock.warned_at, clock.paused_at, clock.next_at) == (WARNED, WARNED + MINUTE, None)


def test_a_clock_of_the_machine_that_is_an_hour_off_warns_nobody_early(
    begin: Begin, given_apart: Verification
) -> None:
    """The relay hands down the database's time; a sweep too early does nothing at all."""
    with begin() as session:
        assert Bench(session, WARNED - timedelta(hours=1)).watch_clocks() == 0
    with begin() as session:
        assert Bench(session, WARNED + timedelta(hours=1)).watch_clocks() == 1
        # Back again: what was done is done.
        assert Bench(session, WARNED - timedelta(hours=1)).watch_clocks() == 0
