"""What forms offer is what intake takes, and lanes are drawn where their days lie."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.console.pages import by_law, cases, find, story
from services.console.pages.lanes import NARROW, WIDE, Lane, Size, Span, draw
from services.intake import policy
from shared.texts import TextLanguage, of_service

TODAY = date(2026, 3, 20)
SIZES = pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])


def test_a_file_is_opened_for_what_intake_knows() -> None:
    told = {purpose: role for purpose, (role, _) in by_law.PURPOSES.items()}
    assert told == {str(it): str(role) for it, role in policy.ROLES.items()}
    for purpose, (_, reasons) in by_law.PURPOSES.items():
        assert set(reasons) == policy.REASONS[policy.LegalPurpose(purpose)]


def test_parts_begin_and_end_for_what_intake_knows() -> None:
    assert set(by_law.BEGINNING) == policy.BEGINNING
    assert set(by_law.ENDING) == policy.ENDING
    assert set(by_law.URGENCY_ENDS) == set(policy.UrgencyEnd)


def test_a_list_and_a_search_offer_every_choice_of_intake() -> None:
    assert set(cases.STATUSES) == set(policy.CaseStatus)
    assert set(find.FIELDS) == set(policy.IndexedField)
    assert set(find.PURPOSES) == set(policy.SearchPurpose)


def test_every_kind_of_event_has_words() -> None:
    assert set(story.SAYS) <= set(policy.EventKind)
    texts = of_service("intake")
    known = texts.vocabularies(TextLanguage.VIETNAMESE)
    assert all(vocabulary in known for told in story.SAYS.values() for _, vocabulary in told)


DAYS = st.dates(date(2020, 1, 1), TODAY)
SPANS = st.builds(
    lambda begins, length, is_open: Span(
        begins, None if is_open else begins + timedelta(length), "done"
    ),
    DAYS,
    st.integers(0, 900),
    st.booleans(),
)
LANES = st.lists(
    st.builds(lambda spans: Lane("lane", spans), st.lists(SPANS, min_size=1, max_size=4)),
    min_size=1,
    max_size=6,
)


@SIZES
@given(lanes=LANES)
def test_everything_lies_within_the_chart(lanes: list[Lane], size: Size) -> None:
    chart = draw(lanes, TODAY, size)
    assert len(chart.bars) == sum(len(lane.spans) for lane in lanes)
    for bar in chart.bars:
        assert size.labels <= bar.x
        assert bar.x + bar.width <= size.width + 6
        assert 0 <= bar.y < chart.height
    assert 1 <= len(chart.marks) <= max(size.marks, 12)
    assert size.labels <= chart.today <= size.width


@SIZES
def test_what_is_open_ends_today_and_what_is_late_begins_late(size: Size) -> None:
    first = Span(TODAY - timedelta(30), None, "now")
    chart = draw([Lane("a", [first]), Lane("b", [Span(TODAY, None, "now")])], TODAY, size)
    earlier, later = chart.bars
    assert earlier.x + earlier.width == pytest.approx(chart.today, abs=0.2)
    assert later.x == chart.today
    assert later.width >= 6
