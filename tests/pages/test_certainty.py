"""The certainty board: questions for a lawyer, and the open cases that wait for the answer."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.pages.browsing import PC, PHONE, People, check
from tests.pages.referring import Asked

QUESTION = "Luật 53/2024/QH15 hoặc Nghị định 162/2025/NĐ-CP quy định thời hạn xác minh"


@pytest.mark.parametrize("width", [PHONE, PC])
def test_a_case_owner_goes_from_a_question_to_the_cases_that_wait_for_it(
    people: People, asked: Asked, width: int
) -> None:
    page = people.page("case_owner", width=width)
    page.goto("/account")
    page.get_by_role("link", name="Vấn đề pháp lý").click()
    pressing = page.get_by_role("region", name="Đang có trường hợp phải dựa vào")
    row = pressing.get_by_role("listitem").filter(has_text="còn điều kiện hộ nghèo")
    expect(row).to_contain_text("Mức độ chắc chắn của một chế độ: Trợ cấp khó khăn ban đầu")
    check(page)
    row.get_by_role("link").click()
    page.wait_for_load_state()
    case = page.get_by_role("link", name=asked.code)
    while case.count() == 0:
        page.get_by_role("link", name="Tiếp theo").click()
        page.wait_for_load_state()
    expect(page.get_by_text("còn điều kiện hộ nghèo")).to_be_visible()
    check(page)


def test_it_prints_as_questions_with_nothing_to_press(
    people: People, a_case: Callable[..., dict[str, Any]]
) -> None:
    a_case()
    page = people.page("auditor")
    page.goto("/certainty")
    expect(page.get_by_text(QUESTION).first).to_be_visible()
    page.emulate_media(media="print")
    for what in ("button", "nav", "header"):
        assert not [it for it in page.locator(what).all() if it.is_visible()]
    expect(page.get_by_text(QUESTION).first).to_be_visible()
    expect(page.locator(".nc-printed")).to_be_visible()


def test_an_administrator_reads_how_many_cases_and_not_which(people: People, asked: Asked) -> None:
    page = people.page("administrator")
    page.goto("/certainty")
    expect(page.get_by_text("trường hợp đang mở").first).to_be_visible()
    assert page.locator("main a[href^='/certainty/cases']").count() == 0
    check(page)


def test_whoever_decides_nothing_by_it_is_led_to_no_board(people: People) -> None:
    page = people.page("provider")
    page.goto("/account")
    expect(page.get_by_role("link", name="Vấn đề pháp lý")).to_have_count(0)
