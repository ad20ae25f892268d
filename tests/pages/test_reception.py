"""Reception: a draft in steps, checked, sent once; and what became of it."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from re import compile as expression
from typing import Any
from uuid import uuid4

import httpx2
import psycopg
import pytest
from playwright.sync_api import Page, expect

from deploy.stack.installation import Installation
from services.console.pages.edge import SESSION
from tests.pages.browsing import FROM_HERE, PC, PHONE, People, check

NAME, CHILD, ADDRESS = "Trần Thị Sếu Trắng", "Bé Sếu Con", "Ngõ Sếu Mười Ba"
DIVIDED = "10639"
GO_ON, SEND, BEGIN = "Lưu và tiếp tục", "Gửi", "Tiếp nhận một người"
STEPS = 7

Filled = dict[str, str]
PERSON: Filled = {
    "person.full_name": NAME,
    "person.sex": "female",
    "person.birth_date": "4/5/1999",
    "person.nationality": "việt nam",
}
CONTACT: Filled = {"person.present_unit_code": "Xã Kiến Thụy"}
PAPERS: Filled = {
    "papers.0.type": "DECLARATION",
    "papers.0.number": "01/TK-UBND",
    "papers.0.issuer": "Ủy ban nhân dân xã",
    "papers.0.issued_on": "2/3/2026",
}


class Clicks:
    """Counts what somebody clicks, and sees that no address or title names anybody."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.count = 0

    def on(self, role: str, name: str) -> None:
        self.page.get_by_role(role, name=name, exact=True).click()  # type: ignore[arg-type]
        self.count += 1
        self.page.wait_for_load_state()
        assert not [it for it in (NAME, CHILD) if it in f"{self.page.url} {self.page.title()}"]


@pytest.fixture
def desk(people: People, address: str) -> Iterator[httpx2.Client]:
    """The receiver's browser without its screen: sends forms as pages would."""
    cookies = {SESSION: people.session("receiver")}
    with httpx2.Client(
        base_url=address, trust_env=False, cookies=cookies, headers=FROM_HERE
    ) as client:
        yield client


def begun(desk: httpx2.Client, **sections: Filled) -> str:
    """Where a draft is in which these sections were typed."""
    made = desk.post("/reception/new", data={"key": str(uuid4()), "route": "SELF_REPORT"})
    path = made.headers["location"].rpartition("/")[0]
    for version, (section, typed) in enumerate(sections.items(), start=1):
        form = {"key": str(uuid4()), "version": str(version), **typed}
        assert desk.post(f"{path}/{section}", data=form).status_code == 303
    return path


def shown_code(page: Page) -> str:
    return page.locator(".nc-receipt__code").inner_text()


def test_a_woman_with_a_child_is_received_one_section_after_another(people: People) -> None:
    page = people.page("receiver", width=PHONE)
    page.goto("/")
    clicks = Clicks(page)
    clicks.on("button", BEGIN)
    check(page)
    page.get_by_label("Tự đến trình báo", exact=True).check()
    page.get_by_label("Cán bộ tiếp nhận").fill("Cán bộ Hư Cấu")
    clicks.on("button", GO_ON)
    check(page)
    page.get_by_label("Họ và tên").fill(NAME)
    page.get_by_label("Nữ").check()
    page.get_by_label("Ngày sinh").fill("4/5/1999")
    clicks.on("button", GO_ON)
    check(page)
    page.get_by_label("Đang ở xã").fill("kien thuy")
    page.get_by_label("Địa chỉ hiện nay").fill(ADDRESS)
    page.get_by_label("Số", exact=True).first.fill("0912 345 678")
    page.get_by_role("group", name="Gọi số này có an toàn").first.get_by_label("Có").check()
    clicks.on("button", GO_ON)
    check(page)
    page.get_by_label("Họ và tên của trẻ").first.fill(CHILD)
    page.get_by_label("Năm sinh của trẻ").first.fill("2020")
    page.get_by_role("group", name="Giới tính của trẻ").first.get_by_label("Nữ").check()
    clicks.on("button", GO_ON)
    check(page)
    page.get_by_label("Cưỡng ép kết hôn").check()
    page.get_by_label("Ở nước nào?").fill("Trung Quốc")
    page.get_by_label("Bắt đầu khi nào?").fill("5/2019")
    clicks.on("button", GO_ON)
    check(page)
    page.get_by_label("Chỗ ở").check()
    clicks.on("button", GO_ON)
    check(page)
    page.get_by_label("Loại giấy tờ").first.select_option("DECLARATION")
    page.get_by_label("Số", exact=True).first.fill("01/TK-UBND")
    page.get_by_label("Nơi cấp").first.fill("Ủy ban nhân dân xã Kiến Thụy")
    page.get_by_label("Ngày cấp").first.fill("2/3/2026")
    clicks.on("button", GO_ON)
    check(page)
    for said in (NAME, CHILD, ADDRESS, "Xã Kiến Thuỵ", "Trung Quốc", "Tự đến trình báo"):
        expect(page.get_by_text(said, exact=False).first).to_be_visible()
    page.get_by_label("Cơ sở giáo dục nghề nghiệp").check()
    clicks.on("button", SEND)
    expect(page.get_by_role("heading", name="Đã nhận")).to_be_visible()
    assert clicks.count == 1 + STEPS + 1
    assert expression(r"HP-[0-9A-Z]{4}-[0-9A-Z]{4}").fullmatch(shown_code(page))
    check(page)
    _receipt_is_to_print_and_names_nobody(page)
    _back_leads_to_the_receipt(page)
    _two_clicks_lead_to_what_became_of_it(page)


