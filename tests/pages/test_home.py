"""The first page: what somebody must do, by when, and where it is done."""

import html
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import httpx2
import psycopg
import pytest
from playwright.sync_api import Page, expect

from deploy.stack.installation import Installation
from services.console.clients import Exchange, ServiceDown
from services.console.pages import duties
from services.console.pages.edge import SESSION
from services.console.pages.strip import strip
from services.console.pages.time_left import time_left
from shared.contracts.vocabulary import Queue
from shared.kit.clock import local_date, start_of_day, utc_now
from tests.pages.browsing import (
    PC,
    PHONE,
    Eventually,
    People,
    check,
    each_page_of_duties,
    find_duty,
    is_duty,
)
from tests.pages.referring import BASE, Asked, Client

URGENT = "Giải quyết nhu cầu cấp bách và ghi nhận kết quả"
CONFIRM = "Hỏi người được hỗ trợ đã nhận được hỗ trợ chưa"
WAITING = "Chờ nơi khác"
NAME = "Nguyễn Thị"


def rows(page: Page) -> list[str]:
    return page.locator(".nc-duty").all_inner_texts()


@pytest.mark.parametrize("width", [PHONE, PC])
def test_what_presses_most_is_first_and_leads_to_where_it_is_done(
    people: People, a_case: Callable[..., dict[str, Any]], width: int
) -> None:
    made = a_case(immediate_needs=["shelter"])
    page = people.page("case_owner", width=width)
    row = page.get_by_role("listitem").filter(has_text=made["code"]).filter(has_text=URGENT)
    find_duty(page, row)
    expect(page.get_by_role("heading", name="Hộp việc của tôi", level=1)).to_be_visible()
    expect(row).to_contain_text("Tiếp nhận")
    expect(row).to_contain_text("Chờ từ ngày")
    check(page)
    assert NAME not in page.content()
    assert "Nguyễn" not in page.title()
    row.get_by_role("link", name=URGENT).click()
    expect(page.get_by_role("heading", name=made["code"])).to_be_visible()


def test_chips_and_days_narrow_the_list_and_the_way_back_is_one_click(
    people: People, a_case: Callable[..., dict[str, Any]]
) -> None:
    a_case(immediate_needs=["shelter"])
    page = people.page("case_owner", java_script_enabled=False)
    page.goto("/")
    chips = page.get_by_role("navigation", name="Chỉ hiện")
    chips.get_by_role("link", name=re.compile("Không tính hạn")).click()
    page.wait_for_load_state()
    assert rows(page)
    assert page.url.endswith("only=undated")
    page.goto("/?only=overdue")
    expect(page.get_by_text("Không có việc nào như vậy.")).to_be_visible()
    page.get_by_role("link", name="Bỏ lọc").click()
    page.wait_for_load_state()
    assert rows(page)
    assert page.goto("/?only=everything").status == 422  # type: ignore[union-attr]
    people.said.clear()


def test_however_the_list_is_cut_every_duty_stands_in_it_once_and_in_order(
    people: People, address: str, a_case: Callable[..., dict[str, Any]], eventually: Eventually
) -> None:
    """Each service has a list of its own: a page goes on in each where the last one ended."""
    for _ in range(6):
        a_case(immediate_needs=["shelter"])
    cookies = {SESSION: people.session("case_owner")}
    with httpx2.Client(base_url=address, trust_env=False, cookies=cookies) as client:

        def is_whole() -> bool:
            """What services do meanwhile is in one list and not yet in the other."""
            whole, cut = (listed(client, many) for many in (100, 5))
            counted = CHIP_OF_ALL.search(client.get("/").text)
            assert counted is not None
            return whole == cut and len(whole) == int(counted[1])

        eventually(is_whole)


ROW = re.compile(r'<li class="nc-duty .*?</li>', re.DOTALL)
GOES_ON = re.compile(r'href="([^"]*cursor=[^"]*)"')
CHIP_OF_ALL = re.compile(r'<span class="nc-count">(\d+)</span>')


