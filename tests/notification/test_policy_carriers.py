"""By which carrier a message goes, and when one is left to rest."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notification.policy import (
    UNTRIED,
    WINDOW,
    AttemptOutcome,
    Calls,
    Past,
    Rest,
    Standing,
    choose_carrier,
    first_minute_of_window,
    has_certainly_stayed,
    minute_of_call,
    past_of,
    rest_after,
)
from shared.contracts.vocabulary import ChannelKind

NOON = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
NAMES = ("a", "b", "c", "d")
DRAWS = st.floats(0.0, 1.0, exclude_max=True)
SECONDS = st.integers(-7200, 7200)
OUTCOMES = st.sampled_from([*AttemptOutcome])


def rest_at(failed: int, until: int) -> Rest:
    at, over = NOON + timedelta(seconds=min(failed, -1)), NOON + timedelta(seconds=until)
    return Rest(since=at, until=over, times=1, last_failed_at=at)


RESTS = st.one_of(st.just(Rest()), st.builds(rest_at, SECONDS, SECONDS))
STANDINGS = st.lists(
    st.builds(Standing, st.sampled_from(NAMES), st.integers(0, 5), RESTS),
    min_size=1,
    max_size=4,
    unique_by=lambda it: it.name,
)
PASTS = st.builds(
    Past,
    st.none() | st.sampled_from(NAMES),
    st.none() | st.sampled_from(NAMES),
    st.frozensets(st.sampled_from(NAMES), max_size=1),
)


def able(standings: Sequence[Standing]) -> set[str]:
    """Those that do not rest, and those whose rest is over."""
    return {it.name for it in standings if it.rest.since is None or it.rest.is_over(NOON)}


@given(STANDINGS, PASTS, DRAWS)
def test_somebody_is_always_asked_and_nobody_who_rests_while_another_can_be(
    standings: list[Standing], past: Past, draw: float
) -> None:
    name = choose_carrier(standings, past=past, draw=draw, now=NOON)
    assert name in {each.name for each in standings}
    if able(standings) and name != past.held_by:
        assert name in able(standings)


@given(st.dictionaries(st.sampled_from(NAMES), st.integers(0, 6), min_size=1))
def test_each_that_is_well_gets_exactly_the_part_that_its_weight_says(
    weights: dict[str, int],
) -> None:
    standings = [Standing(name, weight) for name, weight in weights.items()]
    expected = {name: it for name, it in weights.items() if it} or dict.fromkeys(weights, 1)
    total = sum(expected.values())
    drawn = Counter(
        choose_carrier(standings, draw=(step + 0.5) / total, now=NOON) for step in range(total)
    )
    assert drawn == Counter(expected)


@given(STANDINGS, PASTS, DRAWS)
def test_what_one_of_them_may_have_sent_is_given_to_no_other(
    standings: list[Standing], past: Past, draw: float
) -> None:
    held = replace(past, held_by=standings[0].name)
    assert choose_carrier(standings, past=held, draw=draw, now=NOON) == standings[0].name


@given(STANDINGS, DRAWS)
def test_whoever_has_just_failed_a_message_is_not_asked_again_while_another_can_be(
    standings: list[Standing], draw: float
) -> None:
    failed = standings[0].name
    past = Past(failed=frozenset({failed}))
    name = choose_carrier(standings, past=past, draw=draw, now=NOON)
    assert name != failed or able(standings) <= {failed}


@given(STANDINGS, DRAWS)
def test_whoever_asked_to_come_again_is_asked_again_unless_it_rests(
    standings: list[Standing], draw: float
) -> None:
    again = standings[0].name
    name = choose_carrier(standings, past=Past(deferred_by=again), draw=draw, now=NOON)
    assert name == again or again not in able(standings)


@given(STANDINGS, DRAWS)
def test_if_all_rest_the_one_that_failed_longest_ago_is_asked(
    standings: list[Standing], draw: float
) -> None:
    resting = [replace(it, rest=rest_at(-60 * place, 60)) for place, it in enumerate(standings, 1)]
    assert choose_carrier(resting, draw=draw, now=NOON) == resting[-1].name


@given(st.integers(1, 5), st.integers(1, 5), DRAWS)
def test_a_rest_that_is_over_ends_with_one_message_and_others_wait_for_what_comes_of_it(
    weight: int, other: int, draw: float
) -> None:
    rested = Standing("a", weight, rest_at(-60, 0))
    well = Standing("b", other)
    assert choose_carrier([rested, well], draw=draw, now=NOON) == "a"
    tried = rested.tried(NOON + timedelta(seconds=60))
    assert choose_carrier([tried, well], draw=draw, now=NOON) == "b"
    # Whoever was to find out was killed.
    later = NOON + timedelta(seconds=60)
    assert choose_carrier([tried, well], draw=draw, now=later) == "a"


@given(DRAWS)
def test_one_without_weight_is_asked_where_no_other_can_be(draw: float) -> None:
    spare, main = Standing("a", 0), Standing("b", 1)
    assert choose_carrier([spare, main], draw=draw, now=NOON) == "b"
    resting = replace(main, rest=rest_at(-60, 60))
    assert choose_carrier([spare, resting], draw=draw, now=NOON) == "a"
    past = Past(failed=frozenset({"b"}))
    assert choose_carrier([spare, main], past=past, draw=draw, now=NOON) == "a"


@given(st.lists(st.tuples(st.sampled_from(NAMES), OUTCOMES), max_size=6))
def test_an_sms_that_may_have_left_stays_with_the_gateway_that_may_have_it(
    tries: list[tuple[str, AttemptOutcome]],
) -> None:
    unknown = [name for name, outcome in tries if outcome is AttemptOutcome.UNKNOWN]
    past = past_of(ChannelKind.SMS, tries)
    assert past.held_by == (unknown[-1] if unknown else None)
    # A second mail to an office says the same under the same id.
    assert past_of(ChannelKind.EMAIL, tries).held_by is None


def test_what_was_never_tried_binds_nobody() -> None:
    assert past_of(ChannelKind.SMS, []) == UNTRIED


@pytest.mark.parametrize(
    ("channel", "outcome", "has_stayed"),
    [
        (ChannelKind.SMS, AttemptOutcome.UNREACHABLE, True),
        (ChannelKind.SMS, AttemptOutcome.TLS_FAILED, True),
        (ChannelKind.SMS, AttemptOutcome.FAILED, True),
        (ChannelKind.SMS, AttemptOutcome.THROTTLED, True),
        (ChannelKind.SMS, AttemptOutcome.UNKNOWN, False),
        (ChannelKind.SMS, AttemptOutcome.SENT, False),
        (ChannelKind.SMS, AttemptOutcome.REFUSED, False),
        (ChannelKind.EMAIL, AttemptOutcome.UNREACHABLE, True),
        (ChannelKind.EMAIL, AttemptOutcome.DEFERRED, False),
        (ChannelKind.EMAIL, AttemptOutcome.UNKNOWN, False),
    ],
)
def test_another_is_asked_where_it_is_certain_that_nothing_left(
    channel: ChannelKind, outcome: AttemptOutcome, *, has_stayed: bool
) -> None:
    assert has_certainly_stayed(channel, outcome) is has_stayed


def test_three_failures_of_the_last_minutes_that_are_half_of_all_calls_bring_a_rest() -> None:
    def after(calls: int, failures: int) -> Rest:
        return rest_after(Rest(), told=Calls(1, 1), window=Calls(calls, failures), now=NOON)

    assert after(2, 2).since is None
    assert after(3, 3).since == NOON
    assert after(6, 3).since == NOON
    assert after(7, 3).since is None
    assert after(3, 3).until == NOON + timedelta(seconds=30)


TOLD = st.integers(0, 3).flatmap(
    lambda calls: st.builds(Calls, st.just(calls), st.integers(0, calls))
)
STEPS = st.lists(st.tuples(TOLD, st.booleans(), st.integers(1, 900)), max_size=30)


@given(STEPS)
def test_a_rest_begins_by_failure_alone_ends_with_a_success_and_lasts_an_hour_at_most(
    steps: list[tuple[Calls, bool, int]],
) -> None:
    rest, now = Rest(), NOON
    for told, is_tried, wait in steps:
        now += timedelta(seconds=wait)
        if is_tried and rest.since is not None:
            rest = replace(rest, tried_until=now + timedelta(seconds=60))
        before, rest = rest, rest_after(rest, told=told, window=told, now=now)
        if told.failures < told.calls and not told.failures:
            assert rest.since is None
        if before.since is None and rest.since is not None:
            assert told.is_bad
        if rest.until is not None and rest.until != before.until:
            assert now < rest.until <= now + timedelta(hours=1)
        assert (rest.since is None) == (rest.until is None)


@given(st.integers(1, 12))
def test_each_try_in_vain_makes_the_rest_twice_as_long_and_what_was_called_before_does_not(
    times: int,
) -> None:
    rest = rest_after(Rest(), told=Calls(3, 3), window=Calls(3, 3), now=NOON)
    late = rest_after(rest, told=Calls(1, 1), window=Calls(4, 4), now=NOON)
    assert late.until == rest.until
    for time in range(1, times + 1):
        tried = replace(rest, tried_until=NOON)
        rest = rest_after(tried, told=Calls(1, 1), window=Calls(5, 5), now=NOON)
        assert rest.until == NOON + timedelta(seconds=min(30 * 2**time, 3600))
        assert rest.since == NOON


def test_who_asks_to_be_left_alone_is_at_once_and_for_as_long() -> None:
    rest = rest_after(Rest(), told=Calls(1, 1), window=Calls(1, 1), asked=300, now=NOON)
    assert rest.until == NOON + timedelta(seconds=300)


@given(st.integers(0, 7200))
def test_a_call_is_looked_at_for_nine_to_ten_minutes(seconds: int) -> None:
    later = NOON + timedelta(seconds=seconds)
    is_seen = minute_of_call(NOON) >= first_minute_of_window(later)
    assert is_seen == (timedelta(seconds=seconds) < WINDOW)
