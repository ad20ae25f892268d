"""What every form does: says what is wrong where it is mended, in plain words, loses nothing."""

import re
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Page, expect

from deploy.stack.installation import Installation
from services.console import app
from services.console.pages.edge import SESSION
from services.console.settings import ConsoleSettings
from shared.contracts.vocabulary import Queue
from tests.console.serving import served
from tests.pages.browsing import PC, PHONE, People, check
from tests.pages.referring import Asked
from tests.pages.without import Without

pytestmark = pytest.mark.thorough


def links_of(page: Page) -> list[str]:
    """Where the summary of what is wrong leads."""
    found = page.get_by_role("alert").get_by_role("link").all()
    return [str(it.get_attribute("href")) for it in found]


FORMS = [
    ("identity", "Mở danh tính"),
    ("assignments", "Phân công"),
    ("facts/poor_household", "Ghi nhận"),
    ("hand-over", "Bàn giao"),
]


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
@pytest.mark.parametrize(("part", "button"), FORMS)
def test_what_is_wrong_leads_to_a_field_that_is_there(
    *, people: People, asked: Asked, part: str, button: str, scripts: bool
) -> None:
    page = people.page("case_owner", width=PHONE, java_script_enabled=scripts)
    page.goto(f"/cases/{asked.case_id}/{part}")
    page.get_by_role("button", name=button, exact=True).click()
    alert = page.get_by_role("alert")
    expect(alert).to_be_visible()
    if scripts:
        expect(alert).to_be_focused()
        check(page)
    expect(page).to_have_title(re.compile("^Lỗi:"))
    assert links_of(page)
    for link in links_of(page):
        expect(page.locator(f"[id='{link.removeprefix('#')}']")).to_have_count(1)
    alert.get_by_role("link").first.click()
    expect(page.locator(":focus")).to_have_count(1)
    people.said.clear()


EMPTY = [
    ("case_owner", "/find", "Tìm"),
    ("case_owner", "{case}/identity", "Mở danh tính"),
    ("case_owner", "{case}/assignments", "Phân công"),
    ("case_owner", "{case}/facts/poor_household", "Ghi nhận"),
    ("case_owner", "{case}/facts/category", "Ghi nhận"),
    ("manager", "/staff/new", "Tạo tài khoản"),
    ("administrator", "/administration/new", "Lưu"),
    ("manager", "/account/password", "Đổi mật khẩu"),
]


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
@pytest.mark.parametrize(("role", "place", "button"), EMPTY)
def test_what_was_left_empty_is_named_above_and_beside_in_the_same_words(
    *, people: People, asked: Asked, role: str, place: str, button: str, scripts: bool
) -> None:
    page = people.page(role, width=PHONE, java_script_enabled=scripts)
    page.goto(place.format(case=f"/cases/{asked.case_id}"))
    page.get_by_role("button", name=button, exact=True).last.click()
    links = page.get_by_role("alert").get_by_role("link")
    expect(links.first).to_be_visible()
    said = links.all_inner_texts()
    assert len(set(said)) == len(said), "nobody can tell equal lines apart"
    for link, words in zip(links_of(page), said, strict=True):
        name = link.removeprefix("#")
        group = page.locator(".govuk-form-group", has=page.locator(f"[id='{name}']"))
        label = group.locator("legend, label").first.inner_text()
        assert label in words
        beside = group.locator(".govuk-error-message")
        expect(beside).to_have_text(re.compile(re.escape(words.removeprefix(label).strip(": "))))
    people.said.clear()


@pytest.mark.parametrize(
    ("part", "field", "button"),
    [
        ("facts/poor_household", "Có hiệu lực từ ngày", "Ghi nhận"),
        ("assignments", "Từ ngày", "Phân công"),
    ],
)
def test_a_day_that_is_none_is_asked_for_as_a_day_is_written_here(
    people: People, asked: Asked, part: str, field: str, button: str
) -> None:
    page = people.page("case_owner")
    page.goto(f"/cases/{asked.case_id}/{part}")
    page.get_by_label(field).fill("31/2/2026")
    page.get_by_role("button", name=button, exact=True).click()
    expect(page.get_by_text("Viết ngày/tháng/năm, ví dụ 23/11/2026.").first).to_be_visible()
    expect(page.get_by_label(field)).to_have_value("31/2/2026")
    assert "YYYY" not in page.content()
    people.said.clear()


@pytest.mark.parametrize(
    ("part", "button", "back"),
    [
        ("/immediate-needs", "Lưu", "/immediate-needs"),
        ("/identity", "Mở danh tính", "/identity"),
        ("/hand-over", "Bàn giao", None),
    ],
)
def test_the_other_language_is_chosen_on_what_answers_a_form_as_well(
    people: People, a_case: Callable[..., dict[str, Any]], part: str, button: str, back: str | None
) -> None:
    made = a_case(immediate_needs=["shelter"])
    page = people.page("case_owner")
    page.goto(f"/cases/{made['id']}{part}")
    page.get_by_role("button", name=button, exact=True).click()
    expect(page.get_by_role("alert")).to_be_visible()
    people.said.clear()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("button", name="Tiếng Việt")).to_be_visible()
    expected = "/cases" if back is None else f"/cases/{made['id']}{back}"
    assert page.url.endswith(expected)


