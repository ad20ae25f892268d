"""The targets of the city's plan: met, or each case that is an exception, and whose turn it is."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from deploy.stack.installation import Installation
from shared.kit.clock import utc_now
from tests.pages.browsing import PC, PHONE, Eventually, People, check
from tests.pages.operating import rows

Submitted = Callable[..., dict[str, Any]]
DECLARED = {
    "type": "DECLARATION",
    "number": "01/TK-UBND",
    "issuer": "Ủy ban nhân dân xã Kiến Thụy",
    "issued_on": "2026-03-02",
}
"""A paper that proves nothing, so that the case is decided by people."""
ASKED = "SELECT status, received_at, registered_at FROM cases WHERE id = %s"
LOST = "UPDATE cases SET status = 'received', received_at = %s, registered_at = %s"
FOUND = "UPDATE cases SET status = %s, received_at = %s, registered_at = %s WHERE id = %s"


@pytest.fixture
def case(
    a_case: Submitted, installation: Installation, eventually: Eventually
) -> Iterator[dict[str, Any]]:
    """A case in verification, which is as it was before when the test is over."""
    made = a_case(papers=[DECLARED], immediate_needs=[])

    def is_opened() -> bool:
        return bool(rows(installation, "intake", ASKED, made["id"])[0][0] == "in_verification")

    eventually(is_opened)
    (before,) = rows(installation, "intake", ASKED, made["id"])
    yield made
    rows(installation, "intake", FOUND, *before, made["id"])


@pytest.mark.parametrize("width", [PHONE, PC])
@pytest.mark.parametrize("role", ["case_owner", "auditor"])
def test_a_case_that_nobody_verifies_stands_there_with_whoever_must_act(
    people: People, case: dict[str, Any], installation: Installation, width: int, role: str
) -> None:
    page = people.page(role, width=width)
    page.goto("/targets")
    expect(page.get_by_text("Đạt", exact=True)).to_be_visible()
    expect(page.get_by_text(case["code"])).to_have_count(0)
    an_hour_ago = utc_now() - timedelta(hours=1)
    rows(installation, "intake", f"{LOST} WHERE id = %s", an_hour_ago, an_hour_ago, case["id"])
    page.reload()
    expect(page.get_by_text("Chưa đạt")).to_be_visible()
    row = page.get_by_role("listitem").filter(has_text=case["code"])
    expect(row).to_contain_text("Mở việc xác minh")
    check(page)
    if role == "case_owner":
        row.get_by_role("link", name=case["code"]).click()
        expect(page.get_by_role("heading", name=case["code"])).to_be_visible()
    people.said.clear()


def test_whoever_neither_owns_cases_nor_audits_has_no_such_page(people: People) -> None:
    page = people.page("receiver")
    answer = page.goto("/targets")
    assert answer is not None
    assert answer.status == 403
    people.said.clear()
