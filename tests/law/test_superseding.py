"""Rows that were published go before those of the release: counted day by day beside it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.law import Certainty, PeriodKey, Unit
from shared.contracts.vocabulary import Regime
from shared.law import Period, Superseding, rules, supersede

DAYS = st.dates(date(2026, 1, 1), date(2026, 2, 15))
ANSWER = PeriodKey.REFERRAL_ANSWER


def row(
    number: int,
    valid_from: date,
    amount: int | None = 7,
    *,
    key: PeriodKey = ANSWER,
    regime: Regime | None = None,
) -> Superseding:
    return Superseding(
        id=UUID(int=number),
        key=key,
        regime=regime,
        amount=amount,
        unit=Unit.DAY,
        legal_ref="15/2026/NĐ-CP Art. 3",
        status=Certainty.RECALLED,
        valid_from=valid_from,
    )


ROWS = st.lists(st.tuples(DAYS, st.none() | st.integers(1, 90)), max_size=6).map(
    lambda facts: [row(place + 1, day, amount) for place, (day, amount) in enumerate(facts)]
)


def naively(published: Sequence[Superseding], day: date) -> UUID | None:
    """The last that was published for this day; none where the release's own holds."""
    found = [each.id for each in published if each.valid_from <= day]
    return found[-1] if found else None


@given(published=ROWS, day=DAYS)
def test_the_row_that_was_published_last_for_a_day_holds_on_it(
    published: list[Superseding], day: date
) -> None:
    found = supersede(rules(), published).find(ANSWER, on=day)
    assert found.row_id == naively(published, day)
    by_id = {each.id: each for each in published}
    expected = by_id[found.row_id] if found.row_id else rules().find(ANSWER, on=day)
    assert (found.amount, found.unit, found.legal_ref, found.status) == (
        expected.amount,
        expected.unit,
        expected.legal_ref,
        expected.status,
    )


@given(published=ROWS)
def test_a_row_is_replaced_exactly_if_it_holds_on_no_day(published: list[Superseding]) -> None:
    every = [date(2025, 12, 31) + timedelta(days=n) for n in range(50)]
    for period in supersede(rules(), published).periods:
        if period.key is ANSWER:
            assert period.is_replaced is not any(period.holds(day) for day in every), period


@given(published=ROWS)
def test_other_periods_are_left_as_they_were(published: list[Superseding]) -> None:
    def others(periods: Sequence[Period]) -> list[Period]:
        return [each for each in periods if each.key is not ANSWER]

    assert others(supersede(rules(), published).periods) == others(rules().periods)


def test_what_is_not_said_stays_as_in_the_row_before() -> None:
    shipped = rules().find(ANSWER, on=date(2026, 1, 1))
    new = supersede(rules(), [row(1, date(2026, 1, 5))]).find(ANSWER, on=date(2026, 1, 5))
    assert (new.owner_role, new.services, new.starts_with) == (
        shipped.owner_role,
        shipped.services,
        shipped.starts_with,
    )
    assert supersede(rules(), []).find(ANSWER, on=date(2026, 1, 5)) == shipped


def test_each_law_has_rows_of_its_own() -> None:
    stay = PeriodKey.STAY_MAXIMUM
    older = row(1, date(2026, 1, 5), key=stay, regime=Regime.LAW_2011)
    found = supersede(rules(), [older])
    on = date(2026, 1, 6)
    assert found.find(stay, on=on, regime=Regime.LAW_2011).row_id == older.id
    assert found.find(stay, on=on, regime=Regime.LAW_2024).row_id is None


def test_a_row_that_goes_before_none_is_passed_over() -> None:
    for_both = row(1, date(2026, 1, 5), key=PeriodKey.STAY_MAXIMUM)
    several = row(2, date(2026, 1, 5), key=PeriodKey.FOLLOW_UP)
    assert supersede(rules(), [for_both, several]) == rules()


def test_a_row_is_corrected_from_the_same_day_on() -> None:
    day = date(2026, 1, 5)
    wrong, right = row(1, day, 70), row(2, day, 7)
    found = supersede(rules(), [wrong, right, replace(right, id=UUID(int=3), amount=8)])
    assert [each.row_id for each in found.periods if each.is_replaced] == [wrong.id, right.id]
    assert found.find(ANSWER, on=day).amount == 8
