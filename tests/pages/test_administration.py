"""Whoever administers organisations, and whoever manages the people of one."""

import re
from uuid import uuid4

import orjson
import pytest
from joserfc.jwk import OKPKey
from playwright.sync_api import Page, expect

from tests.pages.browsing import PC, PHONE, Hand, People, check

SCHOOL = "Trường Cao đẳng nghề Thử Nghiệm"


@pytest.fixture(scope="module")
def made(known: People) -> str:
    """An organisation that an administrator has taken in: its address in the console."""
    page = known.page("administrator")
    page.goto("/administration/new")
    page.get_by_label("Tên tiếng Việt").fill(SCHOOL)
    page.get_by_label("Tên tiếng Anh").fill("A trial school")
    page.get_by_label("Mã", exact=True).fill(f"truong-{uuid4().hex[:8]}")
    page.get_by_label("Loại").select_option("vocational_school")
    page.get_by_label("Vai trò").select_option("manager")
    page.get_by_label("Mã đơn vị hành chính").fill("31")
    page.get_by_role("button", name="Lưu").click()
    expect(page.get_by_role("heading", name=SCHOOL)).to_be_visible()
    place = page.url
    known.leave()
    return place


def test_a_dated_role_takes_four_clicks(people: People, made: str) -> None:
    page = people.page("administrator", width=PHONE, java_script_enabled=False)
    page.goto("/account")
    hand = Hand(page)
    hand.link("Quản trị")
    page.get_by_label("Tên hoặc mã").fill("thử nghiệm")
    page.get_by_label("Tên hoặc mã").press("Enter")
    hand.link(SCHOOL)
    assert SCHOOL not in page.url
    hand.link("Thêm vai trò")
    page.get_by_label("Vai trò").select_option("provider")
    page.get_by_label("Từ ngày").fill("hôm qua")
    page.get_by_label("Mã đơn vị hành chính").fill("99999")
    hand.button("Lưu")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.locator("#valid_from-error")).to_be_visible()
    expect(page.get_by_label("Mã đơn vị hành chính")).to_have_value("99999")
    page.get_by_label("Từ ngày").fill("1/2/2026")
    page.get_by_label("Đến hết ngày").fill("31/12/2030")
    page.get_by_label("Mã đơn vị hành chính").fill("31")
    page.get_by_role("button", name="Lưu").click()
    assert hand.clicks == 4
    expect(page.get_by_text("từ 01/02/2026 đến hết 31/12/2030")).to_be_visible()
    page.get_by_role("link", name=re.compile("Đặt ngày cuối")).last.click()
    page.get_by_label("Đến hết ngày").fill("30/11/2029")
    page.get_by_role("button", name="Lưu").click()
    expect(page.get_by_text("đến hết 30/11/2029")).to_be_visible()
    people.said.clear()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_what_was_saved_is_said_once_and_in_no_address(
    people: People, made: str, *, scripts: bool
) -> None:
    page = people.page("administrator", width=PHONE, java_script_enabled=scripts)
    page.goto(made)
    for button, said in (
        ("Ngừng tham gia", "Đã ghi: cơ quan, tổ chức này ngừng tham gia."),
        ("Cho tham gia lại", "Đã ghi: cơ quan, tổ chức này tham gia lại."),
        ("Lưu", "Đã ghi: thông tin của cơ quan, tổ chức."),
    ):
        page.get_by_role("button", name=button, exact=True).last.click()
        expect(page.get_by_role("status").get_by_text(said)).to_be_visible()
        assert page.url == made
    if scripts:
        check(page)
    page.reload()
    expect(page.get_by_role("heading", name=SCHOOL)).to_be_visible()
    expect(page.get_by_role("status")).to_have_count(0)
    page.get_by_text("Thêm hệ thống").click()
    page.locator("details form").first.get_by_role("button", name="Lưu").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_role("status")).to_have_count(0)
    people.said.clear()


def test_pages_of_administration_are_for_everybody(people: People, made: str) -> None:
    for width in (PHONE, PC):
        page = people.page("administrator", width=width)
        for place in ("/administration", made, f"{made}/roles/new", f"{made}/programmes/new"):
            page.goto(place)
            check(page)
        page.goto("/administration?name=không+có+đâu")
        expect(page.get_by_text("Không có cơ quan, tổ chức nào như vậy.")).to_be_visible()


def test_whoever_comes_second_sees_it_and_loses_nothing(people: People, made: str) -> None:
    first, second = people.page("administrator"), people.page("administrator")
    for page in (first, second):
        page.goto(f"{made}/roles/new")
        page.get_by_label("Vai trò").select_option("facility")
    first.get_by_role("button", name="Lưu").click()
    expect(first.get_by_role("heading", name=SCHOOL)).to_be_visible()
    second.get_by_label("Đến hết ngày").fill("31/12/2031")
    second.get_by_role("button", name="Lưu").click()
    expect(second.get_by_role("alert")).to_be_visible()
    expect(second.get_by_label("Đến hết ngày")).to_have_value("31/12/2031")
    second.get_by_label("Vai trò").select_option("community")
    second.get_by_role("button", name="Lưu").click()
    expect(second.get_by_text("đến hết 31/12/2031")).to_be_visible()
    people.said.clear()


