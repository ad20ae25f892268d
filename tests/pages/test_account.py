"""My account, and what every page for people has: tabs, the banner, forms that are kept."""

import httpx2
import psycopg
import pytest
from playwright.sync_api import expect

from deploy.stack.installation import Installation
from services.console.pages.edge import SESSION
from tests.pages.browsing import FROM_HERE, PC, PHONE, People, check

ACCOUNT = "Tài khoản của tôi"


@pytest.mark.parametrize("width", [PHONE, PC])
def test_my_account_says_who_i_am_and_where_i_am_logged_in(people: People, width: int) -> None:
    page = people.page("case_owner", width=width)
    page.goto("/account")
    expect(page.get_by_role("heading", name=ACCOUNT)).to_be_visible()
    expect(page.get_by_text("Quản lý trường hợp · Thành phố Hải Phòng")).to_be_visible()
    expect(page.get_by_text("không đòi mã xác thực")).to_be_visible()
    tab = page.get_by_role("navigation", name="Các phần").get_by_role("link", name="Tài khoản")
    assert tab.get_attribute("aria-current") == "page"
    check(page)


def test_a_form_whose_session_has_ended_keeps_what_was_typed_and_no_password(
    people: People, installation: Installation
) -> None:
    page = people.page("verifier")
    page.goto("/account/password")
    page.get_by_label("Mật khẩu hiện tại").fill("CANARY-PASSWORD")
    _end_sessions(installation)
    page.get_by_role("button", name="Đổi mật khẩu").click()
    expect(page.get_by_role("heading", name="Phiên làm việc đã kết thúc")).to_be_visible()
    assert "CANARY" not in page.content()
    assert page.locator("input[name=key]").count() == 1
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Đăng nhập lại trong thẻ mới").click()
    again = opened.value
    again.get_by_label("Tên đăng nhập").fill(people.known["verifier"]["user"])
    again.get_by_label("Mật khẩu", exact=True).fill(people.known["verifier"]["password"])
    again.get_by_role("button", name="Đăng nhập").click()
    expect(again.get_by_role("heading", name="Hộp việc của tôi")).to_be_visible()
    page.get_by_role("button", name="Gửi lại").click()
    expect(page.get_by_role("alert")).to_be_visible()
    people.said.clear()


def test_a_form_from_elsewhere_is_not_kept_either(people: People, address: str) -> None:
    form = {"user_name": "CANARY"}
    with httpx2.Client(base_url=address, trust_env=False) as client:
        kept = client.post("/account/password", data=form, headers={"Sec-Fetch-Site": "cross-site"})
        assert kept.status_code == 403
        assert "CANARY" not in kept.text
        client.cookies.set(SESSION, "of nobody")
        kept = client.post("/account/password", data={"new_password": "x"}, headers=FROM_HERE)
        assert kept.status_code == 401
        assert 'name="new_password"' not in kept.text


def _end_sessions(installation: Installation) -> None:
    with psycopg.connect(installation.database("directory")) as connection:
        connection.execute("UPDATE staff_sessions SET used_at = used_at - interval '21 minutes'")


def test_without_a_network_a_page_says_so_and_a_form_waits(people: People) -> None:
    page = people.page("auditor")
    page.goto("/account/password")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.get_by_label("Mật khẩu hiện tại").fill("CANARY-PASSWORD")
    page.context.set_offline(offline=True)
    page.get_by_role("button", name="Đổi mật khẩu").click()
    expect(page.get_by_text("Mất kết nối mạng: chưa gửi.")).to_be_visible()
    expect(page.get_by_label("Mật khẩu hiện tại")).to_have_value("CANARY-PASSWORD")
    page.context.set_offline(offline=False)
    expect(page.get_by_role("alert")).to_be_visible()
    page.context.set_offline(offline=True)
    page.goto("/account")
    expect(page.get_by_role("heading", name="Không có kết nối mạng")).to_be_visible()
    stored = page.evaluate("caches.open('offline').then(it => it.keys()).then(it => it.length)")
    assert stored == 2, "the page and its style, and nothing of anybody"
    people.said.clear()


def test_a_form_is_sent_once_however_often_it_is_clicked(people: People) -> None:
    page = people.page("auditor")
    page.goto("/account/password")
    sent: list[str] = []
    page.on("request", lambda it: sent.append(it.url) if it.method == "POST" else None)
    page.get_by_role("button", name="Đổi mật khẩu").dblclick()
    expect(page.get_by_role("alert")).to_be_visible()
    assert len(sent) == 1
    people.said.clear()
