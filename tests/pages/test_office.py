"""A school without a system answers from an e-mail: a link, the code agreed, and an answer."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest
from playwright.sync_api import expect

from deploy.stack.installation import Installation
from shared.kit.identifiers import new_id
from tests.pages.answering import (
    Office,
    asks_for_the_code,
    give,
    mailboxes_of,
    words_of,
    written_to_no_more,
)
from tests.pages.browsing import FROM_HERE, PC, PHONE, Eventually, People, check, kept_in
from tests.pages.operating import rows
from tests.pages.referring import BASE, Asked, Client, a_school_is_asked
from tests.pages.test_offers import tells_nothing_more

NEED = "Hỗ trợ học nghề"
GIVEN = (
    "SELECT actor, outcome FROM audit_entries"
    " WHERE action = 'answer_code.given' AND object_id = %s ORDER BY id"
)


def status_of(client_of: Client, asked: Asked) -> str:
    """Where the referral stands, as the case owner reads it."""
    read = client_of("case_owner").get(f"{BASE}/referrals/{asked.referral_id}")
    found: str = read.json()["status"]
    return found


@pytest.mark.parametrize("width", [PHONE, PC])
def test_a_school_without_a_system_accepts_from_a_mail(
    people: People, office: Office, asked: Asked, client_of: Client, width: int
) -> None:
    link = office.link_for(asked)
    page = people.page(None, width=width)
    page.goto(link)
    asks_for_the_code(page)
    for told in (NEED, asked.offer_id, "18 tuổi"):
        assert told not in page.content()
    check(page)
    give(page, office.code)
    expect(page.get_by_role("heading", name=NEED)).to_be_visible()
    expect(page.get_by_text("Nữ · Từ đủ 18 tuổi trở lên")).to_be_visible()
    expect(page.locator("dd").filter(has_text="đến")).to_be_visible()
    assert page.url.endswith("/answer")
    tells_nothing_more(page, asked)
    check(page)
    page.get_by_role("button", name="Đồng ý tiếp nhận").click()
    expect(page.get_by_role("heading", name="Đề nghị này đã được trả lời")).to_be_visible()
    expect(page.get_by_text("Đã ghi: đồng ý tiếp nhận.")).to_be_visible()
    assert NEED not in page.content()
    assert status_of(client_of, asked) == "accepted"
    tells_nothing_more(page, asked)
    check(page)
    assert link not in page.content() + kept_in(page)


def test_a_link_whose_offer_was_answered_says_that_alone(
    people: People, office: Office, asked: Asked
) -> None:
    link = office.link_for(asked)
    first, later = people.page(None), people.page(None)
    for page in (first, later):
        page.goto(link)
        give(page, office.code)
        expect(page.get_by_role("heading", name=NEED)).to_be_visible()
    first.get_by_role("button", name="Đồng ý tiếp nhận").click()
    expect(first.get_by_role("heading", name="Đề nghị này đã được trả lời")).to_be_visible()
    later.get_by_label("Lý do từ chối").select_option(label="Hết chỗ")
    later.get_by_role("button", name="Từ chối tiếp nhận").click()
    expect(later.get_by_text("Có người đã thao tác trước")).to_be_visible()
    again = people.page(None)
    again.goto(link)
    give(again, office.code)
    expect(again.get_by_role("heading", name="Đề nghị này đã được trả lời")).to_be_visible()
    expect(again.get_by_role("button", name="Đồng ý tiếp nhận")).to_have_count(0)
    assert NEED not in again.content()
    people.said.clear()


def test_it_refuses_with_a_reason_also_without_scripts(
    people: People, office: Office, asked: Asked, client_of: Client
) -> None:
    page = people.page(None, width=PHONE, java_script_enabled=False)
    page.goto(office.link_for(asked))
    give(page, office.code)
    page.get_by_role("button", name="Từ chối tiếp nhận").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Lý do từ chối").select_option(label="Hết chỗ")
    page.get_by_role("button", name="Từ chối tiếp nhận").click()
    expect(page.get_by_text("Đã ghi: từ chối tiếp nhận.")).to_be_visible()
    expect(page.get_by_text("không còn chờ đơn vị trả lời")).to_be_visible()
    assert NEED not in page.content()
    offers = client_of("case_owner").get(f"{BASE}/referrals/{asked.referral_id}/offers").json()
    (own,) = (each for each in offers["items"] if each["id"] == asked.offer_id)
    assert (own["status"], own["reason"]) == ("rejected", "capacity")
    people.said.clear()


def test_a_scanner_that_follows_every_link_answers_nothing(
    office: Office, asked: Asked, client_of: Client, address: str, installation: Installation
) -> None:
    link = office.link_for(asked)
    with httpx2.Client(base_url=address, trust_env=False) as scanner:
        for _ in range(3):
            shown = scanner.get(link, headers={"Sec-Purpose": "prefetch"})
            assert shown.status_code == 200
            assert not shown.cookies
            assert shown.headers["cache-control"] == "no-store"
            assert shown.headers["referrer-policy"] == "no-referrer"
        scanner.head(link)
        form = {"link": link.removeprefix("/answer/"), "code": office.code}
        sent_from_elsewhere = scanner.post("/answer", data=form)
        assert sent_from_elsewhere.status_code == 403
        assert scanner.post("/answer/moves", data={"move": "accept"}).status_code == 403
    assert status_of(client_of, asked) == "requested"
    moves = client_of("partner").get(f"{BASE}/referrals/{asked.offer_id}/moves").json()["items"]
    assert [each["status"] for each in moves] == ["requested"]
    assert rows(installation, "directory", GIVEN, office.contact_point_id) == []


def test_a_link_and_its_code_are_in_no_log(
    office: Office, asked: Asked, installation: Installation
) -> None:
    """Asked of the console that runs as a process of its own."""
    link = office.link_for(asked)
    with httpx2.Client(base_url=installation.base_url, trust_env=False) as browser:
        assert browser.get(link).status_code == 200
        form = {"link": link.removeprefix("/answer/"), "code": office.code}
        assert browser.post("/answer", data=form, headers=FROM_HERE).status_code == 303
        assert browser.post(f"{link}/x", data=form, headers=FROM_HERE).status_code == 404
    logs = [each.read_text() for each in (installation.folder / "logs").glob("*.log")]
    assert logs
    for secret in (link.removeprefix("/answer/"), office.code):
        assert not any(secret in log for log in logs)


@pytest.fixture
def code_of_another(
    client_of: Client, installation: Installation, eventually: Eventually
) -> Iterator[str]:
    """The code of the office of the other school."""
    administrator, mailboxes = client_of("administrator"), mailboxes_of(client_of("second_partner"))
    with written_to_no_more(client_of, "second_partner", installation, eventually):
        made = administrator.post(mailboxes, {"mailbox": "hoi@don-vi.vn"}, key=str(new_id())).json()
        path = f"{mailboxes}/{made['id']}/answer-code"
        yield administrator.post(path, {}, key=str(new_id())).json()["code"]


def test_whom_a_link_was_forwarded_to_is_told_nothing(
    *,
    people: People,
    office: Office,
    asked: Asked,
    code_of_another: str,
    client_of: Client,
    installation: Installation,
) -> None:
    """Another office has a code of its own, and it opens none of ours."""
    link = office.link_for(asked)
    page = people.page(None)
    page.goto(link)
    give(page, code_of_another)
    expect(page.get_by_role("alert")).to_contain_text("Mã trả lời không đúng")
    asks_for_the_code(page)
    assert NEED not in page.content()
    page.goto("/answer")
    expect(page.get_by_role("heading", name="Không mở được đề nghị")).to_be_visible()
    (given,) = rows(installation, "directory", GIVEN, office.contact_point_id)
    assert given[1] == "wrong_code"
    assert status_of(client_of, asked) == "requested"
    people.said.clear()


def test_an_answer_that_is_sent_twice_counts_once(
    office: Office, asked: Asked, client_of: Client, address: str
) -> None:
    link = office.link_for(asked).removeprefix("/answer/")
    with httpx2.Client(base_url=address, trust_env=False, headers=FROM_HERE) as browser:
        let_in = browser.post("/answer", data={"link": link, "code": office.code})
        assert let_in.status_code == 303
        form = {"key": str(new_id()), "version": "1", "move": "accept"}
        read = client_of("partner").get(f"{BASE}/referrals/{asked.offer_id}").json()
        form["version"] = str(read["version"])
        answers = [browser.post("/answer/moves", data=form) for _ in range(2)]
    assert [each.status_code for each in answers] == [303, 303]
    moves = client_of("partner").get(f"{BASE}/referrals/{asked.offer_id}/moves").json()["items"]
    assert [each["status"] for each in moves] == ["requested", "accepted"]
    assert moves[-1]["actor"] == f"office:{office.school.organisation_id}"


@pytest.fixture
def other(
    client_of: Client, a_case: Callable[..., dict[str, Any]], eventually: Eventually
) -> Asked:
    """Another case for which the same school is asked."""
    return a_school_is_asked(client_of, a_case, eventually)


def test_what_was_let_in_for_one_offer_opens_no_other_and_not_who_it_is(
    office: Office, asked: Asked, other: Asked, installation: Installation
) -> None:
    link = office.link_for(asked).removeprefix("/answer/")
    place = installation.base_url
    with httpx2.Client(base_url=place, trust_env=False, headers=FROM_HERE) as browser:
        browser.post("/answer", data={"link": link, "code": office.code})
        token = browser.cookies["office"]
    bearer = {"Authorization": f"Bearer {token}"}
    own = f"{BASE}/referrals/{asked.offer_id}"
    with httpx2.Client(base_url=installation.base_url, trust_env=False, headers=bearer) as api:
        assert api.get(own).status_code == 200
        assert api.get(f"{BASE}/referrals/{other.offer_id}").status_code == 404
        once = {"Idempotency-Key": f'"{new_id()}"', "If-Match": '"1"'}
        moved = api.post(
            f"{BASE}/referrals/{other.offer_id}/moves", json={"move": "accept"}, headers=once
        )
        assert moved.status_code == 404
        for path in (
            "/directory/v1/programmes",
            "/directory/v1/me",
            "/directory/v1/duties",
            f"{BASE}/duties",
            "/intake/v1/cases",
            "/verification/v1/verifications",
            "/notification/v1/deliveries",
        ):
            assert api.get(path).status_code == 403, path
        once["Idempotency-Key"] = f'"{new_id()}"'
        who = {"referral_id": asked.offer_id, "purpose": "service_referral"}
        seen = api.post("/intake/v1/disclosures", json=who, headers=once)
        assert (seen.status_code, seen.json()["type"].rpartition(":")[2]) == (403, "role-missing")


def test_a_mail_says_nothing_of_the_code_nor_of_anybody(office: Office, asked: Asked) -> None:
    mail = office.mail_about(asked)
    said = mail.as_string() + words_of(mail)
    for secret in (office.code, asked.case_id, asked.code, asked.referral_id, NEED):
        assert secret not in said
    assert mail["To"] == office.mailbox


@pytest.mark.parametrize("width", [PHONE, PC])
def test_an_administrator_agrees_on_a_code_that_is_shown_once(
    people: People, office: Office, asked: Asked, width: int
) -> None:
    page = people.page("administrator", width=width)
    place = f"/administration/organisations/{office.school.organisation_id}"
    page.goto(place)
    row = page.get_by_role("listitem").filter(has=page.get_by_text("Đang dùng"))
    row = row.filter(has_text=office.mailbox)
    expect(row).to_contain_text("Mã trả lời có từ")
    row.get_by_role("button", name="Tạo mã trả lời khác").click()
    code = page.get_by_role("region", name="Hộp thư").locator("code").inner_text()
    check(page)
    page.goto(place)
    assert code not in page.content()
    opened = people.page(None, width=width)
    opened.goto(office.link_for(asked))
    give(opened, office.code)
    expect(opened.get_by_role("alert")).to_contain_text("Mã trả lời không đúng")
    give(opened, code)
    expect(opened.get_by_role("heading", name=NEED)).to_be_visible()
    people.said.clear()


def test_a_link_is_over_when_the_mailbox_is(
    people: People, office: Office, asked: Asked, client_of: Client
) -> None:
    link = office.link_for(asked)
    other = {"mailbox": "dao-tao@truong-nghe.edu.vn"}
    made = client_of("administrator").post(mailboxes_of(office.school), other, key=str(new_id()))
    assert made.status_code == 201
    page = people.page(None)
    page.goto(link)
    give(page, office.code)
    expect(page.get_by_role("heading", name="Không mở được đề nghị")).to_be_visible()
    expect(page.get_by_text("đã hết hạn hoặc không còn dùng được")).to_be_visible()
    assert NEED not in page.content()
    check(page)
