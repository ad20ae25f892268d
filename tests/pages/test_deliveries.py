"""Where organisations are told, as operators and their own people see it and change it."""

import re
from uuid import UUID

import pytest
from playwright.sync_api import expect

from deploy.stack.installation import Installation
from tests.notification.receivers import Receiver
from tests.pages.browsing import ON_ITS_WAY, PC, PHONE, Eventually, People, check, find_duty


def test_an_endpoint_is_suspended_in_two_clicks_resumed_and_tested(
    people: People,
    installation: Installation,
    receiver: tuple[Receiver, UUID, str],
    eventually: Eventually,
) -> None:
    system, school, name = receiver
    page = people.page("operator", width=PHONE)
    page.goto("/account")
    page.get_by_role("link", name="Gửi thông báo").click()
    check(page)
    mine = page.get_by_role("listitem").filter(has_text=name)
    mine.get_by_role("button", name="Tạm ngừng gửi").click()
    expect(mine.get_by_text("Bên nhận đề nghị · từ")).to_be_visible()
    assert mine.get_by_role("button", name="Gửi thử").count() == 0
    all_must_act(people, school, name)
    mine.get_by_role("button", name="Gửi tiếp").click()
    expect(mine.get_by_text("Hoạt động")).to_be_visible()
    mine.get_by_role("button", name="Gửi thử").click()
    expect(page.get_by_role("heading", name="Gửi thử")).to_be_visible()
    eventually(lambda: any(b"endpoint.test" in each.body for each in system.got))
    eventually(lambda: page.reload() is not None and page.get_by_text("HTTP 204").count() == 1)
    check(page)
    page.get_by_role("link", name=name).click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    check(page)


def all_must_act(people: People, school: UUID, name: str) -> None:
    """What is suspended is its organisation's to mend, or whoever's administers it, and the
    operator's to let go on: each on the page of this very address.
    """
    mend = "Khắc phục địa chỉ nhận thông báo"
    for role, title, where in (
        ("provider", mend, "/deliveries/own"),
        ("administrator", mend, f"/administration/organisations/{school}#endpoint"),
        ("operator", "Cho gửi thông báo tiếp", f"/deliveries/of/{school}"),
    ):
        page = people.page(role)
        duty = page.locator(".nc-duty").get_by_role("link", name=title)
        find_duty(page, duty.and_(page.locator(f'[href="{where}"]'))).click()
        expect(page).to_have_url(re.compile(f"{re.escape(where)}$"))
        expect(page.get_by_role("heading", level=1)).to_contain_text(name)


@pytest.mark.long
def test_a_test_is_seen_to_arrive_without_loading_the_page_again(
    people: People, receiver: tuple[Receiver, UUID, str]
) -> None:
    _, _, name = receiver
    page = people.page("operator")
    page.goto("/deliveries")
    page.get_by_role("listitem").filter(has_text=name).get_by_role("button", name="Gửi thử").click()
    expect(page.get_by_role("heading", name="Gửi thử")).to_be_visible()
    page.evaluate("document.title = 'not loaded again'")
    arrived = page.get_by_text("Hệ thống nhận đã xác nhận.")
    expect(arrived).to_be_visible(timeout=ON_ITS_WAY)
    expect(page.get_by_text("HTTP 204")).to_be_visible()
    assert page.title() == "not loaded again"


def test_whoever_receives_nothing_comes_first_and_can_be_seen_alone(
    people: People, receiver: tuple[Receiver, UUID, str]
) -> None:
    _, school, name = receiver
    page = people.page("operator", java_script_enabled=False)
    page.goto("/deliveries")
    mine = page.get_by_role("listitem").filter(has_text=name).filter(has=page.locator("select"))
    mine.get_by_role("combobox").select_option("incident")
    mine.get_by_role("button", name="Tạm ngừng gửi").click()
    page.get_by_role("link", name=re.compile("Cần xem")).click()
    page.wait_for_load_state()
    listed = page.locator(".nc-ops-recipient")
    assert listed.count() == page.locator(".nc-ops-recipient--down").count() > 0
    page.get_by_role("link", name=name).click()
    expect(page.get_by_text("Tin phải gửi được giữ lại")).to_be_visible()
    page.get_by_role("button", name="Gửi tiếp").click()
    assert page.url.endswith(f"/deliveries/of/{school}"), "one stays where one was"
    expect(page.get_by_text("Tin phải gửi được giữ lại")).to_have_count(0)


