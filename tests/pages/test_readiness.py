"""What a facility has ready on the pages: told by one, attested by another, read by case owners."""

from datetime import date

import pytest
from playwright.sync_api import expect

from shared.kit.clock import local_date, utc_now
from tests.pages.browsing import PC, PHONE, People, check


@pytest.fixture
def today() -> date:
    return local_date(utc_now())


@pytest.mark.parametrize("width", [PHONE, PC])
def test_a_facility_tells_what_it_has_and_an_owner_sees_what_is_lacking(
    people: People, today: date, width: int
) -> None:
    page = people.page("facility", width=width)
    page.goto("/readiness")
    check(page)
    page.get_by_label("Áp dụng từ ngày").fill(f"{today:%d/%m/%Y}")
    page.get_by_label("Số phòng ở").fill("8")
    page.get_by_label("Số người có thể lưu trú").fill("20")
    page.get_by_label("Số người làm việc trực tiếp").fill("sáu")
    page.get_by_label("Ngôn ngữ có người phiên dịch").fill("km, lo")
    page.get_by_label("bếp ăn").check()
    page.get_by_role("button", name="Lưu bản khai").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("Số phòng ở")).to_have_value("8")
    check(page)
    page.get_by_label("Số người làm việc trực tiếp").fill("6")
    page.get_by_role("button", name="Lưu bản khai").click()
    expect(page.get_by_role("status")).to_have_text("Đã ghi bản khai điều kiện sẵn sàng.")
    expect(page.get_by_text("8 phòng, 20 chỗ, 6 người làm việc")).to_be_visible()
    check(page)
    page.get_by_role("button", name="Xác nhận bản khai đúng thực tế").click()
    expect(page.get_by_role("alert")).to_be_visible()
    check(page)
    owner = people.page("case_owner", width=width)
    owner.goto("/")
    owner.get_by_role("link", name="Sẵn sàng", exact=True).click()
    expect(owner.get_by_text("20 chỗ")).to_be_visible()
    expect(owner.get_by_text("chưa được người khác trong cơ sở xác nhận")).to_be_visible()
    expect(owner.get_by_role("button", name="Lưu bản khai")).to_have_count(0)
    check(owner)
    people.said.clear()


def test_whoever_serves_or_receives_does_not_see_it(people: People) -> None:
    for role in ("provider", "receiver"):
        page = people.page(role)
        page.goto("/")
        expect(page.get_by_role("link", name="Sẵn sàng", exact=True)).to_have_count(0)
        answer = page.goto("/readiness")
        assert answer is not None
        assert answer.status == 403
        people.said.clear()
