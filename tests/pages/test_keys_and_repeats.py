"""Daily pages with the keyboard alone; forms that are sent twice, again, or after going back."""

import re
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from deploy.stack.installation import Installation
from tests.pages.browsing import PC, PHONE, People
from tests.pages.operating import QUEUE, park, rows
from tests.pages.referring import Asked
from tests.pages.verifying import Opened

pytestmark = pytest.mark.thorough

FARTHEST = 120
"""Steps with the Tab key after which somebody would have given up."""


def reach(page: Page, name: str) -> None:
    """Go on with the Tab key until something of this name has the focus."""
    for _ in range(FARTHEST):
        page.keyboard.press("Tab")
        words = page.evaluate(
            "() => { const it = document.activeElement; if (it === document.body) return '';"
            " const labels = [...(it.labels ?? [])].map(l => l.textContent);"
            " return [it.textContent, ...labels].join(' ') }"
        )
        if name in " ".join(words.split()):
            return
    raise AssertionError(f"nobody reaches {name!r} with the keyboard")


def press(page: Page, name: str, key: str = "Enter") -> None:
    reach(page, name)
    page.keyboard.press(key)


def test_a_verifier_decides_without_a_mouse(people: People, opened: Opened) -> None:
    case = opened()
    page = people.page("verifier")
    page.goto(f"/verifications/{case['verification']['id']}")
    press(page, "Bắt đầu xác minh")
    expect(page.get_by_text("Đã ghi: Bắt đầu.")).to_be_visible()
    press(page, "Kết luận")
    expect(page.get_by_label("Cơ quan giải cứu")).to_be_visible()
    press(page, "Được xác định là nạn nhân", "Space")
    press(page, "Cơ quan giải cứu", "Space")
    reach(page, "Số văn bản")
    page.keyboard.type("15/KL-CATP")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Kết luận và căn cứ")).to_be_visible()


def test_a_school_accepts_without_a_mouse(people: People, asked: Asked) -> None:
    page = people.page("provider", width=PHONE)
    page.goto(f"/offers/{asked.offer_id}")
    press(page, "Đồng ý tiếp nhận")
    expect(page.get_by_role("button", name="Bắt đầu hỗ trợ")).to_be_visible()


def test_a_manager_gives_an_account_without_a_mouse(people: People) -> None:
    page = people.page("manager")
    page.goto("/staff")
    press(page, "Thêm tài khoản")
    expect(page.get_by_label("Họ và tên")).to_be_visible()
    reach(page, "Họ và tên")
    page.keyboard.type("Chim Gõ Kiến")
    reach(page, "Tên đăng nhập")
    page.keyboard.type(f"go-kien.{uuid4().hex[:6]}")
    reach(page, "Vai trò")
    page.keyboard.press("ArrowDown")
    press(page, "Tạo tài khoản")
    expect(page.get_by_role("heading", name="Chim Gõ Kiến")).to_be_visible()


def test_what_is_wrong_has_the_focus_and_leads_to_its_field(people: People) -> None:
    page = people.page("administrator")
    page.goto("/administration/new")
    page.get_by_label("Tên tiếng Việt").fill("Trường thử bàn phím")
    page.get_by_label("Mã", exact=True).fill("Sai Mã")
    page.get_by_role("button", name="Lưu").click()
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    expect(page).to_have_title(re.compile("^Lỗi:"))
    page.keyboard.press("Tab")
    wrong = page.evaluate("document.activeElement.getAttribute('href')")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == wrong.removeprefix("#")
    expect(page.get_by_label("Tên tiếng Việt")).to_have_value("Trường thử bàn phím")
    people.said.clear()


@pytest.mark.parametrize("width", [PHONE, PC])
def test_an_offer_that_is_accepted_twice_at_once_is_accepted_once(
    people: People, asked: Asked, width: int, installation: Installation
) -> None:
    page = people.page("provider", width=width)
    page.goto(f"/offers/{asked.offer_id}")
    page.get_by_role("button", name="Đồng ý tiếp nhận").dblclick(no_wait_after=True)
    expect(page.get_by_role("button", name="Bắt đầu hỗ trợ")).to_be_visible()
    query = "SELECT count(*) FROM referral_moves WHERE offer_id = %s AND to_status = 'accepted'"
    assert rows(installation, "livelihood_support", query, asked.offer_id) == [(1,)]


def test_whoever_goes_back_to_a_decision_and_sends_it_again_is_told_what_stands(
    people: People, opened: Opened
) -> None:
    case = opened()
    page = people.page("verifier", java_script_enabled=False)
    page.goto(f"/verifications/{case['verification']['id']}")
    page.get_by_role("button", name="Bắt đầu xác minh").click()
    page.get_by_role("link", name="Gia hạn").click()
    page.get_by_label("Trường hợp phức tạp").check()
    page.get_by_role("button", name="Gia hạn").click()
    expect(page.get_by_text("Đã ghi: Gia hạn.")).to_be_visible()
    page.go_back()
    reason = page.get_by_label("Trường hợp phức tạp")
    if reason.count():
        reason.check()
        page.get_by_role("button", name="Gia hạn").click()
    expect(page.get_by_text(re.compile("Lúc này không làm được|Đã ghi: Gia hạn"))).to_be_visible()
    page.goto(f"/verifications/{case['verification']['id']}")
    assert page.locator(".nc-past li").filter(has_text="Gia hạn").count() == 1
    people.said.clear()


def test_a_slip_that_is_loaded_again_is_the_same_slip(people: People) -> None:
    page = people.page("manager", java_script_enabled=False)
    page.goto("/staff/new")
    page.get_by_label("Họ và tên").fill("Chim Sáo")
    page.get_by_label("Tên đăng nhập").fill(f"sao.{uuid4().hex[:6]}")
    page.get_by_label("Vai trò").select_option(index=1)
    page.get_by_role("button", name="Tạo tài khoản").click()
    page.get_by_role("button", name="In phiếu").click()
    code = page.locator(".nc-slip__code").inner_text()
    page.reload()
    assert page.locator(".nc-slip__code").inner_text() == code


def test_parked_messages_that_are_replayed_twice_at_once_are_replayed_once(
    people: People, installation: Installation
) -> None:
    park(installation)
    page = people.page("operator")
    page.goto("/operations/parked/verification")
    asked = page.locator("label[for=count]").inner_text()
    page.get_by_label("Gõ số").fill("".join(filter(str.isdigit, asked)))
    before = replays(installation)
    page.get_by_role("button", name="Chạy lại").dblclick(no_wait_after=True)
    expect(page.get_by_role("heading", name="Lần chạy lại: Xác minh")).to_be_visible()
    assert replays(installation) == before + 1


def replays(installation: Installation) -> Any:
    query = "SELECT count(DISTINCT replay_id) FROM parked_messages"
    ((count,),) = rows(installation, QUEUE, query)
    return count
