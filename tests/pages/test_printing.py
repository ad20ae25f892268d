"""On paper stands what was said and done, who printed it and when; nothing to press; a warning."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from shared.kit.clock import local_date, utc_now
from tests.pages.browsing import PC, People
from tests.pages.referring import Asked

pytestmark = pytest.mark.thorough

MEMBER = "Cán bộ"
"""What the sandbox calls the people of its organisations."""


@contextmanager
def on_paper(page: Page) -> Iterator[None]:
    page.emulate_media(media="print")
    yield
    page.emulate_media(media="screen")


def shows_nothing_to_press(page: Page) -> None:
    for what in ("button", "input", "select", "nav", "header"):
        shown = [it for it in page.locator(what).all() if it.is_visible()]
        assert not shown, f"{page.url} prints {what}"


@pytest.mark.parametrize("part", ["", "/consents", "/support", "/referrals", "/assignments"])
def test_each_page_of_a_case_is_printed_with_who_and_when_and_a_warning(
    people: People, asked: Asked, part: str
) -> None:
    page = people.page("case_owner")
    page.goto(f"/cases/{asked.case_id}{part}")
    printed = page.locator(".nc-printed")
    expect(printed).to_be_hidden()
    with on_paper(page):
        shows_nothing_to_press(page)
        expect(page.get_by_role("heading", name=asked.code)).to_be_visible()
        expect(printed).to_contain_text(MEMBER)
        expect(printed).to_contain_text(f"{local_date(utc_now()):%d/%m/%Y}")
        expect(printed).to_contain_text("chỉ giao cho người có thẩm quyền")


def test_the_ladder_of_a_referral_is_printed_unfolded(people: People, asked: Asked) -> None:
    page = people.page("case_owner")
    page.goto(f"/cases/{asked.case_id}/referrals/{asked.referral_id}")
    merit = page.get_by_text("Còn nhiều chỗ").first
    expect(merit).to_be_hidden()
    with on_paper(page):
        shows_nothing_to_press(page)
        expect(merit).to_be_visible()
        expect(page.get_by_text("Hủy lượt chuyển gửi này")).to_be_hidden()


def test_the_journey_is_printed_as_the_wide_drawing(
    people: People, a_case: Callable[..., dict[str, Any]]
) -> None:
    made = a_case()
    page = people.page("case_owner", width=720)
    page.goto(f"/cases/{made['id']}")
    expect(page.locator(".nc-lanes--narrow")).to_be_visible()
    with on_paper(page):
        expect(page.locator(".nc-lanes--wide")).to_be_visible()
        expect(page.locator(".nc-lanes--narrow")).to_be_hidden()


def test_a_list_of_cases_is_printed_without_its_boxes(
    people: People, a_case: Callable[..., dict[str, Any]]
) -> None:
    made = a_case()
    page = people.page("case_owner")
    page.goto("/cases")
    with on_paper(page):
        shows_nothing_to_press(page)
        expect(page.get_by_role("link", name=made["code"], exact=True)).to_be_visible()


def test_a_slip_is_printed_with_its_code_and_without_ways_elsewhere(people: People) -> None:
    page = people.page("manager", width=PC)
    page.goto("/staff/new")
    page.get_by_label("Họ và tên").fill("Lê Văn Chim Sẻ")
    page.get_by_label("Tên đăng nhập").fill(f"chim.{uuid4().hex[:8]}")
    page.get_by_label("Vai trò").select_option(index=1)
    page.get_by_role("button", name="Tạo tài khoản").click()
    page.get_by_role("button", name="In phiếu").click()
    expect(page.get_by_role("button", name="In phiếu này")).to_be_visible()
    with on_paper(page):
        shows_nothing_to_press(page)
        expect(page.locator(".nc-slip__code")).to_be_visible()
        expect(page.get_by_role("img", name="Mã QR")).to_be_visible()


def test_reception_can_be_written_on_paper_while_there_is_no_network(people: People) -> None:
    page = people.page("receiver")
    page.goto("/reception")
    page.get_by_role("link", name="Mẫu giấy để ghi khi mất mạng").click()
    for asked in ("Họ và tên", "Gọi số này có an toàn không?", "Giờ gọi được", "Tự đến trình báo"):
        expect(page.get_by_text(asked, exact=True).first).to_be_visible()
    with on_paper(page):
        shows_nothing_to_press(page)
        expect(page.get_by_text("Có thông tin về người được hỗ trợ")).to_be_visible()
