"""A handover on the pages: announced, prepared for, met by who comes; and who is kept apart."""

import re
from datetime import date
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from shared.kit.clock import local_date, utc_now
from tests.pages.browsing import ON_ITS_WAY, PC, PHONE, People, check

WHY = "Người thứ nhất sợ người thứ hai"


@pytest.fixture
def today() -> date:
    return local_date(utc_now())


def announce(page: Page, today: date) -> str:
    """As somebody of immigration does; the address of the notice."""
    page.goto("/advance-notices")
    check(page)
    page.get_by_role("link", name="Báo trước một đợt giao, nhận").click()
    check(page)
    page.get_by_label("Tiếp nhận qua trao trả song phương").check()
    page.get_by_label("Ngày giao, nhận").fill(f"{today:%d/%m/%Y}")
    page.get_by_label("Nơi tiếp nhận").fill("Xã Kiến Thụy")
    first, second = (page.get_by_role("group", name=f"Nhóm {it}", exact=True) for it in (1, 2))
    first.get_by_label("Số người trong nhóm").fill("hai")
    page.get_by_role("button", name="Gửi báo trước").click()
    expect(page.get_by_role("alert")).to_be_visible()
    check(page)
    first.get_by_label("Số người trong nhóm").fill("2")
    second.get_by_label("Số người trong nhóm").fill("1")
    second.get_by_label("Độ tuổi").select_option("under_16")
    second.get_by_label("Ngôn ngữ").fill("km")
    second.get_by_label("cần phiên dịch").check()
    page.get_by_role("button", name="Gửi báo trước").click()
    expect(page.get_by_role("status")).to_have_text("Đã gửi báo trước.")
    return page.url


@pytest.mark.parametrize("width", [PHONE, PC])
def test_a_handover_is_announced_prepared_for_and_met(
    people: People, today: date, width: int
) -> None:
    page = people.page("receiver", width=width)
    where = announce(page, today)
    expect(page.get_by_text("Đang chờ 3, đã tiếp nhận 0, không đến 0.")).to_be_visible()
    expect(page.get_by_text("có người hộ tống")).to_be_visible()
    check(page)

    facility = people.page("facility", width=width)
    facility.goto("/readiness")
    here = facility.locator("section", has=facility.get_by_role("heading", name="Chỗ đang giữ"))
    expect(here.get_by_text("Cần 1 người hộ tống").first).to_be_visible(timeout=ON_ITS_WAY)
    here.get_by_label("Cơ sở cử mấy người hộ tống").last.fill("1")
    here.get_by_role("button", name="Trả lời").last.click()
    expect(facility.get_by_role("status")).to_have_text("Đã trả lời về người hộ tống.")
    check(facility)

    owner = people.page("case_owner", width=width)
    owner.goto(where)
    expect(owner.get_by_text("Cần 1 người hộ tống, cơ sở cử 1.")).to_be_visible()
    check(owner)

    page.goto(where)
    page.get_by_role("button", name="Tiếp nhận (1)").click()
    expect(page).to_have_url(re.compile(r"/reception/[0-9a-f-]{36}/reception"))
    expect(page.get_by_label("Tiếp nhận qua trao trả song phương")).to_be_checked()
    expect(page.get_by_label("Người số 1")).to_be_checked()
    check(page)
    page.goto(where)
    page.get_by_text("Không đến, hoặc đã gửi trường hợp (2)").click()
    page.get_by_role("button", name="Ghi không đến").first.click()
    expect(page.get_by_role("status")).to_be_visible()
    page.locator("#person-3 summary").click()
    page.locator("#person-3").get_by_label("Mã trường hợp đã gửi").fill("HP-0000-0000")
    page.locator("#person-3").get_by_role("button", name="Gắn với trường hợp này").click()
    expect(page.get_by_role("alert")).to_be_visible()
    check(page)
    page.goto(where)
    page.locator("summary", has_text="Hủy báo trước").click()
    page.get_by_label("Việc giao, nhận không diễn ra").check()
    page.get_by_role("button", name="Hủy báo trước").click()
    expect(page.get_by_text("Đã hủy", exact=True).first).to_be_visible()
    check(page)
    people.said.clear()


@pytest.mark.parametrize("width", [PHONE, PC])
def test_who_is_kept_apart_has_a_page_of_its_own(people: People, today: date, width: int) -> None:
    page = people.page("receiver", width=width)
    where = announce(page, today)
    page.get_by_role("link", name="Ở tách nhau").click()
    check(page)
    page.get_by_label("Người thứ nhất").select_option("1")
    page.get_by_label("Người thứ hai").select_option("2")
    page.get_by_label("Lý do", exact=True).fill(WHY)
    page.get_by_role("button", name="Ghi nhận", exact=True).click()
    expect(page.get_by_text("Người số 1 và người số 2")).to_be_visible()
    expect(page.get_by_text(WHY)).to_have_count(0)
    check(page)
    owner = people.page("case_owner", width=width)
    owner.goto(f"{where}/kept-apart")
    owner.get_by_role("button", name="Mở lý do").click()
    expect(owner.get_by_text(WHY)).to_be_visible()
    check(owner)
    owner.goto(where)
    expect(owner.get_by_text("Người số 1 và người số 2")).to_have_count(0)
    page.locator("summary", has_text="Kết thúc ghi nhận").click()
    page.get_by_role("button", name="Kết thúc ghi nhận").click()
    expect(page.get_by_text("Không có ghi nhận nào mà bạn được xem.")).to_be_visible()
    people.said.clear()


def test_the_page_of_a_case_leads_there_and_says_nothing(people: People, a_case: "object") -> None:
    made = a_case()  # type: ignore[operator]
    page = people.page("case_owner")
    page.goto(f"/cases/{UUID(made['id'])}")
    page.get_by_role("link", name="Ở tách nhau").click()
    expect(page.get_by_text("Không có ghi nhận nào mà bạn được xem.")).to_be_visible()
    check(page)
    people.said.clear()


def test_whoever_serves_or_verifies_does_not_see_it(people: People) -> None:
    for role in ("provider", "verifier"):
        page = people.page(role)
        page.goto("/")
        expect(page.get_by_role("link", name="Báo trước", exact=True)).to_have_count(0)
        answer = page.goto("/advance-notices")
        assert answer is not None
        assert answer.status == 403
        people.said.clear()
