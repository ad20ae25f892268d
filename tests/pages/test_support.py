"""What a person is entitled to, facts to tell, needs, and the ladder of offers, as a case owner."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from shared.kit.identifiers import new_id
from tests.pages.browsing import PC, PHONE, People, check
from tests.pages.referring import BASE, Asked, Client

STATELESS = {"consents": [{"organisation_kind": "hospital", "purpose": "service_referral"}]}
NAME = "Ví Dụ"


def part(page: Page, heading: str) -> Any:
    """A card of a page, by its heading."""
    return page.get_by_role("region", name=re.compile(heading))


@pytest.mark.parametrize("width", [PHONE, PC])
def test_each_entitlement_says_why_and_no_sum_is_made_up(
    people: People, asked: Asked, width: int
) -> None:
    page = people.page("case_owner", width=width)
    page.goto(f"/cases/{asked.case_id}/support")
    expect(page.get_by_role("heading", name=asked.code)).to_be_visible()
    granted = part(page, "Được hưởng")
    expect(granted.get_by_text("chưa tìm thấy mức được công bố")).to_have_count(5)
    granted.get_by_text("Vì sao?").first.click()
    expect(granted.get_by_text("Luật 53/2024/QH15, Điều 37").first).to_be_visible()
    expect(part(page, "Nhu cầu").get_by_text("Đã đề nghị tiếp nhận")).to_be_visible()
    assert NAME not in page.content()
    check(page)


def test_a_fact_is_told_with_its_paper_and_taken_back(people: People, asked: Asked) -> None:
    page = people.page("case_owner", java_script_enabled=False)
    page.goto(f"/cases/{asked.case_id}/facts/poor_household")
    page.get_by_label("Có", exact=True).check()
    page.get_by_label("Có hiệu lực từ ngày").fill("31/2/2026")
    page.get_by_role("button", name="Ghi nhận").click()
    problem = page.get_by_role("alert")
    expect(problem.get_by_role("link")).to_have_count(2)
    expect(page.get_by_label("Có", exact=True)).to_be_checked()
    people.said.clear()
    page.get_by_label("Số giấy tờ").fill("27/QĐ-UBND")
    page.get_by_label("Có hiệu lực từ ngày").fill("2/3/2026")
    page.get_by_role("button", name="Ghi nhận").click()
    told = part(page, "Thông tin đã bổ sung")
    expect(told.get_by_text("Thuộc hộ nghèo: Có")).to_be_visible()
    expect(told.get_by_text("27/QĐ-UBND")).to_be_visible()
    expect(told.get_by_text("02/03/2026")).to_be_visible()
    told.get_by_role("link", name=re.compile("Rút lại.*Thuộc hộ nghèo")).click()
    page.get_by_label("Ghi nhận nhầm").check()
    page.get_by_role("button", name="Rút lại").click()
    expect(told.get_by_text("Thuộc hộ nghèo: Có")).to_have_count(0)


def test_a_need_is_added_and_ended(people: People, asked: Asked) -> None:
    page = people.page("case_owner", width=PHONE)
    page.goto(f"/cases/{asked.case_id}/support")
    page.get_by_label("Nhu cầu mới").select_option(label="Hỗ trợ học văn hóa")
    page.get_by_role("button", name="Thêm nhu cầu").click()
    expect(page.get_by_role("heading", level=2, name="Hỗ trợ học văn hóa")).to_be_visible()
    check(page)
    page.get_by_role("link", name="Chế độ hỗ trợ").click()
    page.get_by_role("link", name=re.compile("Kết thúc.*Hỗ trợ học văn hóa")).click()
    check(page)
    expect(page.get_by_label("Quá xa")).to_be_visible()
    expect(page.get_by_label("Hết chỗ")).to_have_count(0)
    page.get_by_label("Người được hỗ trợ từ chối").check()
    page.get_by_role("button", name="Kết thúc nhu cầu").click()
    expect(page.get_by_text("Đã kết thúc (1)")).to_be_visible()
    expect(page.get_by_role("status")).to_have_text("Đã ghi: kết thúc nhu cầu.")


@pytest.mark.parametrize("width", [PHONE, PC])
def test_the_ladder_says_who_waits_until_when_what_each_earned_and_who_cannot_be_asked(
    people: People, asked: Asked, width: int
) -> None:
    page = people.page("case_owner", width=width)
    page.goto(f"/cases/{asked.case_id}/referrals")
    page.get_by_role("link", name="Hỗ trợ học nghề").click()
    ladder = part(page, "Đã đề nghị")
    first = ladder.get_by_role("listitem").first
    expect(first.get_by_text("Trường Cao đẳng Kỹ thuật Hải Phòng")).to_be_visible()
    # Other tests may have given the school an address, and then the offer has reached it already.
    expect(first.get_by_text(re.compile("Phải (gửi tới|trả lời) trước"))).to_be_visible()
    first.get_by_text("Vì sao?").click()
    expect(first.get_by_text("hạn cuối là hết ngày")).to_be_visible()
    first.get_by_text("điểm").click()
    expect(first.get_by_text("Còn nhiều chỗ")).to_be_visible()
    expect(first.get_by_text("20/20").first).to_be_visible()
    after = part(page, "Nơi tiếp theo")
    after.get_by_text("Không có ngôn ngữ chung").click()
    expect(after.get_by_text("Lớp sơ cấp may công nghiệp")).to_be_visible()
    check(page)


def test_somebody_who_was_faster_is_shown_and_nothing_is_done_twice(
    people: People, asked: Asked, client_of: Client
) -> None:
    page = people.page("case_owner")
    page.goto(f"/cases/{asked.case_id}/referrals/{asked.referral_id}")
    school = people.page("provider")
    school.goto(f"/offers/{asked.offer_id}")
    school.get_by_role("button", name="Đồng ý tiếp nhận").click()
    expect(school.get_by_role("button", name="Bắt đầu hỗ trợ")).to_be_visible()
    page.get_by_text("Hủy lượt chuyển gửi này").click()
    page.get_by_label("Lý do").select_option(label="Người được hỗ trợ từ chối")
    page.get_by_role("button", name="Hủy chuyển gửi").click()
    expect(page.get_by_text("Có người đã thao tác trước")).to_be_visible()
    expect(part(page, "Hiện nay").get_by_text("Đã đồng ý tiếp nhận")).to_be_visible()
    expect(page.get_by_label("Lý do")).to_have_value("person_declined")
    people.said.clear()
    page.get_by_role("button", name="Xác nhận người được hỗ trợ").click()
    expect(part(page, "Hiện nay").get_by_text("Đã xác nhận")).to_be_visible()
    expect(page.get_by_role("button", name="Xác nhận người được hỗ trợ")).to_have_count(0)


def test_a_case_of_nobody_is_not_there(people: People) -> None:
    page = people.page("case_owner")
    for path in ("support", "referrals", "facts/poor_household"):
        answer = page.goto(f"/cases/01a21d52-0000-7286-80c7-b8b133149b59/{path}")
        assert answer is not None
        assert answer.status == 404
    people.said.clear()


def test_a_need_that_somebody_ended_first_is_shown_as_it_stands(
    people: People, asked: Asked, client_of: Client
) -> None:
    owner, here = client_of("case_owner"), f"{BASE}/cases/{asked.case_id}/needs"
    need = next(it for it in owner.get(here).json()["items"] if it["code"] == "VOCATIONAL")
    page = people.page("case_owner", width=PHONE)
    page.goto(f"/cases/{asked.case_id}/needs/{need['id']}/end")
    page.get_by_label("Người được hỗ trợ từ chối").check()
    body = {"move": "end", "reason": "person_declined"}
    ended = owner.post(
        f"{here}/{need['id']}/moves", body, key=str(new_id()), version=f'"{need["version"]}"'
    )
    assert ended.status_code == 201, ended.text
    page.get_by_role("button", name="Kết thúc nhu cầu").click()
    expect(page.get_by_text("Có người đã thao tác trước")).to_be_visible()
    expect(page.get_by_text("Người được hỗ trợ từ chối")).to_be_visible()
    expect(page.get_by_role("button", name="Kết thúc nhu cầu")).to_have_count(0)
    check(page)
    people.said.clear()
