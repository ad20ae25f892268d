"""The rows about time: read strictly, found by law and day, and never made up."""

from datetime import date

import pytest

from shared.contracts.vocabulary import Regime
from shared.law import (
    Certainty,
    CountingKey,
    PeriodKey,
    RuleMissing,
    Unit,
    parse_overrides,
    parse_rules,
    rules,
    weakest,
)
from shared.law.certainty import Basis
from shared.law.rows import read

TODAY = date(2026, 3, 2)

ROW = """
[[rule]]
key = "referral.answer"
regime = "any"
from = "referral.requested"
amount = 5
unit = "working_day"
owner_role = "partner"
legal_ref = "none"
status = "assumed"
"""


def test_a_row_for_both_laws_is_found_under_either() -> None:
    found = {rules().find(PeriodKey.REFERRAL_ANSWER, on=TODAY, regime=it) for it in (None, *Regime)}
    (row,) = found
    assert (row.amount, row.unit, row.status) == (5, Unit.WORKING_DAY, Certainty.ASSUMED)


def test_a_row_of_one_law_is_found_under_that_law_only() -> None:
    stay = {it: rules().find(PeriodKey.STAY_MAXIMUM, on=TODAY, regime=it).amount for it in Regime}
    assert stay == {Regime.LAW_2011: 60, Regime.LAW_2024: 120}
    with pytest.raises(RuleMissing):
        rules().find(PeriodKey.STAY_MAXIMUM, on=TODAY)


def test_a_superseded_row_counts_for_what_began_before() -> None:
    older = ROW + "valid_to = 2026-03-01\n"
    newer = ROW.replace("amount = 5", "amount = 7") + "valid_from = 2026-03-02\n"
    book = parse_rules(older + newer)
    amounts = [
        book.find(PeriodKey.REFERRAL_ANSWER, on=day).amount for day in (date(2026, 3, 1), TODAY)
    ]
    assert amounts == [5, 7]


@pytest.mark.parametrize("text", ["rule = []", ROW + ROW, ROW + "valid_to = 2026-03-01\n"])
def test_a_period_without_its_one_row_is_not_made_up(text: str) -> None:
    with pytest.raises(RuleMissing):
        parse_rules(text).find(PeriodKey.REFERRAL_ANSWER, on=TODAY)


def test_an_unset_amount_is_read_as_unset() -> None:
    book = parse_rules(ROW.replace("amount = 5", 'amount = "unset"'))
    assert book.find(PeriodKey.REFERRAL_ANSWER, on=TODAY).amount is None


@pytest.mark.parametrize(
    ("word", "other", "said"),
    [
        ("referral.answer", "referral.reply", "referral.reply"),
        ("working_day", "week", "week"),
        ("assumed", "certain", "certain"),
        ('"any"', '"2030"', "2030"),
        ("partner", "anybody", "anybody"),
        ("amount = 5", "amount = 0", "a period of 0"),
    ],
)
def test_a_word_nobody_knows_is_an_error(word: str, other: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse_rules(ROW.replace(word, other))


def test_several_due_times_of_one_start_are_several_periods() -> None:
    text = ROW.replace("amount = 5", 'amount = [14, "3m"]').replace("working_day", "day")
    found = [(each.amount, each.unit) for each in parse_rules(text).periods]
    assert found == [(14, Unit.DAY), (3, Unit.MONTH)]


def test_the_rule_about_days_off_holds_since_its_first_day_until_a_newer_one_ends_it() -> None:
    head = "rule = []\n"
    first = """
    [[counting]]
    key = "civil_code.day_off"
    is_applied = true
    valid_from = 2017-01-01
    legal_ref = "text"
    status = "recalled"
    """
    newer = first.replace("true", "false").replace("2017", "2027")
    book = parse_rules(head + first + newer)
    days = (date(2016, 12, 31), date(2017, 1, 1), date(2026, 12, 31), date(2027, 1, 1))
    found = [book.counting(CountingKey.DAY_OFF, on=day) is not None for day in days]
    assert found == [False, True, True, False]


def test_the_days_of_this_release_can_be_read() -> None:
    assert parse_overrides(read("days.toml")) == ()
    (row,) = parse_overrides(
        '[[day]]\non = 2027-01-04\nis_working = false\nlegal_ref = "x"\nstatus = "assumed"'
    )
    assert (row.on, row.is_working, row.status) == (date(2027, 1, 4), False, Certainty.ASSUMED)


def test_the_weakest_of_several_is_the_first_of_the_least_certain() -> None:
    made = [Basis(str(n), Certainty(each)) for n, each in enumerate(Certainty)]
    assert weakest(made).status is Certainty.ASSUMED
    equal = [Basis("a", Certainty.RECALLED), Basis("b", Certainty.RECALLED)]
    assert weakest([made[0], *equal]) is equal[0]
