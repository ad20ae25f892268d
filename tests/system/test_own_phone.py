"""An officer who carries a phone is told what is urgent there, by a real gateway; then by mail."""

import re
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from typing import Any

import orjson
import pytest
from playwright.sync_api import Browser, Page, expect

from deploy.local.ports import free_port
from deploy.stack.client import ApiClient, Credentials
from deploy.stack.environment import CODE
from deploy.stack.installation import Installation, running
from deploy.stack.programs import SMALL
from deploy.stack.standing import OPEN, write_sandbox
from services.console.assets import are_built
from shared.kit.identifiers import new_id
from tests.conftest import wait_until
from tests.notification.post_office import PostOffice
from tests.notification.receivers import LOOPBACK
from tests.notification.sms_gateway import SECRET, SmsGateway, Texted
from tests.pages.referring import a_school_is_asked, open_classes

WITHIN = 60.0
NUMBER = "+84912000789"
MAILBOX = "dao-tao@truong-nghe.edu.vn"


@pytest.fixture(scope="module")
def phones() -> Iterator[SmsGateway]:
    with SmsGateway() as started:
        yield started


@pytest.fixture(scope="module")
def post_office() -> Iterator[PostOffice]:
    with PostOffice() as started:
        yield started


@pytest.fixture(scope="module")
def exchange(
    tmp_path_factory: pytest.TempPathFactory, phones: SmsGateway, post_office: PostOffice
) -> Iterator[Installation]:
    assert are_built(), "run `make assets`: nothing can be shown without"
    folder = tmp_path_factory.mktemp("phone")
    secret = folder / "sms_secret"
    secret.write_text(SECRET)
    told = {
        "NOTIFICATION_SMS_GATEWAY_ADDRESS": phones.address,
        "NOTIFICATION_SMS_SECRET_FILE": str(secret),
        "NOTIFICATION_SMTP_HOST": LOOPBACK,
        "NOTIFICATION_SMTP_PORT": str(post_office.port),
        "NOTIFICATION_MAIL_FROM": "thong-bao@nhipcau.example",
        "NOTIFICATION_CONSOLE_ADDRESS": "https://nhipcau.example",
        "NOTIFICATION_DIGEST_LOOK_SECONDS": "1",
        "NOTIFICATION_URGENT_LOOK_SECONDS": "1",
    }
    with running(folder, port=free_port(), size=SMALL, extra=OPEN | told) as started:
        write_sandbox(folder, started)
        yield started


@pytest.fixture(scope="module")
def sandbox(exchange: Installation) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads((exchange.folder / "sandbox.json").read_bytes())
    return found


@pytest.fixture(scope="module")
def client_of(
    exchange: Installation, sandbox: dict[str, Any]
) -> Iterator[Callable[[str], ApiClient]]:
    made: dict[str, ApiClient] = {}

    def client(name: str) -> ApiClient:
        if name not in made:
            made[name] = exchange.client(Credentials.read(sandbox["clients"][name]))
        return made[name]

    yield client
    for each in made.values():
        each.close()


@pytest.fixture
def page(browser: Browser, exchange: Installation, sandbox: dict[str, Any]) -> Iterator[Page]:
    """The settings of an officer of the school."""
    context = browser.new_context(base_url=exchange.base_url, locale="vi-VN")
    opened = context.new_page()
    officer = sandbox["people"]["provider"]
    opened.goto("/account/mails")
    opened.get_by_label("Tên đăng nhập").fill(officer["user"])
    opened.get_by_label("Mật khẩu", exact=True).fill(officer["password"])
    opened.get_by_role("button", name="Đăng nhập").click()
    expect(opened.get_by_role("button", name="Đăng nhập")).to_have_count(0)
    opened.goto("/account/mails")
    yield opened
    context.close()


def a_school_has_to_answer(client_of: Callable[[str], ApiClient]) -> str:
    """It is asked to take somebody: the offer."""

    def a_case(**changes: Any) -> dict[str, Any]:
        example = orjson.loads((CODE / "docs/examples/case.json").read_bytes())
        body = {**example, "sender_reference": f"VD/{new_id()}", **changes}
        answer = client_of("agency").post("/intake/v1/cases", body, key=str(new_id()))
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def eventually(condition: Callable[[], bool]) -> None:
        wait_until(condition, seconds=WITHIN)

    return a_school_is_asked(client_of, a_case, eventually).offer_id


def code_in(words: str) -> str:
    found = re.search(r"[0-9A-Z]{6}-[0-9A-Z]{4}", words)
    assert found is not None
    return found[0]


def words_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    words: str = body.get_content()
    return words


def test_an_officer_is_told_on_the_phone_and_by_mail_once_the_phone_takes_nothing(
    page: Page,
    phones: SmsGateway,
    post_office: PostOffice,
    client_of: Callable[[str], ApiClient],
) -> None:
    def texts() -> list[Texted]:
        return [each for each in phones.phones if each.to == NUMBER]

    def mails() -> list[str]:
        return [words_of(each.mail) for each in post_office.taken if each.recipient == MAILBOX]

    page.get_by_label("Số điện thoại mới").fill(NUMBER)
    page.get_by_role("button", name="Nhắn mã xác nhận").click()
    wait_until(lambda: len(texts()) == 1, seconds=WITHIN)
    page.get_by_label("Mã trong tin nhắn").fill(code_in(texts()[0].text))
    page.get_by_role("button", name="Xác nhận số điện thoại").click()
    expect(page.get_by_text("Đã xác nhận")).to_be_visible()
    page.get_by_label("Hộp thư mới").fill(MAILBOX)
    page.get_by_role("button", name="Gửi mã xác nhận").click()
    wait_until(lambda: len(mails()) == 1, seconds=WITHIN)
    page.get_by_label("Mã trong thư").fill(code_in(mails()[0]))
    page.get_by_role("button", name="Xác nhận hộp thư").click()
    page.get_by_label("Việc khẩn được báo trước hết qua").select_option("sms")
    page.get_by_role("button", name="Lưu").click()
    expect(page.get_by_text("Đã ghi: cách nhận thư")).to_be_visible()

    open_classes(client_of)
    first = a_school_has_to_answer(client_of)
    wait_until(lambda: len(texts()) > 1, seconds=WITHIN)
    told = texts()[-1].text
    assert told.startswith("Số việc khẩn cần xem ngay: ")
    assert first[-8:].upper() not in told.upper(), "which it is stands in the console"
    assert first not in "".join(mails()), "by one way"

    phones.refuses.add(NUMBER)
    second = a_school_has_to_answer(client_of)
    wait_until(lambda: any(second in each for each in mails()), seconds=WITHIN)
    assert first not in "".join(mails())
    page.goto("/account/mails")
    expect(page.get_by_text("Số này không nhận được tin nhắn của hệ thống từ")).to_be_visible()
