"""What runs and what is late: seen by whoever owns the case, also where another has to act."""

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Page, expect

from deploy.stack.installation import Installation
from shared.kit.clock import local_date, start_of_day, utc_now
from tests.pages.browsing import PC, PHONE, People, check
from tests.pages.test_home import _until

LATE = "Đã quá hạn theo quy định"
TO_DO = re.compile("(Gọi|Hỏi) cơ quan xác minh")
"""Before the relay has looked it is said; after it the owner has a duty, which is linked."""
OTHERS = "Thời hạn do nơi khác thực hiện"
NAME = "Nguyễn"
PAPERS = [
    {
        "type": "DECLARATION",
        "number": "01/TK-UBND",
        "issuer": "Ủy ban nhân dân xã Kiến Thụy",
        "issued_on": "2026-03-02",
    }
]
ENDS = "UPDATE clocks SET due_at = %s, next_at = '2999-01-01' WHERE case_id = %s"
"""The sweep counts anew what it sees to, and the law of today knows no period."""
IS_LATE = """
    UPDATE clocks SET due_at = %s, next_at = NULL, breached_at = now(), level = 'department',
           level_since = now() WHERE case_id = %s
"""

AS_BY_LAW = """
    UPDATE clocks SET due_at = NULL, next_at = NULL, breached_at = NULL, level = NULL,
           level_since = NULL WHERE case_id = %s
"""


@pytest.fixture
def waiting(
    a_case: Callable[..., dict[str, Any]], people: People, installation: Installation
) -> Iterator[dict[str, Any]]:
    """A case that no decision has closed yet; afterwards its clock has no day, as by law."""
    made = a_case(papers=PAPERS, immediate_needs=[])
    page = people.page("verifier")
    _until(page, lambda: made["code"] in page.content())
    yield made
    with psycopg.connect(installation.database("verification")) as connection:
        connection.execute(AS_BY_LAW, (made["id"],))


def end(installation: Installation, how: str, case_id: str, last_day: date) -> None:
    with psycopg.connect(installation.database("verification")) as connection:
        due_at = start_of_day(last_day + timedelta(days=1))
        assert connection.execute(how, (due_at, case_id)).rowcount == 1


@pytest.mark.parametrize("width", [PHONE, PC])
def test_what_is_late_stands_above_the_list_and_above_the_case_and_says_what_to_do(
    people: People, waiting: dict[str, Any], installation: Installation, width: int
) -> None:
    today = local_date(utc_now())
    end(installation, IS_LATE, waiting["id"], today - timedelta(days=5))
    page = people.page("case_owner", width=width)
    for path in ("/", f"/cases/{waiting['id']}"):
        page.goto(path)
        panel = page.get_by_role("region", name=LATE)
        mine = panel.get_by_role("listitem").filter(has_text=waiting["code"])
        expect(mine).to_contain_text("Quá hạn")
        expect(mine).to_contain_text("Chưa cơ quan nào chịu trách nhiệm")
        expect(mine).to_contain_text(TO_DO)
        assert NAME not in panel.inner_text()
        check(page)
    expect(page.locator(".nc-clocks__late")).to_have_count(1)
    mine.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(waiting["code"])


def test_a_period_that_an_authority_keeps_is_in_its_owners_strip_and_explains_itself(
    people: People, waiting: dict[str, Any], installation: Installation
) -> None:
    soon = local_date(utc_now()) + timedelta(days=2)
    end(installation, ENDS, waiting["id"], soon)
    page = people.page("case_owner")
    page.goto("/")
    _day(page, soon).click()
    page.wait_for_load_state()
    others = page.get_by_role("region", name=OTHERS)
    mine = others.get_by_role("listitem").filter(has_text=waiting["code"])
    expect(mine).to_contain_text("Cơ quan xác minh")
    check(page)
    mine.get_by_role("link", name=re.compile("^vì sao", re.IGNORECASE)).click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.goto(f"/cases/{waiting['id']}")
    runs = page.get_by_role("region", name="Thời hạn đang chạy")
    expect(runs).to_contain_text(f"{soon:%d/%m/%Y}")
    assert not page.get_by_role("region", name=LATE).count()


def _day(page: Page, day: date) -> Any:
    said = rf"{day:%d.%m.%Y}: \d+ việc đến hạn, \d+ thời hạn do nơi khác thực hiện"
    return page.get_by_role("link", name=re.compile(said))
