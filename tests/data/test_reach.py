"""The units inside some areas, all at once, are those that are found inside one by one."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.places import MERGED_ON, lives
from shared.places.pieces import is_covered
from shared.places.reach import reach_of

CODES = sorted(lives())
AREAS = st.frozensets(st.sampled_from([*CODES, "11447"]), min_size=1, max_size=5)
DAYS = st.dates(date(2020, 1, 1), date(2030, 1, 1))


@given(areas=AREAS, on=DAYS.filter(lambda day: day >= MERGED_ON), told_on=DAYS)
def test_all_at_once_says_what_is_said_one_by_one(
    areas: frozenset[str], on: date, told_on: date
) -> None:
    reach = reach_of(areas, on)
    if reach.is_everywhere:
        assert areas & {"31", "VN"}
        return
    codes = reach.before if told_on < MERGED_ON else reach.since
    assert codes == {code for code in areas | set(CODES) if is_covered(code, told_on, areas, on)}


def test_whoever_holds_the_city_holds_what_nobody_else_does() -> None:
    assert reach_of(frozenset({"31"}), MERGED_ON).is_everywhere
    assert not reach_of(frozenset({"30"}), MERGED_ON - timedelta(days=1)).is_everywhere
