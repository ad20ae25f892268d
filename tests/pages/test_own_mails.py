"""A person names a mailbox, confirms it by a code that comes, gets mails, ends them by a link."""

import re
from collections.abc import Callable, Iterator
from email.message import EmailMessage

import httpx2
import pytest
from playwright.sync_api import Page, expect

from deploy.stack.installation import Installation
from deploy.stack.keys import STAFF_MASTER
from services.directory.policy import StaffVault
from shared.kit.identifiers import new_id
from tests.notification.post_office import PostOffice
from tests.pages.answering import MAILED, words_of, written_to_no_more
from tests.pages.browsing import PC, PHONE, Eventually, People, check, find_duty
from tests.pages.operating import rows
from tests.pages.referring import Asked, Client

HERE = "/account/mails"
URGENT = "Nhịp Cầu: Có việc khẩn cần xem ngay"
DIGEST = "Nhịp Cầu: Thư tổng hợp việc cần xem"
WEEK = "Nhịp Cầu: Tình hình công việc trong tuần của cơ quan"


def of(post_office: PostOffice, mailbox: str) -> Callable[[], list[EmailMessage]]:
    """What came to a mailbox."""
    return lambda: [each.mail for each in post_office.taken if each.recipient == mailbox]


def name_mailbox(page: Page, mailbox: str) -> None:
    page.goto("/account")
    page.get_by_role("link", name="Hộp thư và thư tổng hợp").click()
    page.get_by_label("Hộp thư mới").fill(mailbox)
    page.get_by_role("button", name="Gửi mã xác nhận").click()
    expect(page.get_by_text("Chờ xác nhận")).to_be_visible()


@pytest.mark.parametrize("width", [PHONE, PC])
def test_a_mailbox_is_confirmed_by_the_code_that_came_and_ended_again(
    people: People, post_office: PostOffice, eventually: Eventually, width: int
) -> None:
    mailbox = f"tiep-nhan-{width}@xa-vi-du.gov.vn"
    page = people.page("receiver", width=width)
    name_mailbox(page, mailbox)
    check(page)
    mails = of(post_office, mailbox)
    eventually(lambda: len(mails()) == 1)
    (told,) = mails()
    code = re.search(r"Mã: ([0-9A-Z-]+)", words_of(told))
    assert code is not None
    page.get_by_label("Mã trong thư").fill("AAAAAA-AAAA")
    page.get_by_role("button", name="Xác nhận hộp thư").click()
    expect(page.get_by_role("alert")).to_be_visible()
    people.said.clear()
    page.get_by_label("Mã trong thư").fill(code[1])
    page.get_by_role("button", name="Xác nhận hộp thư").click()
    expect(page.get_by_text("Đã xác nhận")).to_be_visible()
    page.get_by_role("button", name="Thôi gửi thư và xóa hộp thư").click()
    expect(page.get_by_text("Chưa có hộp thư, nên không có thư nào")).to_be_visible()
    assert mailbox not in page.content()


@pytest.mark.parametrize(("role", "width"), [("case_owner", PHONE), ("verifier", PC)])
def test_whoever_named_a_mailbox_that_refuses_finds_it_on_the_first_page(
    *, people: People, post_office: PostOffice, eventually: Eventually, role: str, width: int
) -> None:
    mailbox = f"khong-con-{width}@xa-vi-du.gov.vn"
    post_office.refuses.add(mailbox)
    page = people.page(role, width=width)
    name_mailbox(page, mailbox)

    def is_refused() -> bool:
        page.reload()
        return page.get_by_text("Hộp thư này từ chối nhận thư của hệ thống từ").is_visible()

    eventually(is_refused)
    check(page)
    page.goto("/")
    duty = page.locator(".nc-duty").get_by_role("link", name="Hộp thư của bạn từ chối thư").first
    find_duty(page, duty).click()
    expect(page.get_by_text("Từ chối thư", exact=True)).to_be_visible()
    post_office.refuses.discard(mailbox)
    page.get_by_role("button", name="Gửi mã để xác nhận lại hộp thư này").click()
    expect(page.get_by_text("Chờ xác nhận")).to_be_visible()
    mails = of(post_office, mailbox)
    eventually(lambda: len(mails()) == 1)
    page.get_by_role("button", name="Thôi gửi thư và xóa hộp thư").click()
    expect(page.get_by_text("Chưa có hộp thư, nên không có thư nào")).to_be_visible()


def the_code(installation: Installation) -> str:
    """As it would be sent, had this exchange a gateway of SMS; of the only phone there is."""
    ((number_id,),) = rows(installation, "directory", "SELECT number_id FROM staff_phones")
    vault = StaffVault.of(installation.environment.keys.path(STAFF_MASTER).read_text())
    return vault.phone_code(number_id)


