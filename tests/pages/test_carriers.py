"""Operators see by which mail server or gateway it goes, and since when one of them rests."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from deploy.stack.installation import Installation
from tests.pages.browsing import PC, PHONE, People, check
from tests.pages.operating import rows


@pytest.fixture
def gateways(installation: Installation) -> Iterator[None]:
    """Two gateways of SMS, of which the first has failed four of five calls."""
    rows(
        installation,
        "notification",
        "INSERT INTO carriers (channel, carrier, weight, served_at, resting_since, rests_until,"
        " rests, last_failed_at) VALUES ('sms', 'main', 3, now(), now(), now() + interval '1 hour',"
        " 7, now()), ('sms', 'second', 0, now(), NULL, NULL, 0, NULL)",
    )
    rows(
        installation,
        "notification",
        "INSERT INTO carrier_minutes VALUES ('sms', 'main', date_trunc('minute', now()), 5, 4)",
    )
    yield
    rows(installation, "notification", "DELETE FROM carriers WHERE channel = 'sms'")
    rows(installation, "notification", "DELETE FROM carrier_minutes WHERE channel = 'sms'")


@pytest.mark.parametrize("width", [PHONE, PC])
def test_a_gateway_that_fails_is_seen_beside_the_one_that_does_not(
    people: People, gateways: None, width: int
) -> None:
    page = people.page("operator", width=width)
    page.goto("/deliveries/channels")
    first, second = (
        page.get_by_role("listitem").filter(has=page.locator("strong", has_text=name))
        for name in (re.compile("^main$"), re.compile("^second$"))
    )
    texts = page.get_by_role("listitem").filter(
        has=page.get_by_role("heading", name="Tin nhắn", exact=True)
    )
    resting = texts.get_by_role("listitem").and_(first)
    expect(resting).to_contain_text("Đang nghỉ do lỗi")
    expect(resting).to_contain_text("4 lỗi trong 5 lần gọi")
    expect(resting).to_contain_text("nghỉ từ")
    well = texts.get_by_role("listitem").and_(second)
    expect(well).to_contain_text("Hoạt động")
    expect(well).to_contain_text("dự phòng")
    expect(well).not_to_contain_text("nghỉ từ")
    mails = page.get_by_role("listitem").filter(
        has=page.get_by_role("heading", name="Thư điện tử", exact=True)
    )
    expect(mails.locator("strong", has_text=re.compile("^main$"))).to_be_visible()
    check(page)
