"""Programs are kept running, stopped in order, and end with their supervisor whatever ends it."""

import itertools
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from fcntl import LOCK_EX, flock
from pathlib import Path
from signal import SIGHUP, SIGINT, SIGKILL, SIGSTOP, SIGTERM, Signals

import psutil
import psycopg
import pytest

from deploy.local import launch
from deploy.local.child import Rhythm
from deploy.local.patience import wait_until
from deploy.local.postgres import Postgres
from deploy.local.program import Program
from deploy.local.state import (
    SUPERVISED,
    USED,
    AlreadyRunning,
    is_running,
    read_state,
    stop_running,
    supervisor_of,
)
from deploy.local.supervisor import NotReady, Supervisor

ROOT = Path(__file__).parents[2]
SWIFT = Rhythm(look=0.02, first_delay=0.05, longest_delay=0.2, probe_after=0.3, probe_every=0.05)

# Holds the folder's first lock and waits for the second, which what a predecessor left still has.
WAITING = """
import sys
from pathlib import Path
from deploy.local.state import Hold
Hold.take(Path(sys.argv[1]), within=60)
"""

AllEnd = Callable[[list[psutil.Process]], bool]


def shell(name: str, script: str, **facts: object) -> Program:
    return Program(name=name, argv=["/bin/sh", "-c", script], env=dict(os.environ), **facts)  # type: ignore[arg-type]


def family(pid: int) -> list[psutil.Process]:
    parent = psutil.Process(pid)
    return [parent, *parent.children(recursive=True)]


def spoken(log: Path) -> str:
    return log.read_text(encoding="utf-8") if log.exists() else ""


@pytest.fixture
def stack(folder: Path) -> Iterator[Supervisor]:
    with Supervisor(folder, rhythm=SWIFT) as made:
        yield made


