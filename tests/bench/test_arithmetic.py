"""The bench's own arithmetic: how it waits, paces, counts and judges."""

from pathlib import Path
from uuid import UUID

import pytest

from tests.bench.arrivals import Arrivals
from tests.bench.floor import Floor
from tests.bench.goals import BY_NUMBER, Figure
from tests.bench.measured import Measured
from tests.bench.pace import batches
from tests.bench.patience import LATEST, count_up_to
from tests.bench.report import BEGIN, END, record
from tests.bench.stopwatch import Stopwatch, percentile, spread
from tests.bench.usage import Usage


class Clock:
    """Time that passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def counted(clock: Clock, expected: int, rate: float) -> None:
    count_up_to(
        expected,
        lambda: int(clock.now * rate),
        seconds=60,
        what="cases",
        clock=clock,
        sleep=clock.sleep,
    )


def test_six_thousand_cases_are_waited_for_with_few_counts_and_hardly_too_long() -> None:
    clock = Clock()
    counted(clock, 6_000, rate=600)
    assert 10.0 <= clock.now < 10.1
    assert len(clock.slept) < 30
    assert max(clock.slept) <= LATEST


def test_who_never_comes_is_waited_for_no_longer_than_allowed() -> None:
    with pytest.raises(TimeoutError, match="6000 of 6000 not within 60 s: cases"):
        counted(Clock(), 6_000, rate=0)


def test_cases_come_in_batches_and_each_begins_as_its_batch_is_taken(tmp_path: Path) -> None:
    clock = Clock()
    watch = Stopwatch(tmp_path / "begins", 5, clock)
    for taken, jobs in enumerate(batches(watch, 2, rate=0), start=1):
        assert list(jobs) == [[0, 1], [2, 3], [4]][taken - 1]
        assert watch.ended()[jobs.start] == clock.now
        clock.now += 1.0
    assert watch.ended() == [0.0, 0.0, 1.0, 1.0, 2.0]


def test_paced_cases_come_one_by_one_and_who_is_late_does_not_put_off_the_next(
    tmp_path: Path,
) -> None:
    clock = Clock()
    watch = Stopwatch(tmp_path / "begins", 4, clock)
    for jobs in batches(watch, 64, rate=10, clock=clock, sleep=clock.sleep):
        assert len(jobs) == 1
        clock.now += 0.15 if jobs.start == 1 else 0.01
    assert watch.ended() == pytest.approx([0.0, 0.1, 0.25, 0.3])


def test_the_moment_of_the_last_job_is_that_of_the_file(tmp_path: Path) -> None:
    clock = Clock()
    watch = Stopwatch(tmp_path / "ends", 3, clock)
    for job in (2, 0, 1):
        clock.now += 1.0
        watch.stop(job)
    assert Stopwatch(tmp_path / "ends", 3).wait(seconds=1) == 3.0


def test_a_job_that_did_not_end_is_told(tmp_path: Path) -> None:
    watch = Stopwatch(tmp_path / "ends", 3)
    watch.stop(1)
    with pytest.raises(TimeoutError, match="2 of 3 jobs did not end"):
        watch.wait(seconds=0)


def test_webhooks_are_counted_once_and_in_the_order_they_came(tmp_path: Path) -> None:
    sink, bench = Arrivals(tmp_path / "ends", 3), Arrivals(tmp_path / "ends", 3)
    first, second = UUID(int=1), UUID(int=2)
    for webhook_id in (first, first, second):
        sink.note(webhook_id)
    bench.wait(2, seconds=0)
    assert list(bench.came()) == [first, second]
    with pytest.raises(TimeoutError, match="1 of 3 webhooks did not come"):
        bench.wait(3, seconds=0)


def test_percentiles_are_values_that_were_measured() -> None:
    values = [float(value) for value in range(100, 0, -1)]
    assert percentile(values, 0.5) == 51
    assert percentile(values, 0.99) == 100
    assert percentile([7.0], 0.99) == 7.0
    assert spread([1.0, 3.0, 2.0]) == "2 [1-3]"


def test_what_was_used_is_told_by_part_and_in_all() -> None:
    before = Usage({"workers": 1.0, "PostgreSQL": 10.0})
    spent = Usage({"workers": 1.5, "PostgreSQL": 10.25}) - before
    assert spent.total == 0.75
    assert spent.of("workers", "relays") == 0.5
    assert spent.per(1_000) == "workers 500, PostgreSQL 250"


def test_a_floor_is_its_rows_and_its_messages() -> None:
    assert Floor(row=2e-6, message=30e-6).of(rows=50, messages=10) == pytest.approx(400e-6)


@pytest.mark.parametrize(
    ("number", "ratios", "verdict"),
    [
        ("1", [2.4], "no"),
        ("1", [1.0, 2.5, 9.0], "met"),
        ("1", [4.0], "aim"),
        ("6", [0.21], "no"),
        ("6", [0.2], "met"),
        ("6", [0.12], "aim"),
        ("11", [0.0], "aim"),
        ("13", [], "not measured"),
    ],
)
def test_the_median_of_the_rounds_decides(number: str, ratios: list[float], verdict: str) -> None:
    assert Figure(BY_NUMBER[number], ratios).verdict == verdict


def test_what_is_recorded_names_every_goal_and_what_could_not_be_measured(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"Before.\n{BEGIN}\nold\n{END}\nAfter.\n", encoding="utf-8")
    measured = Measured()
    for ratio in (3.0, 2.6, 2.8):
        measured.ratio("1", ratio)
    measured.reasons["same-work"] = "NotInstalled: none"
    record(page, measured, "a machine")
    text = page.read_text(encoding="utf-8")
    assert (text[:7], text[-7:]) == ("Before.", "After.\n")
    assert "old" not in text
    assert "| 2.8 [2.6-3.0] | >= 2.5 | >= 4 | met |" in text
    assert "- Not measured: same-work (NotInstalled: none)." in text
    for number, goal in BY_NUMBER.items():
        assert f"| {number} {goal.title} |" in text
