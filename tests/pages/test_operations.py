"""Operators watch the work, replay what is parked, and see whether webhooks arrive."""

import re
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import Page, Route, expect

from deploy.stack.client import ApiClient
from deploy.stack.installation import Installation
from services.console.clients import Exchange, ServiceDown
from shared.contracts.vocabulary import Queue
from tests.pages.browsing import ON_ITS_WAY, PC, PHONE, Eventually, People, check
from tests.pages.operating import QUEUE, park, parked_at, rows

OPERATIONS = "Vận hành"


def is_there(installation: Installation, about: UUID) -> bool:
    """Whether the message about this organisation has had its effect."""
    query = "SELECT 1 FROM organisations WHERE id = %s"
    return bool(rows(installation, QUEUE, query, about))


def tile(page: Page, code: str) -> str:
    return page.locator(f"[data-tile={code}] .nc-ops-tile__figure").inner_text()


@pytest.mark.parametrize("width", [PHONE, PC])
def test_an_operator_sees_in_one_click_how_it_goes_and_in_two_why_a_queue_is_old(
    people: People, width: int
) -> None:
    page = people.page("operator", width=width)
    page.goto("/account")
    page.get_by_role("navigation", name="Các phần").get_by_role("link", name=OPERATIONS).click()
    expect(page.get_by_role("heading", name=OPERATIONS, level=1)).to_be_visible()
    expect(page.get_by_role("heading", name="Hàng đợi của từng dịch vụ")).to_be_visible()
    expect(page.locator(".nc-ops-lane")).to_have_count(5)
    check(page)
    page.get_by_role("link", name="Xác minh", exact=True).click()
    expect(page.get_by_role("heading", name="Hàng đợi: Xác minh")).to_be_visible()
    expect(page.get_by_role("heading", name="Tiến trình")).to_be_visible()
    check(page)


@pytest.mark.long
def test_a_tile_renews_itself_and_without_scripts_the_page_says_the_same(
    people: People, installation: Installation
) -> None:
    page = people.page("operator")
    page.set_default_timeout(60_000)
    page.goto("/operations")
    before = int(tile(page, "parked"))
    page.evaluate("document.title = 'not loaded again'")
    park(installation)
    figure = page.locator("[data-tile=parked] .nc-ops-tile__figure")
    expect(figure).to_have_text(str(before + 1), timeout=ON_ITS_WAY)
    assert page.title() == "not loaded again"
    plain = people.page("operator", java_script_enabled=False)
    plain.goto("/operations")
    assert int(tile(plain, "parked")) == before + 1
    plain.get_by_role("link", name="Tải lại").click()
    assert int(tile(plain, "parked")) == before + 1


def test_a_page_renews_itself_however_late_its_scripts_come(people: People) -> None:
    """What looks at the page must not run before all is there that it looks for."""

    def come_late(route: Route) -> None:
        time.sleep(0.5)
        route.continue_()

    page = people.page("operator")
    page.route("**/static/*.js", come_late)
    page.goto("/operations")
    counted = page.locator("time").first
    before = counted.get_attribute("datetime") or ""
    expect(counted).not_to_have_attribute("datetime", before, timeout=ON_ITS_WAY)


def test_how_old_a_queue_grew_is_seen_of_a_day_and_said_in_words(
    people: People, installation: Installation
) -> None:
    rows(
        installation,
        "directory",
        "INSERT INTO closed_outbox (parcel_id, destination, aggregates, sequences, messages,"
        " created_at, closed_at) VALUES (%s, %s, '{}', '{}', '[]', now() - interval '9 hours',"
        " now() - interval '7 hours')",
        uuid4(),
        QUEUE,
    )
    page = people.page("operator", width=PHONE, java_script_enabled=False)
    page.goto("/operations")
    day = page.get_by_role("region", name="24 giờ qua")
    expect(day.get_by_role("listitem")).to_have_count(len(Queue))
    mine = day.get_by_role("listitem").filter(has_text="Xác minh")
    expect(mine).to_contain_text(re.compile(r"Cũ\s+Lâu nhất 2 giờ, trong khoảng \d\d:00.\d\d:00"))
    assert mine.locator("rect").count() == 24
    mine.get_by_role("link").click()
    expect(page.get_by_role("heading", name="Hàng đợi: Xác minh")).to_be_visible()
    expect(page.get_by_text("Lâu nhất 2 giờ")).to_be_visible()


