"""``make pictures``: the two pictures of the console that the README shows, of invented cases.

An exchange as `make up` runs it receives the demonstration's cases; a case owner's first page is
taken on a phone, and a case at a desk.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import orjson
from playwright.sync_api import Browser, Page, sync_playwright

from deploy.demo import cases
from deploy.local.patience import wait_until
from deploy.local.ports import free_port
from deploy.local.scratch import scratch
from deploy.stack.client import Credentials
from deploy.stack.installation import Installation, running
from deploy.stack.programs import SMALL
from deploy.stack.standing import OPEN, write_sandbox
from tests import browsers
from tests.pages.browsing import PC, PHONE, People

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
AGENCY = "ubnd-xa-kien-thuy"
SETTLED_WITHIN = 300.0


def main() -> None:
    """Take both."""
    PICTURES.mkdir(exist_ok=True)
    with (
        scratch() as folder,
        running(folder, port=free_port(), size=SMALL, extra=OPEN) as site,
        chromium() as browser,
    ):
        write_sandbox(folder, site)
        known = orjson.loads((folder / "sandbox.json").read_bytes())
        submit(site, known["clients"]["agency"])
        people = People(browser, site.base_url, known["people"])
        phone = people.page("case_owner", width=PHONE, device_scale_factor=2)
        phone.goto("/")
        take(phone, "home.png")
        desk = people.page("case_owner", width=PC)
        desk.goto("/cases")
        case = desk.locator("main a[href^='/cases/']").first.get_attribute("href")
        assert case is not None, "there is no case to be seen"
        desk.goto(case)
        take(desk, "case.png")
        people.leave()


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's, or the one that CHROMIUM names."""
    program = browsers.program()
    if program is None:
        sys.exit("no browser here: `make browser` installs one")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield started
        started.close()


def submit(site: Installation, agency: dict[str, Any]) -> None:
    """What agencies submit in the demonstration, as far as a commune may."""
    client = site.client(Credentials.read(agency))
    for each in cases.load():
        if not each.refused:
            answer = client.post("/intake/v1/cases", each.case, key=f"picture-{each.key}")
            assert answer.status_code in {httpx2.codes.CREATED, httpx2.codes.UNPROCESSABLE_CONTENT}
    client.close()
    assert wait_until(lambda: site.balance().is_settled, within=SETTLED_WITHIN)


def take(page: Page, name: str) -> None:
    """One picture of what is seen without scrolling."""
    page.wait_for_load_state("networkidle")
    page.screenshot(path=PICTURES / name)


if __name__ == "__main__":
    main()
