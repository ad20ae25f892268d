"""What was given to a person directly: recorded, listed, counted and corrected by a case owner."""

import re

import pytest
from playwright.sync_api import expect

from tests.pages.browsing import PC, PHONE, People, check
from tests.pages.referring import Asked
from tests.pages.test_support import part


@pytest.mark.parametrize("width", [PHONE, PC])
def test_what_was_given_is_recorded_shown_with_the_entitlement_and_corrected(
    people: People, asked: Asked, width: int
) -> None:
    page = people.page("case_owner", width=width)
    page.goto(f"/cases/{asked.case_id}/support")
    expect(page.get_by_text("Chưa ghi nhận khoản nào")).to_be_visible()
    page.get_by_role("link", name="Ghi nhận hỗ trợ đã trao").click()
    page.get_by_role("button", name="Ghi nhận").click()
    expect(page.get_by_role("alert").get_by_role("link")).to_have_count(4)
    people.said.clear()
    check(page)
    page.get_by_label("Chế độ hỗ trợ").select_option(label="Hỗ trợ nhu cầu thiết yếu")
    page.get_by_label("Số tiền").fill("1.200.000")
    page.get_by_label("Số ngày").fill("3")
    page.get_by_label("Ngày trao").fill("2/3/2026")
    page.get_by_label("Giấy biên nhận").check()
    page.get_by_label("Số giấy tờ").fill("15/BN-UBND")
    page.get_by_label("Ngày trên giấy tờ").fill("2/3/2026")
    page.get_by_role("button", name="Ghi nhận").click()
    expect(page.get_by_role("status")).to_have_text("Đã ghi nhận khoản hỗ trợ.")
    given = part(page, "Hỗ trợ đã trao trực tiếp")
    expect(
        given.get_by_text("Hỗ trợ nhu cầu thiết yếu: 1.200.000 ₫ · 3 ngày").first
    ).to_be_visible()
    expect(given.get_by_text("15/BN-UBND (02/03/2026)")).to_be_visible()
    granted = part(page, "Được hưởng")
    expect(granted.get_by_text("1 lần trao trực tiếp (1.200.000 ₫, 3 ngày)")).to_be_visible()
    check(page)
    given.get_by_role("link", name=re.compile("Đính chính")).click()
    page.get_by_label("Ghi trùng").check()
    check(page)
    page.get_by_role("button", name="Đính chính").click()
    expect(given.get_by_text("Đã đính chính (1)")).to_be_visible()
    expect(granted.get_by_text("trao trực tiếp")).to_have_count(0)
    check(page)
