"""Whoever acts for an organisation reads what it was told, and goes on to where it is acted on."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import Locator, Page, expect

from deploy.stack.client import ApiClient
from deploy.stack.installation import Installation
from tests.pages.browsing import ON_ITS_WAY, PC, PHONE, People, check
from tests.pages.operating import rows
from tests.pages.referring import Asked, a_school_is_asked

NEW, READ, URGENT = "Chưa đọc", "Đã đọc", "Khẩn"
Client = Callable[[str], ApiClient]


@pytest.fixture
def told(
    installation: Installation, eventually: Callable[[Callable[[], bool]], None]
) -> Callable[[Asked], UUID]:
    """The notice by which the school learns that it is asked, once it has been told."""

    def found(asked: Asked) -> UUID:
        query = "SELECT id FROM deliveries WHERE offer_id = %s AND type LIKE '%%.requested.%%'"
        eventually(lambda: bool(rows(installation, "notification", query, asked.offer_id)))
        notice: UUID = rows(installation, "notification", query, asked.offer_id)[0][0]
        return notice

    return found


@pytest.fixture
def ask_again(
    client_of: Client,
    a_case: Callable[..., dict[str, Any]],
    eventually: Callable[[Callable[[], bool]], None],
) -> Callable[[], Asked]:
    """Have the school asked for another person."""
    return lambda: a_school_is_asked(client_of, a_case, eventually)


@pytest.fixture
def notice(told: Callable[[Asked], UUID], asked: Asked) -> UUID:
    return told(asked)


def row(page: Page, notice: UUID) -> Locator:
    return page.locator(f"[data-notice='{notice}']")


def readings(installation: Installation, notice: UUID) -> int:
    query = "SELECT count(*) FROM notice_readings WHERE delivery_id = %s"
    found: int = rows(installation, "notification", query, notice)[0][0]
    return found


@pytest.mark.parametrize("width", [PHONE, PC])
def test_an_officer_opens_a_notice_and_is_where_it_is_answered(
    people: People, asked: Asked, notice: UUID, width: int
) -> None:
    page = people.page("provider", width=width)
    page.goto("/")
    page.get_by_role("navigation", name="Các phần", exact=True).get_by_role(
        "link", name="Thông báo"
    ).first.click()
    mine = row(page, notice)
    expect(mine.get_by_text(NEW, exact=True)).to_be_visible()
    expect(mine.get_by_text(URGENT)).to_be_visible()
    for secret in (asked.case_id, asked.code, asked.referral_id):
        assert secret not in page.content()
    check(page)
    mine.get_by_role("button").click()
    page.wait_for_url(f"**/offers/{asked.offer_id}")
    page.goto("/notices")
    expect(mine.get_by_text(READ, exact=True)).to_be_visible()
    expect(mine).to_contain_text("Anh/chị đọc lúc")
    page.goto("/notices?show=unread")
    expect(page.get_by_role("heading", name="Thông báo", level=1)).to_be_visible()
    expect(mine).to_have_count(0)


def test_what_is_fetched_by_itself_reads_nothing(
    people: People, installation: Installation, notice: UUID
) -> None:
    page = people.page("provider")
    page.goto("/notices")
    for path in ("/notices", "/notices?show=unread", "/notices/count", f"/notices/{notice}"):
        page.request.get(path)
    assert readings(installation, notice) == 0
    expect(row(page, notice).get_by_text(NEW, exact=True)).to_be_visible()


def test_without_scripts_all_are_read_at_once_and_the_list_says_so(
    people: People, installation: Installation, notice: UUID
) -> None:
    page = people.page("provider", width=PHONE, java_script_enabled=False)
    page.goto("/notices?show=unread")
    expect(row(page, notice)).to_be_visible()
    page.get_by_role("button", name="Đánh dấu tất cả là đã đọc").click()
    expect(page.get_by_text("Đã đánh dấu là đã đọc.")).to_be_visible()
    expect(row(page, notice).get_by_text(READ, exact=True)).to_be_visible()
    assert readings(installation, notice) == 1
    page.get_by_role("navigation", name="Lọc").get_by_role("link", name=NEW).click()
    expect(page.get_by_text("Không còn thông báo nào chưa đọc.")).to_be_visible()
    page.get_by_role("link", name="Bỏ lọc").click()
    expect(row(page, notice)).to_be_visible()


@pytest.mark.long
def test_what_comes_meanwhile_stands_in_the_list_by_itself_and_is_counted(
    people: People,
    notice: UUID,
    told: Callable[[Asked], UUID],
    ask_again: Callable[[], Asked],
) -> None:
    page = people.page("provider")
    page.goto("/notices")
    expect(row(page, notice)).to_be_visible()
    page.evaluate("document.title = 'not loaded again'")
    expect(row(page, told(ask_again()))).to_be_visible(timeout=ON_ITS_WAY)
    assert page.title() == "not loaded again"
    page.goto("/account")
    badge = page.locator("[data-count='/notices/count']")
    # What a page before it was told is kept for a minute, and asked for again after another.
    expect(badge).to_be_visible(timeout=3 * ON_ITS_WAY)
    assert int(badge.inner_text().rstrip("+")) >= 2


@pytest.mark.parametrize("width", [PHONE, PC])
def test_a_manager_sees_that_nobody_has_read_what_presses_and_whom_to_ask(
    people: People, installation: Installation, notice: UUID, client_of: Client, width: int
) -> None:
    theirs = uuid4()
    rows(
        installation,
        "notification",
        "INSERT INTO deliveries (id, effect_key, organisation_id, case_id, referral_id, offer_id,"
        " type, body, state, next_at, created_at, concluded_at)"
        " SELECT %s, %s, %s, case_id, referral_id, offer_id, type, body, 'delivered', now(),"
        " now(), now() FROM deliveries WHERE id = %s",
        theirs,
        str(theirs),
        client_of("agency").organisation_id,
        notice,
    )
    page = people.page("manager", width=width)
    page.goto("/notices")
    mine = row(page, theirs)
    expect(mine.get_by_text("Chưa ai đọc", exact=True)).to_be_visible()
    expect(mine.get_by_role("button")).to_have_count(0)
    check(page)
    mine.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Nhân sự")


def test_who_acts_on_no_notice_has_no_such_page(people: People) -> None:
    page = people.page("auditor")
    page.goto("/account")
    tabs = page.get_by_role("navigation", name="Các phần", exact=True)
    expect(tabs.get_by_role("link", name="Thông báo", exact=True)).to_have_count(0)
    answer = page.goto("/notices")
    assert answer is not None
    assert answer.status == 403
    people.said.clear()
