"""How old somebody is, and was when it was done to them: counted day by day beside it."""

from datetime import date, timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from services.intake.policy import (
    AFTER,
    Act,
    Birth,
    age_band,
    band_ends_on,
    next_band_ends_on,
    read_span,
    was_minor_at_act,
)
from shared.contracts.vocabulary import AgeBand

TODAY = date(2026, 3, 2)
LEAP = date(2008, 2, 29)
DAYS = st.dates(date(1990, 1, 1), TODAY)
BIRTHS = st.one_of(
    st.dates(date(1995, 1, 1), TODAY).map(lambda day: Birth(day.year, day)),
    st.integers(1995, 2026).map(Birth),
    st.just(Birth(2008, LEAP)),
)


@st.composite
def told(draw: st.DrawFn) -> tuple[str, date]:
    """A day as somebody tells it, and the day that it was."""
    day = draw(DAYS | st.just(LEAP))
    form = draw(st.sampled_from(["%Y-%m-%d", "%Y-%m", "%Y"]))
    return day.strftime(form), day


@given(birth=BIRTHS, began=st.none() | told(), ended=st.none() | told())
def test_the_age_at_the_act_is_said_only_where_every_reading_agrees(
    birth: Birth, began: tuple[str, date] | None, ended: tuple[str, date] | None
) -> None:
    """Whatever day was meant: a certain answer is the true one, and an open one is really open."""
    spans = [read_span(it[0]) if it else None for it in (began, ended)]
    answer = was_minor_at_act(birth, Act(*spans), TODAY)
    if began is not None and birth.is_before(began[1]):
        began_as_minor = age_band(birth, began[1]) is not AgeBand.ADULT
        if ended is None or ended[1] >= began[1]:
            assert answer in {None, began_as_minor}
    if answer is None:
        first = spans[0].first if spans[0] else date.min
        last = min([TODAY, *(it.last for it in spans if it)])
        assert age_band(birth, last) is AgeBand.ADULT
        assert first == date.min or age_band(birth, first) is not AgeBand.ADULT


@given(birth=BIRTHS)
def test_whoever_is_a_minor_today_was_one_then(birth: Birth) -> None:
    is_minor = age_band(birth, TODAY) is not AgeBand.ADULT
    assert was_minor_at_act(birth, Act(), TODAY) is (True if is_minor else None)


def test_an_act_that_went_on_past_the_birthday_was_done_to_a_minor() -> None:
    birth = Birth(1999, date(1999, 5, 4))
    partly = Act(read_span("2016"), read_span("2021"))
    assert was_minor_at_act(birth, partly, TODAY) is True


def test_of_an_act_without_a_beginning_the_end_may_tell() -> None:
    birth = Birth(1999, date(1999, 5, 4))
    assert was_minor_at_act(birth, Act(None, read_span("2016")), TODAY) is True
    assert was_minor_at_act(birth, Act(None, read_span("2018")), TODAY) is None


@given(birth=BIRTHS, start=DAYS)
def test_a_band_ends_on_the_first_of_a_month_within_one_month_of_the_birthday(
    birth: Birth, start: date
) -> None:
    """Day by day: no child counts as older too early, and nobody as younger for over a month."""
    assume(birth.is_before(start))
    band, ends = age_band(birth, start), band_ends_on(birth, start)
    if ends is None:
        assert band is AgeBand.ADULT
        return
    assert ends.day == 1
    birthday = next(
        day
        for day in (start + timedelta(days=n) for n in range(20 * 366))
        if age_band(birth, day) is not band
    )
    assert birthday <= ends < birthday + timedelta(days=31)
    assert age_band(birth, birthday) is AFTER[band]


@given(birth=BIRTHS)
def test_the_next_band_is_known_without_the_birth(birth: Birth) -> None:
    ends = band_ends_on(birth, birth.day or date(birth.year, 1, 1))
    assert ends is not None
    assert next_band_ends_on(AgeBand.UNDER_18, ends) == band_ends_on(birth, ends)


@given(day=DAYS)
def test_a_month_of_birthdays_leaves_one_trace(day: date) -> None:
    """Two who were born in one month, not on its first day, cannot be told apart by the row."""
    other = day.replace(day=2)
    if day.day == 1 or (day.month, day.day) == (2, 29):
        return
    after = max(day, other)
    assert band_ends_on(Birth(day.year, day), after) == band_ends_on(
        Birth(other.year, other), after
    )
