"""The school answers: the least it needs, nothing of another organisation, then who it is."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.pages.browsing import PC, PHONE, People, check, find_duty, kept_in
from tests.pages.referring import CLASS, Asked, Client, open_class

NAME = "Nguyễn Thị Ví Dụ"


def tells_nothing_more(page: Page, asked: Asked) -> None:
    """Neither the case nor the person: not in the page, its title or its address."""
    shown = page.content() + page.title() + page.url
    for secret in (asked.case_id, asked.code, asked.referral_id, NAME, "900000099"):
        assert secret not in shown
    assert "Cao đẳng Công nghiệp" not in shown, "who was asked before"


@pytest.mark.parametrize("width", [PHONE, PC])
def test_the_school_accepts_sees_who_it_is_and_completes(
    people: People, asked: Asked, width: int
) -> None:
    page = people.page("provider", width=width)
    page.goto("/offers")
    waiting = page.get_by_role("region", name="Cần trả lời")
    row = waiting.locator(f'a[href="/offers/{asked.offer_id}"]')
    expect(row).to_contain_text("Hỗ trợ học nghề")
    tells_nothing_more(page, asked)
    check(page)
    row.click()
    expect(page.get_by_text("Nữ · Từ đủ 18 tuổi trở lên")).to_be_visible()
    expect(page.get_by_role("button", name="Xem danh tính")).to_have_count(0)
    tells_nothing_more(page, asked)
    check(page)
    page.get_by_role("button", name="Đã xem, sẽ trả lời sau").click()
    expect(page.get_by_role("button", name="Đã xem, sẽ trả lời sau")).to_have_count(0)
    expect(page.get_by_text(re.compile(r"đến \d\d/\d\d/\d{4}"))).to_be_visible()
    page.get_by_role("button", name="Đồng ý tiếp nhận").click()
    expect(page.get_by_role("button", name="Bắt đầu hỗ trợ")).to_be_visible()
    tells_nothing_more(page, asked)
    check(page)
    _see_who_it_is(page, people)
    assert asked.case_id not in page.content()
    check(page)
    page.get_by_role("link", name="Đóng").click()
    page.get_by_role("button", name="Bắt đầu hỗ trợ").click()
    page.get_by_role("link", name="Tạm dừng").click()
    check(page)
    page.get_by_label("Thời gian không phù hợp").check()
    page.get_by_role("button", name="Gửi").click()
    page.get_by_role("button", name="Tiếp tục").click()
    page.get_by_label("Kết quả hỗ trợ").select_option(label="Đã hỗ trợ đầy đủ")
    page.get_by_role("button", name="Hoàn thành").click()
    expect(page.get_by_text("Đã hoàn thành").first).to_be_visible()
    expect(page.get_by_role("button", name="Xem danh tính")).to_have_count(0)


def _see_who_it_is(page: Page, people: People) -> None:
    """The acceptance may still be on its way to who keeps the names: then it is asked again."""
    for _ in range(20):
        page.get_by_role("button", name="Xem danh tính").click()
        page.wait_for_load_state()
        if page.get_by_role("heading", name="Danh tính").count():
            break
        page.get_by_role("link", name="Đề nghị tiếp nhận").click()
        page.wait_for_load_state()
        page.go_back()
    people.said.clear()
    expect(page.get_by_text(NAME)).to_be_visible()
    assert NAME not in page.title() + page.url + kept_in(page)


def test_the_school_refuses_with_a_reason_also_without_scripts(
    people: People, asked: Asked
) -> None:
    page = people.page("provider", width=PHONE, java_script_enabled=False)
    page.goto(f"/offers/{asked.offer_id}")
    page.get_by_role("button", name="Từ chối tiếp nhận").click()
    expect(page.get_by_role("alert")).to_be_visible()
    people.said.clear()
    page.get_by_label("Lý do từ chối").select_option(label="Hết chỗ")
    page.get_by_role("button", name="Từ chối tiếp nhận").click()
    expect(page.get_by_role("heading", name="Cần trả lời")).to_be_visible()
    expect(page.locator(f'a[href="/offers/{asked.offer_id}"]')).to_have_count(0)
    answer = page.goto(f"/offers/{asked.offer_id}")
    assert answer is not None
    assert answer.status == 404
    people.said.clear()


def test_whoever_is_second_in_the_same_school_sees_what_stands_now(
    people: People, asked: Asked
) -> None:
    first, second = people.page("provider"), people.page("provider")
    for page in (first, second):
        page.goto(f"/offers/{asked.offer_id}")
    first.get_by_role("button", name="Đồng ý tiếp nhận").click()
    expect(first.get_by_role("button", name="Bắt đầu hỗ trợ")).to_be_visible()
    second.get_by_label("Lý do từ chối").select_option(label="Hết chỗ")
    second.get_by_role("button", name="Từ chối tiếp nhận").click()
    expect(second.get_by_text("Có người đã thao tác trước")).to_be_visible()
    expect(second.get_by_text("Từ chối tiếp nhận · Hết chỗ")).to_be_visible()
    expect(second.get_by_text("Đã đồng ý tiếp nhận").first).to_be_visible()
    people.said.clear()


@pytest.mark.parametrize("width", [PHONE, PC])
def test_a_programme_is_said_to_be_still_right(people: People, width: int) -> None:
    page = people.page("provider", width=width)
    page.goto("/programmes")
    sewing = page.get_by_role("article", name="Lớp sơ cấp may công nghiệp")
    expect(sewing.get_by_text("chỗ").first).to_be_visible()
    expect(sewing.get_by_text("Đang được chuyển gửi")).to_be_visible()
    sewing.get_by_role("button", name="Vẫn đúng").click()
    expect(sewing.get_by_text("có giá trị đến hết ngày")).to_be_visible()
    check(page)


def test_two_programmes_may_have_one_name(classes: None, people: People, client_of: Client) -> None:
    """Each is a part of the page of its own, though they are called alike."""
    open_class(client_of, "partner", language="lo")
    page = people.page("provider")
    page.goto("/programmes")
    expect(page.get_by_role("article", name=CLASS)).to_have_count(2)
    check(page)


def test_a_case_owner_has_no_inbox_of_a_school(people: People) -> None:
    page = people.page("case_owner")
    page.goto("/account")
    expect(page.get_by_role("link", name="Tiếp nhận hỗ trợ")).to_have_count(0)


def test_an_offer_is_accepted_with_two_clicks_from_the_first_page(
    people: People, asked: Asked
) -> None:
    page = people.page("provider", width=PHONE)
    # Other tests have asked the same school, and their offers have waited for longer.
    find_duty(page, page.locator(f'.nc-duty a[href="/offers/{asked.offer_id}"]')).click()
    page.get_by_role("button", name="Đồng ý tiếp nhận").click()
    expect(page.get_by_role("button", name="Bắt đầu hỗ trợ")).to_be_visible()
