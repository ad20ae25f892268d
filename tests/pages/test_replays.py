"""After an outage an operator has many deliveries sent again, at a pace, and can stop it."""

import re
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import expect
from psycopg.types.json import Jsonb

from deploy.stack.installation import Installation
from tests.notification.receivers import Receiver
from tests.pages.browsing import PC, PHONE, People, check
from tests.pages.operating import rows

ON_ITS_WAY = 60_000
"""Milliseconds for what another process sends meanwhile."""


def park(installation: Installation, school: UUID, many: int) -> None:
    """Moves of a referral that it was told of in vain."""
    event = {"subject": "referral/x", "data": {"offer_id": str(uuid4()), "status": "cancelled"}}
    rows(
        installation,
        "notification",
        "INSERT INTO deliveries (id, effect_key, organisation_id, type, channel, body, traceparent,"
        " state, attempts, tries_before, next_at, created_at, concluded_at, last_code)"
        " SELECT gen_random_uuid(), gen_random_uuid()::text, %s, 'vn.nhipcau.referral.moved.v1',"
        " 'webhook', %s, '00-4bf91399d3c6781835bd31cc5c230b84-9f822e9e5f02976b-01',"
        " 'parked', 9, 0, now(), now(), now(), 'failed' FROM generate_series(1, %s)",
        school,
        Jsonb(event),
        many,
    )


@pytest.mark.parametrize("width", [PHONE, PC])
def test_what_was_parked_is_sent_again_at_a_pace_and_stopped(
    people: People,
    installation: Installation,
    receiver: tuple[Receiver, UUID, str],
    width: int,
) -> None:
    _, school, _ = receiver
    park(installation, school, 3)
    page = people.page("operator", width=width)
    page.goto("/deliveries")
    page.get_by_role("link", name="Gửi lại hàng loạt").click()
    expect(page.get_by_role("heading", name="Gửi lại hàng loạt", level=1)).to_be_visible()
    check(page)
    counted = re.search(r"Hiện có (\d+) tin", page.inner_text("main"))
    assert counted is not None
    typed = page.get_by_label(f"Gõ số {counted[1]} để xác nhận")
    typed.fill("99")
    page.get_by_label("Số tin mỗi phút").fill("1")
    page.get_by_role("button", name="Gửi lại dần").click()
    expect(page.get_by_role("alert")).to_contain_text("Số lần gửi được chọn khác")
    expect(page.get_by_label("Số tin mỗi phút")).to_have_value("1")
    typed.fill(counted[1])
    page.get_by_role("button", name="Gửi lại dần").click()
    expect(page.get_by_role("heading", name="Lần gửi lại hàng loạt", level=1)).to_be_visible()
    come = page.get_by_text(f"1 trên {counted[1]} tin đã đến lượt.")
    expect(come).to_be_visible(timeout=ON_ITS_WAY)
    check(page)
    page.get_by_role("button", name="Dừng gửi lại").click()
    expect(page.get_by_role("status").filter(has_text="Đã dừng")).to_be_visible()
    expect(page.get_by_role("button", name="Dừng gửi lại")).to_have_count(0)
    page.get_by_role("link", name="Gửi lại hàng loạt").click()
    expect(page.get_by_text(f"Hiện có {int(counted[1]) - 1} tin.")).to_be_visible()
    people.said.clear()