def test_a_key_is_replaced_with_three_clicks(people: People, made: str) -> None:
    keys = [OKPKey.generate_key("Ed25519").as_dict(private=False) for _ in range(2)]
    name = f"truong.{uuid4().hex[:8]}"
    page = people.page("administrator")
    page.goto(made)
    page.get_by_text("Thêm hệ thống").click()
    page.get_by_label("Tên hệ thống").fill(name)
    page.locator("#jwk-new").fill("không phải khóa")
    page.locator("details form").first.get_by_role("button", name="Lưu").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.locator("#jwk-new")).to_have_value("không phải khóa")
    page.locator("#jwk-new").fill(orjson.dumps(keys[0]).decode())
    page.locator("details form").first.get_by_role("button", name="Lưu").click()
    before = page.get_by_text("Khóa đang dùng").inner_text()
    page.goto("/account")
    hand = Hand(page)
    hand.link("Quản trị")
    page.get_by_label("Tên hoặc mã").fill("Thử Nghiệm")
    page.get_by_label("Tên hoặc mã").press("Enter")
    hand.link(SCHOOL)
    page.get_by_label("Khóa công khai mới").first.fill(orjson.dumps(keys[1]).decode())
    hand.button("Thay khóa")
    expect(page.get_by_text("Khóa đang dùng")).not_to_have_text(before)
    assert hand.clicks == 3
    hand.button("Ngừng hệ thống này")
    expect(page.get_by_role("button", name="Cho kết nối lại")).to_be_visible()
    people.said.clear()


def test_webhooks_programmes_and_an_identity_provider_are_set(people: People, made: str) -> None:
    page = people.page("administrator", width=PHONE)
    page.goto(made)
    page.get_by_label("Địa chỉ mới").fill("https://truong.edu.vn/tin")
    page.get_by_role("button", name="Đăng ký địa chỉ").click()
    expect(page.get_by_text(re.compile("^whsec_"))).to_be_visible()
    page.goto(made)
    expect(page.get_by_text(re.compile("^whsec_"))).to_have_count(0)
    page.get_by_role("button", name="Ngừng gửi tin").click()
    expect(page.get_by_role("button", name="Ngừng gửi tin")).to_have_count(0)
    page.get_by_role("link", name="Thêm chương trình").click()
    page.get_by_label("Tên tiếng Việt").fill("Lớp may thử")
    page.get_by_label("Tên tiếng Anh").fill("A trial class")
    page.get_by_label("Số chỗ").fill("12")
    page.locator("input[name=codes][value=VOCATIONAL]").check()
    page.get_by_role("button", name="Lưu").click()
    page.get_by_role("link", name="Lớp may thử").click()
    check(page)
    page.get_by_label("Số chỗ").fill("nhiều")
    page.get_by_role("button", name="Lưu").click()
    expect(page.locator("#capacity-error")).to_be_visible()
    page.get_by_label("Số chỗ").fill("15")
    page.get_by_role("button", name="Lưu").click()
    expect(page.get_by_text("15 chỗ")).to_be_visible()
    page.get_by_text("Hệ thống đăng nhập của cơ quan, tổ chức").click()
    page.get_by_label("Địa chỉ (issuer)").fill("https://dang-nhap.truong.edu.vn")
    page.get_by_label("Mã ứng dụng").fill("nhip-cau")
    page.locator("form[action$=identity-provider] button").click()
    page.get_by_text("Hệ thống đăng nhập của cơ quan, tổ chức").click()
    expect(page.get_by_text("/log-in/outside/return")).to_be_visible()
    people.said.clear()


def test_a_first_manager_gets_a_slip_and_gives_others_theirs(people: People, made: str) -> None:
    page = people.page("administrator")
    page.goto(made)
    page.get_by_text("Cử người quản lý tài khoản").click()
    page.get_by_label("Họ và tên").fill("Người Quản Lý")
    page.get_by_label("Tên đăng nhập").fill(f"quan-ly.{uuid4().hex[:6]}")
    page.get_by_role("button", name="In phiếu").click()
    expect(page.get_by_role("heading", name="Phiếu vào tài khoản")).to_be_visible()
    code = page.locator(".nc-slip__code").inner_text()
    check(page)
    page.emulate_media(media="print")
    expect(page.get_by_role("navigation")).to_be_hidden()
    page.emulate_media(media="screen")
    page.goto(made)
    page.get_by_text("Cử người quản lý tài khoản").click()
    page.get_by_label("Họ và tên").fill("Người Khác")
    page.get_by_label("Tên đăng nhập").fill(f"nguoi-khac.{uuid4().hex[:6]}")
    page.get_by_role("button", name="In phiếu").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("Họ và tên")).to_have_value("Người Khác")
    manager = people.page(None, width=PHONE)
    _enter(manager, code)
    manager.goto("/staff")
    expect(manager.get_by_role("link", name="Người Quản Lý")).to_be_visible()
    manager.get_by_role("link", name="Người Quản Lý").click()
    manager.get_by_role("button", name="Ngừng tài khoản").click()
    expect(manager.get_by_role("alert")).to_be_visible()
    people.said.clear()


