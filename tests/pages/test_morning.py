"""An officer's morning, by whoever has read the texts of the pages and nothing else.

Each of them begins at the first page and follows what stands there; no address is typed.
"""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.pages.browsing import PC, PHONE, People
from tests.pages.referring import Client

NAME, CHILD = "Trần Thị Cò Trắng", "Bé Cò Con"
WITHIN = 60_000
"""Milliseconds for what services tell each other."""


def go_on(page: Page, button: str = "Lưu và tiếp tục") -> None:
    page.get_by_role("button", name=button, exact=True).click()


def tab(page: Page, name: str) -> None:
    tabs = page.get_by_role("navigation", name="Các phần")
    tabs.get_by_role("link", name=name, exact=True).click()


def receive(page: Page) -> str:
    """A woman with a child, who speaks Khmer and wants to learn a trade: the code of her case."""
    page.goto("/")
    tab(page, "Tiếp nhận")
    go_on(page, "Tiếp nhận một người")
    page.get_by_label("Tự đến trình báo", exact=True).check()
    go_on(page)
    page.get_by_label("Họ và tên").fill(NAME)
    page.get_by_label("Nữ").check()
    page.get_by_label("Ngày sinh").fill("4/5/1999")
    page.get_by_label("Quốc tịch").fill("Việt Nam")
    go_on(page)
    page.get_by_label("Đang ở xã").fill("Xã Kiến Thụy")
    go_on(page)
    page.get_by_label("Họ và tên của trẻ").first.fill(CHILD)
    page.get_by_label("Năm sinh của trẻ").first.fill("2020")
    page.get_by_role("group", name="Giới tính của trẻ").first.get_by_label("Nữ").check()
    go_on(page)
    page.get_by_label("Cưỡng ép kết hôn").check()
    page.get_by_label("Ở nước nào?").fill("Trung Quốc")
    go_on(page)
    page.get_by_label("Khmer", exact=True).check()
    page.get_by_label("Hỗ trợ học nghề").check()
    go_on(page)
    page.get_by_label("Loại giấy tờ").first.select_option("DECLARATION")
    page.get_by_label("Số", exact=True).first.fill("01/TK-UBND")
    page.get_by_label("Nơi cấp").first.fill("Ủy ban nhân dân xã Kiến Thụy")
    page.get_by_label("Ngày cấp").first.fill("2/3/2026")
    go_on(page)
    page.get_by_label("Cơ sở giáo dục nghề nghiệp").check()
    go_on(page, "Gửi")
    expect(page.get_by_role("button", name="In phiếu này")).to_be_visible()
    return page.locator(".nc-receipt__code").inner_text()


