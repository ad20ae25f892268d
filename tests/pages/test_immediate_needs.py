"""Whoever received, shelters or owns sees what cannot wait, and says when each of it was met."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from deploy.stack.client import ApiClient
from shared.kit.identifiers import new_id
from tests.pages.browsing import PC, PHONE, People, check

Submitted = Callable[..., dict[str, Any]]


@pytest.mark.parametrize("width", [PHONE, PC])
def test_each_need_is_open_until_somebody_near_says_that_it_was_met(
    people: People, a_case: Submitted, client_of: Callable[[str], ApiClient], width: int
) -> None:
    case, owner = a_case(immediate_needs=["medical", "shelter"]), client_of("case_owner")
    here = f"/cases/{case['id']}"
    received = people.page("receiver", width=width)
    received.goto(here)
    received.get_by_role("complementary").get_by_role("link", name="Nhu cầu cấp thiết").click()
    expect(received.get_by_text("Chưa đáp ứng")).to_have_count(2)
    check(received)
    received.get_by_role("button", name="Lưu").click()
    expect(received.get_by_role("alert")).to_be_visible()
    check(received)
    received.get_by_label("Khám, chữa bệnh").check()
    received.get_by_label("Đã đáp ứng").check()
    received.get_by_role("button", name="Lưu").click()
    expect(received.get_by_text("Đã ghi nhận kết quả giải quyết nhu cầu")).to_be_visible()
    expect(received.get_by_text("Chưa đáp ứng")).to_have_count(1)
    check(received)

    _shelter(owner, case["id"])
    sheltering = people.page("facility", width=width)
    sheltering.goto("/parts")
    row = sheltering.get_by_role("listitem").filter(has_text=case["code"])
    row.get_by_role("link", name="Nhu cầu cấp thiết").click()
    expect(sheltering.get_by_text(case["code"])).to_be_visible()
    check(sheltering)
    sheltering.get_by_label("Đã đáp ứng").check()
    sheltering.get_by_role("button", name="Lưu").click()
    expect(sheltering.get_by_role("button", name="Lưu")).to_have_count(0)

    owning = people.page("case_owner", width=width)
    owning.goto(here)
    story = owning.get_by_role("region", name="Diễn biến")
    expect(story.get_by_text("Một nhu cầu cấp thiết đã được giải quyết")).to_have_count(2)
    expect(owning.get_by_role("heading", name="Có nhu cầu cấp thiết")).to_have_count(0)
    owning.goto(f"{here}/immediate-needs")
    expect(owning.get_by_text("Thanh Xuân")).to_be_visible()
    check(owning)
    people.said.clear()


def _shelter(owner: ApiClient, case_id: str) -> None:
    listed = owner.get("/directory/v1/organisations", role="facility").json()["items"]
    (home,) = [it for it in listed if it["code"] == "truong-lao-dong-xa-hoi-thanh-xuan"]
    body = {"organisation_id": home["id"], "role": "facility", "reason": "shelter_needed"}
    path = f"/intake/v1/cases/{case_id}/assignments"
    made = owner.post(path, body, key=str(new_id()))
    assert made.status_code == 201, made.text