def test_a_manager_gives_accounts_and_ends_them(people: People) -> None:
    page = people.page("manager", width=PHONE, java_script_enabled=False)
    page.goto("/staff")
    page.get_by_role("link", name="Thêm tài khoản").click()
    page.get_by_label("Họ và tên").fill("Lê Thị Chim Sâu")
    page.get_by_label("Tên đăng nhập").fill("Chim Sâu")
    page.get_by_role("button", name="Tạo tài khoản").click()
    expect(page.locator("#user_name-error")).to_be_visible()
    expect(page.locator("#role-error")).to_be_visible()
    page.get_by_label("Vai trò").select_option(index=1)
    user = f"chim-sau.{uuid4().hex[:6]}"
    page.get_by_label("Tên đăng nhập").fill(user)
    page.get_by_role("button", name="Tạo tài khoản").click()
    expect(page.get_by_role("heading", name="Lê Thị Chim Sâu")).to_be_visible()
    place = page.url
    assert "Chim" not in page.title()
    page.get_by_role("button", name="In phiếu").click()
    code = page.locator(".nc-slip__code").inner_text()
    expect(page.get_by_text(user)).to_be_visible()
    entered = people.page(None)
    _enter(entered, code)
    entered.goto("/account")
    expect(entered.get_by_role("heading", name="Lê Thị Chim Sâu")).to_be_visible()
    page.goto(place)
    page.get_by_label("Họ và tên").fill("Lê Thị Chim Sẻ")
    page.get_by_role("button", name="Lưu").click()
    expect(page.get_by_role("heading", name="Lê Thị Chim Sẻ")).to_be_visible()
    page.get_by_role("link", name=re.compile("Đặt ngày cuối")).click()
    page.get_by_label("Đến hết ngày").fill("31/12/2030")
    page.get_by_role("button", name="Lưu").click()
    expect(page.get_by_text("đến hết 31/12/2030")).to_be_visible()
    page.get_by_role("button", name="Ngừng tài khoản").click()
    expect(page.get_by_text("Đã ngừng")).to_be_visible()
    entered.goto("/account")
    expect(entered.get_by_role("heading", name="Đăng nhập")).to_be_visible()
    people.said.clear()


def test_pages_of_a_manager_are_for_everybody(people: People) -> None:
    page = people.page("manager")
    page.goto("/staff")
    own = page.locator(".nc-rows a").first.get_attribute("href")
    for place in ("/staff", "/staff/new", own or "", f"{own}/roles/new"):
        page.goto(place)
        check(page)


def test_nobody_else_has_these_pages(people: People) -> None:
    for role, place in (("receiver", "/staff"), ("manager", "/administration/new")):
        page = people.page(role)
        page.goto("/account")
        tabs = page.get_by_role("navigation", name="Các phần")
        expect(tabs.get_by_role("link", name="Quản trị")).to_have_count(0)
        page.goto(place)
        expect(page.get_by_role("button", name="Lưu")).to_have_count(0)
    people.said.clear()


def _enter(page: Page, code: str) -> None:
    page.goto("/log-in/link")
    page.get_by_label("Mã trên phiếu").fill(code)
    page.get_by_label("Mật khẩu mới").fill("một câu dài mà dễ nhớ")
    page.get_by_role("button", name="Tiếp tục").click()
    expect(page.get_by_role("heading", name="Hộp việc của tôi")).to_be_visible()


@pytest.mark.parametrize("width", [PHONE, PC])
def test_an_administrator_has_the_office_of_an_organisation_written_to(
    people: People, made: str, width: int
) -> None:
    page = people.page("administrator", width=width)
    page.goto(made)
    page.get_by_label("Hộp thư mới").fill("văn phòng")
    page.get_by_role("button", name="Dùng hộp thư này").click()
    expect(page.get_by_role("alert")).to_contain_text("Hộp thư phải là địa chỉ thư điện tử")
    expect(page.get_by_label("Hộp thư mới")).to_have_value("văn phòng")
    mailbox = f"truong-{width}@don-vi.vn"
    page.get_by_label("Hộp thư mới").fill(mailbox)
    page.get_by_role("button", name="Dùng hộp thư này").click()
    expect(page.get_by_text("Đã ghi: hộp thư nhận thông báo của cơ quan, tổ chức.")).to_be_visible()
    row = page.get_by_role("listitem").filter(has_text=mailbox)
    expect(row).to_contain_text("Đang dùng")
    check(page)
    row.get_by_role("button", name="Thôi gửi đến hộp thư này").click()
    expect(page.get_by_text("Đã ghi: thôi gửi thông báo đến hộp thư.")).to_be_visible()
    expect(row).to_contain_text("Đã thôi dùng")
    people.said.clear()
