"""A stay on the pages: announced by whoever owns the case, then recorded by the facility."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from shared.kit.clock import local_date, utc_now
from tests.pages.browsing import PC, PHONE, People, check

Submitted = Callable[..., dict[str, Any]]
THANH_XUAN = "Trường Lao động Xã hội Thanh Xuân"


@pytest.fixture
def today() -> date:
    return local_date(utc_now())


def typed(day: date) -> str:
    return f"{day.day}/{day.month}/{day.year}"


def record(page: Page, move: str, done: str) -> None:
    page.get_by_role("button", name=move).click()
    expect(page.get_by_role("status")).to_have_text(done)
    check(page)


def announce(page: Page, case: dict[str, Any], on: date) -> None:
    page.goto(f"/cases/{case['id']}/stays")
    expect(page.get_by_text("Chưa báo trước cho cơ sở nào")).to_be_visible()
    check(page)
    page.get_by_label("Ngày dự kiến đến").fill(typed(on))
    # Another test may have made an organisation of the place a facility, which is nearer.
    page.get_by_label("Cơ sở lưu trú").select_option(label=THANH_XUAN)
    record(page, "Báo trước cho cơ sở", "Đã báo trước cho cơ sở.")
    expect(page.get_by_role("button", name="Báo trước cho cơ sở")).to_have_count(0)


def arrive(page: Page, case: dict[str, Any], on: date) -> None:
    page.goto("/")
    page.get_by_role("link", name="Lưu trú", exact=True).click()
    row = page.get_by_role("listitem").filter(has_text=case["code"])
    expect(row).to_contain_text("Chờ đến")
    check(page)
    row.get_by_role("link", name=case["code"]).click()
    check(page)
    page.get_by_role("link", name="Ghi việc đến").click()
    page.get_by_label("Ngày đến").fill(typed(on))
    page.get_by_label("Chỗ ở").check()
    page.get_by_label("Khăn mặt").check()
    check(page)
    record(page, "Ghi việc đến", "Đã ghi việc đến.")
    expect(page.get_by_text("Chậm nhất đến hết ngày")).to_be_visible()


@pytest.mark.parametrize("width", [PHONE, PC])
def test_somebody_is_announced_arrives_is_prolonged_and_leaves(
    people: People, a_case: Submitted, today: date, width: int
) -> None:
    case = a_case()
    owner = people.page("case_owner", width=width)
    announce(owner, case, today)
    page = people.page("facility", width=width)
    arrive(page, case, today)
    page.get_by_role("link", name="Kéo dài thời gian lưu trú").click()
    page.get_by_label("Ngày cuối sau khi kéo dài").fill(f"1/12/{today.year + 1}")
    page.get_by_label("Số quyết định").fill("07/QĐ-CSHT")
    page.get_by_label("Ngày quyết định").fill(typed(today))
    check(page)
    record(page, "Kéo dài thời gian lưu trú", "Đã ghi việc kéo dài thời gian lưu trú.")
    expect(page.get_by_text(f"Kéo dài đến hết ngày 01/12/{today.year + 1}").first).to_be_visible()
    page.get_by_role("link", name="Ghi việc rời cơ sở").click()
    page.get_by_label("Ngày rời cơ sở").fill(typed(today))
    page.get_by_label("Về gia đình").check()
    record(page, "Ghi việc rời cơ sở", "Đã ghi việc rời cơ sở.")
    owner.reload()
    expect(owner.get_by_text("Về gia đình")).to_be_visible()
    check(owner)


def test_what_was_left_out_is_said_and_why_a_day_is_the_last_one(
    people: People, a_case: Submitted, today: date
) -> None:
    case = a_case()
    announce(people.page("case_owner"), case, today)
    page = people.page("facility")
    arrive(page, case, today)
    here = page.url
    page.get_by_role("link", name="Vì sao").first.click()
    expect(page.get_by_text("162/2025").first).to_be_visible()
    check(page)
    page.goto(here)
    page.get_by_role("link", name="Ghi việc rời cơ sở").click()
    page.get_by_role("button", name="Ghi việc rời cơ sở").click()
    expect(page.get_by_role("alert")).to_be_visible()
    people.said.clear()
    check(page)


def test_whoever_serves_or_receives_sees_no_stays(people: People) -> None:
    for role in ("provider", "receiver"):
        page = people.page(role)
        page.goto("/")
        expect(page.get_by_role("link", name="Lưu trú", exact=True)).to_have_count(0)
        answer = page.goto("/stays")
        assert answer is not None
        assert answer.status == 403
        people.said.clear()
