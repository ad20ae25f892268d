"""What notices say, in a browser: one person writes, another reads and publishes."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from deploy.stack.client import ApiClient
from shared.kit.identifiers import new_id
from tests.pages.browsing import PC, PHONE, People, check, find_duty, is_duty

BASE = "/notification/v1/template-versions"
KIND = "vn.nhipcau.plan.revised.v1"
NAME = "Kế hoạch hỗ trợ đã thay đổi"
OF_SMS = {"kind": KIND, "channel": "sms"}
Client = Callable[[str], ApiClient]


class Colleague:
    """An administrator elsewhere, who works by the API."""

    def __init__(self, client: ApiClient) -> None:
        self._client = client

    def _post(self, path: str, body: dict[str, Any], **how: Any) -> Any:
        answer = self._client.post(f"{BASE}{path}", body, key=str(new_id()), **how)
        assert answer.status_code < 300, answer.text
        return answer.json()

    def drafts(self, text: str) -> str:
        """Begin a draft of the text to phones; its id."""
        words = {"wording_vi": text, "wording_en": "Code {{ code }}."}
        made: str = self._post("", {**OF_SMS, **words, "reason": "clearer"})["id"]
        return made

    def publishes(self, page: Page) -> None:
        """Publish the draft that a page shows."""
        found = self._client.get(f"{BASE}/{version_on(page)}").json()
        self._post(f"/{found['id']}/publications", {}, version=f'"{found["version"]}"')

    def tidies(self) -> None:
        """Give up a draft that a test has left."""
        found = self._client.get(f"{BASE}?kind={KIND}&channel=sms").json()["items"]
        for each in found:
            if each["state"] == "draft":
                self._post(f"/{each['id']}/discards", {})


def version_on(page: Page) -> str:
    return page.url.split("/")[-1].split("?")[0]


@pytest.fixture
def colleague(client_of: Client) -> Iterator[Colleague]:
    found = Colleague(client_of("administrator"))
    yield found
    found.tidies()


def to_text(page: Page, channel: str = "sms") -> None:
    page.goto("/")
    tabs = page.get_by_role("navigation", name="Các phần", exact=True)
    tabs.get_by_role("link", name="Mẫu thông báo").click()
    check(page)
    page.locator(f"[data-template='{KIND}/{channel}']").get_by_role("link").click()
    expect(page.get_by_role("heading", name=NAME, level=1)).to_be_visible()


@pytest.mark.parametrize("width", [PHONE, PC])
def test_an_administrator_reads_what_another_wrote_and_publishes_it(
    people: People, colleague: Colleague, width: int
) -> None:
    text = f"Anh chị xem giúp phần {width}, mã {{{{ code }}}}."
    draft_id = colleague.drafts(text)
    page = people.page("administrator", width=width)
    duty = page.locator(f'.nc-duty a[href="/templates/versions/{draft_id}"]')
    find_duty(page, duty).click()
    expect(page.get_by_role("button", name="Ban hành")).to_be_visible()
    to_text(page)
    check(page)
    page.get_by_role("link", name="Xem bản nháp").click()
    expect(page.get_by_text(f"Anh chị xem giúp phần {width}, mã 019CD0B4.")).to_be_visible()
    expect(page.get_by_text("Số đoạn tin: 1").first).to_be_visible()
    check(page)
    page.get_by_role("button", name="Ban hành").click()
    expect(page.get_by_role("status").filter(has_text="Đã ban hành")).to_be_visible()
    to_text(page)
    expect(page.get_by_text(f"Anh chị xem giúp phần {width}, mã 019CD0B4.")).to_be_visible()
    expect(page.locator("#history + ol li").first).to_contain_text("Người ban hành")
    assert not is_duty(page, duty)


@pytest.mark.parametrize("width", [PHONE, PC])
def test_a_telling_word_is_named_beside_its_field_and_nobody_publishes_their_own(
    people: People, colleague: Colleague, width: int
) -> None:
    page = people.page("administrator", width=width)
    to_text(page)
    page.get_by_role("link", name="Soạn nội dung mới").click()
    check(page)
    page.get_by_label("Nội dung tiếng Việt").fill("Moi n.a.n n.h.a.n den, ma {{ code }}")
    page.get_by_label("Nội dung tiếng Anh").fill("See the shelter, {{ code }}")
    page.get_by_label("Lý do").select_option("clearer")
    page.get_by_role("button", name="Lưu bản nháp").click()
    wrong = page.get_by_role("alert")
    expect(wrong).to_contain_text("từ tiếng Việt “nạn nhân”")
    expect(wrong).to_contain_text("từ tiếng Anh “shelter”")
    expect(page.locator("#wording_vi-error")).to_contain_text("“nạn nhân”")
    expect(page.get_by_label("Nội dung tiếng Việt")).to_have_value(
        "Moi n.a.n n.h.a.n den, ma {{ code }}"
    )
    check(page)
    people.said.clear()  # the browser notes that it was refused
    page.get_by_label("Nội dung tiếng Việt").fill("Mời xem, mã {{ code }}")
    page.get_by_label("Nội dung tiếng Anh").fill("Please look, {{ code }}")
    page.get_by_role("button", name="Lưu bản nháp").click()
    expect(page.get_by_role("status").filter(has_text="Đã lưu bản nháp")).to_be_visible()
    expect(page.get_by_text("Mời xem, mã 019CD0B4")).to_be_visible()
    expect(page.get_by_role("button", name="Ban hành")).to_have_count(0)
    page.get_by_role("link", name="Sửa bản nháp").click()
    page.get_by_label("Nội dung tiếng Việt").fill("Mời anh chị xem, mã {{ code }}")
    page.get_by_role("button", name="Lưu bản nháp").click()
    expect(page.get_by_text("Mời anh chị xem, mã 019CD0B4")).to_be_visible()
    page.get_by_role("button", name="Hủy bản nháp").click()
    expect(page.get_by_role("status").filter(has_text="Đã hủy bản nháp")).to_be_visible()


def test_a_manager_writes_for_the_own_organisation_and_goes_back_to_what_all_say(
    people: People, colleague: Colleague
) -> None:
    page = people.page("manager")
    to_text(page, "email")
    page.get_by_role("link", name="Soạn nội dung mới").click()
    page.get_by_label("Tiêu đề tiếng Việt").fill("Việc của cơ quan ta")
    page.get_by_label("Lý do").select_option("clearer")
    page.get_by_role("button", name="Lưu bản nháp").click()
    expect(page.get_by_text("Việc của cơ quan ta")).to_be_visible()
    check(page)
    colleague.publishes(page)
    to_text(page, "email")
    expect(page.get_by_text("Việc của cơ quan ta").first).to_be_visible()
    page.get_by_role("button", name="Đề nghị dùng lại mẫu chung").click()
    expect(page.get_by_text("mẫu chung được dùng.")).to_be_visible()
    colleague.publishes(page)
    to_text(page, "email")
    expect(page.get_by_text("Mẫu có sẵn", exact=True)).to_be_visible()
    expect(page.get_by_text("Việc của cơ quan ta")).to_have_count(0)


def test_what_is_not_ones_own_cannot_be_changed(people: People) -> None:
    page = people.page("manager")
    page.goto(f"/templates/{KIND}/sms")
    expect(page.get_by_role("heading", name=NAME, level=1)).to_be_visible()
    expect(page.get_by_role("link", name="Soạn nội dung mới")).to_have_count(0)
    other = page.request.get(f"/templates?organisation_id={new_id()}")
    assert other.status == 404
    for nothing in ("endpoints/sms", f"{KIND}/pigeon", f"{KIND}/sms/new?after=..%2f..%2fendpoints"):
        assert page.request.get(f"/templates/{nothing}").status == 422
    assert people.page("provider").request.get("/templates").status == 403
