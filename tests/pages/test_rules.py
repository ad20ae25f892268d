"""A period is changed in a browser: one administrator proposes a row, another publishes it."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from deploy.stack.client import ApiClient
from shared.kit.identifiers import new_id
from tests.pages.browsing import PC, PHONE, Eventually, People, check, find_duty, is_duty

PROPOSALS = "/directory/v1/law/proposals"
ANSWER = "Thời hạn trả lời đề nghị tiếp nhận"
FRESHNESS = "Thời hạn xác nhận lại thông tin danh bạ"
FAR = date(2099, 1, 1)
"""No other test meets a row of that day."""
FRESH = {
    "key": "directory.freshness",
    "amount": 60,
    "unit": "day",
    "status": "assumed",
    "valid_from": FAR.isoformat(),
    "reason": "agreed",
    "reference": "15/QĐ-SYT",
}


class Colleague:
    """An administrator elsewhere, who works by the API."""

    def __init__(self, client: ApiClient) -> None:
        self._client = client

    def proposes(self, **changes: Any) -> str:
        """The id of a row that they propose."""
        answer = self._client.post(PROPOSALS, FRESH | changes, key=str(new_id()))
        assert answer.status_code == 201, answer.text
        made: str = answer.json()["id"]
        return made

    def is_rehearsed(self, proposal_id: str) -> bool:
        """Whether every service has said how far it would reach."""
        found = self._client.get(f"{PROPOSALS}/{proposal_id}").json()
        return bool(found["rehearsals"]) and not found["awaited"]

    def publishes(self, proposal_id: str) -> None:
        """Publish what the person in the browser proposed."""
        path = f"{PROPOSALS}/{proposal_id}/publications"
        answer = self._client.post(path, {}, key=str(new_id()))
        assert answer.status_code == 201, answer.text

    def tidies(self) -> None:
        """Give up what a test has left."""
        for each in self._client.get(f"{PROPOSALS}?state=proposed").json()["items"]:
            self._client.post(f"{PROPOSALS}/{each['id']}/withdrawals", {}, key=str(new_id()))


@pytest.fixture
def colleague(client_of: Callable[[str], ApiClient]) -> Iterator[Colleague]:
    found = Colleague(client_of("administrator"))
    yield found
    found.tidies()


def to_form(page: Page, key: str) -> None:
    page.goto("/")
    tabs = page.get_by_role("navigation", name="Các phần", exact=True)
    tabs.get_by_role("link", name="Thời hạn theo quy định").click()
    page.locator(f"[id='{key}']").get_by_role("link", name="Đề xuất quy định mới").click()
    page.get_by_label("Thời hạn mới").wait_for()


def fill(page: Page, amount: str, day: str) -> None:
    page.get_by_label("Thời hạn mới").fill(amount)
    page.get_by_label("Mức độ chắc chắn").select_option("assumed")
    page.get_by_label("Áp dụng từ ngày").fill(day)
    page.get_by_label("Lý do").select_option("agreed")
    page.get_by_label("Số văn bản cho phép sửa").fill("15/QĐ-SYT")
    page.get_by_role("button", name="Gửi đề xuất").click()


@pytest.mark.parametrize("width", [PHONE, PC])
def test_an_administrator_proposes_a_row_and_another_publishes_it(
    people: People, colleague: Colleague, eventually: Eventually, width: int
) -> None:
    page = people.page("administrator", width=width)
    to_form(page, "referral.answer")
    check(page)
    day = f"01/01/{FAR.year + width}"
    fill(page, "4", day)
    expect(page.get_by_role("status").filter(has_text="Đã gửi đề xuất")).to_be_visible()
    expect(page.get_by_text("Người khác phải đọc và ban hành đề xuất này.")).to_be_visible()
    expect(page.get_by_role("button", name="Ban hành")).to_have_count(0)
    proposal_id = page.url.rpartition("/")[2]
    eventually(lambda: colleague.is_rehearsed(proposal_id))
    page.reload()
    expect(page.get_by_role("region", name="Kết quả chạy thử")).to_contain_text(
        "ngày đến hạn đang chạy sẽ thay đổi"
    )
    check(page)
    colleague.publishes(proposal_id)
    page.goto("/rules")
    row = page.locator("[id='referral.answer']")
    expect(row).to_contain_text("4 ngày làm việc")
    expect(row).to_contain_text(f"Từ {day}")
    check(page)
    row.get_by_role("link", name="Sửa theo văn bản số 15/QĐ-SYT").first.click()
    expect(page.get_by_text("Đã ban hành").first).to_be_visible()


@pytest.mark.parametrize("width", [PHONE, PC])
def test_what_another_proposed_is_a_duty_until_it_is_published(
    people: People, colleague: Colleague, eventually: Eventually, width: int
) -> None:
    proposal_id = colleague.proposes(amount=60 + width)
    eventually(lambda: colleague.is_rehearsed(proposal_id))
    page = people.page("administrator", width=width)
    duty = page.locator(f'.nc-duty a[href="/rules/proposals/{proposal_id}"]')
    find_duty(page, duty).click()
    expect(page.get_by_role("heading", name=FRESHNESS, level=1)).to_be_visible()
    expect(page.get_by_text(f"{60 + width} ngày")).to_be_visible()
    check(page)
    page.get_by_role("button", name="Ban hành").click()
    expect(page.get_by_role("status").filter(has_text="Đã ban hành")).to_be_visible()
    assert not is_duty(page, duty)


def test_what_is_wrong_is_said_beside_its_field(people: People, colleague: Colleague) -> None:
    page = people.page("administrator")
    to_form(page, "directory.freshness")
    fill(page, "ba mươi", "01/01/2099")
    expect(page.locator("#amount-error")).to_be_visible()
    expect(page.get_by_label("Thời hạn mới")).to_have_value("ba mươi")
    check(page)
    page.get_by_label("Thời hạn mới").fill("30")
    page.get_by_label("Mức độ chắc chắn").select_option("confirmed")
    page.get_by_role("button", name="Gửi đề xuất").click()
    expect(page.get_by_role("alert")).to_contain_text("Tạm giả định")
    page.get_by_label("Mức độ chắc chắn").select_option("assumed")
    page.get_by_label("Áp dụng từ ngày").fill("01/01/2026")
    page.get_by_role("button", name="Gửi đề xuất").click()
    expect(page.get_by_role("alert")).to_contain_text("từ ngày sau ngày ban hành trở đi")
    page.get_by_label("Áp dụng từ ngày").fill("01/01/2099")
    page.get_by_role("button", name="Gửi đề xuất").click()
    expect(page.get_by_role("status").filter(has_text="Đã gửi đề xuất")).to_be_visible()
    page.get_by_role("button", name="Rút đề xuất").click()
    expect(page.get_by_role("status").filter(has_text="Đã rút đề xuất")).to_be_visible()
    people.said.clear()  # the browser notes that it was refused


def test_everybody_reads_the_periods_and_an_auditor_what_was_proposed(people: People) -> None:
    page = people.page("provider")
    page.goto("/rules")
    expect(page.get_by_text(ANSWER).first).to_be_visible()
    expect(page.get_by_role("link", name="Đề xuất quy định mới")).to_have_count(0)
    check(page)
    assert page.request.get("/rules/proposals").status == 403
    assert page.request.get("/rules/new?key=referral.answer").status == 403
    auditor = people.page("auditor")
    auditor.goto("/rules/proposals")
    expect(auditor.get_by_role("heading", name="Các đề xuất sửa thời hạn")).to_be_visible()
    expect(auditor.get_by_role("button", name="Ban hành")).to_have_count(0)
    check(auditor)


def test_a_period_that_is_none_cannot_be_changed(people: People) -> None:
    page = people.page("administrator")
    assert page.request.get("/rules/new?key=referral.none").status == 422
    assert page.request.get("/rules/new?key=referral.answer&regime=2024").status == 404
    assert page.request.get(f"/rules/proposals/{new_id()}").status == 404
