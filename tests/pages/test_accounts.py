"""How somebody logs in, changed on pages, and coming back from elsewhere."""

import base64
import re
import time
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from playwright.sync_api import Page, expect

from tests.pages.browsing import PC, PHONE, People, check

PASSWORD = "một câu dài mà dễ nhớ"


def code_of(secret: str) -> str:
    key = base64.b32decode(secret)
    return TOTP(key, 6, SHA1(), 30, enforce_key_length=False).generate(int(time.time())).decode()  # noqa: S303


def slip(people: People, name: str) -> str:
    """A new person of the manager's organisation: the code of their slip."""
    page = people.page("manager")
    page.goto("/staff/new")
    page.get_by_label("Họ và tên").fill(name)
    page.get_by_label("Tên đăng nhập").fill(f"chim.{uuid4().hex[:8]}")
    page.get_by_label("Vai trò").select_option(index=1)
    page.get_by_role("button", name="Tạo tài khoản").click()
    page.get_by_role("button", name="In phiếu").click()
    return page.locator(".nc-slip__code").inner_text()


def confirm(page: Page, code: str = "") -> None:
    expect(page.get_by_role("heading", name="Xác nhận lại")).to_be_visible()
    page.get_by_label("Mật khẩu hiện tại").fill(PASSWORD)
    page.get_by_label("Mã xác thực").fill(code)
    page.get_by_role("button", name="Tiếp tục").click()


@pytest.mark.parametrize(("width", "scripts"), [(PHONE, True), (PC, False)])
def test_an_app_is_set_up_and_changed_after_showing_again_who_one_is(
    people: People, width: int, *, scripts: bool
) -> None:
    page = people.page(None, width=width, java_script_enabled=scripts)
    page.goto(f"/log-in/link/{slip(people, 'Lê Thị Chim Khuyên')}")
    page.get_by_label("Mật khẩu mới").fill(PASSWORD)
    page.get_by_role("button", name="Tiếp tục").click()
    page.get_by_role("link", name="Tài khoản", exact=True).click()
    page.get_by_role("link", name="Cài ứng dụng xác thực").click()
    page.get_by_role("button", name="Tiếp tục").click()
    confirm(page)
    page.get_by_role("button", name="Tiếp tục").click()
    secret = page.locator("main code").inner_text()
    page.get_by_label("Mã xác thực").fill("000000")
    page.get_by_role("button", name="Tiếp tục").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert page.locator("main code").inner_text() == secret
    page.get_by_label("Mã xác thực").fill(code_of(secret))
    page.get_by_role("button", name="Tiếp tục").click()
    expect(page.locator(".nc-codes code")).to_have_count(10)
    codes = page.locator(".nc-codes code").all_inner_texts()
    page.goto("/account/recovery-codes")
    page.get_by_role("button", name="Tạo mã mới").click()
    expect(page.locator(".nc-codes code")).to_have_count(10)
    assert not set(page.locator(".nc-codes code").all_inner_texts()) & set(codes)
    for place in ("passkeys", "confirm", "app", "recovery-codes") if scripts else ():
        page.goto(f"/account/{place}")
        check(page)
    page.goto("/account/passkeys")
    expect(page.get_by_text("bằng địa chỉ số nên không dùng được")).to_be_visible()
    people.said.clear()


def test_whoever_comes_back_from_elsewhere_without_having_begun_logs_in_anew(
    people: People,
) -> None:
    page = people.page(None, width=PHONE)
    page.goto("/log-in")
    page.get_by_role("link", name="bằng tài khoản của cơ quan").click()
    heading = "Đăng nhập bằng tài khoản của cơ quan, tổ chức"
    expect(page.get_by_role("heading", name=heading)).to_be_visible()
    check(page)
    page.goto("/log-in/outside/return?code=x&state=y")
    page.wait_for_url(re.compile("/log-in$"))
    plain = people.page(None, java_script_enabled=False)
    plain.goto("/log-in/outside/return?code=x&state=y")
    plain.get_by_role("button", name="Tiếp tục").click(no_wait_after=True)
    plain.wait_for_url(re.compile("/log-in$"))
