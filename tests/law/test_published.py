"""The published calendar of Viet Nam: the package's own, read without those of other countries."""

import subprocess
import sys
from datetime import date, timedelta

import pytest
from holidays import country_holidays

from shared.law.calendar import SkipReason, WorkCalendar
from tests.architecture.source import ROOT

ASKING = """
import sys
from datetime import date
from shared.law.calendar import work_calendar
work_calendar().is_working(date(2026, 9, 2))
print(*sys.modules)
"""


@pytest.mark.parametrize("year", [2012, 2024, 2026, 2031])
def test_it_says_of_every_day_what_the_package_says(year: int) -> None:
    published = country_holidays("VN", years=year, language="vi")
    calendar = WorkCalendar()
    days = [date(year, 1, 1) + timedelta(days=number) for number in range(365)]
    for day in days:
        skipped = calendar.skipped(day)
        assert (skipped is None) == published.is_working_day(day)
        if skipped is not None and skipped.reason is SkipReason.PUBLIC_HOLIDAY:
            assert skipped.name == published[day]
    assert sum(day in published for day in days) >= 10


def test_the_calendar_of_no_other_country_is_loaded() -> None:
    asked = [sys.executable, "-c", ASKING]
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True)
    modules = set(done.stdout.split())
    assert "holidays" in modules
    assert not [name for name in modules if name.startswith("holidays.countries")]
