"""Verification: the next one, its moves, who was faster, and why a day is the last one."""

import re
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.pages.browsing import PC, PHONE, People, check
from tests.pages.verifying import Opened

NAME = "Nguyễn Thị Ví Dụ"
"""Of the person in the example; on no page here."""


def open_in_list(page: Page, case: dict[str, Any]) -> None:
    """From wherever one is, in two clicks; there may be more of them than one page shows."""
    page.get_by_role("link", name="Xác minh", exact=True).click()
    row = page.get_by_role("link", name=case["code"])
    page.wait_for_load_state()
    while row.count() == 0:
        page.get_by_role("link", name="Tiếp theo").click()
        page.wait_for_load_state()
    row.click()


def moves(page: Page) -> list[str]:
    card = page.get_by_role("region", name="Việc tiếp theo")
    return [it.strip() for it in card.locator(".nc-moves .govuk-button").all_inner_texts()]


@pytest.mark.parametrize("width", [PHONE, PC])
def test_the_next_case_is_two_clicks_away_extending_three_and_deciding_four(
    people: People, opened: Opened, width: int
) -> None:
    case = opened()
    page = people.page("verifier", width=width)
    page.goto("/account")
    page.get_by_role("link", name="Xác minh", exact=True).click()
    page.get_by_role("link", name="Mở việc gấp nhất").click()
    expect(page.get_by_role("heading", name="Việc tiếp theo")).to_be_visible()

    open_in_list(page, case)
    expect(page.get_by_role("heading", level=1)).to_contain_text(case["code"])
    assert moves(page) == ["Bắt đầu xác minh"]
    check(page)
    page.get_by_role("button", name="Bắt đầu xác minh").click()
    expect(page.get_by_text("Đã ghi: Bắt đầu.")).to_be_visible()
    assert moves(page) == ["Tạm dừng", "Gia hạn", "Kết luận"]

    page.get_by_role("link", name="Gia hạn").click()
    page.get_by_label("Trường hợp phức tạp").check()
    page.get_by_role("button", name="Gia hạn").click()
    expect(page.get_by_text("Đã ghi: Gia hạn.")).to_be_visible()
    assert moves(page) == ["Tạm dừng", "Kết luận"]

    page.get_by_role("link", name="Kết luận").click()
    check(page)
    page.get_by_label("Không đủ căn cứ: Chứng cứ chưa đủ").check()
    page.get_by_label("Cơ quan giải cứu").check()
    page.get_by_label("Số văn bản").fill("15/KL-CATP")
    page.get_by_role("button", name="Kết luận").click()
    expect(page.get_by_role("heading", name="Kết luận và căn cứ")).to_be_visible()
    expect(page.get_by_text("Người được hỗ trợ có thể khiếu nại")).to_be_visible()
    assert moves(page) == ["Mở lại", "Ghi khiếu nại"]
    check(page)
    assert NAME not in page.content()


def test_it_is_decided_without_scripts_and_what_is_missing_is_said(
    people: People, opened: Opened
) -> None:
    page = people.page("verifier", java_script_enabled=False)
    case = opened()
    open_in_list_without_scripts(page, case)
    page.get_by_role("button", name="Bắt đầu xác minh").click()
    page.get_by_role("link", name="Kết luận").click()
    page.get_by_label("Cơ quan giải cứu").check()
    page.get_by_role("button", name="Kết luận").click()
    said = page.get_by_role("alert").get_by_role("link")
    assert said.get_attribute("href") == "#outcome"
    expect(page.get_by_label("Cơ quan giải cứu")).to_be_checked()
    page.get_by_label("Số văn bản").fill("Nguyễn Văn A")
    page.get_by_label("Được xác định là nạn nhân").check()
    page.get_by_role("button", name="Kết luận").click()
    expect(page.get_by_role("alert").get_by_role("link")).to_have_attribute("href", "#evidence_ref")
    page.get_by_label("Số văn bản").fill("12/KL-CATP")
    page.get_by_role("button", name="Kết luận").click()
    expect(page.get_by_text("Được xác định là nạn nhân").first).to_be_visible()
    assert page.get_by_text("Lúc này bạn không phải làm gì").count() == 1
    people.said.clear()


def open_in_list_without_scripts(page: Page, case: dict[str, Any]) -> None:
    page.goto(f"/verifications/{case['verification']['id']}")