def listed(client: httpx2.Client, many: int) -> list[str]:
    """What the pages of the list show, one after the other."""
    found: list[str] = []
    path = f"/?many={many}"
    while path:
        shown = client.get(path).text
        found += ROW.findall(shown)
        goes_on = GOES_ON.search(shown)
        path = html.unescape(goes_on[1]) if goes_on else ""
    return found


def test_what_ends_on_a_day_stands_in_the_strip_and_in_words(
    people: People, a_case: Callable[..., dict[str, Any]], installation: Installation
) -> None:
    """The law of 2011 gives a period to decide in; of cases of now the law gives none yet."""
    papers = [
        {
            "type": "DECLARATION",
            "number": "01/TK-UBND",
            "issuer": "Ủy ban nhân dân xã Kiến Thụy",
            "issued_on": "2026-03-02",
        }
    ]
    made = a_case(papers=papers, immediate_needs=[])
    today = local_date(utc_now())
    page = people.page("verifier")
    _until(page, lambda: made["code"] in page.content())
    row = page.locator(".nc-duty").filter(has_text=made["code"])
    expect(row).to_contain_text("Chưa có thời hạn theo luật")
    _set_due(installation, made["id"], today - timedelta(days=1))
    page.goto("/")
    expect(row).to_contain_text("Quá hạn")
    yesterday = f"{today - timedelta(days=1):%d/%m/%Y}"
    page.get_by_role("link", name=f"{yesterday}: 1 việc đến hạn").click()
    page.wait_for_load_state()
    assert [made["code"] in it for it in rows(page)] == [True]
    check(page)


def _until(page: Page, condition: Callable[[], bool]) -> None:
    for _ in range(60):
        page.goto("/")
        if condition():
            return
        page.wait_for_timeout(500)
    raise AssertionError(page.content())


def _set_due(installation: Installation, case_id: str, day: date) -> None:
    with psycopg.connect(installation.database("verification")) as connection:
        connection.execute(
            # The sweep counts anew what it sees to, and the law of today knows no period.
            "UPDATE clocks SET due_at = %s, next_at = '2999-01-01' WHERE case_id = %s",
            (start_of_day(day + timedelta(days=1)), case_id),
        )


