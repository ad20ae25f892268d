"""What an attempt means for the delivery, its next try and the endpoint."""

from datetime import UTC, datetime
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notification.policy import (
    WEBHOOK,
    Answer,
    AttemptOutcome,
    DeliveryState,
    Trouble,
    failures_after,
    next_attempt,
    outcome_of,
    pause_after,
    retry_after_seconds,
    state_after,
)
from services.notification.policy.attempts import (
    JITTER,
    LONGEST_PAUSE,
    LONGEST_RETRY_AFTER,
    PAUSED_FROM,
)
from tests.published import published

SCHEDULE, SLOW_SCHEDULE = WEBHOOK.waits, WEBHOOK.slowly.waits
NOW = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
TRANSIENT = [
    AttemptOutcome.FAILED,
    AttemptOutcome.THROTTLED,
    AttemptOutcome.UNKNOWN,
    AttemptOutcome.UNREACHABLE,
]
LASTING = [
    AttemptOutcome.REJECTED,
    AttemptOutcome.REDIRECTED,
    AttemptOutcome.TLS_FAILED,
    AttemptOutcome.ADDRESS_REFUSED,
    AttemptOutcome.FAULT,
]


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, AttemptOutcome.DELIVERED),
        (204, AttemptOutcome.DELIVERED),
        (299, AttemptOutcome.DELIVERED),
        (301, AttemptOutcome.REDIRECTED),
        (307, AttemptOutcome.REDIRECTED),
        (400, AttemptOutcome.REJECTED),
        (401, AttemptOutcome.REJECTED),
        (404, AttemptOutcome.REJECTED),
        (408, AttemptOutcome.FAILED),
        (410, AttemptOutcome.GONE),
        (429, AttemptOutcome.THROTTLED),
        (500, AttemptOutcome.FAILED),
        (503, AttemptOutcome.FAILED),
        (101, AttemptOutcome.FAILED),
        (999, AttemptOutcome.FAILED),
    ],
)
def test_a_status_decides_the_outcome(status: int, outcome: AttemptOutcome) -> None:
    assert outcome_of(Answer(status=status)) is outcome


@pytest.mark.parametrize("trouble", list(Trouble))
def test_trouble_is_its_own_outcome(trouble: Trouble) -> None:
    assert outcome_of(Answer(trouble=trouble)).value == trouble.value


def test_published_retry_after_values_are_read() -> None:
    for value, seconds in published("webhooks.json")["retry_after"].items():
        assert retry_after_seconds(value, NOW) == seconds, value


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("", None),
        ("0", 0),
        ("-1", None),
        ("1e9", None),
        ("٣", None),
        ("999999999", LONGEST_RETRY_AFTER),
        ("99999999999999999999", None),
        ("Mon, 02 Mar 2026 05:02:00 GMT", 120),
        ("Mon, 02 Mar 2026 12:02:00 +0700", 120),
        ("Mon, 02 Mar 2026 05:02:00", 120),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_RETRY_AFTER),
        ("Mon, 99 Mar 2026 05:02:00 GMT", None),
    ],
)
def test_retry_after_is_seconds_or_a_date_within_a_day(
    value: str | None,
    seconds: int | None,
) -> None:
    assert retry_after_seconds(value, NOW) == seconds


@given(st.text())
def test_retry_after_never_raises(value: str) -> None:
    seconds = retry_after_seconds(value, NOW)
    assert seconds is None or 0 <= seconds <= LONGEST_RETRY_AFTER


@pytest.mark.parametrize("outcome", TRANSIENT)
def test_what_may_pass_is_retried_soon_and_ever_slower(outcome: AttemptOutcome) -> None:
    waits = [
        next_attempt(attempt, None, Random(attempt), retry=WEBHOOK, outcome=outcome)
        for attempt in range(1, len(SCHEDULE) + 1)
    ]
    for wait, planned in zip(waits, SCHEDULE, strict=True):
        assert wait is not None
        assert planned <= wait <= planned * (1 + JITTER)
    assert next_attempt(len(SCHEDULE) + 1, None, Random(1), retry=WEBHOOK, outcome=outcome) is None


@pytest.mark.parametrize("outcome", LASTING)
def test_what_only_the_receiver_can_mend_is_retried_slowly(outcome: AttemptOutcome) -> None:
    first = next_attempt(1, None, Random(1), retry=WEBHOOK, outcome=outcome)
    assert first is not None
    assert first >= SLOW_SCHEDULE[0] > SCHEDULE[0]
    last = next_attempt(len(SLOW_SCHEDULE) + 1, None, Random(1), retry=WEBHOOK, outcome=outcome)
    assert last is None


@given(
    attempt=st.integers(1, len(SCHEDULE)),
    retry_after=st.one_of(st.none(), st.integers(0, LONGEST_RETRY_AFTER)),
    unit=st.floats(0.001, 1.0),
    seed=st.integers(),
)
def test_retry_after_delays_and_never_hastens(
    attempt: int,
    retry_after: int | None,
    unit: float,
    seed: int,
) -> None:
    plain = next_attempt(attempt, None, Random(seed), retry=WEBHOOK, unit_seconds=unit)
    asked = next_attempt(attempt, retry_after, Random(seed), retry=WEBHOOK, unit_seconds=unit)
    assert plain is not None
    assert asked == max(plain, retry_after or 0)


def test_what_failed_together_does_not_come_back_together() -> None:
    rng = Random(3)
    assert len({next_attempt(1, None, rng, retry=WEBHOOK) for _ in range(50)}) == 50


@pytest.mark.parametrize(
    ("outcome", "has_next", "state"),
    [
        (AttemptOutcome.DELIVERED, True, DeliveryState.DELIVERED),
        (AttemptOutcome.DELIVERED, False, DeliveryState.DELIVERED),
        (AttemptOutcome.UNKNOWN, True, DeliveryState.UNKNOWN),
        (AttemptOutcome.UNKNOWN, False, DeliveryState.PARKED),
        (AttemptOutcome.FAILED, True, DeliveryState.PENDING),
        (AttemptOutcome.FAILED, False, DeliveryState.PARKED),
        (AttemptOutcome.REJECTED, True, DeliveryState.PENDING),
        (AttemptOutcome.GONE, True, DeliveryState.NO_ENDPOINT),
        (AttemptOutcome.GONE, False, DeliveryState.NO_ENDPOINT),
    ],
)
def test_a_delivery_stands_where_its_attempt_left_it(
    outcome: AttemptOutcome,
    state: DeliveryState,
    *,
    has_next: bool,
) -> None:
    assert state_after(outcome, has_next=has_next) is state


def test_failures_in_a_row_are_counted_and_a_success_ends_the_row() -> None:
    assert failures_after(0, 1, is_alive=False) == 1
    assert failures_after(0, 16, is_alive=False) == PAUSED_FROM
    assert failures_after(PAUSED_FROM, 3, is_alive=False) == PAUSED_FROM + 1
    assert failures_after(9, 3, is_alive=True) == 0


def test_pauses_begin_at_the_fifth_failure_and_grow_to_an_hour() -> None:
    assert pause_after(PAUSED_FROM - 1, None) == 0
    pauses = [pause_after(PAUSED_FROM + more, None) for more in range(40)]
    assert pauses[:3] == [30, 60, 120]
    assert pauses == sorted(pauses)
    assert pauses[-1] == LONGEST_PAUSE
    assert pause_after(1, 90) == 90
    assert pause_after(PAUSED_FROM, 10, unit_seconds=0.01) == 10
