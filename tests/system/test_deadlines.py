"""The demonstration of deadlines: what it shows has come about, or it fails."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from deploy.deadlines.board import SHOWN, Shown
from deploy.deadlines.dial import Dial
from deploy.deadlines.exchange import DidNotComeAbout
from deploy.deadlines.run import play
from deploy.stack.environment import CODE
from deploy.words import text
from shared.kit.clock import utc_now
from shared.kit.timepiece import Delayed

DAY = timedelta(days=1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "seconds-behind"


def close(one: datetime, other: datetime) -> bool:
    return abs(one - other) < timedelta(seconds=5)


def test_the_day_is_turned_forward_only_and_never_past_the_present(path: Path) -> None:
    dial = Dial(path, utc_now() - 9 * DAY)
    follower = Delayed(path)
    assert close(follower.now(), utc_now() - 9 * DAY)
    dial.turn_to(utc_now() - 2 * DAY)
    assert close(follower.now(), utc_now() - 2 * DAY)
    dial.turn_to(utc_now() - 5 * DAY)
    assert close(dial.now, utc_now() - 2 * DAY)
    dial.turn_to(utc_now() + 5 * DAY)
    assert close(follower.now(), utc_now())


def test_scenes_go_on_at_the_moments_they_name_whichever_is_first(path: Path) -> None:
    dial, seen = Dial(path, utc_now() - 9 * DAY), list[str]()
    begun = dial.now

    def scene(name: str, days: Sequence[int]) -> Any:
        def goes_on(exchange: Any, _board: Any) -> Iterator[datetime]:
            for day in days:
                yield begun + day * DAY
                assert close(exchange.dial.now, begun + day * DAY)
                seen.append(f"{name}{day}")

        return goes_on

    scenes = [scene("a", [1, 4]), scene("b", [2, 3, 6])]
    assert not play(SimpleNamespace(dial=dial), None, scenes)  # type: ignore[arg-type]
    assert seen == ["a1", "b2", "b3", "a4", "b6"]


def test_what_does_not_come_about_is_named_and_the_others_go_on(path: Path) -> None:
    went_on = []

    def fails(exchange: Any, _board: Any) -> Iterator[datetime]:
        yield exchange.dial.now
        raise DidNotComeAbout("a warning")

    def goes_on(exchange: Any, _board: Any) -> Iterator[datetime]:
        yield exchange.dial.now + DAY
        went_on.append(True)

    dial = Dial(path, utc_now() - 9 * DAY)
    faults = play(SimpleNamespace(dial=dial), None, [fails, goes_on])  # type: ignore[arg-type]
    assert faults == ["fails: a warning"]
    assert went_on


@pytest.mark.long
def test_weeks_of_the_law_pass_and_every_period_is_told_in_time(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "deploy.cli", "deadlines", "--data", str(tmp_path / "data")]
    environment = {**os.environ, "LANG": "en_US.UTF-8", "COLUMNS": "400"}
    done = subprocess.run(
        command, cwd=CODE, env=environment, capture_output=True, text=True, timeout=500, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    told = [line for line in done.stdout.splitlines() if re.match(r"\d\d/\d\d \d\d:\d\d  ", line)]
    assert len(told) == len(Shown)
    assert all(any(text(SHOWN, what) in line for line in told) for what in Shown)