def _receipt_is_to_print_and_names_nobody(page: Page) -> None:
    expect(page.get_by_role("button", name="In phiếu này")).to_be_visible()
    expect(page.get_by_text("Trong 3 ngày")).to_be_visible()
    expect(page.get_by_text("Chậm nhất hết ngày")).to_have_count(1)
    assert not [it for it in (NAME, CHILD, ADDRESS) if it in page.content()]
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="Thoát nhanh")).to_be_hidden()
    expect(page.get_by_role("button", name="In phiếu này")).to_be_hidden()
    expect(page.locator(".nc-receipt__code")).to_be_visible()
    page.emulate_media(media="screen")


def _back_leads_to_the_receipt(page: Page) -> None:
    code, receipt = shown_code(page), page.url
    page.go_back()
    expect(page).to_have_url(receipt)
    assert shown_code(page) == code


def _two_clicks_lead_to_what_became_of_it(page: Page) -> None:
    code = shown_code(page)
    page.goto("/account")
    clicks = Clicks(page)
    clicks.on("link", "Tiếp nhận")
    check(page)
    assert not [it for it in (NAME, CHILD) if it in page.content()]
    clicks.on("link", "Xem tất cả trường hợp đã gửi")
    row = page.get_by_role("listitem").filter(has_text=code)
    expect(row.get_by_text(expression("Nữ · .*Xã Kiến Thuỵ"))).to_be_visible()
    expect(row.locator(".nc-tag")).to_be_visible()
    assert not [it for it in (NAME, CHILD, ADDRESS) if it in page.content()]
    check(page)
    assert clicks.count == 2


def test_what_is_wrong_leads_to_its_section_and_field(people: People, desk: httpx2.Client) -> None:
    wrong = {**PERSON, "person.birth_date": "31/2/1999"}
    path = begun(desk, person=wrong, contact={"person.present_unit_code": DIVIDED}, papers=PAPERS)
    page = people.page("receiver")
    page.goto(f"{path}/check")
    page.get_by_role("button", name=SEND, exact=True).click()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Chưa gửi được")
    expect(alert).to_be_focused()
    check(page)
    alert.get_by_role("link", name=expression("Người được tiếp nhận")).click()
    field = page.get_by_label("Ngày sinh")
    expect(field).to_be_visible()
    expect(page.locator("[id='person.birth_date-error']")).to_be_visible()
    check(page)
    page.get_by_role("alert").get_by_role("link").click()
    expect(field).to_be_focused()
    field.fill("28/2/1999")
    page.get_by_role("button", name="Lưu và về trang kiểm tra").click()
    expect(page).to_have_url(expression("/check$"))
    page.get_by_role("button", name=SEND, exact=True).click()
    _somebody_says_in_which_part_they_live(page)
    page.get_by_role("button", name=SEND, exact=True).click()
    expect(page.get_by_role("heading", name="Đã nhận")).to_be_visible()
    people.said.clear()


