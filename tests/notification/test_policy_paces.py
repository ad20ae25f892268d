"""So many a minute: never more in any minute, whoever looks how often, and no fewer for long."""

from datetime import UTC, datetime, timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from services.notification.policy import step_of

NOON = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
A_MINUTE = timedelta(minutes=1)
PER_MINUTE = st.integers(1, 600)
SILENCES = st.lists(st.floats(0.0, 200.0), min_size=1, max_size=60)
"""Seconds between two looks: short where a sender is at work, long where it was killed."""


def went(per_minute: int, silences: list[float]) -> list[datetime]:
    """When each delivery went, for a sender that looks after each of these silences."""
    gone: list[datetime] = []
    next_at = now = NOON
    for silence in silences:
        now += timedelta(seconds=silence)
        within = sum(1 for each in gone if each > now - A_MINUTE)
        step = step_of(per_minute, next_at=next_at, now=now, within_last_minute=within)
        gone += [now] * step.count
        next_at = step.next_at(step.count) if step.count else next_at
    return gone


@given(PER_MINUTE, SILENCES)
@example(60, [0.0, 59.9, 0.2, 0.2])
def test_in_no_minute_go_more_than_were_asked_for(per_minute: int, silences: list[float]) -> None:
    gone = went(per_minute, silences)
    for each in gone:
        assert sum(1 for it in gone if each <= it < each + A_MINUTE) <= per_minute


@given(PER_MINUTE)
def test_whoever_looks_every_second_lets_the_whole_number_go(per_minute: int) -> None:
    gone = went(per_minute, [1.0] * 180)
    last = NOON + timedelta(seconds=180)
    assert sum(1 for each in gone if each > last - A_MINUTE) >= per_minute - per_minute // 30 - 1


@given(PER_MINUTE)
def test_after_a_long_silence_they_do_not_go_all_at_once(per_minute: int) -> None:
    gone = went(per_minute, [0.0, 3600.0])
    assert len(gone) <= 1 + per_minute * 5 // 60 + 1


@given(PER_MINUTE)
def test_none_goes_before_its_time(per_minute: int) -> None:
    early = step_of(
        per_minute, next_at=NOON, now=NOON - timedelta(seconds=0.001), within_last_minute=0
    )
    assert early.count == 0
