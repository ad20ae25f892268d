"""A decision is complained of, in a browser: recorded by whoever hears it, answered, or upheld."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from deploy.stack.client import ApiClient
from shared.kit.clock import local_date, utc_now
from tests.pages.browsing import PC, PHONE, People, check
from tests.pages.test_verification import moves
from tests.pages.verifying import API, Opened

NAME = "Nguyễn Thị Ví Dụ"
DECISION = {
    "move": "conclude",
    "outcome": "not_identified",
    "reason": "evidence_insufficient",
    "grounds": ["rescuing_body"],
    "evidence_ref": "15/KL-CATP",
}
Decided = Callable[[], dict[str, Any]]


@pytest.fixture
def decided(opened: Opened, client_of: Callable[[str], ApiClient]) -> Decided:
    """A case whose verification did not identify."""

    def make() -> dict[str, Any]:
        case, police = opened(immediate_needs=[]), client_of("verifier")
        here = f"{API}/{case['verification']['id']}"
        for move in ({"move": "start"}, DECISION):
            version = police.get(here).headers["ETag"]
            answer = police.post(f"{here}/moves", move, version=version)
            assert answer.status_code == 201, answer.text
        return case

    return make


def say_when(page: Page) -> None:
    today = local_date(utc_now())
    page.get_by_label("Ngày nhận khiếu nại").fill(f"{today:%d/%m/%Y}")


@pytest.mark.parametrize("width", [PHONE, PC])
def test_the_case_owner_records_a_complaint_and_the_authority_keeps_its_decision(
    people: People, decided: Decided, width: int, tmp_path: Path
) -> None:
    case = decided()
    here = f"/verifications/{case['verification']['id']}"
    owner, police = people.page("case_owner", width=width), people.page("verifier", width=width)
    owner.goto(here)
    expect(owner.get_by_text("Người được hỗ trợ có thể khiếu nại, sớm nhất đến")).to_be_visible()
    assert moves(owner) == ["Mở lại", "Ghi khiếu nại"]
    check(owner)
    owner.get_by_role("link", name="Ghi khiếu nại").click()
    owner.get_by_label("Nộp trực tiếp").check()
    owner.get_by_role("button", name="Ghi khiếu nại").click()
    expect(owner.get_by_role("alert").get_by_role("link")).to_have_attribute("href", "#received_on")
    say_when(owner)
    check(owner)
    owner.screenshot(path=tmp_path / f"complain-{width}.png", full_page=True)
    owner.get_by_role("button", name="Ghi khiếu nại").click()
    expect(owner.get_by_text("Đã ghi: Khiếu nại.")).to_be_visible()
    assert moves(owner) == ["Mở lại"]
    expect(owner.get_by_text("Chưa tìm được quy định về thời hạn giải quyết").first).to_be_visible()

    police.goto(here)
    assert moves(police) == ["Mở lại", "Giữ nguyên kết quả"]
    check(police)
    police.screenshot(path=tmp_path / f"complained-{width}.png", full_page=True)
    police.get_by_role("link", name="Giữ nguyên kết quả").click()
    police.get_by_label("Căn cứ của kết quả vẫn đúng").check()
    police.get_by_role("button", name="Giữ nguyên kết quả").click()
    expect(police.get_by_role("alert").get_by_role("link")).to_have_attribute(
        "href", "#evidence_ref"
    )
    police.get_by_label("Số văn bản").fill("90/CATP-PC02")
    check(police)
    police.screenshot(path=tmp_path / f"keep-{width}.png", full_page=True)
    police.get_by_role("button", name="Giữ nguyên kết quả").click()
    expect(police.get_by_text("Đã ghi: Giữ nguyên kết quả.")).to_be_visible()
    check(police)
    police.screenshot(path=tmp_path / f"kept-{width}.png", full_page=True)
    assert NAME not in owner.content() + police.content()
    people.said.clear()


@pytest.mark.parametrize("width", [PHONE, PC])
def test_evidence_is_recorded_in_one_form_and_cited_by_the_decision(
    people: People, opened: Opened, width: int, tmp_path: Path
) -> None:
    case = opened()
    here = f"/verifications/{case['verification']['id']}"
    page = people.page("verifier", width=width)
    page.goto(here)
    page.get_by_role("button", name="Bắt đầu xác minh").click()
    page.get_by_role("link", name="Ghi chứng cứ").click()
    page.get_by_label("Nguồn chứng cứ").select_option(label="Cơ quan giải cứu")
    page.get_by_label("Số văn bản").fill("Nguyễn Văn A")
    page.get_by_label("Ngày của văn bản").fill("1/3/2026")
    page.get_by_role("button", name="Ghi chứng cứ").click()
    expect(page.get_by_role("alert").get_by_role("link")).to_have_attribute("href", "#number")
    page.get_by_label("Số văn bản").fill("07/BB-DBP")
    check(page)
    page.screenshot(path=tmp_path / f"evidence-{width}.png", full_page=True)
    page.get_by_role("button", name="Ghi chứng cứ").click()
    expect(page.get_by_text("Đã ghi: Chứng cứ.")).to_be_visible()

    page.get_by_role("link", name="Kết luận").click()
    page.get_by_label("Không đủ căn cứ: Chứng cứ chưa đủ").check()
    page.get_by_label("Cơ quan giải cứu: 07/BB-DBP, 01/03/2026").check()
    check(page)
    page.screenshot(path=tmp_path / f"cite-{width}.png", full_page=True)
    page.get_by_role("button", name="Kết luận").click()
    evidence = page.get_by_role("region", name="Chứng cứ", exact=True)
    expect(evidence).to_contain_text("07/BB-DBP")
    expect(evidence).to_contain_text("Căn cứ của kết luận")
    check(page)
    page.screenshot(path=tmp_path / f"cited-{width}.png", full_page=True)
    people.said.clear()


def test_the_case_says_whose_turn_a_complaint_is_and_its_story_says_that_it_came(
    people: People, decided: Decided, eventually: Callable[[Callable[[], bool]], None]
) -> None:
    case = decided()
    page = people.page("case_owner", width=PHONE)
    page.goto(f"/verifications/{case['verification']['id']}/complain")
    page.get_by_label("Gửi bằng văn bản").check()
    say_when(page)
    page.get_by_role("button", name="Ghi khiếu nại").click()
    expect(page.get_by_text("Đã ghi: Khiếu nại.")).to_be_visible()

    def is_told() -> bool:
        page.goto(f"/cases/{case['id']}")
        return "Đã nhận khiếu nại về kết quả xác minh" in page.content()

    eventually(is_told)
    turn = page.get_by_role("region", name="Việc tiếp theo")
    expect(turn).to_contain_text("Giải quyết khiếu nại về kết quả xác minh")
    check(page)


def test_why_says_that_nobody_has_found_how_long_an_answer_may_take(
    people: People, decided: Decided, client_of: Callable[[str], ApiClient]
) -> None:
    case = decided()
    here = f"{API}/{case['verification']['id']}"
    police = client_of("verifier")
    said = {
        "move": "complain",
        "reason": "complained_in_person",
        "received_on": local_date(utc_now()).isoformat(),
    }
    version = police.get(here).headers["ETag"]
    answer = police.post(f"{here}/moves", said, version=version)
    assert answer.status_code == 201, answer.text
    page = people.page("verifier")
    page.goto(f"/why/verification/{case['verification']['id']}")
    first = page.get_by_role("article").first
    expect(first).to_contain_text("Thời hạn giải quyết khiếu nại")
    expect(first).to_contain_text("Cần tra trong Luật Khiếu nại 02/2011.")
    expect(page.get_by_role("article").nth(1)).to_contain_text("Thời hiệu khiếu nại")
    check(page)
