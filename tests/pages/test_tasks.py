"""The commonest tasks of each role, from the log-in to the end, in as many clicks as was promised.

Each is done on a phone and at a desk, with scripts and without. What is typed, chosen or ticked is
no click.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import orjson
import pytest
from joserfc.jwk import OKPKey
from playwright.sync_api import Page, expect

from deploy.stack.client import ApiClient
from deploy.stack.installation import Installation
from tests.notification.receivers import Receiver
from tests.pages.browsing import PC, PHONE, Hand, People, find_duty
from tests.pages.operating import park, parked_at
from tests.pages.referring import Asked
from tests.pages.verifying import API, Opened

pytestmark = pytest.mark.thorough

Enter = Callable[[str], Hand]


@pytest.fixture(params=[(PHONE, True), (PC, True), (PHONE, False), (PC, False)], ids=str)
def enter(request: pytest.FixtureRequest, people: People) -> Enter:
    """Whoever has a role logs in: `enter("verifier")`."""
    width, scripts = request.param

    def entered(role: str) -> Hand:
        return Hand(people.enter(role, width=width, scripts=scripts))

    return entered


def duty(page: Page, address: str) -> Any:
    """What is to be done, on the first page, by where it is done."""
    return find_duty(page, page.locator(f'.nc-duty a[href="{address}"]').first)


def begun(client_of: Callable[[str], ApiClient], opened: Opened) -> tuple[str, str]:
    """A verification that was begun: the address of its page, and the code of its case."""
    case = opened()
    place, version = case["verification"]["id"], case["verification"]["version"]
    answer = client_of("verifier").post(
        f"{API}/{place}/moves", {"move": "start"}, key=str(uuid4()), version=f'"{version}"'
    )
    assert answer.status_code == 201, answer.text
    return f"/verifications/{place}", case["code"]


def test_a_verifier_takes_the_next_case_extends_and_decides(
    enter: Enter, opened: Opened, client_of: Callable[[str], ApiClient]
) -> None:
    place, code = begun(client_of, opened)
    hand = enter("verifier")
    page = hand.page
    hand.tab("Xác minh")
    hand.link("Mở việc gấp nhất")
    expect(page.get_by_role("heading", name="Việc tiếp theo")).to_be_visible()
    assert hand.clicks == 2

    hand = Hand(page)
    hand.click(duty(page, place))
    expect(page.get_by_role("heading", level=1)).to_contain_text(code)
    hand.link("Gia hạn")
    page.get_by_label("Trường hợp phức tạp").check()
    hand.button("Gia hạn")
    expect(page.get_by_text("Đã ghi: Gia hạn.")).to_be_visible()
    assert hand.clicks == 3

    hand = Hand(page)
    hand.click(duty(page, place))
    hand.link("Kết luận")
    page.get_by_label("Được xác định là nạn nhân").check()
    page.get_by_label("Cơ quan giải cứu").check()
    page.get_by_label("Số văn bản").fill("15/KL-CATP")
    hand.button("Kết luận")
    expect(page.get_by_role("heading", name="Kết luận và căn cứ")).to_be_visible()
    assert hand.clicks <= 4


def test_a_school_accepts_and_says_that_a_programme_is_still_right(
    enter: Enter, asked: Asked
) -> None:
    hand = enter("provider")
    page = hand.page
    hand.click(duty(page, f"/offers/{asked.offer_id}"))
    hand.button("Đồng ý tiếp nhận")
    expect(page.get_by_role("button", name="Bắt đầu hỗ trợ")).to_be_visible()
    assert hand.clicks == 2

    hand = Hand(page)
    page.goto("/")
    hand.tab("Chương trình")
    sewing = page.get_by_role("article", name="Lớp sơ cấp may công nghiệp")
    hand.click(sewing.get_by_role("button", name="Vẫn đúng"))
    expect(sewing.get_by_text("Đã ghi: thông tin vẫn đúng.")).to_be_visible()
    assert hand.clicks == 2


def test_a_link_in_a_mail_leads_to_its_offer_which_is_accepted_with_one_click(
    people: People, asked: Asked
) -> None:
    page = people.page(None, width=PHONE, java_script_enabled=False)
    page.goto(f"/offers/{asked.offer_id}")
    expect(page.get_by_role("heading", name="Đăng nhập")).to_be_visible()
    people.log_in(page, "provider")
    hand = Hand(page)
    hand.button("Đồng ý tiếp nhận")
    expect(page.get_by_role("button", name="Bắt đầu hỗ trợ")).to_be_visible()
    assert hand.clicks == 1


def test_a_school_refuses_with_a_reason(enter: Enter, asked: Asked) -> None:
    hand = enter("provider")
    page = hand.page
    hand.click(duty(page, f"/offers/{asked.offer_id}"))
    page.get_by_label("Lý do từ chối").select_option(label="Hết chỗ")
    hand.button("Từ chối tiếp nhận")
    expect(page.get_by_text("Đã ghi: từ chối tiếp nhận.")).to_be_visible()
    assert hand.clicks <= 3


def test_an_auditor_finds_who_did_who_saw_and_takes_it_away_as_a_file(
    enter: Enter, asked: Asked
) -> None:
    hand = enter("auditor")
    page = hand.page
    hand.tab("Nhật ký kiểm tra")
    page.get_by_label("Mã trường hợp").fill(asked.code)
    hand.button("Mở nhật ký")
    expect(page.get_by_text("Tiếp nhận trường hợp").first).to_be_visible()
    assert hand.clicks == 2
    hand.link("Ai đã xem")
    rows = page.locator(".nc-queue__row")
    expect(rows.filter(has_text="Xem các lần chuyển gửi").first).to_be_visible()
    assert rows.count() == rows.filter(has_text="Đã xem").count() > 0
    expect(page.get_by_text("Tiếp nhận trường hợp")).to_have_count(0)
    assert hand.clicks == 3
    with page.expect_download() as taken:
        hand.link("Tải về (CSV)")
    assert taken.value.suggested_filename.startswith(f"nhat-ky-{asked.code}-")
    assert hand.clicks <= 4


@dataclass(frozen=True)
class School:
    """An organisation that an administrator looks after."""

    name: str
    system: str
    programme: str


@pytest.fixture
def school(made: Callable[..., Any]) -> School:
    """A new one, with a system that speaks for it and a programme."""
    mark = uuid4().hex[:6]
    school = School(f"Trường dạy nghề số {mark}", f"he-thong.{mark}", f"Lớp điện {mark}")
    kind, names = "vocational_school", {"name_vi": school.name, "name_en": f"School {mark}"}
    own = made("organisations", code=f"truong-{mark}", kind=kind, **names)["id"]
    made("clients", client_id=school.system, organisation_id=own, public_jwk=a_key())
    names = {"name_vi": school.programme, "name_en": f"Class {mark}"}
    codes = {"codes": ["VOCATIONAL"], "area_codes": ["31"], "capacity": 5}
    made("programmes", organisation_id=own, **names, **codes)
    return school


def a_key() -> dict[str, Any]:
    return dict(OKPKey.generate_key("Ed25519").as_dict(private=False))


def look_up(hand: Hand, school: School) -> None:
    """In two clicks; the name is typed, and sent by the key Enter."""
    hand.page.goto("/")
    hand.tab("Quản trị")
    hand.page.get_by_label("Tên hoặc mã").fill(school.name)
    hand.page.get_by_label("Tên hoặc mã").press("Enter")
    hand.link(school.name)
    expect(hand.page.get_by_role("heading", level=1)).to_contain_text(school.name)


def test_an_administrator_dates_a_role_replaces_a_key_and_changes_a_programme(
    enter: Enter, school: School
) -> None:
    hand = enter("administrator")
    page = hand.page
    look_up(hand, school)
    hand.link("Thêm vai trò")
    page.get_by_label("Vai trò").select_option("provider")
    page.get_by_label("Từ ngày").fill("1/2/2026")
    page.get_by_label("Đến hết ngày").fill("31/12/2030")
    page.get_by_label("Mã đơn vị hành chính").fill("31")
    hand.button("Lưu")
    expect(page.get_by_text("từ 01/02/2026 đến hết 31/12/2030")).to_be_visible()
    assert hand.clicks == 4

    hand = Hand(page)
    look_up(hand, school)
    before = page.get_by_text("Khóa đang dùng").inner_text()
    page.get_by_label("Khóa công khai mới").first.fill(orjson.dumps(a_key()).decode())
    hand.button("Thay khóa")
    expect(page.get_by_text("Khóa đang dùng")).not_to_have_text(before)
    assert hand.clicks == 3

    hand = Hand(page)
    look_up(hand, school)
    hand.link(school.programme)
    page.get_by_label("Số chỗ").fill("15")
    hand.button("Lưu")
    expect(page.get_by_text("15 chỗ")).to_be_visible()
    assert hand.clicks == 4


def test_an_operator_sees_why_a_queue_is_old_replays_and_suspends(
    enter: Enter, installation: Installation, receiver: tuple[Receiver, Any, str]
) -> None:
    about = park(installation)
    hand = enter("operator")
    page = hand.page
    hand.tab("Vận hành")
    hand.click(page.get_by_role("link", name="Xác minh", exact=True))
    expect(page.get_by_text("Có thông điệp tạm gác chặn")).to_be_visible()
    assert hand.clicks == 2

    hand = Hand(page)
    page.goto("/")
    hand.tab("Vận hành")
    hand.click(page.get_by_role("link", name="Thông điệp tạm gác").first)
    hand.link("Lần thử nào cũng không thành công")
    expect(page.get_by_text(parked_at(installation, about))).to_be_visible()
    asked = page.locator("label[for=count]").inner_text()
    page.get_by_label("Gõ số").fill("".join(filter(str.isdigit, asked)))
    hand.button("Chạy lại")
    expect(page.get_by_role("heading", name="Lần chạy lại: Xác minh")).to_be_visible()
    assert hand.clicks == 4

    hand = Hand(page)
    page.goto("/")
    hand.tab("Gửi thông báo")
    mine = page.get_by_role("listitem").filter(has_text=receiver[2])
    hand.click(mine.get_by_role("button", name="Tạm ngừng gửi"))
    expect(mine.get_by_text("Bên nhận đề nghị · từ")).to_be_visible()
    assert hand.clicks == 2
    mine.get_by_role("button", name="Gửi tiếp").click()
    expect(mine.get_by_text("Hoạt động")).to_be_visible()


def test_a_manager_gives_an_account_ends_a_role_and_ends_the_account(enter: Enter) -> None:
    name = f"Chim {uuid4().hex[:6]}"
    hand = enter("manager")
    page = hand.page
    hand.tab("Nhân sự")
    hand.link("Thêm tài khoản")
    page.get_by_label("Họ và tên").fill(name)
    page.get_by_label("Tên đăng nhập").fill(f"chim.{uuid4().hex[:8]}")
    page.get_by_label("Vai trò").select_option(index=1)
    hand.button("Tạo tài khoản")
    hand.button("In phiếu")
    expect(page.locator(".nc-slip__code")).to_be_visible()
    assert hand.clicks == 4

    page.get_by_role("link", name="Quay lại").click()
    place = page.url
    hand = Hand(page)
    hand.link("Đặt ngày cuối")
    page.get_by_label("Đến hết ngày").fill("31/12/2030")
    hand.button("Lưu")
    expect(page.get_by_text("đến hết 31/12/2030")).to_be_visible()
    assert hand.clicks + 2 <= 4, "the tab and the name lead here"

    hand = Hand(page)
    page.goto(place)
    hand.button("Ngừng tài khoản")
    expect(page.get_by_text("Đã ngừng")).to_be_visible()
    assert hand.clicks + 2 <= 3
