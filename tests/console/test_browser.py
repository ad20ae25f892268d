"""Pages in a real browser, at the widths of a phone and of an old PC."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.axe import faults_of

PHONE, PC = 390, 1280
FIRST_PAGE = 30 * 1024
"""Bytes on the wire, compressed, of the first page anybody opens."""
LATER_PAGE = 6 * 1024
PATHS = ["/docs", "/docs/problems", "/docs/intake"]
OURS = ["/docs", "/docs/problems"]
"""Pages without the viewer, a program of others, half a megabyte, for who builds clients."""


@dataclass
class Visit:
    """A page, and what the browser had to say about it."""

    page: Page
    said: list[str] = field(default_factory=list)


@pytest.fixture(params=[PHONE, PC], ids=lambda width: f"{width}px")
def visit(browser: Browser, address: str, request: pytest.FixtureRequest) -> Iterator[Visit]:
    context = browser.new_context(
        base_url=address, viewport={"width": request.param, "height": 800}, locale="vi-VN"
    )
    visit = Visit(context.new_page())
    visit.page.on("console", lambda message: visit.said.append(message.text))
    visit.page.on("pageerror", lambda error: visit.said.append(str(error)))
    yield visit
    context.close()


@pytest.mark.parametrize("path", PATHS)
def test_a_page_breaks_no_policy_and_no_script_fails(visit: Visit, path: str) -> None:
    visit.page.goto(path, wait_until="networkidle")
    assert visit.said == []


@pytest.mark.parametrize("path", OURS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_has_no_fault_that_axe_knows(visit: Visit, path: str, scheme: str) -> None:
    visit.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    visit.page.goto(path)
    assert faults_of(visit.page) == ""


def test_axe_finds_what_is_wrong_and_of_another_colour_what_colours_change(visit: Visit) -> None:
    visit.page.set_content(
        "<html lang='vi'><title>Trang</title><main><h1>Trang</h1><img src='data:,'>"
        "<p style='color: #ddd; background: #fff'>Nhạt</p></main>"
    )
    found, recoloured = faults_of(visit.page), faults_of(visit.page, is_recoloured=True)
    assert "color-contrast" in found
    assert "color-contrast" in recoloured
    assert "image-alt" in found
    assert "image-alt" not in recoloured


@pytest.mark.parametrize("path", PATHS)
def test_nothing_has_to_be_scrolled_sideways_even_on_the_smallest_phone(
    visit: Visit, path: str
) -> None:
    visit.page.set_viewport_size({"width": 320, "height": 600})
    visit.page.goto(path, wait_until="networkidle")
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= 320


def test_a_page_is_light(browser: Browser, address: str) -> None:
    context = browser.new_context(base_url=address, locale="vi-VN", service_workers="block")
    page = context.new_page()
    client = context.new_cdp_session(page)
    client.send("Network.enable")
    sizes: list[float] = []
    client.on("Network.loadingFinished", lambda told: sizes.append(told["encodedDataLength"]))
    page.goto("/docs", wait_until="networkidle")
    assert 0 < sum(sizes) <= FIRST_PAGE
    sizes.clear()
    page.goto("/docs", wait_until="networkidle")
    assert 0 < sum(sizes) <= LATER_PAGE
    context.close()


def test_the_viewer_lends_the_token_to_this_exchange_alone_and_stores_it_nowhere(
    visit: Visit,
) -> None:
    page = visit.page
    page.goto("/docs/notification", wait_until="networkidle")
    page.get_by_label("Mã truy cập").fill("CANARY-TOKEN")
    page.locator("#operations-endpoints-list_endpoints .opblock-summary").click()
    page.get_by_role("button", name="Try it out").click()
    with page.expect_request("**/notification/v1/endpoints*") as asked:
        page.get_by_role("button", name="Execute").click()
    assert asked.value.headers["authorization"] == "Bearer CANARY-TOKEN"
    assert "CANARY" not in page.url
    kept = page.evaluate(
        "JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])"
    )
    assert "CANARY" not in kept


def test_a_page_can_be_read_and_left_by_keyboard(visit: Visit) -> None:
    page = visit.page
    page.goto("/docs")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "/docs/directory"


def test_without_scripts_the_pages_say_where_to_read(browser: Browser, address: str) -> None:
    context = browser.new_context(base_url=address, java_script_enabled=False, locale="vi-VN")
    page = context.new_page()
    page.goto("/docs/intake")
    assert page.get_by_text("Khung xem thử cần JavaScript").is_visible()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="API reference: intake")).to_be_visible()
    context.close()
