"""What forms offer is what intake takes, and lanes are drawn where their days lie."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.console.pages import (
    advance_notices,
    by_law,
    cases,
    contact,
    find,
    immediate_needs,
    kept_apart,
    protections,
    readiness,
    rules,
    stays,
    story,
)
from services.console.pages.lanes import NARROW, WIDE, Lane, Size, Span, draw
from services.directory.policy import RuleReason
from services.intake import policy
from services.livelihood_support import policy as supporting
from services.verification import policy as verifying
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
    assert set(by_law.CHECK_OUTCOMES) == set(policy.InitialCheckOutcome)
    assert set(by_law.NEED_OUTCOMES) == set(policy.NeedOutcome)
    assert set(immediate_needs.NEEDS) == set(policy.Need)


def test_a_person_is_reached_by_what_intake_knows() -> None:
    for offered, known in (
        (contact.WAYS, policy.ContactWay),
        (contact.DAYS, policy.Weekday),
        (contact.TEXTS, policy.PersonText),
        (contact.LANGUAGES, policy.PersonLanguage),
        (contact.RISKS, policy.RiskReason),
        (contact.RISK_ENDS, policy.RiskEnd),
        (contact.REACHED, policy.ReachedHow),
    ):
        assert set(offered) == {str(each) for each in known}


def test_a_stay_is_recorded_by_what_livelihood_support_knows() -> None:
    assert set(stays.NEEDS) == set(supporting.StayNeed)
    assert set(stays.KIT) == set(supporting.KitItem)
    assert set(stays.DESTINATIONS) == set(supporting.StayDestination)
    assert set(readiness.EQUIPMENT) == set(supporting.Equipment)
    assert set(stays.DONE) == set(supporting.STAY_MOVES)
    assert supporting.OPEN_STAYS == stays.OPEN_STATUSES


def test_a_handover_is_announced_and_met_by_what_intake_knows() -> None:
    assert set(advance_notices.ROUTES) == policy.ANNOUNCED
    assert set(advance_notices.CANCEL_REASONS) == set(policy.NoticeCancelReason)
    assert set(advance_notices.ABSENCE_REASONS) == set(policy.AbsenceReason)
    assert set(kept_apart.END_REASONS) == set(policy.ApartEnd)


def test_protection_is_asked_for_and_decided_by_what_verification_knows() -> None:
    assert set(protections.MEASURES) == set(verifying.ProtectionMeasure)
    assert set(protections.STATUSES) == set(verifying.ProtectionStatus)
    assert set(protections.DONE) == set(verifying.PROTECTION_MOVES)


def test_a_list_and_a_search_offer_every_choice_of_intake() -> None:
    assert set(cases.STATUSES) == set(policy.CaseStatus)
    assert set(find.FIELDS) == set(policy.IndexedField)
    assert set(find.PURPOSES) == set(policy.SearchPurpose)


def test_a_row_of_the_law_is_changed_for_what_the_directory_knows() -> None:
    assert set(rules.REASONS) == set(RuleReason)


def test_every_kind_of_event_has_words() -> None:
    assert set(story.SAYS) <= set(policy.EventKind)
    texts = of_service("intake")
    known = texts.vocabularies(TextLanguage.VIETNAMESE)
    assert all(vocabulary in known for told in story.SAYS.values() for _, vocabulary in told)


def line(minute: int) -> story.Line:
    at = datetime(2026, 3, 1, tzinfo=UTC) + timedelta(minutes=minute)
    return story.Line(at.isoformat(), str(minute), "", "", "plain")


@given(
    events=st.lists(st.integers(0, 500), min_size=1, max_size=30, unique=True),
    moves=st.lists(st.integers(501, 999) | st.integers(-99, 500), max_size=10, unique=True),
    size=st.integers(1, 7),
)
def test_pages_of_the_story_have_every_move_once_and_newest_first(
    events: list[int], moves: list[int], size: int
) -> None:
    told = [line(it) for it in sorted(events, reverse=True)]
    others = [line(it) for it in moves]
    shown, before = [], ""
    for first in range(0, len(told), size):
        page = told[first : first + size]
        is_last = first + size >= len(told)
        shown += story.merged(page, others, before=before, is_last=is_last)
        before = page[-1].at
    assert [it.at for it in shown] == sorted((it.at for it in shown), reverse=True)
    assert sorted(it.at for it in shown) == sorted(it.at for it in [*told, *others])


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