@pytest.mark.parametrize(("role", "width"), [("receiver", PHONE), ("provider", PC)])
def test_a_phone_is_confirmed_by_its_code_is_told_first_refuses_and_is_deleted(
    *, people: People, installation: Installation, eventually: Eventually, role: str, width: int
) -> None:
    number = f"+84912345{width % 1000:03}"
    page = people.page(role, width=width)
    page.goto(HERE)
    page.get_by_label("Số điện thoại mới").fill("0912")
    page.get_by_role("button", name="Nhắn mã xác nhận").click()
    expect(page.get_by_role("alert")).to_contain_text("số di động Việt Nam")
    people.said.clear()
    expect(page.get_by_label("Số điện thoại mới")).to_have_value("0912")
    page.get_by_label("Số điện thoại mới").fill(number)
    page.get_by_role("button", name="Nhắn mã xác nhận").click()
    expect(page.get_by_text("Chờ xác nhận")).to_be_visible()
    check(page)
    page.get_by_label("Mã trong tin nhắn").fill("AAAAAA-AAAA")
    page.get_by_role("button", name="Xác nhận số điện thoại").click()
    expect(page.get_by_role("alert")).to_be_visible()
    people.said.clear()
    page.get_by_label("Mã trong tin nhắn").fill(the_code(installation))
    page.get_by_role("button", name="Xác nhận số điện thoại").click()
    expect(page.get_by_text("Đã xác nhận")).to_be_visible()
    page.get_by_label("Việc khẩn được báo trước hết qua").select_option("sms")
    page.get_by_role("button", name="Lưu").click()
    expect(page.get_by_text("Đã ghi: cách nhận thư")).to_be_visible()
    expect(page.get_by_label("Việc khẩn được báo trước hết qua")).to_have_value("sms")
    rows(
        installation,
        "directory",
        "UPDATE staff_phones SET refused_since = now(), refused_at = now(), refusals = 3,"
        " stopped_at = now()",
    )
    page.goto("/")
    duty = (
        page.locator(".nc-duty")
        .get_by_role("link", name="Số điện thoại của bạn không nhận được tin nhắn")
        .first
    )
    find_duty(page, duty).click()
    expect(page.get_by_text("Không nhận được tin nhắn", exact=True)).to_be_visible()
    check(page)
    page.get_by_role("button", name="Nhắn mã để xác nhận lại số này").click()
    expect(page.get_by_text("Chờ xác nhận")).to_be_visible()
    page.get_by_role("button", name="Thôi gửi tin nhắn và xóa số điện thoại").click()
    expect(page.get_by_text("Chưa có số điện thoại, nên không có tin nhắn nào")).to_be_visible()
    assert number not in page.content()


def test_wishes_are_kept_and_quiet_hours_need_an_end(people: People) -> None:
    page = people.page("verifier", width=PHONE)
    page.goto(HERE)
    page.get_by_label("Giờ yên tĩnh từ").fill("22:00")
    page.get_by_role("button", name="Lưu").click()
    expect(page.get_by_role("alert")).to_contain_text("Giờ yên tĩnh")
    people.said.clear()
    expect(page.get_by_label("Giờ yên tĩnh từ")).to_have_value("22:00")
    page.get_by_label("Giờ yên tĩnh đến").fill("06:30")
    page.get_by_label("Thư tổng hợp").select_option("week")
    page.get_by_label("Tôi trực").check()
    page.get_by_label("Ngôn ngữ của thư").select_option("en")
    page.get_by_role("button", name="Lưu").click()
    expect(page.get_by_text("Đã ghi: cách nhận thư")).to_be_visible()
    expect(page.get_by_label("Thư tổng hợp")).to_have_value("week")
    expect(page.get_by_label("Giờ yên tĩnh đến")).to_have_value("06:30")
    expect(page.get_by_label("Tôi trực")).to_be_checked()
    check(page)


@pytest.fixture
def provider(
    people: People, post_office: PostOffice, eventually: Eventually
) -> Iterator[tuple[Page, Callable[[], list[EmailMessage]]]]:
    """An officer of the school whose mailbox is confirmed: a page of theirs, and what they got."""
    mailbox = "dao-tao@truong-nghe.edu.vn"
    page = people.page("provider")
    name_mailbox(page, mailbox)
    mails = of(post_office, mailbox)
    eventually(lambda: "Mã: " in "".join(map(words_of, mails())))
    code = re.findall(r"Mã: ([0-9A-Z-]+)", words_of(mails()[-1]))[-1]
    page.get_by_label("Mã trong thư").fill(code)
    page.get_by_role("button", name="Xác nhận hộp thư").click()
    expect(page.get_by_text("Đã xác nhận")).to_be_visible()
    yield page, mails
    page.goto(HERE)
    page.get_by_role("button", name="Thôi gửi thư và xóa hộp thư").click()
    page.get_by_text("Chưa có hộp thư, nên không có thư nào").wait_for()


