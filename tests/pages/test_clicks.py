"""The commonest tasks of a receiver and of a case owner take no more clicks than they must.

From the first page to done, choosing and typing aside; on a phone and on a PC, in both languages,
with scripts and without.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from playwright.sync_api import Page, expect

from deploy.stack.client import ApiClient
from services.console.pages.edge import SESSION
from shared.texts import TextLanguage, of_service
from tests.pages.browsing import DUTIES, FROM_HERE, PC, PHONE, People, find_duty

pytestmark = pytest.mark.thorough

VIETNAMESE, ENGLISH = TextLanguage.VIETNAMESE, TextLanguage.ENGLISH
LOCALES = {VIETNAMESE: "vi-VN", ENGLISH: "en-GB"}
STEPS = 7


@dataclass
class Clicks:
    """Somebody who reads one language and clicks; and how often."""

    page: Page
    language: TextLanguage
    count: int = 0

    def say(self, code: str) -> str:
        return of_service("console").say(self.language, "page", code)

    def on(self, role: Any, code: str) -> None:
        self.follow(self.page.get_by_role(role, name=self.say(code), exact=True).first)

    def tab(self, code: str) -> None:
        tabs = self.page.get_by_role("navigation", name=self.say("tabs"))
        self.follow(tabs.get_by_role("link", name=self.say(code), exact=True))

    def follow(self, locator: Any) -> None:
        locator.click()
        self.count += 1


@pytest.fixture(
    params=[
        (PHONE, VIETNAMESE, True),
        (PC, VIETNAMESE, False),
        (PHONE, ENGLISH, False),
        (PC, ENGLISH, True),
    ],
    ids=lambda it: f"{it[0]}-{it[1]}-{'scripts' if it[2] else 'plain'}",
)
def somebody(people: People, request: pytest.FixtureRequest) -> Callable[[str], Clicks]:
    """Somebody of a role on their first page: `somebody("receiver")`."""
    width, language, scripts = request.param

    def come(role: str) -> Clicks:
        how = {"locale": LOCALES[language], "java_script_enabled": scripts}
        page = people.page(role, width=width, **how)
        page.goto(DUTIES)
        return Clicks(page, language)

    return come


@pytest.fixture
def desk(people: People, address: str) -> Iterator[httpx2.Client]:
    """The receiver's browser without its screen."""
    cookies = {SESSION: people.session("receiver")}
    with httpx2.Client(
        base_url=address, trust_env=False, cookies=cookies, headers=FROM_HERE
    ) as client:
        yield client


def test_a_case_is_submitted(somebody: Callable[[str], Clicks]) -> None:
    clicks = somebody("receiver")
    page = clicks.page
    clicks.on("button", "reception-begin")
    page.locator("[name='route'][value='SELF_REPORT']").check()
    clicks.on("button", "save-and-go-on")
    page.locator("[name='person.full_name']").fill("Trần Thị Cò Bợ")
    page.locator("[name='person.sex'][value='female']").check()
    page.locator("[name='person.birth_year']").fill("1999")
    clicks.on("button", "save-and-go-on")
    page.locator("[name='person.present_unit_code']").fill("Xã Kiến Thụy")
    for _ in ("contact", "beside", "events", "needs"):
        clicks.on("button", "save-and-go-on")
    page.locator("[name='papers.0.type']").select_option("DECLARATION")
    page.locator("[name='papers.0.number']").fill("01/TK-UBND")
    page.locator("[name='papers.0.issuer']").fill("Ủy ban nhân dân xã Kiến Thụy")
    page.locator("[name='papers.0.issued_on']").fill("2/3/2026")
    clicks.on("button", "save-and-go-on")
    clicks.on("button", "send-case")
    expect(page.locator(".nc-receipt__code")).to_be_visible()
    assert clicks.count == 1 + STEPS + 1


def test_a_draft_is_taken_up_again(somebody: Callable[[str], Clicks], desk: httpx2.Client) -> None:
    form = {"key": str(uuid4()), "route": "RESCUED"}
    path = desk.post("/reception/new", data=form).headers["location"].rpartition("/")[0]
    clicks = somebody("receiver")
    clicks.tab("tab-reception")
    clicks.follow(clicks.page.locator(f"main a[href='{path}']"))
    expect(clicks.page.get_by_role("heading", name=clicks.say("sections-heading"))).to_be_visible()
    assert clicks.count == 2


def test_what_became_of_a_case_is_seen(
    somebody: Callable[[str], Clicks], a_case: Callable[..., dict[str, Any]]
) -> None:
    made = a_case()
    clicks = somebody("receiver")
    clicks.tab("tab-reception")
    clicks.on("link", "sent-all")
    row = clicks.page.get_by_role("listitem").filter(has_text=made["code"])
    expect(row.locator(".nc-tag")).to_be_visible()
    assert clicks.count == 2


def test_what_presses_most_is_done(
    somebody: Callable[[str], Clicks], a_case: Callable[..., dict[str, Any]]
) -> None:
    made = a_case(immediate_needs=["shelter"])
    clicks = somebody("case_owner")
    duty = clicks.page.locator(f".nc-duty__title a[href='/cases/{made['id']}/immediate-needs']")
    clicks.follow(find_duty(clicks.page, duty))
    clicks.page.locator("[name='outcome'][value='met']").check()
    clicks.on("button", "save-button")
    expect(clicks.page.get_by_role("heading", name=made["code"])).to_be_visible()
    expect(clicks.page.get_by_text(clicks.say("at-once-open"))).to_have_count(0)
    assert clicks.count == 2


def test_a_referral_is_sent(
    somebody: Callable[[str], Clicks],
    a_case: Callable[..., dict[str, Any]],
    client_of: Callable[[str], ApiClient],
    eventually: Callable[[Callable[[], bool]], None],
) -> None:
    made = a_case()
    here = f"/livelihood-support/v1/plans?case_id={made['id']}"
    eventually(lambda: len(client_of("case_owner").get(here).json()["items"]) == 1)
    clicks = somebody("case_owner")
    clicks.tab("tab-cases")
    clicks.follow(clicks.page.get_by_role("link", name=made["code"], exact=True))
    clicks.on("link", "case-support")
    clicks.page.locator("select[name='code']").select_option("EDUCATION")
    clicks.on("button", "need-add")
    expect(clicks.page.get_by_role("region", name=clicks.say("ladder-heading"))).to_be_visible()
    assert clicks.count == 4
