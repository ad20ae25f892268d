"""Whoever shelters or protects finds the cases in which they have a part, and then who it is."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from deploy.stack.client import ApiClient
from shared.kit import pages
from shared.kit.identifiers import new_id
from tests.pages.browsing import PC, PHONE, People, check

Submitted = Callable[..., dict[str, Any]]
INTAKE = "/intake/v1"
REFUGE = "Phòng 203, Nhà Vành Khuyên"


def answered(answer: Any) -> dict[str, Any]:
    assert answer.status_code in {200, 201}, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize("width", [PHONE, PC])
def test_whoever_was_given_a_part_finds_it_opens_who_it_is_and_then_no_more(
    people: People, a_case: Submitted, client_of: Callable[[str], ApiClient], width: int
) -> None:
    case, owner = a_case(), client_of("case_owner")
    (shelter,) = [
        each
        for each in answered(owner.get("/directory/v1/organisations", role="facility"))["items"]
        if each["code"] == "truong-lao-dong-xa-hoi-thanh-xuan"
    ]
    place = f"{INTAKE}/cases/{case['id']}/assignments"
    body = {"organisation_id": shelter["id"], "role": "facility", "reason": "shelter_needed"}
    made = answered(owner.post(place, body, key=str(new_id())))

    page = people.page("facility", width=width)
    page.goto("/")
    page.get_by_role("link", name="Việc được giao").click()
    row = page.get_by_role("listitem").filter(has_text=case["code"])
    expect(row).to_contain_text("Cần nơi tạm lánh")
    check(page)
    row.get_by_role("link", name=case["code"]).click()
    page.get_by_label("Tiếp nhận vào cơ sở").check()
    page.get_by_role("button", name="Mở danh tính").click()
    expect(page.get_by_role("link", name="Che lại ngay")).to_be_visible()
    check(page)

    end = {"reason": "moved_elsewhere"}
    answered(owner.post(f"{place}/{made['id']}/end", end, key=str(new_id())))
    page.goto("/parts")
    expect(page.get_by_text(case["code"])).to_have_count(0)
    page.get_by_role("link", name="Đã thôi hoặc chưa đến ngày").click()
    expect(page.get_by_text(case["code"])).to_be_visible()
    expect(page.get_by_role("link", name=case["code"])).to_have_count(0)
    check(page)


@pytest.mark.parametrize("width", [PHONE, PC])
def test_whoever_protects_says_where_and_the_page_never_shows_it(
    people: People,
    a_case: Submitted,
    client_of: Callable[[str], ApiClient],
    width: int,
    tmp_path: Path,
) -> None:
    case, owner = a_case(), client_of("case_owner")
    protecting = answered(owner.get("/directory/v1/organisations", role="protector"))["items"]
    (ours,) = [each["id"] for each in protecting if each["code"] == "bien-phong-thanh-pho"]
    body = {"organisation_id": ours, "role": "protector", "reason": "threat"}
    answered(owner.post(f"{INTAKE}/cases/{case['id']}/assignments", body, key=str(new_id())))

    page = people.page("protector", width=width)
    page.goto(f"/cases/{case['id']}/refuge")
    check(page)
    page.screenshot(path=tmp_path / f"refuge-{width}.png", full_page=True)
    page.get_by_label("Người được bảo vệ đang ở đâu?").fill(REFUGE)
    page.get_by_role("button", name="Ghi nơi tạm lánh").click()
    expect(page.get_by_text("Đã ghi nơi tạm lánh.")).to_be_visible()
    assert REFUGE not in page.content()

    page.goto(f"/cases/{case['id']}/identity")
    page.get_by_label("Bị đe dọa").check()
    page.get_by_role("button", name="Mở danh tính").click()
    expect(page.get_by_text(REFUGE)).to_be_visible()
    check(page)
    page.screenshot(path=tmp_path / f"identity-{width}.png", full_page=True)

    page.goto(f"/cases/{case['id']}/refuge")
    page.get_by_role("button", name="Ghi việc đã rời đi").click()
    expect(page.get_by_text("địa điểm đã được xóa")).to_be_visible()


def test_the_page_is_for_whoever_can_be_given_a_part(people: People) -> None:
    page = people.page("case_owner")
    page.goto("/")
    expect(page.get_by_role("link", name="Việc được giao")).to_have_count(0)
    answer = page.goto("/parts")
    assert answer is not None
    assert answer.status == 403
    people.said.clear()


def test_a_form_offers_everybody_however_short_a_page_of_the_directory_is(
    people: People, a_case: Submitted, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = a_case()
    page = people.page("case_owner")
    page.goto(f"/cases/{case['id']}/assignments")
    offered = page.locator("option").all_inner_texts()
    assert len(offered) > 4, offered
    monkeypatch.setattr(pages, "MOST", 1)
    page.reload()
    assert page.locator("option").all_inner_texts() == offered
