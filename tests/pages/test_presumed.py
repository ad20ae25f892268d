"""Somebody whose verification runs: what they have meanwhile, and what stays open after a no."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from shared.kit.identifiers import new_id
from tests.pages.browsing import PC, PHONE, People, check
from tests.pages.referring import Client
from tests.pages.test_support import part
from tests.pages.verifying import API, Opened

NEED = "Hỗ trợ nhu cầu thiết yếu"


@pytest.mark.parametrize("width", [PHONE, PC])
def test_a_need_does_not_wait_for_the_verification_and_a_no_leaves_a_way_on(
    people: People,
    opened: Opened,
    client_of: Client,
    eventually: Callable[[Callable[[], bool]], None],
    width: int,
) -> None:
    case = opened()
    page = people.page("case_owner", width=width)
    page.goto(f"/cases/{case['id']}/support")
    expect(page.get_by_text("vẫn được hưởng các chế độ sau")).to_be_visible()
    check(page)
    page.get_by_label("Nhu cầu mới").select_option(label=NEED)
    page.get_by_role("button", name="Thêm nhu cầu").click()
    expect(page.get_by_role("heading", level=2, name=NEED)).to_be_visible()
    page.goto(f"/cases/{case['id']}/support")
    expect(page.get_by_text("không phải chờ kết quả xác minh")).to_be_visible()
    check(page)

    police, moves = client_of("verifier"), f"{API}/{case['verification']['id']}/moves"
    conclude = {
        "move": "conclude",
        "outcome": "not_identified",
        "grounds": ["trafficker"],
        "reason": "purpose_not_established",
        "evidence_ref": "15/KL-CATP",
    }
    for version, body in ((case["verification"]["version"], {"move": "start"}), (0, conclude)):
        known = version or police.get(f"{API}/{case['verification']['id']}").json()["version"]
        done = police.post(moves, body, key=str(new_id()), version=f'"{known}"')
        assert done.status_code == 201, done.text

    def is_told() -> bool:
        page.reload()
        return bool(part(page, "Hướng hỗ trợ vẫn mở").count())

    eventually(is_told)
    expect(page.get_by_text("không có nghĩa là người đó khai sai")).to_be_visible()
    expect(part(page, "Được hưởng trong thời gian xác minh")).to_have_count(1)
    expect(part(page, "Không thuộc diện")).to_have_count(0)
    check(page)
    page.get_by_label("Người được hỗ trợ đồng ý").check()
    page.get_by_role("button", name="Ghi nhận ý kiến").click()
    expect(page.get_by_role("status")).to_have_text("Đã ghi nhận ý kiến của người được hỗ trợ.")
    ways = part(page, "Hướng hỗ trợ vẫn mở")
    expect(ways.get_by_text("Người được hỗ trợ đồng ý, đã kết nối")).to_be_visible()
    check(page)
