"""The targets of the city's plan: met, or each case that is an exception, and whose turn it is."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from deploy.stack.client import ApiClient
from deploy.stack.installation import Installation
from shared.kit.clock import utc_now
from shared.kit.identifiers import new_id
from tests.pages.browsing import PC, PHONE, Eventually, People, check
from tests.pages.operating import rows
from tests.pages.verifying import Opened

Submitted = Callable[..., dict[str, Any]]
DECLARED = {
    "type": "DECLARATION",
    "number": "01/TK-UBND",
    "issuer": "Ủy ban nhân dân xã Kiến Thụy",
    "issued_on": "2026-03-02",
}
"""A paper that proves nothing, so that the case is decided by people."""
ASKED = "SELECT status, received_at, registered_at FROM cases WHERE id = %s"
LOST = "UPDATE cases SET status = 'received', received_at = %s, registered_at = %s"
FOUND = "UPDATE cases SET status = %s, received_at = %s, registered_at = %s WHERE id = %s"


@pytest.fixture
def case(
    a_case: Submitted, installation: Installation, eventually: Eventually
) -> Iterator[dict[str, Any]]:
    """A case in verification, which is as it was before when the test is over."""
    made = a_case(papers=[DECLARED], immediate_needs=[])

    def is_opened() -> bool:
        return bool(rows(installation, "intake", ASKED, made["id"])[0][0] == "in_verification")

    eventually(is_opened)
    (before,) = rows(installation, "intake", ASKED, made["id"])
    yield made
    rows(installation, "intake", FOUND, *before, made["id"])


@pytest.fixture
def asked_for(opened: Opened, client_of: Callable[[str], ApiClient]) -> Any:
    """Protection that a case owner asked for, and that nobody has decided about."""
    case = opened(immediate_needs=[])
    owner = client_of("case_owner")
    place, body = f"/verification/v1/cases/{case['id']}/protections", {"measures": ["secrecy"]}
    asked = owner.post(place, body, key=str(new_id()))
    assert asked.status_code == 201, asked.text
    return asked.json()


@pytest.mark.parametrize("width", [PHONE, PC])
@pytest.mark.parametrize("role", ["case_owner", "auditor"])
def test_a_case_that_nobody_verifies_stands_there_with_whoever_must_act(
    people: People, case: dict[str, Any], installation: Installation, width: int, role: str
) -> None:
    page = people.page(role, width=width)
    page.goto("/targets")
    first = page.get_by_role("region", name="Chỉ tiêu 1")
    expect(first.get_by_text("Đạt", exact=True)).to_be_visible()
    expect(first.get_by_text(case["code"])).to_have_count(0)
    an_hour_ago = utc_now() - timedelta(hours=1)
    rows(installation, "intake", f"{LOST} WHERE id = %s", an_hour_ago, an_hour_ago, case["id"])
    page.reload()
    expect(first.get_by_text("Chưa đạt")).to_be_visible()
    row = first.get_by_role("listitem").filter(has_text=case["code"])
    expect(row).to_contain_text("Mở việc xác minh")
    check(page)
    if role == "case_owner":
        row.get_by_role("link", name=case["code"]).click()
        expect(page.get_by_role("heading", name=case["code"])).to_be_visible()
    people.said.clear()


@pytest.mark.parametrize("width", [PHONE, PC])
@pytest.mark.parametrize("role", ["case_owner", "auditor"])
def test_whoever_is_not_protected_yet_stands_there_until_that_is_decided(
    people: People, asked_for: dict[str, Any], width: int, role: str, tmp_path: Path
) -> None:
    page = people.page(role, width=width)
    page.goto("/targets")
    second = page.get_by_role("region", name="Chỉ tiêu 2")
    expect(second.get_by_text("Chưa đạt")).to_be_visible()
    row = second.get_by_role("listitem").filter(has_text=asked_for["case_code"])
    expect(row).to_contain_text("Đang chờ quyết định, còn trong thời hạn")
    expect(row).to_contain_text("Người được hỗ trợ")
    check(page)
    page.screenshot(path=tmp_path / f"targets-{role}-{width}.png", full_page=True)
    if role == "case_owner":
        row.get_by_role("link", name="Đang chờ quyết định").click()
        expect(page.get_by_role("heading", name=asked_for["case_code"])).to_be_visible()
    else:
        expect(row.get_by_role("link")).to_have_count(0)


def test_whoever_neither_owns_cases_nor_audits_has_no_such_page(people: People) -> None:
    page = people.page("receiver")
    answer = page.goto("/targets")
    assert answer is not None
    assert answer.status == 403
    people.said.clear()
