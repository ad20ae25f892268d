"""Operators stop sending by a channel or to an organisation, and see until when it is theirs."""

import re
from uuid import UUID

import pytest
from playwright.sync_api import expect

from tests.notification.receivers import Receiver
from tests.pages.browsing import PC, PHONE, People, check, find_duty


@pytest.mark.parametrize("width", [PHONE, PC])
def test_a_channel_and_an_organisation_are_stopped_by_a_duty_that_says_until_when(
    people: People, receiver: tuple[Receiver, UUID, str], width: int
) -> None:
    _, school, _ = receiver
    page = people.page("operator", width=width)
    page.goto("/operations")
    page.get_by_role("link", name="Kênh gửi có vấn đề").click()
    expect(page.get_by_role("heading", name="Các kênh gửi", level=1)).to_be_visible()
    texts = page.get_by_role("listitem").filter(
        has=page.get_by_role("heading", name="Tin nhắn", exact=True)
    )
    texts.get_by_role("combobox").select_option("incident")
    texts.get_by_role("button", name="Tạm ngừng gửi").click()
    expect(
        texts.get_by_text(re.compile("Có sự cố cần kiểm tra · từ .* người ghi:"))
    ).to_be_visible()
    check(page)
    page.goto(f"/deliveries/of/{school}")
    page.get_by_role("button", name="Ngừng gửi tới cả đơn vị").click()
    expect(page.get_by_text(re.compile("Cả đơn vị: .* · từ .* người ghi:"))).to_be_visible()
    check(page)
    for duty, where in (
        ("Cho gửi tiếp qua kênh này", "/deliveries/channels"),
        ("Cho gửi tiếp tới đơn vị", f"/deliveries/of/{school}"),
    ):
        found = page.locator(".nc-duty").get_by_role("link", name=duty)
        find_duty(page, found.and_(page.locator(f'[href="{where}"]'))).click()
        expect(page).to_have_url(re.compile(f"{re.escape(where)}$"))
    page.get_by_role("button", name="Cho đơn vị nhận tin trở lại").click()
    expect(page.get_by_text("Cả đơn vị:")).to_have_count(0)
    page.goto("/deliveries/channels")
    texts.get_by_role("button", name="Gửi tiếp").click()
    expect(texts.get_by_text("người ghi:")).to_have_count(0)
    expect(texts.get_by_role("button", name="Tạm ngừng gửi")).to_be_visible()