def _somebody_says_in_which_part_they_live(page: Page) -> None:
    """The API asks: no program may guess (ADR 0041)."""
    asked = page.get_by_role("group", name="Xã này đã được chia")
    expect(asked).to_be_visible()
    check(page)
    successor = asked.get_by_role("radio")
    assert successor.count() > 1
    name = asked.locator("label").nth(1).inner_text()
    successor.nth(1).check()
    page.get_by_role("button", name="Dùng đơn vị này").click()
    expect(page.locator("dd").filter(has_text=name)).to_be_visible()


def test_a_form_that_was_sent_twice_at_once_is_one_case(desk: httpx2.Client) -> None:
    path = begun(desk, person=PERSON, contact=CONTACT, papers=PAPERS)
    form = {"key": str(uuid4()), "version": "4", "consents": "vocational_school"}
    with ThreadPoolExecutor(max_workers=3) as pool:
        sent = list(pool.map(lambda _: desk.post(f"{path}/check", data=form), range(3)))
    assert [it.status_code for it in sent] == [303] * 3
    assert len({it.headers["location"] for it in sent}) == 1
    for page in ("", "/person", "/check", "/discard"):
        assert desk.get(f"{path}{page}").headers["location"] == sent[0].headers["location"]
    form = {"key": str(uuid4()), "version": "4", **PERSON}
    for page in ("/person", "/check", "/discard"):
        again = desk.post(f"{path}{page}", data=form)
        assert again.headers["location"] == sent[0].headers["location"], page


def test_without_scripts_a_draft_is_left_found_again_and_discarded(people: People) -> None:
    page = people.page("receiver", width=PHONE, java_script_enabled=False)
    page.goto("/reception/new")
    page.get_by_label("Được giải cứu").check()
    page.get_by_role("button", name="Lưu, làm tiếp sau").click()
    clicks = Clicks(page)
    clicks.on("link", "Tiếp nhận")
    page.get_by_role("link", name=expression("^Bắt đầu lúc")).first.click()
    expect(page.get_by_role("heading", name="Các mục cần hỏi")).to_be_visible()
    assert clicks.count + 1 == 2
    row = page.get_by_role("listitem").filter(has_text="Cách tiếp nhận")
    expect(row.get_by_text("Đã nhập")).to_be_visible()
    page.get_by_role("link", name="Cách tiếp nhận").click()
    expect(page.get_by_label("Được giải cứu")).to_be_checked()
    page.get_by_role("link", name="Về danh sách mục").click()
    page.get_by_role("link", name="Xoá bản nháp này").click()
    page.get_by_role("button", name="Xoá hẳn bản nháp").click()
    expect(page.get_by_role("heading", name="Bản nháp của tôi")).to_be_visible()


def test_who_was_slower_sees_what_stands_now_and_keeps_what_was_typed(
    people: People, desk: httpx2.Client
) -> None:
    path = begun(desk, person=PERSON)
    page = people.page("receiver", width=PC)
    page.goto(f"{path}/person")
    faster = {"key": str(uuid4()), "version": "2", **PERSON, "person.full_name": "Tên Nhanh Hơn"}
    assert desk.post(f"{path}/person", data=faster).status_code == 303
    page.get_by_label("Họ và tên").fill("Tên Chậm Hơn")
    page.get_by_role("button", name=GO_ON).click()
    expect(page.get_by_role("alert")).to_contain_text("Tên Nhanh Hơn")
    expect(page.get_by_label("Họ và tên")).to_have_value("Tên Chậm Hơn")
    check(page)
    page.get_by_role("button", name=GO_ON).click()
    expect(page).to_have_url(expression("/contact$"))
    page.goto(f"{path}/person")
    expect(page.get_by_label("Họ và tên")).to_have_value("Tên Chậm Hơn")
    people.said.clear()