def test_a_service_that_is_down_is_named_and_the_page_stays(
    people: People, a_case: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = a_case(immediate_needs=["shelter"])
    asked = Exchange.ask

    async def ask(
        self: Exchange, token: str, method: str, service: Queue, *rest: Any, **how: Any
    ) -> Any:
        if service is Queue.NOTIFICATION:
            raise ServiceDown
        return await asked(self, token, method, service, *rest, **how)

    monkeypatch.setattr(Exchange, "ask", ask)
    page = people.page("case_owner")
    find_duty(page, page.locator(".nc-duty").filter(has_text=made["code"]))
    expect(page.get_by_text("Chưa tải được phần Thông báo.")).to_be_visible()


def test_the_tab_says_how_much_there_is_and_asks_each_minute_while_somebody_looks(
    people: People, a_case: Callable[..., dict[str, Any]]
) -> None:
    a_case(immediate_needs=["shelter"])
    page = people.page("case_owner")
    page.goto("/?only=waiting")
    waiting = len(rows(page))
    page.goto("/")
    badge = page.locator("[data-count='/duties/count']")
    shown = int(badge.inner_text())
    assert shown == len(rows(page)) - waiting or shown > 25
    page.clock.install()
    with page.expect_response("**/duties/count") as told:
        page.goto("/account")
    assert told.value.headers["cache-control"] == "private, max-age=60"
    expect(badge).to_have_text(re.compile(r"\d+"))
    asked: list[str] = []
    page.on("request", lambda it: asked.append(it.url) if "/duties/count" in it.url else None)
    page.clock.run_for(61_000)
    page.wait_for_function("document.readyState === 'complete'")
    assert len(asked) == 1
    page.clock.run_for(30 * 60_000)
    assert len(asked) <= 11, "a page that was left open keeps nobody logged in"


def test_a_service_that_was_provided_waits_until_the_person_has_been_heard(
    people: People, asked: Asked, client_of: Client
) -> None:
    school, path = client_of("partner"), f"{BASE}/referrals/{asked.offer_id}"
    served = {"move": "complete", "outcome": "provided"}
    for move in ({"move": "accept"}, {"move": "start"}, served):
        version = school.get(path).headers["etag"]
        moved = school.post(f"{path}/moves", move, key=str(uuid4()), version=version)
        assert moved.status_code == 201, moved.text
    page = people.page("case_owner", width=PHONE)
    row = page.locator(".nc-duty").filter(has_text=asked.code).filter(has_text=CONFIRM)
    find_duty(page, row)
    check(page)
    row.locator(".nc-duty__title a").click()
    page.get_by_role("button", name="Xác nhận người được hỗ trợ đã nhận được hỗ trợ").click()
    expect(page.get_by_text("Đã xác nhận").first).to_be_visible()
    assert not is_duty(page, row)


@pytest.mark.parametrize("role", ["administrator", "auditor", "manager", "operator", "receiver"])
def test_who_has_nothing_to_do_is_told_so(people: People, role: str) -> None:
    page = people.page(role, width=PHONE)
    page.goto("/")
    expect(page.get_by_role("heading", name="Hộp việc của tôi")).to_be_visible()
    if not rows(page):
        expect(page.get_by_text("Không có việc nào cần làm.")).to_be_visible()
        assert page.locator("[data-count='/duties/count']").is_hidden()


@pytest.mark.parametrize("role", ["case_owner", "verifier", "provider", "operator", "manager"])
def test_the_tab_counts_the_rows_that_wait_for_nobody_else(people: People, role: str) -> None:
    page = people.page(role)
    shown = waiting = 0
    for _ in each_page_of_duties(page):
        shown += page.locator(".nc-duty").count()
        waiting += page.locator(".nc-duty__tag").get_by_text(WAITING, exact=True).count()
    badge = page.locator("[data-count='/duties/count']")
    assert int(badge.inner_text() or 0 if badge.is_visible() else 0) == shown - waiting
    chip = page.get_by_role("navigation", name="Chỉ hiện").get_by_role("link", name=WAITING)
    assert chip.count() == (1 if waiting else 0)
    if waiting:
        expect(chip).to_contain_text(str(waiting))


def test_every_page_a_duty_leads_to_is_there(address: str) -> None:
    """Whoever is not logged in is led to the log-in from a page, and to nothing from no page."""
    ids = {"case_id": uuid4(), "object_id": uuid4(), "linked": uuid4()}
    with httpx2.Client(base_url=address, trust_env=False) as client:
        for path in duties.PAGES.values():
            answer = client.get(path.format(**ids))
            assert answer.headers.get("location") == "/log-in", path


@pytest.mark.parametrize(
    ("last_day", "today", "code", "days"),
    [
        (date(2026, 3, 4), date(2026, 3, 2), "left-working-days", 2),
        (date(2026, 3, 9), date(2026, 3, 6), "left-working-days", 1),
        (date(2026, 3, 8), date(2026, 3, 6), "left-days", 2),
        (date(2026, 3, 6), date(2026, 3, 10), "late-working-days", 2),
        (date(2026, 3, 6), date(2026, 3, 8), "late-days", 2),
    ],
)
def test_time_is_told_in_working_days(last_day: date, today: date, code: str, days: int) -> None:
    said = time_left(last_day, today)
    assert (said.code, said.facts) == (code, {"days": days})
    assert time_left(today, today).code == "left-today"


def test_the_strip_has_four_weeks_and_knows_when_offices_are_closed() -> None:
    today = date(2026, 9, 1)
    days = strip(
        {date(2026, 8, 28): 2, date(2026, 9, 4): 9},
        {date(2026, 8, 27): 1, date(2026, 9, 3): 1, date(2026, 9, 4): 1},
        today,
    )
    assert (len(days), days[0].day, days[0].label) == (28, date(2026, 8, 24), "24/08")
    looks = {it.day: it.look for it in days}
    assert looks[date(2026, 8, 28)] == "late"
    assert looks[date(2026, 9, 4)] == "full-3"
    assert looks[date(2026, 9, 2)] == looks[date(2026, 9, 5)] == "off"
    assert (looks[date(2026, 8, 27)], looks[date(2026, 9, 3)]) == ("others-late", "others")
    assert [it.day for it in days if it.is_today] == [today]