def test_whoever_comes_too_late_is_shown_what_stood_and_what_stands(
    people: People, opened: Opened
) -> None:
    case = opened()
    here = f"/verifications/{case['verification']['id']}"
    first, second = people.page("verifier"), people.page("verifier", width=PHONE)
    first.goto(here)
    first.get_by_role("button", name="Bắt đầu xác minh").click()
    first.wait_for_load_state()
    first.goto(f"{here}/conclude")
    first.get_by_label("Không đủ căn cứ: Chứng cứ chưa đủ").check()
    first.get_by_label("Cơ quan giải cứu").check()
    second.goto(f"{here}/extend")
    second.get_by_label("Trường hợp phức tạp").check()
    second.get_by_role("button", name="Gia hạn").click()
    first.get_by_role("button", name="Kết luận").click()

    alert = first.get_by_role("alert")
    expect(alert).to_contain_text("Có người vừa xử lý việc này trước bạn")
    expect(alert.get_by_role("region", name="Khi bạn mở")).to_contain_text("Đang xác minh")
    expect(alert.get_by_role("region", name="Bây giờ")).to_contain_text("Đã gia hạn")
    expect(alert.get_by_role("region", name="Bây giờ")).to_contain_text("Trường hợp phức tạp")
    expect(first.get_by_label("Không đủ căn cứ: Chứng cứ chưa đủ")).to_be_checked()
    check(first)
    second.goto(f"{here}/pause")
    second.get_by_label("Chờ người phiên dịch").check()
    second.get_by_role("button", name="Tạm dừng").click()
    expect(second.get_by_text("Đã ghi: Tạm dừng.")).to_be_visible()
    first.get_by_role("button", name="Kết luận").click()
    expect(first.get_by_text("Lúc này không làm được việc này.")).to_be_visible()
    first.get_by_role("link", name="Tiếp tục xác minh").click()
    first.get_by_role("button", name="Tiếp tục xác minh").click()
    expect(first.get_by_text("Đã ghi: Tiếp tục.")).to_be_visible()
    people.said.clear()


def test_a_case_owner_gives_it_to_an_authority_and_decides_nothing(
    people: People, opened: Opened
) -> None:
    case = opened()
    page = people.page("case_owner")
    page.goto(f"/verifications/{case['verification']['id']}")
    assert moves(page) == ["Giao cơ quan xác minh"]
    page.get_by_role("link", name="Giao cơ quan xác minh").click()
    check(page)
    page.get_by_role("button", name="Giao cơ quan xác minh").click()
    expect(page.get_by_role("alert").get_by_role("link")).to_have_attribute(
        "href", "#organisation_id"
    )
    page.get_by_label("Cơ quan xác minh").select_option(label="Công an thành phố Hải Phòng")
    page.get_by_role("button", name="Giao cơ quan xác minh").click()
    expect(page.get_by_text("Đã ghi: Giao xác minh.")).to_be_visible()
    page.goto(f"/verifications/{case['verification']['id']}/conclude")
    expect(page.get_by_text("Lúc này không làm được việc này.")).to_be_visible()
    page.goto(f"/verifications/{case['verification']['id']}/forget")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Không có")
    people.said.clear()


def test_why_a_day_is_the_last_one_is_counted_before_everybody(
    people: People, opened: Opened
) -> None:
    """Under the law of 2011, of which a period is known."""
    received = datetime(2025, 6, 30, 5, tzinfo=UTC).isoformat()
    case = opened(on="2025-06-30", received_at=received, late_reason="paper_record")
    verification = case["verification"]
    page = people.page("verifier", width=PHONE)
    page.goto("/verifications")
    page.get_by_role("listitem").filter(has_text=case["code"]).get_by_role(
        "link", name="Vì sao?"
    ).click()
    expect(page.get_by_role("heading", name="Vì sao có hạn này")).to_be_visible()
    last = datetime.fromisoformat(verification["due_on"]).strftime("%d/%m/%Y")
    expect(page.get_by_role("heading", name=f"Thời hạn xác minh: {last}")).to_be_visible()
    assert verification["due_rule"]["legal_ref"] == "Joint Circular 01/2014"
    expect(page.get_by_text("Thông tư liên tịch 01/2014")).to_be_visible()
    expect(page.get_by_text("Ghi theo trí nhớ, người am hiểu pháp luật")).to_be_visible()
    days = page.locator(".nc-days li").all_inner_texts()
    assert len(days) == len(verification["due_why"]["skipped"])
    check(page)


def test_the_same_page_explains_the_date_of_any_duty(people: People, opened: Opened) -> None:
    case = opened()
    page = people.page("case_owner")
    page.goto(f"/why/verification/{case['verification']['id']}")
    expect(page.get_by_text("Pháp luật chưa đặt thời hạn bằng con số")).to_be_visible()
    expect(page.get_by_text("chưa tìm được văn bản")).to_be_visible()
    expect(page.get_by_text("Cần tra trong Nghị định 162/2025.")).to_be_visible()
    assert "looked up" not in page.content()
    for path in (f"/why/intake/{uuid4()}", f"/why/verification/{uuid4()}"):
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_contain_text("Không có")
    people.said.clear()


def test_lists_are_narrowed_and_say_so_when_nothing_fits(people: People, opened: Opened) -> None:
    case = opened()
    page = people.page("verifier", width=PHONE)
    page.goto("/verifications?show=assigned")
    chip = page.get_by_role("link", name="Chờ bắt đầu")
    assert chip.get_attribute("aria-current") == "true"
    assert re.search(case["code"], page.content())
    assert NAME not in page.content()
    page.goto("/verifications?show=opened")
    expect(page.get_by_text("Không có mục nào phù hợp.")).to_be_visible()
    check(page)
    page.get_by_role("link", name="Bỏ lọc").click()
    expect(page.get_by_role("link", name=case["code"])).to_be_visible()