def test_a_service_that_does_not_answer_is_said_where_it_is_missing(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = Exchange.ask

    async def ask(self: Exchange, *how: Any, **more: Any) -> Any:
        if Queue.NOTIFICATION in how:
            raise ServiceDown
        return await asked(self, *how, **more)

    page = people.page("operator", width=PHONE)
    monkeypatch.setattr(Exchange, "ask", ask)
    for place in ("/operations", "/operations/parked", "/deliveries"):
        page.goto(place)
        expect(page.get_by_role("status").filter(has_text="Thông báo").first).to_be_visible()
        check(page)
    page.goto("/operations/notification")
    expect(page.get_by_text("Dịch vụ không trả lời")).to_be_visible()
    check(page)
    manager = people.page("manager")
    manager.goto("/deliveries/own")
    expect(manager.get_by_role("button", name="Đăng ký địa chỉ")).to_be_visible()
    expect(manager.get_by_role("status").filter(has_text="Thông báo")).to_be_visible()
    people.said.clear()


def test_a_stream_ends_with_its_session_and_with_its_time(people: People, address: str) -> None:
    page = people.page("operator")
    page.goto("/operations")
    late = page.request.get("/operations/live?until=1")
    assert "event: ended" in late.text()
    page.context.clear_cookies()
    gone = page.request.get("/operations/live?until=9999999999")
    assert gone.headers["content-type"].startswith("text/event-stream")
    assert "event: ended" in gone.text()
    assert "nc-ops-tile" not in gone.text()


@pytest.mark.parametrize("width", [PHONE, PC])
def test_parked_messages_are_replayed_by_typing_their_number_and_are_seen_to_have_run(
    people: People, installation: Installation, eventually: Eventually, width: int
) -> None:
    parked = [park(installation), park(installation)]
    page = people.page("operator", width=width)
    page.goto("/operations")
    page.get_by_role("link", name="Thông điệp tạm gác").first.click()
    expect(page.get_by_text("OperationalError").first).to_be_visible()
    check(page)
    page.get_by_role("link", name="Lần thử nào cũng không thành công").click()
    expect(page.get_by_role("heading", name="Chạy thử: chưa thay đổi gì")).to_be_visible()
    to_run = page.locator("[data-preview] dd").first.inner_text()
    assert not any(is_there(installation, about) for about in parked)
    check(page)
    typed = page.get_by_label("Gõ số")
    typed.fill("99")
    page.get_by_role("button", name="Chạy lại").click()
    expect(page.get_by_role("alert")).to_contain_text("Số thông điệp được chọn khác")
    page.get_by_label("Gõ số").fill(to_run)
    page.get_by_role("button", name="Chạy lại").click()
    expect(page.get_by_role("heading", name="Lần chạy lại: Xác minh")).to_be_visible()
    eventually(lambda: all(is_there(installation, about) for about in parked))
    page.get_by_role("link", name="Tải lại").click()
    expect(page.get_by_role("status").filter(has_text="Đã xong")).to_be_visible()
    done = page.locator("dl div").filter(has_text="Đã chạy xong").locator("dd")
    expect(done).to_have_text(to_run)
    check(page)
    people.said.clear()


def test_a_replay_is_seen_to_go_on_and_to_end_without_loading_the_page_again(
    people: People, installation: Installation, client_of: Callable[[str], ApiClient]
) -> None:
    """The second message of something waits for the first."""
    about = park(installation, sequence=2)
    page = people.page("operator", width=PHONE)
    page.goto(f"/operations/parked/verification/messages/{parked_at(installation, about, 2)}")
    page.get_by_role("button", name="Chạy lại").click()
    page.get_by_role("link", name="Lần chạy lại gần nhất").click()
    expect(page.get_by_role("status").filter(has_text="Đang chạy")).to_be_visible()
    check(page)
    page.evaluate("document.title = 'not loaded again'")
    plain = people.page("operator", java_script_enabled=False)
    plain.goto(page.url)
    expect(plain.get_by_role("status")).to_contain_text("0 trên 1 thông điệp đã xong")

    park(installation, about=about)
    first = parked_at(installation, about)
    answer = client_of("operator").post(
        f"/verification/v1/parked-messages/{first}/replays",
        {"reason": "cause_fixed"},
        key=str(uuid4()),
    )
    assert answer.status_code == 201, answer.text
    done = "1 trên 1 thông điệp đã xong"
    expect(page.get_by_role("status")).to_contain_text(done, timeout=ON_ITS_WAY)
    assert page.title() == "not loaded again"
    plain.get_by_role("link", name="Tải lại").click()
    expect(plain.get_by_role("status")).to_contain_text("1 trên 1 thông điệp đã xong")


def test_what_is_watched_keeps_the_place_of_whoever_goes_by_keyboard(people: People) -> None:
    page = people.page("operator")
    page.goto("/operations")
    lane = page.locator(".nc-ops-lane").filter(has_text="Thông báo").get_by_role("link")
    lane.focus()
    counted = page.locator("time").first
    before = counted.get_attribute("datetime") or ""
    expect(counted).not_to_have_attribute("datetime", before, timeout=ON_ITS_WAY)
    assert lane.evaluate("it => it === document.activeElement")


def test_passing_over_a_message_needs_another_who_confirms(
    people: People, installation: Installation
) -> None:
    park(installation)
    page = people.page("operator", java_script_enabled=False)
    page.goto("/operations/parked/verification")
    page.locator(".nc-ops-line a").first.click()
    expect(page.get_by_role("heading", name="Thông điệp tạm gác")).to_be_visible()
    expect(page.get_by_text("organisation_id")).to_be_visible()
    seen = people.page("operator", width=PHONE)
    seen.goto(page.url)
    check(seen)
    page.get_by_role("button", name="Đề xuất bỏ qua").click()
    expect(page.get_by_text("người khác phải xác nhận")).to_be_visible()
    assert page.get_by_role("button", name="Xác nhận bỏ qua").count() == 0
    rows(
        installation,
        QUEUE,
        "UPDATE parked_messages SET skip_proposed_by = 'staff:another'"
        " WHERE skip_proposed_at IS NOT NULL",
    )
    page.reload()
    page.get_by_role("button", name="Xác nhận bỏ qua").click()
    expect(page.get_by_text("skipped")).to_be_visible()
