"""When a person may be reached: by the days and hours they gave, for thirty days."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.policy import (
    NOT_REACHED,
    ContactRules,
    ContactWay,
    Standing,
    Weekday,
    is_confirmed,
    is_left_to_people,
    next_window,
    outcome_after,
    refusal_to_ask,
    refusal_to_send,
    window_at,
)
from shared.contracts.vocabulary import ContactRefusal, PersonMessageOutcome

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
MOMENTS = st.datetimes(
    datetime(2025, 12, 1),  # noqa: DTZ001 - the zone is drawn
    datetime(2027, 3, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
TIMES = st.times().map(lambda at: at.strftime("%H:%M"))
HOURS = st.none() | st.tuples(TIMES, TIMES).map("/".join)
DAYS = st.frozensets(st.sampled_from(Weekday))
DAY = timedelta(days=1)


def rules(
    *,
    days: frozenset[Weekday] = frozenset(),
    hours: str | None = None,
    ways: tuple[ContactWay, ...] = (ContactWay.MESSAGE,),
    is_shared: bool = False,
    is_answered_by_others: bool = False,
) -> ContactRules:
    return ContactRules(ways, days, hours, is_shared, is_answered_by_others)


def standing(**changes: object) -> Standing:
    told = {
        "is_silenced": False,
        "is_ended": False,
        "confirmed_on": date(2026, 3, 2),
        "has_suspect": False,
    }
    return Standing(**(told | changes))  # type: ignore[arg-type]


def is_open_by_the_minutes(found: ContactRules, at: datetime) -> bool:
    """The same, by counting minutes of the week on a wall in Hải Phòng."""
    wall = at.astimezone(VIETNAM)
    minute = wall.weekday() * 1440 + wall.hour * 60 + wall.minute
    first, last = 0, 1440
    if found.hours is not None:
        first, last = (int(each[:2]) * 60 + int(each[3:]) for each in found.hours.split("/"))
        last += 1440 if last <= first else 0
    begun = [place for place, day in enumerate(Weekday) if not found.days or day in found.days]
    return any((minute - day * 1440 - first) % (7 * 1440) < last - first for day in begun)


@given(days=DAYS, hours=HOURS, at=MOMENTS)
def test_a_window_is_open_as_the_clock_on_a_wall_in_hai_phong_says(
    days: frozenset[Weekday], hours: str | None, at: datetime
) -> None:
    found = rules(days=days, hours=hours)
    assert (window_at(found, at) is not None) == is_open_by_the_minutes(found, at)


@given(days=DAYS, hours=HOURS, at=MOMENTS)
def test_the_next_window_is_the_first_in_which_the_person_may_be_reached(
    days: frozenset[Weekday], hours: str | None, at: datetime
) -> None:
    found = rules(days=days, hours=hours)
    window = next_window(found, at)
    assert at < window.ends_at
    assert window.begins_at - at <= 8 * DAY
    first = max(at, window.begins_at)
    assert is_open_by_the_minutes(found, first)
    until = (first - at) // timedelta(minutes=1)
    for minutes in range(0, until, 7):
        assert not is_open_by_the_minutes(found, at + timedelta(minutes=minutes))


@given(days=DAYS, hours=HOURS, at=MOMENTS)
def test_what_was_asked_for_leaves_in_its_window_and_never_after(
    days: frozenset[Weekday], hours: str | None, at: datetime
) -> None:
    found = rules(days=days, hours=hours)
    window = next_window(found, at)
    recently = standing(confirmed_on=max(at, window.begins_at).astimezone(VIETNAM).date())
    end = window.ends_at
    assert refusal_to_send(recently, found, max(at, window.begins_at), before=end) is None
    late = standing(confirmed_on=end.astimezone(VIETNAM).date())
    refused = refusal_to_send(late, found, end, before=end)
    assert refused is ContactRefusal.OUTSIDE_WINDOW


def test_hours_past_midnight_belong_to_the_day_on_which_they_begin() -> None:
    found = rules(days=frozenset({Weekday.MONDAY}), hours="22:00/02:00")
    monday = datetime(2026, 3, 2, tzinfo=VIETNAM)
    assert monday.weekday() == 0
    is_open = {
        hours: window_at(found, monday + timedelta(hours=hours)) is not None
        for hours in (1, 21.99, 22, 25.99, 26, 24 + 22)
    }
    assert is_open == {1: False, 21.99: False, 22: True, 25.99: True, 26: False, 46: False}


@given(day=st.dates(date(2026, 1, 1), date(2027, 1, 1)), before=st.integers(-5, 60))
def test_what_was_confirmed_is_relied_on_for_thirty_days(day: date, before: int) -> None:
    assert is_confirmed(day - before * DAY, day) == (0 <= before <= 30)


def test_the_thirty_days_are_days_of_hai_phong() -> None:
    confirmed = standing(confirmed_on=date(2026, 3, 2))
    last = datetime(2026, 4, 1, 23, 59, tzinfo=VIETNAM)
    assert refusal_to_ask(confirmed, rules(), last) is None
    after = last + timedelta(minutes=1)
    assert refusal_to_ask(confirmed, rules(), after) is ContactRefusal.UNCONFIRMED


@pytest.mark.parametrize(
    ("stands", "said", "refusal"),
    [
        ({"is_silenced": True}, {}, ContactRefusal.RISK_FLAG),
        ({"is_ended": True}, {}, ContactRefusal.ENDED),
        ({"confirmed_on": None}, {}, ContactRefusal.UNCONFIRMED),
        ({}, {"ways": (ContactWay.CALL,)}, ContactRefusal.NOT_BY_MESSAGE),
        ({}, {"ways": ()}, ContactRefusal.NOT_BY_MESSAGE),
        ({}, {"is_shared": True}, ContactRefusal.SHARED_DEVICE),
        (
            {"has_suspect": True},
            {"is_answered_by_others": True},
            ContactRefusal.SUSPECT_ANSWERS,
        ),
        ({"has_suspect": True}, {}, None),
        ({}, {"is_answered_by_others": True}, None),
        ({}, {"hours": "18:00/20:00"}, ContactRefusal.OUTSIDE_WINDOW),
        ({}, {"days": frozenset({Weekday.FRIDAY})}, ContactRefusal.OUTSIDE_WINDOW),
        ({}, {}, None),
    ],
)
def test_each_rule_alone_keeps_a_message_back(
    stands: dict[str, object], said: dict[str, object], refusal: ContactRefusal | None
) -> None:
    noon = datetime.combine(date(2026, 3, 2), time(12), VIETNAM)
    found = rules(**said)  # type: ignore[arg-type]
    assert refusal_to_send(standing(**stands), found, noon, before=noon + DAY) is refusal


def test_a_risk_flag_is_said_before_everything_else() -> None:
    worst = standing(is_silenced=True, is_ended=True, confirmed_on=None)
    noon = datetime.combine(date(2026, 3, 2), time(12), VIETNAM)
    assert refusal_to_ask(worst, rules(ways=()), noon) is ContactRefusal.RISK_FLAG


@given(before=MOMENTS, now=MOMENTS)
def test_whatever_did_not_arrive_is_left_to_people_and_nothing_else(
    before: datetime, now: datetime
) -> None:
    for outcome in PersonMessageOutcome:
        assert is_left_to_people(outcome, now, before=before) == (outcome in NOT_REACHED)
    assert is_left_to_people(None, now, before=before) == (before <= now)


def test_what_was_kept_back_stays_so_and_what_arrived_has_arrived() -> None:
    told = PersonMessageOutcome
    news = {(before, after): outcome_after(before, after) for before, after in product(told, told)}
    assert {pair for pair, known in news.items() if known} == {
        (told.SENT, told.DELIVERED),
        (told.SENT, told.UNDELIVERED),
        (told.UNKNOWN, told.DELIVERED),
        (told.UNKNOWN, told.UNDELIVERED),
    }
    assert all(outcome_after(None, each) is each for each in told)
