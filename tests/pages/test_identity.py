"""Who the person is stands on one page, for five minutes, and nowhere else."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Error, Page, expect

from services.console.pages import identity
from tests.pages.browsing import PC, PHONE, People, check, kept_in

Submitted = Callable[..., dict[str, Any]]

NAME, NUMBER, ADDRESS = "Nguyễn Thị Ví Dụ Trồng", "031196424242", "Ngõ Ví Dụ Trồng 42"
PLANTED = (NAME, NUMBER, ADDRESS, "Ví Dụ Trồng")
REASON = "Liên hệ với người được hỗ trợ"


@pytest.fixture
def planted(a_case: Submitted) -> dict[str, Any]:
    """A case of somebody whose words are looked for everywhere; it waits for its verifier."""
    return a_case(
        person={
            "full_name": NAME,
            "sex": "female",
            "birth_date": "1996-05-02",
            "nationality": "VN",
            "identity_documents": [{"type": "CCCD", "number": NUMBER}],
            "phones": [{"number": "0900000042", "safe_to_call": False}],
            "origin_unit_code": "11680",
            "present_unit_code": "11680",
            "present_address": ADDRESS,
        },
        papers=[
            {
                "type": "DECLARATION",
                "number": "01/TK-UBND",
                "issuer": "Ủy ban nhân dân xã Kiến Thụy",
                "issued_on": "2026-03-02",
            }
        ],
    )


def told(text: str) -> list[str]:
    return [each for each in PLANTED if each in text]


def opened(page: Page, case: dict[str, Any]) -> None:
    page.goto(f"/cases/{case['id']}/identity")
    page.get_by_label(REASON).check()
    page.get_by_role("button", name="Mở danh tính").click()
    expect(page.get_by_text(NAME)).to_be_visible()


@pytest.mark.parametrize("width", [PHONE, PC])
def test_an_identity_is_masked_until_a_reason_is_given_and_then_says_until_when(
    people: People, planted: dict[str, Any], width: int
) -> None:
    page = people.page("case_owner", width=width)
    page.goto(f"/cases/{planted['id']}/identity")
    assert told(page.content()) == []
    check(page)
    page.get_by_role("button", name="Mở danh tính").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert told(page.content()) == []
    page.get_by_label(REASON).check()
    with page.expect_response(lambda it: it.request.method == "POST") as answered:
        page.get_by_role("button", name="Mở danh tính").click()
    expect(page.get_by_text(NAME)).to_be_visible()
    expect(page.get_by_text("Không an toàn để gọi")).to_be_visible()
    expect(page.get_by_text("Hiện đến")).to_be_visible()
    headers = answered.value.all_headers()
    assert headers["cache-control"] == "no-store"
    assert headers["refresh"] == f"300; url=/cases/{planted['id']}/identity"
    assert told(page.title() + page.url) == []
    check(page)
    page.get_by_role("link", name="Che lại ngay").click()
    expect(page.get_by_role("button", name="Mở danh tính")).to_be_visible()
    with suppress(Error):
        page.go_back()
    # Nothing comes back out of the browser's memory: it shows an error page, or the masked one.
    expect(page.get_by_text(NAME)).to_have_count(0)
    people.said.clear()


def test_it_blanks_itself_without_scripts(
    people: People, planted: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identity, "SHOWN_FOR", timedelta(seconds=2))
    page = people.page("case_owner", java_script_enabled=False)
    opened(page, planted)
    expect(page.get_by_role("button", name="Mở danh tính")).to_be_visible()
    assert told(page.content()) == []


def test_planted_words_are_on_the_page_of_the_identity_and_nowhere_else(
    people: People, planted: dict[str, Any], folder: Path
) -> None:
    page = people.page("case_owner")
    asked: list[str] = []
    page.on("request", lambda it: asked.append(it.url))
    here = f"/cases/{planted['id']}"
    opened(page, planted)
    for path in (here, f"{here}?everything=1", f"{here}/consents", f"{here}/assignments"):
        page.goto(path)
        assert told(page.content() + page.title()) == [], path
    for path in ("/cases", f"/find?code={planted['code']}", f"{here}/hand-over", "/account"):
        page.goto(path)
        assert told(page.content() + page.title()) == [], path
    page.goto(f"{here}?everything=1")
    expect(page.get_by_text("Mở danh tính theo luật")).to_be_visible()
    page.goto(f"{here}/consents")
    expect(page.get_by_text("Đã cung cấp thông tin")).to_be_visible()
    assert told(kept_in(page)) == []
    assert told(" ".join(asked)) == []
    assert told(" ".join(people.said)) == []
    assert [path for path, text in logs(folder) if told(text)] == []


def logs(folder: Path) -> Iterator[tuple[str, str]]:
    found = [path for path in folder.rglob("*.log") if path.is_file()]
    assert found
    for path in found:
        yield str(path), path.read_text(errors="replace")


def test_whoever_may_open_no_file_is_offered_none(people: People, planted: dict[str, Any]) -> None:
    page = people.page("receiver")
    page.goto(f"/cases/{planted['id']}")
    expect(page.get_by_role("heading", name=planted["code"])).to_be_visible()
    assert page.get_by_role("link", name="Danh tính").count() == 0
    page.goto(f"/cases/{planted['id']}/identity")
    assert page.get_by_role("button", name="Mở danh tính").count() == 0


def test_the_verifier_opens_it_for_what_it_decides(
    people: People, planted: dict[str, Any], eventually: Callable[[Callable[[], bool]], None]
) -> None:
    page = people.page("verifier")

    def is_opened() -> bool:
        page.goto(f"/cases/{planted['id']}/identity")
        page.get_by_label("Phỏng vấn").check()
        page.get_by_role("button", name="Mở danh tính").click()
        page.wait_for_load_state()
        return page.get_by_text(NAME).count() == 1

    eventually(is_opened)
    assert page.get_by_text(ADDRESS).count() == 0, "not where the person sleeps"
    people.said.clear()
