"""A manager gets in by a slip, sets an authenticator app up, and logs in with both."""

import base64
import re
import time
from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from playwright.sync_api import Browser, Page, expect

from deploy.local.ports import free_port
from deploy.stack.installation import Installation, running
from deploy.stack.programs import SMALL
from services.console.assets import are_built

USER = "quan-ly.kien-thuy"
PASSWORD = "một câu dài mà dễ nhớ"


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    assert are_built(), "run `make assets`: nothing can be shown without"
    folder = tmp_path_factory.mktemp("second-factor")
    with running(folder, port=free_port(), size=SMALL) as started:
        yield started


@pytest.fixture(scope="module")
def slip(installation: Installation) -> str:
    """The code that the administrator was answered for an organisation's first manager."""
    sandbox = installation.sandbox()
    organisation = sandbox.organisations()["ubnd-xa-kien-thuy"]["id"]
    sandbox.let_manage(organisation)
    made = sandbox.administrator.post(
        f"/directory/v1/organisations/{organisation}/manager",
        {"user_name": USER, "display_name": "Người quản lý"},
    )
    made.raise_for_status()
    sandbox.administrator.close()
    return str(made.json()["code"])


def code_of(secret: str) -> str:
    key = base64.b32decode(secret)
    return TOTP(key, 6, SHA1(), 30, enforce_key_length=False).generate(int(time.time())).decode()  # noqa: S303


def give(page: Page, label: str, value: str, button: str = "Tiếp tục") -> None:
    page.get_by_label(label).fill(value)
    page.get_by_role("button", name=button).click()


def test_a_role_that_decides_or_administers_needs_an_app_and_gets_it_set_up(
    browser: Browser, installation: Installation, slip: str
) -> None:
    context = browser.new_context(base_url=installation.base_url, locale="vi-VN")
    page = context.new_page()
    page.goto(f"/log-in/link/{slip}")
    give(page, "Mật khẩu mới", PASSWORD)
    expect(page.get_by_role("heading", name="Cài ứng dụng xác thực")).to_be_visible()
    expect(page.get_by_role("img", name="Mã QR")).to_be_visible()
    secret = page.locator("main code").inner_text()
    give(page, "Mã xác thực", "000000")
    expect(page.get_by_role("alert")).to_be_visible()
    assert page.locator("main code").inner_text() == secret, "what is being set up stays"
    give(page, "Mã xác thực", code_of(secret))
    expect(page.locator(".nc-codes code")).to_have_count(10)
    codes = page.locator(".nc-codes code").all_inner_texts()
    page.get_by_role("button", name="Tôi đã cất các mã này").click()
    expect(page.get_by_text(re.compile("Còn 10 mã khôi phục"))).to_be_visible()
    context.close()

    elsewhere = browser.new_context(base_url=installation.base_url, locale="vi-VN")
    page = elsewhere.new_page()
    page.goto(f"/log-in/link/{slip}")
    give(page, "Mật khẩu mới", PASSWORD)
    expect(page.get_by_role("alert")).to_be_visible()
    page.goto("/account")
    page.get_by_label("Tên đăng nhập").fill(USER)
    give(page, "Mật khẩu", PASSWORD, "Đăng nhập")
    expect(page.get_by_role("heading", name="Nhập mã xác thực")).to_be_visible()
    page.goto("/account")
    expect(page.get_by_role("heading", name="Đăng nhập")).to_be_visible()
    page.goto("/log-in/code")
    give(page, "Mã xác thực", codes[0])
    page.get_by_role("link", name="Tài khoản", exact=True).click()
    expect(page.get_by_text(re.compile("Còn 9 mã khôi phục"))).to_be_visible()
    elsewhere.close()
