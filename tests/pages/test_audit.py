"""The audit of one case: found by its code, in one order of time, as a file and on paper."""

import csv
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from io import StringIO
from itertools import pairwise
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from playwright.sync_api import Page, expect

from deploy.stack.client import ApiClient
from services.console.clients import Exchange, ServiceDown
from services.console.pages import audit
from tests.pages.browsing import FROM_HERE, PC, PHONE, People, check

MOMENT = timedelta(seconds=1)
NAME = "Nguyễn Thị Ví Dụ"
"""Of the person in the example; on no page here."""


@pytest.fixture
def read_case(
    a_case: Callable[..., dict[str, Any]],
    client_of: Callable[[str], ApiClient],
    eventually: Callable[[Callable[[], bool]], None],
) -> dict[str, Any]:
    """A case whose verification the case owner has read."""
    case = a_case()

    def is_read() -> bool:
        answer = client_of("case_owner").get("/verification/v1/verifications", case_id=case["id"])
        return bool(answer.json()["items"])

    eventually(is_read)
    return case


def times_on(page: Page) -> list[str]:
    found: list[str] = page.locator("time").evaluate_all("all => all.map(it => it.dateTime)")
    return found


def is_newest_first(times: list[str]) -> bool:
    """Entries stand in the order of their ids, which are made a moment after their time is read."""
    read = [datetime.fromisoformat(each) for each in times]
    return all(after - before < MOMENT for before, after in pairwise(read))


def find(page: Page, code: str) -> None:
    page.goto("/audit")
    page.get_by_label("Mã trường hợp").fill(code)
    page.get_by_role("button", name="Mở nhật ký").click()


@pytest.mark.parametrize("width", [PHONE, PC])
def test_an_auditor_sees_who_did_and_read_what(
    people: People, read_case: dict[str, Any], width: int
) -> None:
    page = people.page("auditor", width=width)
    page.goto("/account")
    page.get_by_role("link", name="Nhật ký kiểm tra").click()
    check(page)
    page.get_by_label("Mã trường hợp").fill(read_case["code"].lower())
    page.get_by_role("button", name="Mở nhật ký").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(read_case["code"])
    assert read_case["code"] not in page.url
    rows = page.get_by_role("listitem")
    received = rows.filter(has_text="Tiếp nhận trường hợp")
    expect(received).to_contain_text("Ủy ban nhân dân xã Kiến Thụy")
    expect(received).to_contain_text("Hệ thống của cơ quan, tổ chức")
    expect(rows.filter(has_text="Tìm việc xác minh của trường hợp").first).to_be_visible()
    expect(rows.filter(has_text="Nhịp Cầu tự làm").first).to_be_visible()
    assert is_newest_first(times_on(page))
    check(page)
    page.reload()
    own = rows.filter(has_text="Xem nhật ký kiểm tra").first
    expect(own).to_contain_text("Bộ phận kiểm tra, giám sát Nhịp Cầu")
    assert NAME not in page.content()


def test_a_code_that_is_mistyped_or_of_no_case_is_said_beside_the_field(people: People) -> None:
    page = people.page("auditor", java_script_enabled=False)
    for code in ("HP-7K3M-9Q2G", "", "không phải mã"):
        find(page, code)
        expect(page.get_by_role("alert").get_by_role("link")).to_have_attribute("href", "#code")
    check_error(page)
    page.goto(f"/audit/{uuid4()}")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Không có")
    people.said.clear()


def check_error(page: Page) -> None:
    expect(page).to_have_title(re.compile("^Lỗi:"))
    expect(page.get_by_label("Mã trường hợp")).to_have_value("không phải mã")


def test_pages_and_the_file_have_every_entry_once(
    people: People, read_case: dict[str, Any], address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = people.page("auditor", java_script_enabled=False)
    find(page, read_case["code"])
    here = page.url
    monkeypatch.setattr(audit, "SIZE", 2)
    seen: list[str] = []
    page.goto(here)
    while True:
        seen += times_on(page)
        older = page.get_by_role("link", name="Trước đó")
        if older.count() == 0:
            break
        older.click()
    assert len(seen) > 4
    assert is_newest_first(seen)
    monkeypatch.setattr(audit, "MOST_AT_ONCE", 3)
    with httpx2.Client(base_url=address, trust_env=False) as client:
        client.cookies.set("session", people.session("auditor"))
        answer = client.get(f"{here}/export", headers=FROM_HERE)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].startswith(
        f'attachment; filename="nhat-ky-{read_case["code"]}-'
    )
    head, *rows = csv.reader(StringIO(answer.text.removeprefix("\ufeff")))
    assert head[:3] == ["Thời điểm", "Cơ quan, tổ chức", "Người"]
    assert len({each[-1] for each in rows}) == len(rows) > 4
    assert [each[-1] for each in rows] == sorted((each[-1] for each in rows), reverse=True)
    assert NAME not in answer.text


def test_a_service_that_is_down_is_missed_and_the_page_stays(
    people: People, read_case: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = Exchange.ask

    async def ask(self: Exchange, *how: Any, **more: Any) -> Any:
        if {"notification", "directory"} & set(how):
            raise ServiceDown
        return await asked(self, *how, **more)

    page = people.page("auditor", width=PHONE)
    find(page, read_case["code"])
    expect(page.get_by_role("heading", level=1)).to_contain_text(read_case["code"])
    monkeypatch.setattr(Exchange, "ask", ask)
    page.reload()
    expect(page.get_by_text("Tiếp nhận trường hợp")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="Thông báo")).to_be_visible()
    expect(page.get_by_text("client:").first).to_be_visible()
    people.said.clear()


def test_it_is_printed_without_what_is_for_screens(
    people: People, read_case: dict[str, Any]
) -> None:
    page = people.page("auditor")
    find(page, read_case["code"])
    page.emulate_media(media="print")
    expect(page.get_by_text("Tiếp nhận trường hợp")).to_be_visible()
    for name in ("Tải về (CSV)", "Trường hợp khác", "Nhật ký kiểm tra"):
        expect(page.get_by_role("link", name=name)).to_be_hidden()


def test_whoever_is_no_auditor_finds_no_audit(people: People, read_case: dict[str, Any]) -> None:
    page = people.page("verifier")
    page.goto("/account")
    expect(page.get_by_role("link", name="Nhật ký kiểm tra")).to_have_count(0)
    for path in ("/audit", f"/audit/{read_case['id']}", f"/audit/{read_case['id']}/export"):
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 403
    people.said.clear()
