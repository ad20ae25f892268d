"""A test organisation is opened, told something that never leaves, and what it was is read."""

import re
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.pages.browsing import PC, PHONE, Eventually, People, check

LOST = "+84000000006"
"""The gateway takes it, and reports that it did not arrive."""
HERE = "/deliveries/recordings"


def opened(page: Page, name: str, *, is_test: bool) -> None:
    """Have the administrator take an organisation in."""
    page.goto("/administration/new")
    page.get_by_label("Tên tiếng Việt").fill(name)
    page.get_by_label("Tên tiếng Anh").fill("A school to try")
    page.get_by_label("Mã", exact=True).fill(f"truong-{uuid4().hex[:8]}")
    page.get_by_label("Loại").select_option("vocational_school")
    if is_test:
        page.get_by_label("Chỉ dùng để thử").check()
        check(page)
    page.get_by_label("Vai trò").select_option("provider")
    page.get_by_label("Mã đơn vị hành chính").fill("31")
    page.get_by_role("button", name="Lưu").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()


def use_number(page: Page, number: str) -> None:
    page.get_by_label("Số điện thoại trực mới").fill(number)
    page.get_by_role("button", name="Dùng số này").click()


@pytest.mark.parametrize("width", [PHONE, PC])
def test_what_a_test_organisation_is_told_is_read_and_never_left(
    people: People, eventually: Eventually, width: int
) -> None:
    name = f"Trường thử {uuid4().hex[:6]}"
    page = people.page("administrator", width=width)
    opened(page, name, is_test=True)
    expect(page.locator("h1").get_by_text("Thử nghiệm")).to_be_visible()
    use_number(page, LOST)
    row = page.get_by_role("listitem").filter(has_text=LOST)
    expect(row).to_contain_text("Đang dùng")

    page = people.page("operator", width=width)
    page.goto("/deliveries")
    mine = page.get_by_role("listitem").filter(has_text=name)
    eventually(lambda: page.reload() is not None and mine.count() == 1)
    expect(mine.get_by_text("Thử nghiệm, tin chỉ được ghi lại")).to_be_visible()
    mine.get_by_role("button", name="Gửi thử").click()
    page.get_by_role("link", name="Tin đã ghi lại của lần gửi này").click()
    page.wait_for_load_state()
    reported = page.get_by_text("Mạng báo không tới máy")
    eventually(lambda: page.reload() is not None and reported.count() == 1)
    check(page)
    page.get_by_role("listitem").get_by_role("link", name=re.compile("Gửi thử")).click()
    expect(page.locator("pre")).to_have_text(re.compile("thử"))
    expect(page.get_by_text(name)).to_be_visible()
    check(page)
    page.get_by_role("link", name="Tin đã ghi lại").click()
    page.get_by_text("Địa chỉ mô phỏng").click()
    expect(page.get_by_text(LOST)).to_be_visible()
    check(page)


def test_a_live_organisation_is_told_that_a_simulated_number_is_not_for_it(people: People) -> None:
    page = people.page("administrator")
    opened(page, f"Trường thật {uuid4().hex[:6]}", is_test=False)
    expect(page.locator("h1").get_by_text("Thử nghiệm")).to_have_count(0)
    use_number(page, LOST)
    said = "Địa chỉ mô phỏng phải là một trong các địa chỉ nêu trong tài liệu"
    expect(page.get_by_role("alert")).to_contain_text(said)
    expect(page.get_by_label("Số điện thoại trực mới")).to_have_value(LOST)
    people.said.clear()


@pytest.mark.parametrize("width", [PHONE, PC])
def test_whose_organisation_is_no_test_has_nothing_to_see(people: People, width: int) -> None:
    page = people.page("manager", width=width)
    page.goto("/deliveries/own")
    page.get_by_role("link", name="Tin đã ghi lại").click()
    expect(page.get_by_text("Chưa có tin nào được ghi lại.")).to_be_visible()
    assert page.url.endswith(HERE)
    check(page)