def test_an_offer_is_written_at_once_and_a_digest_is_ended_by_its_link_without_a_log_in(
    *,
    request: pytest.FixtureRequest,
    provider: tuple[Page, Callable[[], list[EmailMessage]]],
    people: People,
    address: str,
    installation: Installation,
    eventually: Eventually,
) -> None:
    page, mails = provider
    page.get_by_label("Thư tổng hợp").select_option("hour")
    page.get_by_role("button", name="Lưu").click()
    expect(page.get_by_text("Đã ghi: cách nhận thư")).to_be_visible()
    asked: Asked = request.getfixturevalue("asked")

    def about(subject: str) -> list[str]:
        return [words_of(each) for each in mails() if each["Subject"] == subject]

    eventually(lambda: any(asked.offer_id in each for each in about(URGENT)))
    assert asked.case_id not in "".join(about(URGENT))
    # An hour goes by.
    rows(
        installation,
        "directory",
        "UPDATE staff_settings SET digest_since = digest_since - interval '2 hours'",
    )
    eventually(lambda: any(asked.offer_id in each for each in about(DIGEST)))
    (digest,) = [each for each in mails() if each["Subject"] == DIGEST]
    assert digest["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    place = str(digest["List-Unsubscribe"]).strip("<>").removeprefix(MAILED)
    reader = people.page(None, width=PHONE)
    reader.goto(place)
    expect(reader.get_by_role("button", name="Ngừng nhận thư này")).to_be_visible()
    check(reader)
    page.reload()
    expect(page.get_by_label("Thư tổng hợp")).to_have_value("hour")
    with httpx2.Client(base_url=address, trust_env=False) as program:
        for _ in range(2):
            ended = program.post(place, data={"List-Unsubscribe": "One-Click"})
            assert ended.status_code == 200
            assert not ended.cookies
        assert program.post(f"{place[:-4]}AAAA").status_code == 403
    page.reload()
    expect(page.get_by_label("Thư tổng hợp")).to_have_value("none")
    reader.get_by_role("button", name="Ngừng nhận thư này").click()
    expect(reader.get_by_role("heading", name="Đã ngừng gửi thư")).to_be_visible()
    check(reader)


@pytest.fixture
def silent_again(
    client_of: Client, installation: Installation, eventually: Eventually
) -> Iterator[None]:
    """The school is written to during the test only."""
    with written_to_no_more(client_of, "partner", installation, eventually):
        yield


@pytest.mark.usefixtures("silent_again")
def test_an_office_gets_its_weekly_page_when_its_manager_wants_it(
    *,
    people: People,
    client_of: Client,
    post_office: PostOffice,
    installation: Installation,
    asked: Asked,
    eventually: Eventually,
) -> None:
    school = client_of("partner")
    mailbox = "hang-tuan@truong-nghe.edu.vn"
    place = f"/directory/v1/organisations/{school.organisation_id}"
    made = client_of("administrator").post(
        f"{place}/contact-points", {"mailbox": mailbox}, key=str(new_id())
    )
    assert made.status_code == 201, made.text
    page = people.page("provider", width=PHONE)
    page.goto("/deliveries/own")
    page.get_by_role("button", name="Gửi hằng tuần").click()
    expect(page.get_by_text("Đã ghi: gửi tình hình công việc hằng tuần")).to_be_visible()
    check(page)
    # A week goes by.
    rows(
        installation,
        "directory",
        "UPDATE organisations SET weekly_page_since = weekly_page_since - interval '8 days'"
        " WHERE weekly_page_since IS NOT NULL",
    )
    mails = of(post_office, mailbox)
    eventually(lambda: any(each["Subject"] == WEEK for each in mails()))
    (weekly,) = [each for each in mails() if each["Subject"] == WEEK]
    assert re.search(r"Việc cần làm: [1-9]\d*; Trong đó quá hạn: \d+", words_of(weekly))
    page.get_by_role("button", name="Thôi gửi", exact=True).click()
    expect(page.get_by_text("Đã ghi: thôi gửi tình hình công việc")).to_be_visible()
    expect(page.get_by_text("Cơ quan chưa có hộp thư")).to_have_count(0)
    page.get_by_role("button", name="Thôi gửi đến hộp thư này").click()
    expect(page.get_by_text("Đã ghi: thôi gửi thông báo đến hộp thư")).to_be_visible()
    expect(page.get_by_text("Cơ quan chưa có hộp thư")).to_be_visible()
    page.get_by_role("button", name="Gửi hằng tuần").click()
    expect(page.get_by_text("Chờ hộp thư")).to_be_visible()
    expect(page.get_by_text("Đang gửi", exact=True)).to_have_count(0)
    check(page)
    page.get_by_role("button", name="Thôi gửi", exact=True).click()
    expect(page.get_by_text("Đã ghi: thôi gửi tình hình công việc")).to_be_visible()
