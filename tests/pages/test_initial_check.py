"""A case owner finds by when a person is to be checked first, and records it with the police."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from deploy.stack.client import ApiClient
from shared.kit.clock import local_date, utc_now
from tests.pages.browsing import PC, PHONE, Eventually, People, check
from tests.pages.test_cases import DECLARED, go_to

Submitted = Callable[..., dict[str, Any]]


@pytest.fixture
def declared(
    a_case: Submitted, client_of: Callable[[str], ApiClient], eventually: Eventually
) -> dict[str, Any]:
    """A person who reported themselves and whose papers prove nothing."""
    case = a_case(immediate_needs=[], papers=DECLARED)
    agency = client_of("agency")
    here = f"/intake/v1/cases/{case['id']}"
    eventually(lambda: agency.get(here).json()["status"] == "in_verification")
    return case


@pytest.mark.parametrize("width", [PHONE, PC])
def test_an_owner_sees_by_when_the_first_look_is_due_and_records_it(
    people: People, declared: dict[str, Any], width: int
) -> None:
    page = people.page("case_owner", width=width)
    go_to(page, declared)
    know = page.get_by_role("complementary")
    expect(know.get_by_text("Chưa ghi nhận, chậm nhất ngày")).to_be_visible()
    check(page)
    know.get_by_role("link", name="Ghi nhận kết quả").click()
    page.get_by_role("link", name="vì sao?").click()
    expect(page.get_by_text("Luật 53/2024, Điều 27")).to_be_visible()
    page.go_back()
    check(page)
    page.get_by_role("button", name="Ghi nhận kết quả").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Ngày xác minh").fill(f"{local_date(utc_now()):%d/%m/%Y}")
    page.get_by_label("Có dấu hiệu mua bán người").check()
    page.get_by_label("Số biên bản").fill("07/BB-SYT")
    page.get_by_role("button", name="Ghi nhận kết quả").click()
    expect(page.get_by_role("alert")).to_contain_text("Phải nêu cơ quan cùng xác minh")
    expect(page.get_by_label("Số biên bản")).to_have_value("07/BB-SYT")
    check(page)
    page.get_by_label("Cơ quan cùng xác minh").select_option(index=1)
    page.get_by_role("button", name="Ghi nhận kết quả").click()
    expect(page.get_by_text("Đã ghi nhận xác minh thông tin ban đầu.")).to_be_visible()
    expect(know.get_by_text("Có dấu hiệu mua bán người")).to_be_visible()
    story = page.get_by_role("region", name="Diễn biến")
    expect(story.get_by_text("Xác minh thông tin ban đầu")).to_be_visible()
    know.get_by_role("link", name="Xác minh thông tin ban đầu").click()
    expect(page.get_by_text("07/BB-SYT")).to_be_visible()
    expect(page.get_by_role("button", name="Ghi nhận kết quả")).to_have_count(0)
    check(page)
    people.said.clear()