@pytest.mark.parametrize("width", [PHONE, PC])
def test_a_manager_says_where_notices_go_changes_the_key_and_stops_them(
    people: People, width: int
) -> None:
    page = people.page("manager", width=width)
    page.goto("/account")
    page.get_by_role("link", name="Nhận thông báo").click()
    expect(page.get_by_text("Chưa đăng ký địa chỉ nhận tin.")).to_be_visible()
    check(page)
    page.get_by_label("Địa chỉ mới").fill("http://khong-an-toan.vn")
    page.get_by_role("button", name="Đăng ký địa chỉ").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("Địa chỉ mới")).to_have_value("http://khong-an-toan.vn")
    page.get_by_label("Địa chỉ mới").fill("https://don-vi.vn/tin")
    page.get_by_role("button", name="Đăng ký địa chỉ").click()
    secret = page.get_by_text(re.compile("^whsec_")).inner_text()
    check(page)
    page.get_by_role("button", name="Đổi khóa ký").click()
    expect(page.get_by_text(re.compile("^whsec_"))).not_to_have_text(secret)
    page.goto("/deliveries/own")
    expect(page.get_by_text("https://don-vi.vn/tin")).to_be_visible()
    expect(page.get_by_text(re.compile("^whsec_"))).to_have_count(0)
    page.get_by_role("button", name="Ngừng gửi tin").click()
    expect(page.get_by_text("Chưa đăng ký địa chỉ nhận tin.")).to_be_visible()
    people.said.clear()


@pytest.mark.parametrize("width", [PHONE, PC])
def test_an_office_gets_a_mailbox_and_loses_it_again(people: People, width: int) -> None:
    page = people.page("manager", width=width)
    page.goto("/deliveries/own")
    field = page.get_by_label("Hộp thư mới")
    field.fill("văn phòng")
    page.get_by_role("button", name="Dùng hộp thư này").click()
    expect(page.get_by_role("alert")).to_contain_text("Hộp thư phải là địa chỉ thư điện tử")
    expect(page.get_by_label("Hộp thư mới")).to_have_value("văn phòng")
    check(page)
    page.get_by_label("Hộp thư mới").fill(f"van-phong-{width}@don-vi.vn")
    page.get_by_role("button", name="Dùng hộp thư này").click()
    row = page.get_by_role("listitem").filter(has_text=f"van-phong-{width}@don-vi.vn")
    expect(row).to_contain_text("Đang dùng")
    check(page)
    row.get_by_role("button", name="Thôi gửi đến hộp thư này").click()
    expect(row).to_contain_text("Đã thôi dùng")
    expect(row.get_by_role("button")).to_have_count(0)
    people.said.clear()


@pytest.mark.parametrize("width", [PHONE, PC])
def test_an_office_gets_a_phone_on_duty_and_loses_it_again(people: People, width: int) -> None:
    page = people.page("manager", width=width)
    page.goto("/deliveries/own")
    page.get_by_label("Số điện thoại trực mới").fill("02253842124")
    page.get_by_role("button", name="Dùng số này").click()
    expect(page.get_by_role("alert")).to_contain_text("Số điện thoại phải là số di động")
    expect(page.get_by_label("Số điện thoại trực mới")).to_have_value("02253842124")
    check(page)
    number = f"+84900{width:06}"
    page.get_by_label("Số điện thoại trực mới").fill(number)
    page.get_by_role("button", name="Dùng số này").click()
    row = page.get_by_role("listitem").filter(has_text=number)
    expect(row).to_contain_text("Đang dùng")
    check(page)
    row.get_by_role("button", name="Thôi nhắn tin đến số này").click()
    expect(row).to_contain_text("Đã thôi dùng")
    expect(row.get_by_role("button")).to_have_count(0)
    people.said.clear()


def test_an_organisation_watches_its_own_deliveries_and_suspends_nothing(
    people: People, receiver: tuple[Receiver, UUID, str]
) -> None:
    _, _, name = receiver
    page = people.page("provider")
    page.goto("/deliveries")
    expect(page.get_by_role("link", name=name)).to_be_visible()
    assert page.locator(".nc-ops-recipient").count() == 1
    assert page.get_by_role("button", name="Tạm ngừng gửi").count() == 0
    assert page.get_by_role("button", name="Gửi thử").count() == 1
    page.goto("/operations/verification")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.locator(".nc-ops-lane").count() == 0
    people.said.clear()