@pytest.fixture
def apart(folder: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts ``stack.py`` in a process of its own and waits until it is up."""
    started: list[subprocess.Popen[str]] = []

    def start(*names: str) -> subprocess.Popen[str]:
        script = os.fspath(Path(__file__).with_name("stack.py"))
        process = subprocess.Popen(
            [sys.executable, script, os.fspath(folder), *names],
            env={**os.environ, "PYTHONPATH": os.pathsep.join([os.fspath(ROOT), *sys.path])},
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()
    assert wait_until(lambda: not is_running(folder), within=15)


def test_a_crashed_program_and_what_it_left_are_replaced(
    stack: Supervisor, all_end: AllEnd
) -> None:
    stack.start([shell("family", "sleep 1000 & wait")])
    first = stack.pids()["family"]
    assert wait_until(lambda: len(family(first)) == 2, within=5)
    killed = family(first)
    os.kill(first, SIGKILL)
    assert all_end(killed)
    assert wait_until(lambda: stack.pids().get("family", first) != first, within=5)
    assert stack.restarts() == {"family": 1}


def test_a_program_that_keeps_ending_is_started_ever_more_slowly(
    stack: Supervisor, folder: Path
) -> None:
    stack.start([shell("brief", "exit 3")])
    assert wait_until(lambda: stack.restarts()["brief"] >= 4, within=5)
    noted = spoken(folder / "logs" / "brief.log").splitlines()[:4]
    assert noted == [
        f"[supervisor] brief ended with 3; starts again in {delay} s"
        for delay in ("0.05", "0.1", "0.2", "0.2")
    ]


def test_a_program_that_ran_long_enough_is_started_again_at_once(folder: Path) -> None:
    rhythm = Rhythm(look=0.02, first_delay=0.05, settled_after=0.5)
    with Supervisor(folder, rhythm=rhythm) as stack:
        stack.start([shell("settled", "sleep 0.8; exit 1")])
        assert wait_until(lambda: stack.restarts()["settled"] >= 2, within=10)
    noted = spoken(folder / "logs" / "settled.log").splitlines()[:2]
    assert noted == ["[supervisor] settled ended with 1; starts again in 0.05 s"] * 2


def test_a_program_that_cannot_be_executed_says_why_in_its_log(
    stack: Supervisor, folder: Path
) -> None:
    stack.start([Program(name="missing", argv=["/no/such/program"], env={})])
    log = folder / "logs" / "missing.log"
    assert wait_until(lambda: "No such file or directory" in spoken(log), within=5)


def test_stages_are_stopped_from_the_last(folder: Path) -> None:
    told = folder / "told"
    script = 'trap "echo {} >> {}; exit" TERM; while :; do sleep 0.05; done'
    with Supervisor(folder, rhythm=SWIFT) as stack:
        for name in ("server", "service"):
            stack.start([shell(name, script.format(name, told))])
        assert wait_until(lambda: len(stack.pids()) == 2, within=20)
        # Both must have set their traps: a shell that sleeps in its loop has.
        assert wait_until(
            lambda: all(len(family(pid)) == 2 for pid in stack.pids().values()), within=20
        )
    assert told.read_text().split() == ["service", "server"]


def test_a_program_deaf_to_its_signal_is_killed_after_its_grace(
    folder: Path, all_end: AllEnd
) -> None:
    with Supervisor(folder, rhythm=SWIFT) as stack:
        stack.start([shell("deaf", 'trap "" TERM; sleep 1000 & wait', grace=0.3)])
        pid = stack.pids()["deaf"]
        assert wait_until(lambda: len(family(pid)) == 2, within=20)
        deaf = family(pid)
    assert all_end(deaf)


def test_a_stopped_program_ends_with_its_stack(folder: Path, all_end: AllEnd) -> None:
    with Supervisor(folder, rhythm=SWIFT) as stack:
        stack.start([shell("frozen", "sleep 1000 & wait", grace=0.3)])
        frozen = family(stack.pids()["frozen"])
        stack.kill("frozen", SIGSTOP)
    assert all_end(frozen)


def test_a_program_that_runs_but_does_not_work_is_killed_and_replaced(
    stack: Supervisor, folder: Path
) -> None:
    works = threading.Event()
    answers: list[bool] = []

    def ask() -> bool:
        answers.append(works.is_set())
        return answers[-1]

    stack.start([shell("idle", "sleep 1000", is_alive=ask)])
    first = stack.pids()["idle"]
    assert wait_until(lambda: stack.pids().get("idle", first) != first, within=5)
    works.set()
    assert "runs but does not work; killed" in spoken(folder / "logs" / "idle.log")
    again = stack.pids()["idle"]
    assert wait_until(lambda: answers.count(True) >= 3, within=5)
    assert stack.pids()["idle"] == again


def test_a_program_that_cannot_be_asked_is_left_alone(stack: Supervisor, folder: Path) -> None:
    def ask() -> bool:
        raise ConnectionError

    stack.start([shell("unasked", "sleep 1000", is_alive=ask)])
    pid = stack.pids()["unasked"]
    log = folder / "logs" / "unasked.log"
    assert wait_until(lambda: spoken(log).count("ConnectionError") >= 2, within=5)
    assert stack.pids()["unasked"] == pid


def test_a_program_never_ready_is_an_error_that_names_its_log(stack: Supervisor) -> None:
    with pytest.raises(NotReady, match=r"logs/never\.log"):
        stack.start([shell("never", "sleep 1000", ready=lambda: False)], at_most=0.2)


def test_one_that_keeps_ending_is_given_up_before_one_that_only_takes_long(
    stack: Supervisor, folder: Path
) -> None:
    mark = folder / "slow"
    stack.start([shell("long", f"sleep 1; : > {mark}; sleep 1000", ready=mark.exists)], within=0.2)
    assert stack.restarts()["long"] == 0
    with pytest.raises(NotReady, match=r"logs/short\.log"):
        stack.start([shell("short", "exit 1", ready=lambda: False)], within=0.2)


def test_a_stage_waits_until_its_programs_are_ready(stack: Supervisor, folder: Path) -> None:
    mark = folder / "mark"
    stack.start([shell("slow", f"sleep 0.3; : > {mark}; sleep 1000", ready=mark.exists)])
    assert mark.exists()


def test_two_programs_of_one_name_are_refused(stack: Supervisor) -> None:
    stack.start([shell("one", "sleep 1000")])
    with pytest.raises(ValueError, match="not unique"):
        stack.start([shell("one", "sleep 1000")])


def test_the_state_file_tells_what_runs(stack: Supervisor, folder: Path) -> None:
    stack.start([shell("told", "sleep 1000", port=20_000)])
    state = read_state(folder)
    assert state is not None
    assert (state.pid, state.guard) == (os.getpid(), stack.guard_pid)
    assert [(each.name, each.pid, each.port) for each in state.programs] == [
        ("told", stack.pids()["told"], 20_000)
    ]
    stack.kill("told")
    pids = (
        [each.restarts for each in now.programs] if (now := read_state(folder)) else []
        for _ in itertools.count()
    )
    assert wait_until(lambda: next(pids) == [1], within=5)


def test_a_supervisor_is_known_before_it_has_started_anything(
    stack: Supervisor, folder: Path
) -> None:
    state = read_state(folder)
    assert state is not None
    assert state.pid == supervisor_of(folder) == os.getpid()


def test_what_a_killed_supervisor_left_names_nobody(folder: Path) -> None:
    with Supervisor(folder):
        pass
    with subprocess.Popen(["sleep", "1000"]) as unrelated:
        try:
            (folder / SUPERVISED).write_text(str(unrelated.pid))
            assert supervisor_of(folder) is None
            assert stop_running(folder)
            assert unrelated.poll() is None
        finally:
            unrelated.kill()


def test_a_stack_whose_predecessor_is_still_ending_is_the_one_that_is_stopped(
    folder: Path,
) -> None:
    command = [sys.executable, "-c", WAITING, os.fspath(folder)]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([os.fspath(ROOT), *sys.path])}
    with (folder / USED).open("w") as left, subprocess.Popen(["sleep", "1000"]) as unrelated:
        flock(left, LOCK_EX)
        (folder / SUPERVISED).write_text(str(unrelated.pid))
        taking = subprocess.Popen(command, env=env)
        try:
            assert wait_until(lambda: supervisor_of(folder) == taking.pid, within=15)
            assert not stop_running(folder, within=0.2)
            assert taking.wait(15) == -SIGTERM
            assert unrelated.poll() is None
        finally:
            unrelated.kill()
            taking.kill()
            taking.wait()


def test_a_second_supervisor_in_one_folder_is_refused(stack: Supervisor, folder: Path) -> None:
    with pytest.raises(AlreadyRunning), Supervisor(folder):
        pytest.fail("two supervisors run in one folder")
    assert is_running(folder)


@pytest.mark.parametrize("number", [SIGTERM, SIGINT, SIGHUP])
def test_a_signal_to_the_supervisor_stops_everything_in_order(
    apart: Callable[..., subprocess.Popen[str]], folder: Path, number: Signals, all_end: AllEnd
) -> None:
    process = apart("servers", "family")
    everything = family(process.pid)
    process.send_signal(number)
    assert process.wait(30) == 128 + number
    assert all_end(everything)
    assert "database system is shut down" in spoken(folder / "logs" / "postgres.log")
    assert read_state(folder) is None


def test_a_stack_can_be_stopped_through_its_folder(
    apart: Callable[..., subprocess.Popen[str]], folder: Path, all_end: AllEnd
) -> None:
    process = apart("family")
    everything = family(process.pid)
    assert stop_running(folder)
    assert process.wait(5) == 128 + SIGTERM
    assert all_end(everything)
    assert stop_running(folder)


def test_killing_the_supervisor_leaves_nothing_running(
    apart: Callable[..., subprocess.Popen[str]], folder: Path, all_end: AllEnd
) -> None:
    process = apart("servers", "family")
    everything = family(process.pid)
    names = {each.name() for each in everything}
    assert {"postgres", "redis-server", "sh", "sleep"} <= names
    process.kill()
    assert all_end(everything)
    assert "received immediate shutdown request" in spoken(folder / "logs" / "postgres.log")


def test_a_stack_can_be_taken_up_right_after_its_supervisor_was_killed(
    apart: Callable[..., subprocess.Popen[str]], all_end: AllEnd
) -> None:
    first = apart("servers")
    left = family(first.pid)
    first.kill()
    second = apart("servers")
    assert all_end(left)
    assert {"postgres", "redis-server"} <= {each.name() for each in family(second.pid)}


def test_a_killed_guard_is_replaced_and_guards_again(
    apart: Callable[..., subprocess.Popen[str]], folder: Path, all_end: AllEnd
) -> None:
    process = apart("family")
    before = read_state(folder)
    assert before is not None
    os.kill(before.guard, SIGKILL)

    def is_replaced() -> bool:
        now = read_state(folder)
        return now is not None and now.guard != before.guard

    assert wait_until(is_replaced, within=5)
    everything = family(process.pid)
    assert len(everything) == 4
    process.kill()
    assert all_end(everything)


def test_a_program_whose_starter_dies_before_guarding_it_is_never_run(folder: Path) -> None:
    mark = folder / "mark"
    for word, expected in ((b"", False), (b"1", True)):
        gate, go = os.pipe()
        command = [launch.__file__, str(gate), "-", "-", "/bin/sh", "-c", f": > {mark}"]
        process = subprocess.Popen([sys.executable, "-I", "-S", *command], pass_fds=(gate,))
        os.close(gate)
        os.write(go, word)
        os.close(go)
        assert process.wait(10) == 0
        assert mark.exists() is expected


def test_a_supervised_server_comes_back_with_its_data_after_kill_minus_nine(
    stack: Supervisor, folder: Path, libpq: Callable[[str], str]
) -> None:
    server = Postgres.prepare(folder / "postgres")
    stack.start([server.program()])
    url = libpq(server.url("postgres", "postgres"))
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS value")
    killed = server.pid
    stack.kill("postgres")
    assert wait_until(lambda: stack.restarts()["postgres"] > 0 and server.is_ready(), within=30)
    assert server.pid != killed
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT value FROM kept").fetchone() == (7,)
