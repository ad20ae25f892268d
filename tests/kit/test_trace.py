"""One trace follows a case; whatever is no trace starts a new one."""

import re
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kit import trace

SHAPE = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-01")
GIVEN = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def test_the_next_step_belongs_to_the_same_trace_and_is_another_step() -> None:
    step = SHAPE.fullmatch(trace.step_of(GIVEN))
    assert step
    assert step[1] == GIVEN.split("-")[1]
    assert step[2] != GIVEN.split("-")[2]


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "nonsense",
        "00-" + "0" * 32 + "-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-" + "0" * 16 + "-01",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        GIVEN.upper(),
        GIVEN + "-extra",
        GIVEN + "\n",
    ],
)
def test_a_header_that_is_no_trace_starts_a_new_one(header: str | None) -> None:
    step = SHAPE.fullmatch(trace.step_of(header))
    assert step
    assert set(step[1]) != {"0"}
    assert step[1] != GIVEN.split("-")[1]


@given(header=st.text(max_size=80))
def test_any_header_gives_a_wellformed_step(header: str) -> None:
    assert SHAPE.fullmatch(trace.step_of(header))


def test_the_current_step_is_one_threads_own() -> None:
    here = trace.follow(GIVEN)
    seen: list[str | None] = []
    other = threading.Thread(target=lambda: seen.append(trace.current()))
    other.start()
    other.join()
    assert trace.current() == here
    assert seen == [None]
