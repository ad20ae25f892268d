"""Papers to print: a file with the name in it, known by the code of its case, noted each time."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Download, Page, expect
from pypdf import PdfReader

from deploy.stack.client import ApiClient
from shared.kit.clock import local_date, utc_now
from tests.pages.browsing import PC, PHONE, People, check, kept_in
from tests.pages.test_identity import logs
from tests.pages.verifying import Opened

NAME = "Nguyễn Thị Ví Dụ In"
LETTER, NOTICE = "Công văn đề nghị xác minh", "Thông báo kết quả xác minh"


@pytest.fixture
def planted(opened: Opened) -> dict[str, Any]:
    """A case of somebody whose name is looked for everywhere."""
    person = {
        "full_name": NAME,
        "sex": "female",
        "birth_date": "1996-05-02",
        "nationality": "VN",
        "origin_unit_code": "11680",
        "present_unit_code": "11680",
    }
    return opened(person=person)


def printed(page: Page) -> Download:
    with page.expect_download() as waited:
        page.get_by_role("button", name="Tải văn bản để in (PDF)").click()
    return waited.value


def text_of(file: Path) -> str:
    pages = PdfReader(io.BytesIO(file.read_bytes())).pages
    return " ".join(" ".join(each.extract_text() for each in pages).split())


def of(case: dict[str, Any], kind: str) -> str:
    return f"/verifications/{case['verification']['id']}/papers/{kind}"


@pytest.mark.parametrize("width", [PHONE, PC])
def test_the_owner_prints_the_letter_then_records_its_number_and_prints_it_with_that(
    people: People, planted: dict[str, Any], folder: Path, width: int
) -> None:
    page = people.page("case_owner", width=width)
    page.goto(f"/cases/{planted['id']}")
    page.get_by_role("link", name=LETTER).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(LETTER)
    check(page)
    page.get_by_label("Quyền hạn, chức vụ của người ký").fill("KT. Giám đốc\nPhó Giám đốc")
    first = printed(page)
    assert first.suggested_filename == f"{planted['code']}-cong-van.pdf"
    text = text_of(first.path())
    assert NAME in text
    assert "Số: ......./......." in text
    assert "PHÓ GIÁM ĐỐC" in text

    page.get_by_label("Số, ký hiệu").fill("46/TB-SYT")
    page.get_by_label("Ngày ban hành", exact=True).fill(f"{local_date(utc_now()):%d/%m/%Y}")
    page.get_by_role("button", name="Ghi số").click()
    refused = page.get_by_role("alert").get_by_role("link")
    expect(refused).to_have_attribute("href", "#number")
    people.said.clear()
    page.get_by_label("Số, ký hiệu").fill("128/SYT-PCTNXH")
    page.get_by_role("button", name="Ghi số").click()
    expect(page.get_by_text("Đã ghi số văn bản.")).to_be_visible()
    expect(page.get_by_role("region", name="Văn bản")).to_contain_text("128/SYT-PCTNXH")
    check(page)

    page.goto(of(planted, "request_letter"))
    assert "Số: 128/SYT-PCTNXH" in text_of(printed(page).path())
    assert NAME not in page.content() + page.title() + page.url + kept_in(page)
    assert [path for path, told in logs(folder) if NAME in told] == []


def test_each_printing_is_noted_with_its_reason(
    people: People, planted: dict[str, Any], client_of: Callable[[str], ApiClient]
) -> None:
    page = people.page("case_owner")
    page.goto(of(planted, "request_letter"))
    printed(page)
    printed(page)
    noted = client_of("case_owner").get(f"/intake/v1/cases/{planted['id']}/disclosures").json()
    assert [it["reason"] for it in noted["items"]] == ["official_paper", "official_paper"]


def test_no_browser_keeps_it(people: People, planted: dict[str, Any]) -> None:
    page = people.page("case_owner")
    page.goto(of(planted, "request_letter"))
    with page.expect_response(lambda it: it.request.method == "POST") as answered:
        printed(page)
    assert answered.value.all_headers()["cache-control"] == "no-store"


def test_the_verifier_prints_why_somebody_was_not_identified_and_no_certificate(
    people: People, planted: dict[str, Any]
) -> None:
    page = people.page("verifier")
    here = f"/verifications/{planted['verification']['id']}"
    page.goto(here)
    expect(page.get_by_role("link", name=LETTER)).to_have_count(0)
    page.get_by_role("button", name="Bắt đầu xác minh").click()
    page.get_by_role("link", name="Kết luận").click()
    page.get_by_label("Không đủ căn cứ: Chứng cứ chưa đủ").check()
    page.get_by_label("Cơ quan giải cứu").check()
    page.get_by_label("Số văn bản").fill("15/KL-CATP")
    page.get_by_role("button", name="Kết luận").click()
    page.get_by_role("link", name=NOTICE).click()
    page.get_by_label("Nêu rõ lý do").fill("Lời khai và tài liệu không khớp về thời gian.")
    made = printed(page)
    assert made.suggested_filename == f"{planted['code']}-thong-bao.pdf"
    text = text_of(made.path())
    assert "Lời khai và tài liệu không khớp về thời gian." in text
    assert "trong thời hạn 90 ngày" in text
    page.goto(of(planted, "certificate"))
    expect(page.get_by_text("Văn bản này hiện không thuộc phần việc của bạn.")).to_be_visible()
    people.said.clear()
