"""A retry policy is four words, and the waits follow from them."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from services.notification.policy import WEBHOOK, RetryPolicy
from services.notification.policy.retries import DAY, MINUTE, SLOWLY

POLICIES = st.builds(
    RetryPolicy,
    initial_interval=st.integers(1, DAY),
    backoff=st.integers(1, 9),
    maximum_interval=st.integers(DAY, 2 * DAY),
    give_up_after=st.integers(DAY, 9 * DAY),
).filter(lambda policy: policy.initial_interval * 100 > policy.give_up_after)


@given(POLICIES)
def test_waits_grow_to_the_longest_and_end_before_it_is_given_up(policy: RetryPolicy) -> None:
    waits = policy.waits
    assert waits[0] == policy.initial_interval
    for before, after in pairwise(waits):
        assert after == min(before * policy.backoff, policy.maximum_interval)
    following = min(waits[-1] * policy.backoff, policy.maximum_interval)
    assert sum(waits) <= policy.give_up_after < sum(waits) + following


def test_a_webhook_is_tried_ten_times_in_little_more_than_three_days() -> None:
    assert len(WEBHOOK.waits) == 9
    assert WEBHOOK.waits[:4] == (5, 25, 125, 625)
    assert 3 * DAY < sum(WEBHOOK.waits) < 3 * DAY + 4 * 60 * MINUTE


@given(POLICIES)
def test_slowly_never_begins_sooner(policy: RetryPolicy) -> None:
    assert policy.slowly.initial_interval == max(policy.initial_interval, SLOWLY)
    assert policy.slowly.give_up_after == policy.give_up_after
