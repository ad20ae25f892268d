"""How a person may be reached is kept on one page without any number; a flag silences it."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from shared.kit.clock import local_date, utc_now
from tests.pages.browsing import PC, PHONE, People, check, find_duty, kept_in
from tests.pages.test_identity import REASON

Submitted = Callable[..., dict[str, Any]]
NUMBER, PHRASE = "+84987654320", "Chị gọi về đơn vải hư cấu"
TEXT = "Khi nào tiện, bạn gọi lại số bạn đã biết nhé"


def today_as_written() -> str:
    return f"{local_date(utc_now()):%d/%m/%Y}"


def record(page: Page, *, is_shared: bool = False) -> None:
    page.get_by_text("Ghi một số điện thoại và lời dặn").click()
    page.get_by_label("Số điện thoại", exact=True).fill("0987 654 320")
    page.get_by_label("Nhắn tin").check()
    if is_shared:
        page.get_by_label("Có người khác dùng chung máy này").check()
    page.get_by_label("Câu nói trước để người ấy nhận ra").fill(PHRASE)
    page.get_by_label("Người ấy xác nhận ngày nào?").fill(today_as_written())
    page.get_by_role("button", name="Ghi lại").click()
    expect(page.get_by_text("Đã ghi số điện thoại và lời dặn.")).to_be_visible()


@pytest.mark.parametrize("width", [PHONE, PC])
def test_a_number_is_recorded_and_shown_to_whoever_opens_who_it_is_alone(
    people: People, a_case: Submitted, width: int
) -> None:
    case = a_case(immediate_needs=[])
    page = people.page("case_owner", width=width)
    page.goto(f"/cases/{case['id']}/contact")
    expect(page.get_by_text("Chưa ghi số nào sau khi tiếp nhận.")).to_be_visible()
    check(page)
    record(page)
    expect(page.get_by_text("Số thứ 1", exact=True).first).to_be_visible()
    expect(page.get_by_text("Dùng được", exact=True)).to_be_visible()
    check(page)
    for secret in (NUMBER, NUMBER.removeprefix("+84"), PHRASE):
        assert secret not in page.content() + kept_in(page) + page.url
    page.goto(f"/cases/{case['id']}/identity")
    page.get_by_label(REASON).check()
    page.get_by_role("button", name="Mở danh tính").click()
    expect(page.get_by_text(NUMBER)).to_be_visible()
    expect(page.get_by_text(PHRASE)).to_be_visible()
    expect(page.get_by_text("Số thứ 1")).to_be_visible()
    check(page)


@pytest.mark.parametrize("width", [PHONE, PC])
def test_a_message_that_does_not_leave_is_reached_otherwise_by_whoever_asked(
    people: People, a_case: Submitted, width: int
) -> None:
    """This exchange has no gateway of SMS, so nothing leaves."""
    case = a_case(immediate_needs=[])
    page = people.page("case_owner", width=width)
    page.goto(f"/cases/{case['id']}/contact")
    record(page)
    page.get_by_text("Gửi một tin nhắn").click()
    page.get_by_label("Số thứ 1").check()
    page.get_by_role("radio", name=TEXT, exact=True).check()
    check(page)
    page.get_by_role("button", name="Yêu cầu gửi").click()
    expect(page.get_by_text("Đã yêu cầu gửi tin nhắn.")).to_be_visible()

    def is_told() -> None:
        page.reload()
        expect(page.get_by_text("Không gửi được")).to_be_visible(timeout=1000)

    expect_soon(is_told)
    check(page)
    duty = page.get_by_role("listitem").filter(has_text=case["code"])
    line = duty.get_by_role("link", name="Liên lạc với người ấy bằng cách khác")
    find_duty(page, line).click()
    expect(page).to_have_url(re.compile(f"/cases/{case['id']}/contact$"))
    page.get_by_role("button", name="Đã gặp trực tiếp").click()
    expect(page.get_by_text("Đã ghi cách liên lạc với người ấy.")).to_be_visible()
    expect(page.get_by_role("button", name="Đã gặp trực tiếp")).to_have_count(0)
    check(page)


def expect_soon(condition: Callable[[], None]) -> None:
    for _ in range(30):
        try:
            condition()
        except AssertionError:
            continue
        return
    condition()


@pytest.mark.parametrize("width", [PHONE, PC])
def test_a_flag_silences_and_is_lowered_with_a_reason(
    people: People, a_case: Submitted, width: int
) -> None:
    case = a_case(immediate_needs=[])
    agency = people.page("receiver", width=width)
    agency.goto(f"/cases/{case['id']}/contact")
    record(agency)
    agency.get_by_text("Bật cảnh báo rủi ro").first.click()
    agency.get_by_role("button", name="Bật cảnh báo rủi ro").click()
    expect(agency.get_by_role("alert")).to_be_visible()
    agency.get_by_text("Bật cảnh báo rủi ro").first.click()
    agency.get_by_label("Có người khác đọc điện thoại").check()
    agency.get_by_role("button", name="Bật cảnh báo rủi ro").click()
    expect(agency.get_by_text("Đã bật cảnh báo rủi ro.")).to_be_visible()
    expect(agency.get_by_text("Tạm ngừng vì rủi ro")).to_be_visible()
    expect(agency.get_by_text("Tin nhắn cho người ấy")).to_have_count(0)
    check(agency)
    page = people.page("case_owner", width=width)
    page.goto(f"/cases/{case['id']}/contact")
    expect(page.get_by_text("Gửi một tin nhắn")).to_have_count(0)
    page.get_by_text("Tắt cảnh báo rủi ro").first.click()
    page.get_by_label("Người ấy cho biết đã an toàn").check()
    page.get_by_role("button", name="Tắt cảnh báo rủi ro").click()
    expect(page.get_by_text("Đã tắt cảnh báo rủi ro.")).to_be_visible()
    page.get_by_role("button", name="Người ấy không cho dùng số này nữa").click()
    expect(page.get_by_text("Người ấy rút lại")).to_be_visible()
    check(page)
    people.said.clear()