def test_nobody_else_opens_a_draft_and_a_list_names_nobody(
    people: People, desk: httpx2.Client
) -> None:
    path = begun(desk, person=PERSON)
    listed = desk.get("/reception").text
    assert path in listed
    assert NAME not in listed
    page = people.page("case_owner")
    for where in ("", "/person", "/check", "/discard"):
        answer = page.goto(f"{path}{where}")
        assert answer is not None
        assert answer.status == 404
    page.goto("/reception")
    assert path not in page.content()
    people.said.clear()


def test_a_session_that_ends_in_the_middle_of_a_step_loses_nothing(
    people: People, desk: httpx2.Client, installation: Installation
) -> None:
    path = begun(desk)
    page = people.page("receiver")
    page.goto(f"{path}/person")
    page.get_by_label("Họ và tên").fill(NAME)
    with psycopg.connect(installation.database("directory")) as connection:
        connection.execute("UPDATE staff_sessions SET used_at = used_at - interval '21 minutes'")
    page.get_by_role("button", name=GO_ON).click()
    expect(page.get_by_role("heading", name="Phiên làm việc đã kết thúc")).to_be_visible()
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Đăng nhập lại trong thẻ mới").click()
    again = opened.value
    again.get_by_label("Tên đăng nhập").fill(people.known["receiver"]["user"])
    again.get_by_label("Mật khẩu", exact=True).fill(people.known["receiver"]["password"])
    again.get_by_role("button", name="Đăng nhập").click()
    expect(again.get_by_role("navigation", name="Các phần")).to_be_visible()
    page.get_by_role("button", name="Gửi lại").click()
    expect(page).to_have_url(expression("/contact$"))
    page.goto(f"{path}/person")
    expect(page.get_by_label("Họ và tên")).to_have_value(NAME)
    people.said.clear()


def test_how_a_number_is_called_safely_is_asked_for_and_read_with_it(
    people: People, desk: httpx2.Client
) -> None:
    told = {
        "person.phones.0.number": "0912 000 111",
        "person.phones.0.safe_to_call": "yes",
        "person.phones.0.rule.ways": "call",
        "person.phones.0.rule.hours": "18h-20h",
        "person.phones.0.rule.may_leave_message": "no",
        "person.phones.0.rule.code_phrase": "Tôi gọi về lớp may",
    }
    path = begun(desk, person=PERSON, contact={**CONTACT, **told}, papers=PAPERS)
    page = people.page("receiver", width=PHONE)
    page.goto(f"{path}/contact")
    expect(page.get_by_label("Giờ gọi được").first).to_have_value("18h-20h")
    check(page)
    page.goto(f"{path}/check")
    expect(page.get_by_text("Tôi gọi về lớp may")).to_be_visible()
    page.get_by_role("button", name=SEND, exact=True).click()
    expect(page.get_by_role("heading", name="Đã nhận")).to_be_visible()
    case_id = page.url.rpartition("/")[2]
    owner = people.page("case_owner", width=PHONE)
    owner.goto(f"/cases/{case_id}/identity")
    owner.get_by_label("Liên hệ với người được hỗ trợ").check()
    owner.get_by_role("button", name="Mở danh tính").click()
    for said in (
        "Gọi điện · 18:00\N{EN DASH}20:00",
        "Không để lại lời nhắn",
        "Nói trước: Tôi gọi về lớp may",
    ):
        expect(owner.get_by_text(said)).to_be_visible()
    check(owner)


def test_a_number_of_a_case_that_was_sent_before_is_a_hint_that_names_nobody(
    people: People, desk: httpx2.Client, a_case: Callable[..., dict[str, Any]]
) -> None:
    made = a_case()
    again = {**CONTACT, "person.phones.0.number": "0900 000 099"}
    path = begun(desk, person=PERSON, contact=again)
    page = people.page("receiver", width=PHONE)
    page.goto(f"{path}/check")
    hint = page.get_by_role("region", name="Có thể đã được gửi trước đây")
    expect(hint.get_by_role("link", name=made["code"], exact=True)).to_be_visible()
    assert "Ví Dụ" not in page.content()
    check(page)
    page.goto(f"{begun(desk, person=PERSON, contact=CONTACT)}/check")
    expect(page.get_by_role("button", name=SEND, exact=True)).to_be_visible()
    expect(hint).to_have_count(0)
