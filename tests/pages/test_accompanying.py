"""A child who came along, on the pages: each case and the receipt lead to the other."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.pages.browsing import PC, PHONE, People, check

Submitted = Callable[..., dict[str, Any]]
CHILD = {"full_name": "Bé Thử Một", "birth_year": 2018, "sex": "female"}


@pytest.mark.parametrize("width", [PHONE, PC])
def test_each_case_and_the_receipt_name_the_other(
    people: People, a_case: Submitted, width: int
) -> None:
    adult = a_case(accompanying_minors=[CHILD])
    (child,) = adult["accompanying"]
    page = people.page("case_owner", width=width)
    page.goto(f"/cases/{adult['id']}")
    expect(page.get_by_text("Người dưới 18 tuổi đi cùng")).to_be_visible()
    check(page)
    page.get_by_role("link", name=child["code"]).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(child["code"])
    expect(page.get_by_text("Đi cùng", exact=True)).to_be_visible()
    check(page)
    page.get_by_role("link", name=adult["code"]).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(adult["code"])
    receiver = people.page("receiver", width=width)
    receiver.goto(f"/reception/sent/{adult['id']}")
    expect(receiver.get_by_text(child["code"])).to_be_visible()
    check(receiver)