def open_case(page: Page, code: str) -> None:
    page.goto("/")
    tab(page, "Tìm")
    page.get_by_label("Mã trường hợp", exact=True).fill(code)
    page.get_by_role("button", name="Tìm", exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(code)


def part(page: Page, name: str) -> None:
    page.get_by_role("navigation", name="Các phần của trường hợp").get_by_role(
        "link", name=name
    ).click()


def shown_after_a_while(page: Page, text: str) -> None:
    """What another service has yet to be told: the page is opened again until it says so."""

    def again() -> None:
        page.reload()
        page.wait_for_load_state()

    for _ in range(60):
        if page.get_by_text(text).count():
            return
        page.wait_for_timeout(500)
        again()
    expect(page.get_by_text(text).first).to_be_visible()


def verify(page: Page, code: str) -> None:
    page.goto("/")
    tab(page, "Xác minh")
    row = page.get_by_role("link", name=code)
    for _ in range(60):
        if row.count():
            break
        page.wait_for_timeout(500)
        page.reload()
    row.click()
    page.get_by_role("button", name="Bắt đầu xác minh").click()
    expect(page.get_by_text("Đã ghi: Bắt đầu.")).to_be_visible()
    page.get_by_role("link", name="Kết luận").click()
    page.get_by_label("Được xác định là nạn nhân").check()
    page.get_by_label("Cơ quan giải cứu").check()
    page.get_by_label("Số văn bản").fill("15/KL-CATP")
    page.get_by_role("button", name="Kết luận").click()
    expect(page.get_by_role("heading", name="Kết luận và căn cứ")).to_be_visible()


def answer_as_the_school(page: Page, offer_id: str) -> None:
    page.goto("/")
    tab(page, "Tiếp nhận hỗ trợ")
    waiting = page.get_by_role("region", name="Cần trả lời")
    waiting.locator(f'a[href="/offers/{offer_id}"]').click()
    page.wait_for_load_state()
    assert NAME not in page.content()
    page.get_by_role("button", name="Đồng ý tiếp nhận").click()
    page.get_by_role("button", name="Bắt đầu hỗ trợ").click()
    page.get_by_label("Kết quả hỗ trợ").select_option(label="Đã hỗ trợ đầy đủ")
    page.get_by_role("button", name="Hoàn thành").click()
    expect(page.get_by_text("Đã hoàn thành").first).to_be_visible()


@pytest.mark.parametrize("width", [PHONE, PC])
def test_a_woman_with_a_child_is_received_verified_referred_served_and_audited(
    classes: None, people: People, client_of: Client, eventually: Callable[..., None], width: int
) -> None:
    code = receive(people.page("receiver", width=width))
    verify(people.page("verifier", width=width), code)

    owner = people.page("case_owner", width=width)
    open_case(owner, code)
    shown_after_a_while(owner, "Trả lời đề nghị tiếp nhận (Hỗ trợ học nghề)")
    part(owner, "Chế độ hỗ trợ")
    owner.get_by_text("Bổ sung thông tin khác").click()
    owner.get_by_role("link", name="Thuộc hộ nghèo", exact=True).click()
    owner.get_by_label("Có", exact=True).check()
    owner.get_by_label("Số giấy tờ").fill("27/QĐ-UBND")
    owner.get_by_label("Có hiệu lực từ ngày").fill("2/3/2026")
    owner.get_by_role("button", name="Ghi nhận").click()
    expect(owner.get_by_text("Thuộc hộ nghèo: Có")).to_be_visible()

    part(owner, "Chuyển gửi")
    owner.get_by_role("link", name="Hỗ trợ học nghề").first.click()
    asked = owner.get_by_role("region", name="Đã đề nghị")
    owner.wait_for_load_state()
    if not asked.get_by_text("Trường Cao đẳng Kỹ thuật Hải Phòng").count():
        refuse_as_the_other_school(client_of)
        owner.reload()
    expect(asked.get_by_text("Trường Cao đẳng Kỹ thuật Hải Phòng")).to_be_visible()

    # Other tests have asked the same school: which offer is this one's, its inbox does not say.
    referral_id = owner.url.rpartition("/")[2]
    told = client_of("case_owner").get(f"/livelihood-support/v1/referrals/{referral_id}").json()
    answer_as_the_school(people.page("provider", width=width), told["offer_id"])
    owner.reload()
    owner.get_by_role("button", name="Xác nhận người được hỗ trợ đã nhận được hỗ trợ").click()
    expect(owner.get_by_text("Đã xác nhận").first).to_be_visible()

    auditor = people.page("auditor", width=width)
    auditor.goto("/")
    tab(auditor, "Nhật ký kiểm tra")
    auditor.get_by_label("Mã trường hợp").fill(code)
    auditor.get_by_role("button", name="Mở nhật ký").click()
    rows = auditor.get_by_role("listitem")
    expect(rows.filter(has_text="Tiếp nhận trường hợp").first).to_be_visible()
    expect(rows.filter(has_text="Công an thành phố").first).to_be_visible()
    expect(rows.filter(has_text="Trường Cao đẳng Kỹ thuật").first).to_be_visible()
    assert NAME not in auditor.content()
    assert CHILD not in auditor.content()


def refuse_as_the_other_school(client_of: Client) -> None:
    """The nearer school has no place: the next one is asked."""
    school = client_of("second_partner")
    offers = school.get("/livelihood-support/v1/referrals", params={"status": "requested"})
    for each in offers.json()["items"]:
        school.post(
            f"/livelihood-support/v1/referrals/{each['offer_id']}/moves",
            {"move": "reject", "reason": "capacity"},
            key=f"refuse-{each['offer_id']}",
            version=f'"{each["version"]}"',
        )
