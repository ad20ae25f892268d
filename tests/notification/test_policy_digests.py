"""When somebody is written to: hours, days, weeks of Hải Phòng; quiet hours over midnight."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notification.policy import Mailing, is_within, period_of
from shared.contracts.vocabulary import Digest, MailingKind
from shared.kit.clock import HAI_PHONG
from shared.kit.identifiers import new_id

MINUTES = st.integers(0, 24 * 60 - 1)
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
LENGTHS = {
    Digest.HOUR: timedelta(hours=1),
    Digest.DAY: timedelta(days=1),
    Digest.WEEK: timedelta(days=7),
}


def someone(**wishes: object) -> Mailing:
    facts = {"since": datetime(2020, 1, 1, tzinfo=UTC), "digest": Digest.HOUR, **wishes}
    return Mailing(MailingKind.PERSON, new_id(), new_id(), **facts)  # type: ignore[arg-type]


@given(begins=MINUTES, ends=MINUTES, at=MOMENTS)
def test_quiet_hours_are_what_a_walk_over_the_clock_passes(
    begins: int, ends: int, at: datetime
) -> None:
    local = at.astimezone(HAI_PHONG)
    walked, minute = set(), begins
    while minute != ends:
        walked.add(minute)
        minute = (minute + 1) % (24 * 60)
    # From a minute to itself is refused where it is said; it would be the whole day here.
    if begins != ends:
        assert is_within(begins, ends, at) == (local.hour * 60 + local.minute in walked)


@given(at=MOMENTS, wish=st.sampled_from(sorted(LENGTHS)))
def test_every_moment_lies_in_one_period_which_begins_where_the_one_before_ends(
    at: datetime, wish: Digest
) -> None:
    begun = period_of(wish, at)
    assert begun is not None
    assert begun <= at < begun + LENGTHS[wish]
    assert period_of(wish, begun) == begun
    assert period_of(wish, begun - timedelta.resolution) == begun - LENGTHS[wish]


@pytest.mark.parametrize(
    ("wish", "begins"),
    [
        (Digest.HOUR, "2026-03-04T08:00:00+07:00"),
        (Digest.DAY, "2026-03-04T07:00:00+07:00"),
        (Digest.WEEK, "2026-03-02T07:00:00+07:00"),
    ],
)
def test_days_begin_at_seven_and_weeks_on_mondays(wish: Digest, begins: str) -> None:
    wednesday = datetime(2026, 3, 4, 8, 30, tzinfo=HAI_PHONG)
    assert period_of(wish, wednesday) == datetime.fromisoformat(begins)


@given(
    at=MOMENTS,
    begins=MINUTES,
    ends=MINUTES,
    wish=st.sampled_from(sorted(Digest)),
    is_on_call=st.booleans(),
)
def test_urgency_is_held_back_by_quiet_hours_of_whoever_is_not_on_call_and_by_nothing_else(
    at: datetime, begins: int, ends: int, wish: Digest, *, is_on_call: bool
) -> None:
    one = someone(digest=wish, quiet_from=begins, quiet_to=ends, is_on_call=is_on_call)
    assert one.is_reached(at) == (is_on_call or not is_within(begins, ends, at))
    if one.is_quiet(at):
        assert one.period(at) is None, "on call or not, a digest waits"


def test_whoever_is_on_call_has_no_quiet_digests() -> None:
    night = datetime(2026, 3, 4, 23, 30, tzinfo=HAI_PHONG)
    one = someone(quiet_from=22 * 60, quiet_to=6 * 60, is_on_call=True)
    assert one.period(night) is None
    assert one.is_reached(night)


def test_whoever_wants_no_digest_has_no_period() -> None:
    assert period_of(Digest.NONE, datetime(2026, 3, 4, tzinfo=UTC)) is None
