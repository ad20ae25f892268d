"""People log in to an exchange as `make up` runs it, with a real browser, and leave it again."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import orjson
import psycopg
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from deploy.local.ports import free_port
from deploy.stack.installation import Installation, running
from deploy.stack.programs import SMALL
from deploy.stack.standing import OPEN, write_sandbox
from services.console.assets import are_built
from shared.contracts import Queue
from shared.contracts.vocabulary import Role
from tests.axe import faults_of

ROLES = [
    Role.ADMINISTRATOR,
    Role.AUDITOR,
    Role.CASE_OWNER,
    Role.FACILITY,
    Role.MANAGER,
    Role.OPERATOR,
    Role.PROTECTOR,
    Role.PROVIDER,
    Role.RECEIVER,
    Role.VERIFIER,
]
"""Of whom the sandbox has somebody."""
WIDTHS = [390, 1280]
WRONG = "CANARY not the password"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("console")


@pytest.fixture(scope="module")
def installation(folder: Path) -> Iterator[Installation]:
    assert are_built(), "run `make assets`: nothing can be shown without"
    with running(folder, port=free_port(), size=SMALL, extra=OPEN) as started:
        write_sandbox(folder, started)
        yield started


@pytest.fixture(scope="module")
def people(installation: Installation, folder: Path) -> dict[str, dict[str, str]]:
    found: dict[str, Any] = orjson.loads((folder / "sandbox.json").read_bytes())
    assert found["console_url"] == installation.base_url
    return dict(found["people"])


@pytest.fixture(params=WIDTHS, ids=lambda width: f"{width}px")
def context(
    browser: Browser, installation: Installation, request: pytest.FixtureRequest
) -> Iterator[BrowserContext]:
    opened = browser.new_context(
        base_url=installation.base_url,
        viewport={"width": request.param, "height": 800},
        locale="vi-VN",
    )
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


def log_in(page: Page, person: dict[str, str], password: str | None = None) -> None:
    page.goto("/")
    page.get_by_label("Tên đăng nhập").fill(person["user"])
    page.get_by_label("Mật khẩu", exact=True).fill(password or person["password"])
    page.get_by_role("button", name="Đăng nhập").click()


def test_there_is_a_person_for_each_role_and_a_manager(people: dict[str, Any]) -> None:
    assert set(people) == set(ROLES)


@pytest.mark.parametrize("role", ROLES, ids=str)
def test_everybody_of_the_sandbox_can_log_in(
    browser: Browser, installation: Installation, people: dict[str, Any], role: str
) -> None:
    context = browser.new_context(base_url=installation.base_url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/")
    page.fill("#user_name", people[role]["user"])
    page.fill("#password", people[role]["password"])
    page.click("main button >> nth=0")
    expect(page).to_have_url(f"{installation.base_url}/")
    page.goto("/account")
    assert people[role]["user"] in page.inner_text("main")
    context.close()


def test_a_person_logs_in_reads_the_account_and_logs_out(
    page: Page, people: dict[str, Any]
) -> None:
    log_in(page, people["case_owner"])
    expect(page.get_by_role("heading", name="Hộp việc của tôi")).to_be_visible()
    page.get_by_role("link", name="Tài khoản").click()
    expect(page.get_by_role("heading", name="Tài khoản của tôi")).to_be_visible()
    expect(page.get_by_text("Quản lý trường hợp · Thành phố Hải Phòng")).to_be_visible()
    expect(page.get_by_text("(phiên này)")).to_be_visible()
    expect(page.get_by_text("không đòi mã xác thực")).to_be_visible()
    page.get_by_role("button", name="Thoát", exact=True).click()
    expect(page.get_by_role("heading", name="Đăng nhập")).to_be_visible()
    page.go_back()
    page.goto("/account")
    expect(page.get_by_role("heading", name="Đăng nhập")).to_be_visible()


def test_a_wrong_password_is_refused_in_one_way_and_the_name_stays(
    page: Page, people: dict[str, Any]
) -> None:
    log_in(page, people["auditor"], WRONG)
    expect(page).to_have_title("Lỗi: Đăng nhập · Nhịp Cầu")
    told = page.get_by_role("alert").inner_text()
    expect(page.get_by_label("Tên đăng nhập")).to_have_value(people["auditor"]["user"])
    expect(page.get_by_label("Mật khẩu", exact=True)).to_have_value("")
    log_in(page, {"user": "nobody-of-this-name", "password": WRONG})
    assert page.get_by_role("alert").inner_text() == told
    assert "CANARY" not in page.url


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_log_in_account_and_password_have_no_fault_that_axe_knows(
    page: Page, people: dict[str, Any], scheme: str
) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    log_in(page, people["provider"], WRONG)
    page.get_by_role("alert").wait_for()
    faults = [faults_of(page)]
    log_in(page, people["provider"])
    page.wait_for_load_state()
    for path in ("/account", "/account/password", "/log-in/link", "/log-in/code"):
        page.goto(path)
        page.set_viewport_size({"width": 320, "height": 600})
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
        faults.append(faults_of(page))
    assert not any(faults), "\n".join(faults)


def test_a_session_that_was_ended_elsewhere_leads_to_the_log_in(
    page: Page, people: dict[str, Any], installation: Installation
) -> None:
    log_in(page, people["verifier"])
    expect(page.get_by_role("heading", name="Hộp việc của tôi")).to_be_visible()
    url = installation.environment.url_of(Queue.DIRECTORY, "directory_owner")
    with psycopg.connect(url.replace("postgresql+psycopg", "postgresql")) as connection:
        connection.execute("UPDATE staff_sessions SET used_at = used_at - interval '21 minutes'")
    page.goto("/account")
    expect(page.get_by_role("heading", name="Đăng nhập")).to_be_visible()


def test_leaving_quickly_ends_the_session_and_leads_on(page: Page, people: dict[str, Any]) -> None:
    log_in(page, people["receiver"])
    page.route("https://www.nchmf.gov.vn/**", lambda route: route.fulfill(body="thời tiết"))
    page.get_by_role("button", name="Thoát nhanh").click()
    page.wait_for_url("https://www.nchmf.gov.vn/**")
    page.goto("/account")
    expect(page.get_by_role("heading", name="Đăng nhập")).to_be_visible()


def test_a_password_is_changed_and_another_sessions_end(page: Page, people: dict[str, Any]) -> None:
    person = people["operator"]
    log_in(page, person)
    page.get_by_role("link", name="Tài khoản").click()
    page.get_by_role("link", name="Đổi mật khẩu").click()
    expect(page.locator("input[autocomplete=username]")).to_be_hidden()
    page.get_by_label("Mật khẩu hiện tại").fill(person["password"])
    page.get_by_label("Mật khẩu mới").fill("ngắn")
    page.get_by_role("button", name="Đổi mật khẩu").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Mật khẩu hiện tại").fill(person["password"])
    person["password"] = f"một câu dài dễ nhớ {page.viewport_size}"
    page.get_by_label("Mật khẩu mới").fill(person["password"])
    page.get_by_role("button", name="Đổi mật khẩu").click()
    expect(page.get_by_role("heading", name="Tài khoản của tôi")).to_be_visible()


def test_a_token_of_a_session_is_in_no_place_that_a_script_reads(
    page: Page, context: BrowserContext, people: dict[str, Any]
) -> None:
    log_in(page, people["administrator"])
    expect(page.get_by_role("heading", name="Hộp việc của tôi")).to_be_visible()
    cookie = next(it for it in context.cookies() if it.get("name") == "session")
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Strict"
    kept = page.evaluate(
        "JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])"
    )
    assert cookie["value"] not in kept + page.content()


def test_a_form_from_elsewhere_begins_no_session(
    installation: Installation, people: dict[str, Any]
) -> None:
    person = people["manager"]
    form = {"user_name": person["user"], "password": person["password"]}
    with httpx2.Client(base_url=installation.base_url, trust_env=False) as client:
        answer = client.post("/log-in", data=form, headers={"Sec-Fetch-Site": "cross-site"})
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers
        assert client.get("/account").headers["location"] == "/log-in"


def test_no_password_and_no_name_is_in_a_log(installation: Installation, folder: Path) -> None:
    told = "".join(path.read_text("utf-8", "replace") for path in (folder / "logs").iterdir())
    assert told
    for planted in ("CANARY", "Người quản lý", "nobody-of-this-name"):
        assert planted not in told
