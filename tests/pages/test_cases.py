"""Cases as their owners find, read and hand them over: by code, and never by name."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from deploy.stack.client import ApiClient
from services.console import app
from services.console.settings import ConsoleSettings
from shared.contracts.vocabulary import Queue
from shared.kit.identifiers import new_id
from tests.console.serving import served
from tests.pages.browsing import PC, PHONE, Eventually, People, check
from tests.pages.without import Without

Submitted = Callable[..., dict[str, Any]]
THANH_XUAN = "Trường Lao động Xã hội Thanh Xuân"
SCHOOLS = "Cơ sở giáo dục nghề nghiệp"
DECLARED = [
    {
        "type": "DECLARATION",
        "number": "01/TK-UBND",
        "issuer": "Ủy ban nhân dân xã Kiến Thụy",
        "issued_on": "2026-03-02",
    }
]
"""Papers that prove nothing by themselves: an authority decides."""
EXAMPLE_PHONE = "0900 000 099"


@pytest.fixture
def helped(
    a_case: Submitted, client_of: Callable[[str], ApiClient], eventually: Eventually
) -> dict[str, Any]:
    """A case that was identified and has a plan."""
    return settled(a_case(), client_of, eventually)


def settled(
    case: dict[str, Any], client_of: Callable[[str], ApiClient], eventually: Eventually
) -> dict[str, Any]:
    """A case that has come as far as it comes by itself: its version is the last for now."""
    here, agency = f"/intake/v1/cases/{case['id']}", client_of("agency")
    eventually(lambda: agency.get(here).json()["status"] == "in_support")
    return case


def go_to(page: Page, case: dict[str, Any], part: str = "") -> None:
    answer = page.goto(f"/cases/{case['id']}{part}")
    assert answer is not None
    assert answer.status == 200
    expect(page.get_by_role("heading", name=case["code"], level=1)).to_be_visible()


@pytest.mark.parametrize("width", [PHONE, PC])
def test_an_owner_reads_a_case_and_what_happened_in_it(
    people: People, helped: dict[str, Any], width: int
) -> None:
    page = people.page("case_owner", width=width)
    page.goto("/cases")
    expect(page.get_by_role("heading", name="Trường hợp", level=1)).to_be_visible()
    check(page)
    page.get_by_role("link", name=helped["code"], exact=True).click()
    expect(page.get_by_role("heading", name=helped["code"])).to_be_visible()
    for heading in (
        "Việc tiếp theo",
        "Cần biết",
        "Hành trình",
        "Diễn biến",
        "Có nhu cầu cấp thiết",
    ):
        expect(page.get_by_role("heading", name=heading)).to_be_visible()
    shown = page.locator(".nc-lanes:visible")
    expect(shown).to_have_count(1)
    assert _smallest_letters(shown.first) >= 12
    assert page.get_by_text("Xác minh: từ").count() == 1
    expect(page.get_by_text("Kết luận xác minh")).to_be_visible()
    assert page.get_by_text("Mở danh tính theo luật").count() == 0
    page.get_by_role("link", name="Tất cả").click()
    expect(page.get_by_role("link", name="Tất cả")).to_have_attribute("aria-current", "true")
    expect(page.get_by_text("Kết luận xác minh")).to_be_visible()
    check(page)


def _smallest_letters(chart: Any) -> float:
    found: float = chart.evaluate(
        "it => parseFloat(getComputedStyle(it.querySelector('text')).fontSize)"
        " * it.getBoundingClientRect().width / it.viewBox.baseVal.width"
    )
    return found


def test_a_list_is_narrowed_and_says_when_nothing_fits(
    people: People, helped: dict[str, Any]
) -> None:
    page = people.page("case_owner", width=PHONE, java_script_enabled=False)
    page.goto("/cases")
    page.get_by_role("link", name="Đã xác định").click()
    expect(page.get_by_text("Không có trường hợp nào khớp với bộ lọc.")).to_be_visible()
    page.get_by_role("link", name="Bỏ lọc").click()
    expect(page.get_by_role("link", name=helped["code"], exact=True)).to_be_visible()
    page.get_by_text("Lọc", exact=True).first.click()
    page.get_by_label("Xã, phường, đặc khu").select_option("11680")
    page.get_by_label("Được gửi từ ngày").fill("1/1/2020")
    page.get_by_role("button", name="Lọc", exact=True).click()
    expect(page.get_by_role("link", name="Bỏ Xã Kiến Thuỵ")).to_be_visible()
    expect(page.get_by_role("link", name=helped["code"], exact=True)).to_be_visible()
    page.get_by_label("Được gửi từ ngày").fill("32/1/2026")
    page.get_by_role("button", name="Lọc", exact=True).click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("Được gửi từ ngày")).to_have_value("32/1/2026")
    people.said.clear()


def test_a_case_is_found_by_its_code_and_by_a_number_that_is_in_no_address(
    people: People, a_case: Submitted
) -> None:
    made = a_case()
    page = people.page("case_owner")
    page.goto("/find")
    check(page)
    page.get_by_role("textbox", name="Mã trường hợp").fill(made["code"].lower())
    page.get_by_role("button", name="Tìm").first.click()
    expect(page.get_by_role("heading", name=made["code"])).to_be_visible()
    page.goto("/find?code=HP-0000-0000")
    expect(page.get_by_role("alert")).to_be_visible()
    page.goto("/find")
    page.get_by_label("Số", exact=True).fill(EXAMPLE_PHONE)
    page.get_by_label("Người đó gọi điện đến").check()
    page.get_by_role("button", name="Tìm").last.click()
    expect(page.get_by_role("link", name=made["code"], exact=True)).to_be_visible()
    assert page.url.endswith("/find")
    assert EXAMPLE_PHONE not in page.content()
    check(page)
    page.get_by_label("Số", exact=True).fill("113")
    page.get_by_label("Người đó gọi điện đến").check()
    page.get_by_role("button", name="Tìm").last.click()
    expect(page.get_by_text("Không phải số điện thoại.").first).to_be_visible()
    people.said.clear()


def test_an_owner_sees_to_what_cannot_wait_and_gives_others_a_part(
    people: People, helped: dict[str, Any]
) -> None:
    page = people.page("case_owner", width=PHONE)
    go_to(page, helped)
    page.get_by_role("link", name="Xem và ghi nhận từng nhu cầu").click()
    page.get_by_role("button", name="Lưu").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Đã đáp ứng").check()
    page.get_by_role("button", name="Lưu").click()
    expect(page.get_by_role("button", name="Lưu")).to_have_count(0)
    go_to(page, helped)
    expect(page.get_by_role("heading", name="Có nhu cầu cấp thiết")).to_have_count(0)
    page.get_by_role("link", name="Phân công", exact=True).click()
    page.get_by_label("Cần nơi tạm lánh, lưu trú").check()
    page.get_by_role("button", name="Phân công").click()
    expect(page.locator("#assignee-error")).to_be_visible()
    page.get_by_label("Cho cơ quan, tổ chức nào").select_option(label=THANH_XUAN)
    page.get_by_role("button", name="Phân công").click()
    held = page.get_by_role("region", name="Phân công", exact=True)
    expect(held.get_by_text(THANH_XUAN)).to_be_visible()
    check(page)
    page.get_by_text("Kết thúc phân công").click()
    page.get_by_role("button", name="Không còn cần").click()
    expect(page.get_by_text("Đã kết thúc")).to_be_visible()
    go_to(page, helped)
    expect(page.get_by_text("Mọi nhu cầu cấp thiết đã được giải quyết")).to_be_visible()
    people.said.clear()


def test_of_two_officers_in_one_case_the_slower_is_told_and_sees_what_stands_now(
    people: People, a_case: Submitted
) -> None:
    made = a_case()
    faster, slower = people.page("case_owner"), people.page("case_owner", width=PHONE)
    for page in (faster, slower):
        page.goto(f"/cases/{made['id']}/immediate-needs")
        page.get_by_label("Đã đáp ứng").check()
    for page in (faster, slower):
        page.get_by_role("button", name="Lưu").click()
        expect(page.get_by_role("button", name="Lưu")).to_have_count(0)
    expect(slower.get_by_role("alert")).to_contain_text("đã được ghi nhận kết quả")
    people.said.clear()


@pytest.mark.parametrize("width", [PHONE, PC])
def test_of_two_officers_who_hand_a_case_over_the_slower_sees_both_versions_and_may_go_on(
    people: People, helped: dict[str, Any], width: int
) -> None:
    faster, slower = people.page("case_owner"), people.page("case_owner", width=width)
    for page in (faster, slower):
        page.goto(f"/cases/{helped['id']}/hand-over")
        page.get_by_label("Quá tải công việc").check()
    choose_me(faster)
    faster.get_by_role("button", name="Bàn giao", exact=True).click()
    expect(faster.get_by_role("heading", name="Kết quả bàn giao")).to_be_visible()
    slower.get_by_label("Giao nhầm").check()
    slower.get_by_role("button", name="Bàn giao", exact=True).click()
    alert = slower.get_by_role("alert")
    expect(alert.locator("section").first).to_contain_text("Cơ quan phụ trách địa bàn")
    expect(alert.locator("section").last).to_contain_text("Cán bộ")
    expect(slower.get_by_label("Giao nhầm")).to_be_checked()
    check(slower)
    slower.get_by_role("button", name="Bàn giao", exact=True).click()
    expect(slower.get_by_role("heading", name="Kết quả bàn giao")).to_be_visible()
    people.said.clear()


def test_whoever_records_a_consent_too_late_sees_what_held_and_what_holds(
    people: People, helped: dict[str, Any]
) -> None:
    faster, slower = people.page("receiver"), people.page("receiver", width=PHONE)
    for page in (faster, slower):
        go_to(page, helped, "/consents")
        page.get_by_text("Ghi đồng thuận mới").click()
    for page, kind in ((faster, "Bệnh viện"), (slower, "Ngân hàng")):
        choices = page.get_by_label("Loại cơ quan, tổ chức được biết")
        wanted = choices.locator("option", has_text=kind).first.inner_text()
        choices.select_option(label=wanted)
    faster.get_by_role("button", name="Ghi đồng thuận").click()
    expect(faster.get_by_text("Đang có hiệu lực")).to_have_count(2)
    slower.get_by_role("button", name="Ghi đồng thuận").click()
    alert = slower.get_by_role("alert")
    expect(alert.locator("section").first).not_to_contain_text("ệnh viện")
    expect(alert.locator("section").last).to_contain_text("ệnh viện")
    check(slower)
    slower.get_by_role("button", name="Ghi đồng thuận").click()
    expect(slower.get_by_text("Đang có hiệu lực")).to_have_count(3)
    people.said.clear()


def choose_me(page: Page) -> None:
    officers = page.get_by_label("Người phụ trách")
    mine = officers.locator("option", has_text="(tôi)").inner_text()
    officers.select_option(label=mine)


def test_many_are_handed_over_and_a_row_says_what_became_of_each(
    people: People,
    a_case: Submitted,
    client_of: Callable[[str], ApiClient],
    eventually: Eventually,
) -> None:
    first, second = (settled(a_case(), client_of, eventually) for _ in range(2))
    page = people.page("case_owner", java_script_enabled=False)
    page.goto("/cases")
    for each in (first, second):
        page.get_by_label(f"Chọn {each['code']}").check()
    page.get_by_role("button", name="Bàn giao các trường hợp đã chọn").click()
    check_without_script(page)
    choose_me(page)
    page.get_by_label("Quá tải công việc").check()
    page.get_by_role("button", name="Bàn giao", exact=True).click()
    expect(page.get_by_role("heading", name="Kết quả bàn giao")).to_be_visible()
    assert page.get_by_text("Đã thực hiện").count() == 2
    page.get_by_role("link", name=first["code"]).click()
    expect(page.locator("dt", has_text="Phụ trách").locator("+ dd")).to_contain_text("Bạn")
    page.goto("/cases?mine=1")
    expect(page.get_by_role("link", name=second["code"], exact=True)).to_be_visible()
    go_to(page, first, "/consents")
    page.goto(f"/cases/{first['id']}/hand-over")
    page.get_by_label("Giao nhầm").check()
    page.get_by_role("button", name="Trả về cơ quan phụ trách địa bàn").click()
    page.wait_for_load_state()
    page.goto("/cases?mine=1")
    expect(page.get_by_role("link", name=first["code"], exact=True)).to_have_count(0)


def check_without_script(page: Page) -> None:
    assert page.locator("form").count() > 0
    assert page.get_by_role("heading", level=1).count() == 1


def test_a_consent_is_withdrawn_after_it_was_said_what_that_does_and_is_given_again(
    people: People, helped: dict[str, Any]
) -> None:
    page = people.page("receiver", width=PHONE)
    go_to(page, helped, "/consents")
    check(page)
    page.get_by_role("link", name="Rút lại đồng thuận").click()
    expect(page.get_by_text("Nơi đã biết được yêu cầu xóa")).to_be_visible()
    check(page)
    page.get_by_role("button", name="Ghi việc rút lại").click()
    expect(page.get_by_text("Đã rút lại")).to_be_visible()
    page.get_by_text("Ghi đồng thuận mới").click()
    page.get_by_label("Loại cơ quan, tổ chức được biết").select_option(label=SCHOOLS)
    page.get_by_role("button", name="Ghi đồng thuận").click()
    expect(page.get_by_text("Đang có hiệu lực")).to_be_visible()
    assert page.get_by_text("Ai đã được biết danh tính").count() == 0, "for its owner alone"


def test_whoever_asks_for_everything_reads_what_was_done_in_the_verification(
    people: People,
    a_case: Submitted,
    client_of: Callable[[str], ApiClient],
    eventually: Eventually,
) -> None:
    made = a_case(papers=DECLARED)
    verifier, where = client_of("verifier"), "/verification/v1/verifications"
    asked = f"{where}?case_id={made['id']}"
    eventually(lambda: len(verifier.get(asked).json()["items"]) == 1)
    (found,) = verifier.get(asked).json()["items"]
    version = f'"{found["version"]}"'
    moves = f"{where}/{found['id']}/moves"
    started = verifier.post(moves, {"move": "start"}, key=str(new_id()), version=version)
    assert started.status_code == 201, started.text
    page = people.page("case_owner", width=PHONE)
    go_to(page, made)
    expect(page.get_by_role("link", name="Công an thành phố Hải Phòng")).to_be_visible()
    expect(page.get_by_role("link", name="vì sao?", exact=True)).to_be_visible()
    begun = page.locator(".nc-story__event", has_text="Xác minhBắt đầu")
    expect(begun).to_have_count(0)
    page.get_by_role("link", name="Tất cả").click()
    expect(begun).to_have_count(1)


@pytest.mark.parametrize(
    ("service", "part"),
    [(Queue.VERIFICATION, "Xác minh"), (Queue.LIVELIHOOD_SUPPORT, "Chuyển gửi")],
)
def test_a_service_that_is_down_leaves_its_part_out_and_the_page_stays(
    *,
    people: People,
    console_settings: ConsoleSettings,
    helped: dict[str, Any],
    service: Queue,
    part: str,
) -> None:
    console = app.create(console_settings)
    console.state.exchange = Without(console.state.exchange, service)
    with served(console) as port:
        page = people.page("case_owner")
        page.goto(f"http://127.0.0.1:{port}/cases/{helped['id']}")
        expect(page.get_by_text(f"Chưa tải được phần {part}")).to_be_visible()
        expect(page.get_by_role("heading", name="Diễn biến")).to_be_visible()
        page.goto(f"http://127.0.0.1:{port}/cases/{new_id()}")
        expect(page.get_by_role("heading", name=helped["code"])).to_have_count(0)
    people.said.clear()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_a_filter_is_kept_in_the_browser_and_forgotten_again(
    *, people: People, a_case: Submitted, scripts: bool
) -> None:
    made = a_case()
    page = people.page("case_owner", width=PHONE, java_script_enabled=scripts)
    page.goto(f"/cases?status=in_support&unit=11680&code={made['code']}")
    page.get_by_role("button", name="Lưu bộ lọc này").click()
    kept = page.get_by_role("navigation", name="Bộ lọc đã lưu")
    expect(kept.get_by_role("link", name="Đang hỗ trợ · Xã Kiến Thuỵ")).to_be_visible()
    assert made["code"] not in str(page.context.cookies()), "codes of places and states, of no case"
    page.goto("/cases")
    kept.get_by_role("link").click()
    assert page.url.endswith("/cases?status=in_support&unit=11680")
    if scripts:
        check(page)
    page.get_by_role("button", name="Bỏ bộ lọc này khỏi danh sách đã lưu").click()
    expect(kept).to_have_count(0)
