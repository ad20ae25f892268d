"""Whoever follows every link of the console, in each role, finds pages that answer and hold no more
than they must.
"""

import gzip
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Browser

from deploy.stack.installation import Installation
from deploy.stack.leaks import holds
from tests.pages.browsing import PHONE, SMALLEST, People, look_in_all_colours
from tests.pages.crawling import Read, Walk, is_for_people

pytestmark = pytest.mark.thorough

ROLES = [
    "receiver", "case_owner", "verifier", "provider", "auditor", "administrator", "operator",
    "manager", "facility",
]  # fmt: skip
"""Of whom the sandbox has somebody."""
FIRST, LATER = 30 * 1024, 6 * 1024
"""Bytes of the first page with all that it needs, and of every page after it, compressed."""

PLANTED = {
    "person": {
        "full_name": "Chim Hoàng Yến Bảy",
        "aliases": ["Yến Con Bảy"],
        "sex": "female",
        "birth_date": "1996-05-02",
        "nationality": "VN",
        "ethnicity": "Dân Tộc Bảy",
        "identity_documents": [{"type": "CCCD", "number": "031196777177"}],
        "phones": [{"number": "0977771777", "safe_to_call": True}],
        "origin_unit_code": "11680",
        "present_unit_code": "11680",
        "present_address": "Ngõ Bảy Mươi Bảy",
    },
    "receiving_officer": "Đại Úy Bảy",
}
SECRETS = [
    "Chim Hoàng Yến Bảy", "Yến Con Bảy", "Dân Tộc Bảy", "031196777177", "977771777",
    "Ngõ Bảy Mươi Bảy", "Đại Úy Bảy",
]  # fmt: skip
"""What is to be read on the page of the identity, which is opened by a form and by no link."""


@dataclass(frozen=True)
class Cases:
    """Two cases: one of the sandbox's receiver, with what is planted, and one of somebody else."""

    own: Mapping[str, Any]
    foreign: Mapping[str, Any]


@pytest.fixture(scope="module")
def known(browser: Browser, installation: Installation, sandbox: dict[str, Any]) -> People:
    """The people, at the address that an installation has for everything."""
    return People(browser, installation.base_url, sandbox["people"])


@pytest.fixture(scope="module")
def address(installation: Installation) -> str:
    return installation.base_url


@pytest.fixture(scope="module")
def cases(submit_as: Callable[..., dict[str, Any]]) -> Cases:
    own = submit_as("agency", **PLANTED)
    foreign = submit_as("verifier", **PLANTED)
    return Cases(own, foreign)


@pytest.fixture(scope="module")
def walks(known: People, address: str, cases: Cases) -> dict[str, Walk]:
    """What each role finds once the cases have come as far as they come by themselves."""
    found = {}
    for role in ROLES:
        walk = found[role] = Walk()
        headers = {"Accept-Language": "vi", "Cookie": f"session={known.session(role)}"}
        with httpx2.Client(
            base_url=address, headers=headers, trust_env=False, follow_redirects=True, timeout=30
        ) as client:
            walk.follow(client, f"{address}/")
    return found


@pytest.mark.parametrize("role", ROLES)
def test_no_link_ends_in_a_refusal_or_a_fault(role: str, walks: dict[str, Walk]) -> None:
    wrong = {
        at: answer.status_code
        for at, answer in walks[role].pages.items()
        if answer.status_code != httpx2.codes.OK
    }
    assert len(walks[role].pages) > 3
    assert not wrong


@pytest.mark.parametrize("role", ROLES)
def test_no_page_that_a_link_leads_to_names_anybody(role: str, walks: dict[str, Walk]) -> None:
    for at, answer in walks[role].pages.items():
        assert not holds(answer.content, SECRETS), at
        assert not holds(f"{at} {answer.url} {Read(answer.text).title}".encode(), SECRETS), at


@pytest.mark.parametrize("role", ["receiver", "provider", "manager"])
def test_no_page_tells_of_another_organisations_case(
    role: str, walks: dict[str, Walk], cases: Cases
) -> None:
    for at, answer in walks[role].pages.items():
        assert cases.foreign["code"] not in answer.text, at
        assert cases.foreign["id"] not in answer.text + at, at


def test_the_names_are_in_no_log(walks: dict[str, Walk], folder: Path) -> None:
    logs = list((folder / "logs").glob("*.log"))
    assert len(logs) > 5
    for log in logs:
        assert not holds(log.read_bytes(), SECRETS), log.name


def _travelling(answer: httpx2.Response) -> int:
    return len(gzip.compress(answer.content))


def test_the_first_page_is_small_and_every_later_one_smaller(
    address: str, walks: dict[str, Walk]
) -> None:
    heavy = {
        at: _travelling(answer)
        for walk in walks.values()
        for at, answer in walk.pages.items()
        if is_for_people(answer) and _travelling(answer) > LATER
    }
    assert not heavy, "on a slow phone each of these is a wait"
    with httpx2.Client(base_url=address, trust_env=False) as client:
        page = client.get("/log-in")
        loaded = [client.get(it) for it in Read(page.text).loads]
    assert len(loaded) > 1
    assert sum(map(_travelling, [page, *loaded])) <= FIRST


@pytest.mark.parametrize("role", ROLES)
def test_each_kind_of_page_has_no_fault_that_axe_knows_in_any_colours(
    role: str, walks: dict[str, Walk], people: People
) -> None:
    earlier = {kind for it in ROLES[: ROLES.index(role)] for kind, _ in walks[it].kinds()}
    page = people.page(role, width=PHONE)
    faults = []
    for kind, at in walks[role].kinds():
        if kind in earlier:
            continue
        page.goto(at)
        faults += look_in_all_colours(page)
        page.set_viewport_size({"width": SMALLEST, "height": 600})
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > SMALLEST:
            faults.append(f"{kind} is {wide} px wide")
    assert not faults, "\n".join(faults)
