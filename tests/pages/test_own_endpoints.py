"""An organisation of several systems says for each what it is for, and sees how each is doing."""

import re
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from deploy.stack.installation import Installation
from shared.contracts import Queue
from shared.kit.identifiers import new_id
from tests.notification.receivers import Receiver
from tests.pages.browsing import PC, PHONE, People, check
from tests.pages.operating import rows

REST = "Mọi tin không có địa chỉ riêng"
OF_CASES = "Trường hợp, kế hoạch và cảnh báo"
SECRET = re.compile("^whsec_")


def register(page: Page, url: str, topic: str | None = None) -> None:
    page.get_by_label("Địa chỉ mới").fill(url)
    if topic:
        page.get_by_label("Địa chỉ này nhận").select_option(label=topic)
    page.get_by_role("button", name="Đăng ký địa chỉ").click()
    expect(page.get_by_text(SECRET)).to_be_visible()


def systems_of(page: Page) -> list[str]:
    """What each address is for, as the page lists them."""
    rows_of = page.locator("li").filter(has=page.get_by_role("button", name="Ngừng gửi tin"))
    return [each.locator(".nc-rows__name").inner_text() for each in rows_of.all()]


@pytest.mark.parametrize("width", [PHONE, PC])
def test_a_manager_has_each_system_told_what_it_is_for(people: People, width: int) -> None:
    page = people.page("manager", width=width)
    page.goto("/deliveries/own")
    register(page, "https://don-vi.vn/tin")
    register(page, "https://ho-so.don-vi.vn/tin", OF_CASES)
    check(page)
    page.goto("/deliveries/own")
    assert [re.sub(r"\s*Đang dùng$", "", each) for each in systems_of(page)] == [REST, OF_CASES]
    expect(page.get_by_text("https://ho-so.don-vi.vn/tin")).to_be_visible()
    check(page)
    page.get_by_role("button", name=f"Đổi khóa ký {OF_CASES}").click()
    expect(page.get_by_text(SECRET)).to_be_visible()
    assert len(systems_of(page)) == 2, "another secret for the same"
    page.get_by_role("button", name=f"Ngừng gửi tin {OF_CASES}").click()
    expect(page.get_by_text("https://ho-so.don-vi.vn/tin")).to_have_count(0)
    expect(page.get_by_text("https://don-vi.vn/tin")).to_be_visible()
    page.get_by_role("button", name="Ngừng gửi tin").click()
    expect(page.get_by_text("Chưa đăng ký địa chỉ nhận tin.")).to_be_visible()


def test_what_was_typed_is_kept_with_what_it_was_to_be_for(people: People) -> None:
    page = people.page("manager")
    page.goto("/deliveries/own")
    page.get_by_label("Địa chỉ mới").fill("http://khong-an-toan.vn")
    page.get_by_label("Địa chỉ này nhận").select_option(label=OF_CASES)
    page.get_by_role("button", name="Đăng ký địa chỉ").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("Địa chỉ mới")).to_have_value("http://khong-an-toan.vn")
    expect(page.get_by_label("Địa chỉ này nhận")).to_have_value("cases")
    people.said.clear()


@pytest.mark.parametrize("width", [PHONE, PC])
def test_an_administrator_sees_and_changes_each_address_of_an_organisation(
    people: People, receiver: tuple[Receiver, UUID, str], width: int
) -> None:
    _, school, _ = receiver
    page = people.page("administrator", width=width)
    page.goto(f"/administration/organisations/{school}")
    register(page, "https://xac-minh.truong.vn/tin", "Xác minh")
    check(page)
    page.get_by_role("button", name="Ngừng gửi tin Xác minh").click()
    expect(page.get_by_text("https://xac-minh.truong.vn/tin")).to_have_count(0)


def test_an_operator_suspends_one_system_and_the_other_goes_on(
    people: People, installation: Installation, receiver: tuple[Receiver, UUID, str]
) -> None:
    _, school, name = receiver
    endpoint_id = new_id()
    rows(
        installation,
        Queue.NOTIFICATION,
        "INSERT INTO endpoints (endpoint_id, organisation_id, topic, url, status, secret_version,"
        " secret_since, changed_at)"
        " VALUES (%s, %s, 'cases', 'https://ho-so.truong.vn/tin', 'active', 1, now(), now())",
        endpoint_id,
        school,
    )
    try:
        page = people.page("operator", width=PHONE)
        page.goto(f"/deliveries/of/{school}")
        check(page)
        states = page.locator("section").filter(
            has=page.get_by_role("heading", name="Tình trạng gửi")
        )
        expect(states.get_by_text(REST, exact=True)).to_be_visible()
        expect(states.get_by_text(OF_CASES, exact=True)).to_be_visible()
        expect(states.get_by_text("Hoạt động")).to_have_count(2)
        suspend = f"/deliveries/endpoints/{endpoint_id}/suspensions"
        page.locator(f'form[action="{suspend}"]').get_by_role("button").click()
        expect(states.get_by_text("Hoạt động")).to_have_count(1)
        expect(states.get_by_text("Bên nhận đề nghị · từ")).to_be_visible()
        page.goto("/deliveries")
        mine = page.get_by_role("listitem").filter(has_text=name)
        expect(mine.get_by_text(OF_CASES, exact=True)).to_be_visible()
        check(page)
    finally:
        rows(
            installation,
            Queue.NOTIFICATION,
            "UPDATE endpoints SET status = 'disabled', suspended_at = NULL, suspended_by = NULL,"
            " suspension_reason = NULL WHERE endpoint_id = %s",
            endpoint_id,
        )
