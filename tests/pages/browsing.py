"""How the tests of pages go about: as people of the sandbox, with a real browser."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import httpx2
from playwright.sync_api import Browser, BrowserContext, Locator, Page

from tests.axe import faults_of

PHONE, PC = 390, 1280
SMALLEST = 320
COLOURS: Sequence[tuple[Literal["light", "dark"], Literal["none", "active"]]] = [
    ("light", "none"),
    ("dark", "none"),
    ("light", "active"),
]
FROM_HERE = {"Sec-Fetch-Site": "same-origin"}
DUTIES = "/?many=100"
"""The first page with as much on it as it has at most: other tests leave much to do."""
ON_ITS_WAY = 60_000
"""Milliseconds for what other processes tell each other meanwhile."""
Eventually = Callable[[Callable[[], bool]], None]
"""Waits until something is so."""


@dataclass
class People:
    """The people of the sandbox, who log in once each and then come as often as asked.

    Somebody who was away for longer than a session may idle logs in again.
    """

    browser: Browser
    address: str
    known: Mapping[str, Mapping[str, str]]
    sessions: dict[str, str] = field(default_factory=dict)
    opened: list[BrowserContext] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    """What browsers complained about: scripts that failed, and what the policy forbids."""

    def session(self, role: str) -> str:
        """The token of the open session of whoever has this role."""
        with httpx2.Client(base_url=self.address, trust_env=False) as client:
            if not self._is_open(role, client):
                person = self.known[role]
                form = {"user_name": person["user"], "password": person["password"]}
                answer = client.post("/log-in", data=form, headers=FROM_HERE)
                self.sessions[role] = answer.cookies["session"]
        return self.sessions[role]

    def _is_open(self, role: str, client: httpx2.Client) -> bool:
        token = self.sessions.get(role)
        if token is None:
            return False
        answer = client.get("/account", headers={"Cookie": f"session={token}"})
        return answer.status_code == httpx2.codes.OK

    def page(self, role: str | None, *, width: int = PC, **how: Any) -> Page:
        """A new browser of somebody who is logged in, or of nobody; `how` as of a context."""
        context = self.browser.new_context(
            base_url=self.address,
            viewport={"width": width, "height": 800},
            **{"locale": "vi-VN", **how},
        )
        self.opened.append(context)
        if role is not None:
            cookie = {"name": "session", "value": self.session(role), "url": self.address}
            context.add_cookies([cookie])  # type: ignore[list-item]
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.set_default_navigation_timeout(60_000)
        page.on("console", lambda message: self.said.append(message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        return page

    def enter(self, role: str, *, width: int, scripts: bool) -> Page:
        """A new browser in which somebody logs in, as people do."""
        page = self.page(None, width=width, java_script_enabled=scripts)
        page.goto("/")
        self.log_in(page, role)
        page.get_by_role("heading", name="Hộp việc của tôi", level=1).wait_for()
        return page

    def log_in(self, page: Page, role: str) -> None:
        """Fill in the page of the log-in."""
        person = self.known[role]
        page.get_by_label("Tên đăng nhập").fill(person["user"])
        page.get_by_label("Mật khẩu").fill(person["password"])
        page.get_by_role("button", name="Đăng nhập").click()

    def leave(self) -> None:
        """Close every browser of a test."""
        while self.opened:
            self.opened.pop().close()
        self.said.clear()


class Hand:
    """Somebody's hand, whose clicks are counted; what is typed or ticked is none."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.clicks = 0

    def click(self, what: Locator) -> None:
        """One click more."""
        self.clicks += 1
        what.click()

    def tab(self, name: str) -> None:
        """On to a part of the console."""
        tabs = self.page.get_by_role("navigation", name="Các phần", exact=True)
        self.click(tabs.get_by_role("link", name=name, exact=True))

    def link(self, name: str | re.Pattern[str]) -> None:
        """Follow the first link of this name."""
        self.click(self.page.get_by_role("link", name=name).first)

    def button(self, name: str) -> None:
        """Press the first button of this name."""
        self.click(self.page.get_by_role("button", name=name).first)


def each_page_of_duties(page: Page) -> Iterator[None]:
    """All that somebody must do, page by page."""
    page.goto(DUTIES)
    while True:
        yield
        goes_on = page.locator(".nc-pager a[href*='cursor=']")
        if not goes_on.count():
            return
        page.goto(str(goes_on.get_attribute("href")))


def find_duty(page: Page, duty: Locator) -> Locator:
    """A duty, on the page of the list where it stands."""
    for _ in each_page_of_duties(page):
        if duty.count():
            return duty
    raise AssertionError(f"nobody is told of {duty}")


def is_duty(page: Page, duty: Locator) -> bool:
    """Whether there is such a duty on any page of the list."""
    return any(duty.count() for _ in each_page_of_duties(page))


def kept_in(page: Page) -> str:
    """All that a browser has kept of what it was shown, as far as a script can read it."""
    kept: str = page.evaluate(
        "async () => JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie,"
        " await Promise.all((await caches.keys()).map(async it =>"
        " Promise.all((await (await caches.open(it)).matchAll()).map(each => each.text()))))])"
    )
    return kept


def look_in_all_colours(page: Page) -> list[str]:
    """What axe finds in each; first in those that most people see, and there everything."""
    faults = []
    for number, (scheme, forced) in enumerate(COLOURS):
        page.emulate_media(color_scheme=scheme, forced_colors=forced)
        if found := faults_of(page, is_recoloured=number > 0):
            faults.append(f"{page.url} {scheme} {forced}\n{found}")
    return faults


def check(page: Page) -> None:
    """What holds of every page: axe finds nothing in any colours, nothing is wider than a phone."""
    page.wait_for_load_state()
    size = page.viewport_size
    faults = look_in_all_colours(page)
    page.emulate_media(color_scheme="light", forced_colors="none")
    page.set_viewport_size({"width": SMALLEST, "height": 600})
    wide = page.evaluate("document.documentElement.scrollWidth")
    if size is not None:
        page.set_viewport_size(size)
    assert not faults, "\n".join(faults)
    assert wide <= SMALLEST, f"{page.url} is {wide} px wide"