def test_the_other_language_keeps_what_a_list_is_narrowed_to(people: People) -> None:
    page = people.page("case_owner")
    page.goto("/cases?status=in_support&since=1%2F1%2F2026")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("button", name="Tiếng Việt")).to_be_visible()
    assert page.url.endswith("/cases?status=in_support&since=1%2F1%2F2026")


def log_in(page: Page, people: People, role: str) -> None:
    page.get_by_label("Tên đăng nhập").fill(people.known[role]["user"])
    page.get_by_label("Mật khẩu", exact=True).fill(people.known[role]["password"])
    page.get_by_role("button", name="Đăng nhập", exact=True).click()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_whoever_logs_in_comes_to_the_page_that_was_asked_for(
    people: People, a_case: Callable[..., dict[str, Any]], *, scripts: bool
) -> None:
    made = a_case()
    page = people.page(None, java_script_enabled=scripts)
    page.goto(f"/cases/{made['id']}?everything=1")
    log_in(page, people, "case_owner")
    expect(page.get_by_role("heading", name=made["code"])).to_be_visible()
    assert page.url.endswith("?everything=1")
    page.get_by_role("button", name="Thoát", exact=True).click()
    log_in(page, people, "case_owner")
    expect(page.get_by_role("heading", name="Hộp việc của tôi")).to_be_visible()


def test_whoever_follows_a_link_from_elsewhere_and_is_logged_in_goes_on(
    people: People, a_case: Callable[..., dict[str, Any]], address: str
) -> None:
    """A browser sends no cookie of ours with such a link."""
    made = a_case()
    page = people.page("case_owner")
    strict = {"name": SESSION, "value": people.session("case_owner"), "sameSite": "Strict"}
    page.context.add_cookies([{**strict, "url": address}])  # type: ignore[typeddict-item]
    mail = f"<a href='{address}/cases/{made['id']}'>HP</a>"
    page.route("http://mail.test/", lambda it: it.fulfill(body=mail, content_type="text/html"))
    page.goto("http://mail.test/")
    page.get_by_role("link", name="HP").click()
    expect(page.get_by_role("heading", name="Đăng nhập")).to_be_visible()
    page.get_by_role("link", name="Mở tiếp trang vừa chọn").click()
    expect(page.get_by_role("heading", name=made["code"])).to_be_visible()
    people.said.clear()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_a_session_that_ends_in_the_middle_of_a_fact_loses_nothing(
    people: People, asked: Asked, installation: Installation, *, scripts: bool
) -> None:
    page = people.page("case_owner", width=PHONE, java_script_enabled=scripts)
    page.goto(f"/cases/{asked.case_id}/facts/financial_hardship")
    page.get_by_label("Có", exact=True).check()
    page.get_by_label("Số giấy tờ").fill("28/QĐ-UBND")
    with psycopg.connect(installation.database("directory")) as connection:
        connection.execute("UPDATE staff_sessions SET used_at = used_at - interval '21 minutes'")
    page.get_by_role("button", name="Ghi nhận").click()
    expect(page.get_by_role("heading", name="Phiên làm việc đã kết thúc")).to_be_visible()
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Đăng nhập lại trong thẻ mới").click()
    log_in(opened.value, people, "case_owner")
    expect(opened.value.get_by_role("navigation", name="Các phần")).to_be_visible()
    page.get_by_role("button", name="Gửi lại").click()
    told = page.get_by_role("region", name="Thông tin đã bổ sung")
    expect(told.get_by_text("28/QĐ-UBND")).to_be_visible()
    people.said.clear()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_a_form_sent_twice_or_sent_again_after_going_back_counts_once(
    people: People, asked: Asked, *, scripts: bool
) -> None:
    page = people.page("case_owner", java_script_enabled=scripts)
    page.goto(f"/cases/{asked.case_id}/facts/poor_household")
    page.get_by_label("Có", exact=True).check()
    page.get_by_label("Số giấy tờ").fill("29/QĐ-UBND")
    page.get_by_role("button", name="Ghi nhận").dblclick()
    told = page.get_by_role("region", name="Thông tin đã bổ sung")
    expect(told.get_by_text("29/QĐ-UBND")).to_have_count(1)
    page.go_back()
    expect(page.get_by_role("button", name="Ghi nhận")).to_be_enabled()
    page.reload()
    before = page.locator("ol li").filter(has_text="29/QĐ-UBND")
    expect(before).to_have_count(1)
    people.said.clear()


@pytest.mark.parametrize(
    ("down", "part", "stays"),
    [
        (Queue.INTAKE, "/support", "Nhu cầu"),
        (Queue.INTAKE, "/referrals", "Hỗ trợ học nghề"),
        (Queue.LIVELIHOOD_SUPPORT, "/consents", "Ai đã được biết danh tính"),
        (Queue.DIRECTORY, "/assignments", "Lý do"),
    ],
)
def test_a_service_that_is_down_leaves_the_rest_of_a_page(
    *,
    people: People,
    console_settings: ConsoleSettings,
    asked: Asked,
    down: Queue,
    part: str,
    stays: str,
) -> None:
    console = app.create(console_settings)
    console.state.exchange = Without(console.state.exchange, down)
    with served(console) as port:
        page = people.page("case_owner", width=PC)
        page.goto(f"http://127.0.0.1:{port}/cases/{asked.case_id}{part}")
        expect(page.get_by_text(re.compile("^Chưa tải được phần")).first).to_be_visible()
        expect(page.get_by_text(stays).first).to_be_visible()
    people.said.clear()
