"""Receivers and case owners can do everything without a mouse, and see where they are."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.pages.browsing import PC, PHONE, People
from tests.pages.referring import Asked

pytestmark = pytest.mark.thorough

FAR = 150
"""So many times somebody presses Tab before they give up."""
LARGE = 43
"""Pixels, less what is lost in rounding; as tall as a fingertip."""
SEEN = """() => {
  const it = document.activeElement, shown = getComputedStyle(it);
  const label = it.closest('.govuk-radios__item, .govuk-checkboxes__item');
  const before = label ? getComputedStyle(label.querySelector('label'), '::before') : shown;
  const thick = parseFloat(shown.outlineWidth) >= 3 && shown.outlineStyle !== 'none';
  return thick || before.boxShadow !== 'none' || parseFloat(before.outlineWidth) >= 3;
}"""
"""Whether it is seen what has the focus: a line around it, or around what is drawn for it."""


class Keys:
    """Somebody who has a keyboard alone."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def to(self, selector: str) -> None:
        """Press Tab until the focus is there; wherever it stops, that is seen."""
        for _ in range(FAR):
            self.page.keyboard.press("Tab")
            assert self.page.evaluate(SEEN), self.page.evaluate("document.activeElement.outerHTML")
            if self.page.locator(f"{selector}:focus").count():
                return
        raise AssertionError(f"{self.page.url}: no way to {selector}")

    def press(self, selector: str, key: str = "Enter") -> None:
        self.to(selector)
        self.page.keyboard.press(key)

    def type(self, selector: str, text: str) -> None:
        self.to(selector)
        self.page.keyboard.type(text)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_somebody_logs_in_and_skips_to_what_there_is_to_do(
    people: People, *, scripts: bool
) -> None:
    page = people.page(None, width=PC)
    if not scripts:
        page.route("**/*.js", lambda it: it.abort())
    page.goto("/log-in")
    keys = Keys(page)
    keys.type("[name='user_name']", people.known["receiver"]["user"])
    keys.type("[name='password']", people.known["receiver"]["password"])
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Hộp việc của tôi")).to_be_visible()
    keys.press(".govuk-skip-link")
    keys.press("main a[href='/reception/new']")
    expect(page.locator("[name='route']").first).to_be_visible()
    people.said.clear()


@pytest.mark.parametrize("width", [PHONE, PC])
def test_a_section_of_reception_is_filled_in(people: People, width: int) -> None:
    page = people.page("receiver", width=width)
    page.goto("/reception/new")
    keys = Keys(page)
    keys.press("[name='route']", "Space")
    expect(page.locator("[name='route']").first).to_be_checked()
    keys.press("summary")
    expect(page.locator("[name='received_at']")).to_be_visible()
    keys.press("main form button")
    expect(page.locator("[name='person.full_name']")).to_be_visible()
    keys.type("[name='person.full_name']", "Trần Thị Cò Lửa")
    page.keyboard.press("Enter")
    expect(page.locator("[name='person.present_unit_code']")).to_be_visible()


def test_what_is_wrong_is_read_first_and_leads_to_its_field(people: People, asked: Asked) -> None:
    page = people.page("case_owner", width=PHONE)
    page.goto(f"/cases/{asked.case_id}/identity")
    keys = Keys(page)
    keys.press("main form button")
    expect(page.get_by_role("alert")).to_be_focused()
    keys.press("[role='alert'] a")
    expect(page.locator("#reason")).to_be_focused()
    page.keyboard.press("Space")
    keys.press("main form button")
    expect(page.get_by_text("Hiện đến")).to_be_visible()
    people.said.clear()


def test_an_owner_sees_to_what_cannot_wait_and_opens_the_ladder(
    people: People, asked: Asked, a_case: Callable[..., dict[str, Any]]
) -> None:
    made = a_case(immediate_needs=["shelter"])
    page = people.page("case_owner")
    page.goto(f"/cases/{made['id']}/immediate-needs")
    keys = Keys(page)
    keys.press("[name='outcome']", "Space")
    keys.press("main form button")
    expect(page.get_by_text("Chưa đáp ứng")).to_have_count(0)
    page.goto(f"/cases/{asked.case_id}/referrals")
    keys.press(f"main a[href$='{asked.referral_id}']")
    expect(page.get_by_role("region", name="Đã đề nghị")).to_be_visible()
    keys.press(".nc-ladder summary")
    expect(page.locator(".nc-ladder details[open]").first).to_be_visible()


@pytest.mark.parametrize("role", ["receiver", "case_owner"])
def test_what_is_pressed_on_a_phone_is_large_enough(
    people: People, asked: Asked, role: str
) -> None:
    """44 px where one presses; a link within a line of text is as tall as the line (WCAG 2.5.8)."""
    page = people.page(role, width=PHONE)
    here = f"/cases/{asked.case_id}"
    paths = ["/", "/reception", "/reception/new", "/find", "/cases", here, f"{here}/consents"]
    if role == "case_owner":
        paths += [f"{here}/identity", f"{here}/support", f"{here}/referrals/{asked.referral_id}"]
    small = []
    for path in paths:
        page.goto(path)
        for what in ("button", "summary", "nav a", ".govuk-button", "input", "select"):
            for each in page.locator(what).all():
                box = each.bounding_box() if each.is_visible() else None
                if box and box["height"] and box["height"] < LARGE:
                    small.append(f"{path} {what} {each.inner_text()[:30]!r} {box['height']}")
    assert not small, "\n".join(small)
