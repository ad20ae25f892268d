"""Protection: whoever verifies asks for it in their case, and whoever may not ask has no page."""

import pytest
from playwright.sync_api import expect

from tests.pages.browsing import PC, PHONE, People, check
from tests.pages.verifying import Opened


@pytest.mark.parametrize("width", [PHONE, PC])
def test_whoever_verifies_asks_that_somebody_be_protected_and_reads_what_became_of_it(
    people: People, opened: Opened, width: int
) -> None:
    case = opened()
    page = people.page("verifier", width=width)
    page.goto(f"/cases/{case['id']}/identity")
    page.get_by_role("link", name="Bảo vệ", exact=True).click()
    expect(page.get_by_text("không có đề nghị bảo vệ nào")).to_be_visible()
    check(page)
    page.get_by_label("Bố trí nơi tạm lánh an toàn").check()
    page.get_by_role("button", name="Đề nghị bảo vệ").click()
    asked = page.get_by_role("region", name="Bảo vệ người được hỗ trợ")
    expect(asked.get_by_role("listitem")).to_contain_text("Bố trí nơi tạm lánh an toàn")
    expect(page.get_by_role("button", name="Đề nghị bảo vệ")).to_have_count(0)
    check(page)


def test_whoever_may_not_ask_has_neither_the_tab_nor_the_page(
    people: People, opened: Opened
) -> None:
    case = opened()
    page = people.page("facility")
    page.goto(f"/cases/{case['id']}/identity")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_role("link", name="Bảo vệ", exact=True)).to_have_count(0)
    for role in ("facility", "provider"):
        answer = people.page(role).goto(f"/cases/{case['id']}/protection")
        assert answer is not None
        assert answer.status == 403
    people.said.clear()
