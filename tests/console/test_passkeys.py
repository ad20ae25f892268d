"""The script of passkeys, with the pages that it is for, in a browser that has an authenticator."""

from base64 import urlsafe_b64decode
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs
from uuid import uuid4

import pytest
from fastapi import Request
from playwright.sync_api import Browser, Page, Route, expect

from services.console.assets import FOLDER, Assets
from services.console.views import Views
from services.directory.policy import (
    Created,
    PasskeyFacts,
    RelyingParty,
    Signed,
    counted_by,
    made_passkey,
    new_challenge,
)
from tests.directory.authenticators import b64

ADDRESS = "https://nhipcau.test"
PARTY = RelyingParty.of(ADDRESS)
PLUGGED = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


class Site:
    """Pages at an address of ours, and what was sent from them."""

    def __init__(self) -> None:
        self.html = ""
        self.sent: list[dict[str, str]] = []

    def answer(self, route: Route) -> None:
        path = route.request.url.removeprefix(ADDRESS)
        if path.startswith("/static/"):
            kind = "text/javascript" if path.endswith(".js") else "text/css"
            body = (FOLDER / path.removeprefix("/static/")).read_bytes()
            route.fulfill(body=body, content_type=kind)
            return
        if route.request.method == "POST":
            told = parse_qs(route.request.post_data or "", keep_blank_values=True)
            self.sent.append({name: values[0] for name, values in told.items()})
        route.fulfill(body=self.html, content_type="text/html; charset=utf-8")

    def show(self, template: str, **facts: Any) -> None:
        scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
        told = {"problem": None, "is_logged_in": True, **facts}
        page = Views(Assets.built()).page(Request(scope), template, "passkeys-title", **told)
        self.html = bytes(page.body).decode()


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    with browser.new_context(locale="vi-VN") as context:
        page = context.new_page()
        page.route("**/*", site.answer)
        yield page


def raw(form: dict[str, str], *names: str) -> dict[str, bytes]:
    return {name: urlsafe_b64decode(form[name] + "==") for name in names}


def invited(challenge: bytes, *known: str) -> dict[str, Any]:
    return {
        "rp_id": "nhipcau.test",
        "challenge": b64(challenge),
        "user_id": b64(uuid4().bytes),
        "user_name": "can.bo.vi-du",
        "display_name": "Lê Thị Ví Dụ",
        "credential_ids": list(known),
        "algorithms": [-8, -7, -257],
    }


def test_a_passkey_is_made_and_shown_on_our_pages(page: Page, site: Site) -> None:
    cdp = page.context.new_cdp_session(page)
    cdp.send("WebAuthn.enable")
    cdp.send("WebAuthn.addVirtualAuthenticator", {"options": PLUGGED})
    challenge = new_challenge()
    site.show("passkey_new.html", invited=invited(challenge), name="")
    page.goto(ADDRESS)
    page.get_by_label("Tên").fill("Điện thoại cơ quan")
    page.get_by_role("button", name="Thêm khóa truy cập").click()
    expect(page.get_by_label("Tên")).to_have_value("")
    (made,) = site.sent
    assert made["name"] == "Điện thoại cơ quan"
    told = Created(**raw(made, "credential_id", "client_data", "attestation"))
    facts = made_passkey(PARTY, told, challenge=challenge)
    assert isinstance(facts, PasskeyFacts)
    asked = {
        "rp_id": "nhipcau.test",
        "challenge": b64(challenge),
        "credential_ids": [made["credential_id"]],
    }
    site.show("log_in_code.html", app=None, passkey=asked, is_logged_in=False)
    page.goto(ADDRESS)
    page.get_by_role("button", name="Dùng khóa truy cập").click()
    page.wait_for_function("document.readyState === 'complete'")
    expect(page.get_by_role("button", name="Dùng khóa truy cập")).to_be_visible()
    signed = site.sent[1]
    answer = Signed(
        **raw(signed, "credential_id", "client_data", "authenticator_data", "signature")
    )
    assert counted_by(PARTY, answer, challenge=challenge, key=facts) is not None


def test_where_no_device_answers_the_page_says_so_and_a_code_does(page: Page, site: Site) -> None:
    cdp = page.context.new_cdp_session(page)
    cdp.send("WebAuthn.enable")
    cdp.send("WebAuthn.addVirtualAuthenticator", {"options": PLUGGED | {"isUserVerified": False}})
    asked = {"rp_id": "nhipcau.test", "challenge": b64(new_challenge()), "credential_ids": ["AAAA"]}
    site.show("log_in_code.html", app=None, passkey=asked, is_logged_in=False)
    page.goto(ADDRESS)
    page.get_by_role("button", name="Dùng khóa truy cập").click()
    expect(page.get_by_text("Thiết bị chưa trả lời")).to_be_visible()
    assert site.sent == []
    page.get_by_label("Mã xác thực").fill("050649")
    page.get_by_role("button", name="Tiếp tục").click()
    expect(page.get_by_label("Mã xác thực")).to_have_value("")
    assert site.sent[0]["code"] == "050649"
    assert site.sent[0]["credential_id"] == ""


def test_without_scripts_there_is_no_such_button(browser: Browser, site: Site) -> None:
    asked = {"rp_id": "nhipcau.test", "challenge": "AAAA", "credential_ids": ["AAAA"]}
    site.show("log_in_code.html", app=None, passkey=asked, is_logged_in=False)
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.route("**/*", site.answer)
        page.goto(ADDRESS)
        expect(page.get_by_role("button", name="Dùng khóa truy cập")).to_have_count(0)
        expect(page.get_by_label("Mã xác thực")).to_be_visible()
