"""A school asks back before it answers: from an account or a mail; the case owner replies."""

import re
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Page, expect

from shared.kit.identifiers import new_id
from tests.pages.answering import MAILED, Office, give, words_of
from tests.pages.browsing import FROM_HERE, PC, PHONE, Eventually, People, check, find_duty, is_duty
from tests.pages.referring import BASE, Asked, Client, a_school_is_asked
from tests.pages.test_offers import tells_nothing_more

INTERPRETER = "Có cần người phiên dịch không?"
TRANSPORT = "Có cần hỗ trợ đi lại không?"
CALL = "Đề nghị người phụ trách gọi điện cho đơn vị chúng tôi"
CLOCK = "Câu hỏi không làm dừng và không kéo dài thời hạn trả lời đề nghị."


def ask(page: Page, *questions: str) -> None:
    """Open the form, choose, and send it."""
    page.get_by_text("Hỏi người phụ trách", exact=True).click()
    for each in questions:
        page.get_by_label(each).check()
    page.get_by_role("button", name="Gửi câu hỏi").click()


def reply(page: Page, question: str, said: str) -> None:
    row = page.get_by_role("listitem").filter(has_text=question)
    row.get_by_label("Câu trả lời").select_option(label=said)
    row.get_by_role("button", name="Trả lời").click()


def asked_of(client_of: Client, asked: Asked) -> dict[str, str]:
    """What was asked, and where each stands, as the case owner reads it."""
    read = client_of("case_owner").get(f"{BASE}/referrals/{asked.referral_id}").json()
    return {each["question"]: each["state"] for each in read["questions"]}


def turn_of(client_of: Client, asked: Asked) -> str:
    """What is to be done next in the case, as its one sentence says."""
    journey = client_of("case_owner").get(f"/intake/v1/cases/{asked.case_id}/journey").json()
    found: str = journey["turn"]["why"]
    return found


@pytest.mark.parametrize("width", [PHONE, PC])
def test_a_school_asks_the_case_owner_replies_and_the_school_reads_it(
    people: People, asked: Asked, width: int
) -> None:
    school, owner = people.page("provider", width=width), people.page("case_owner", width=width)
    school.goto(f"/offers/{asked.offer_id}")
    expect(school.get_by_text(CLOCK)).to_be_visible()
    school.get_by_text("Hỏi người phụ trách", exact=True).click()
    check(school)
    school.get_by_text("Hỏi người phụ trách", exact=True).click()
    ask(school, INTERPRETER, CALL)
    expect(school.get_by_text("Đã gửi câu hỏi.")).to_be_visible()
    expect(school.get_by_text("Chờ trả lời", exact=True)).to_have_count(2)
    expect(school.get_by_role("button", name="Đồng ý tiếp nhận")).to_be_visible()
    tells_nothing_more(school, asked)
    check(school)

    place = f"/cases/{asked.case_id}/referrals/{asked.referral_id}"
    duty = find_duty(owner, owner.locator(f'.nc-duty a[href="{place}"]'))
    expect(duty).to_contain_text("Trả lời câu hỏi của đơn vị được đề nghị")
    duty.click()
    check(owner)
    expect(owner.get_by_text("Tới lượt người phụ trách")).to_be_visible()
    reply(owner, INTERPRETER, "Không")
    expect(owner.get_by_text("câu trả lời được báo cho đơn vị đã hỏi")).to_be_visible()
    reply(owner, CALL, "Đã thống nhất qua điện thoại")
    expect(owner.get_by_text("Chờ trả lời", exact=True)).to_have_count(0)
    check(owner)
    assert not is_duty(owner, owner.locator(f'.nc-duty a[href="{place}"]'))

    school.reload()
    answered = school.get_by_role("listitem").filter(has_text=INTERPRETER).first
    expect(answered.get_by_text("Không", exact=True)).to_be_visible()
    tells_nothing_more(school, asked)
    check(school)


@pytest.fixture
def calm(
    classes: None, client_of: Client, a_case: Callable[..., dict[str, Any]], eventually: Eventually
) -> Asked:
    """A case in which nothing else presses more."""

    def calmly(**facts: Any) -> dict[str, Any]:
        return a_case(immediate_needs=[], **facts)

    return a_school_is_asked(client_of, calmly, eventually)


def test_the_page_of_a_case_says_that_it_is_the_case_owners_turn(
    people: People, calm: Asked, client_of: Client, eventually: Eventually
) -> None:
    school = people.page("provider")
    school.goto(f"/offers/{calm.offer_id}")
    ask(school, TRANSPORT)
    expect(school.get_by_text("Đã gửi câu hỏi.")).to_be_visible()
    eventually(lambda: turn_of(client_of, calm) == "reply_to_question")
    owner = people.page("case_owner")
    owner.goto(f"/cases/{calm.case_id}")
    turn = owner.locator("p").filter(has_text="Trả lời câu hỏi của đơn vị được đề nghị").first
    expect(turn).to_contain_text("Hỗ trợ học nghề")
    check(owner)
    owner.locator(f'a[href="/cases/{calm.case_id}/referrals/{calm.referral_id}"]').first.click()
    reply(owner, TRANSPORT, "Có")
    expect(owner.get_by_text("câu trả lời được báo cho đơn vị đã hỏi")).to_be_visible()
    eventually(lambda: turn_of(client_of, calm) == "answer_offer")


def test_both_pages_do_without_scripts(people: People, asked: Asked, client_of: Client) -> None:
    school = people.page("provider", width=PHONE, java_script_enabled=False)
    school.goto(f"/offers/{asked.offer_id}")
    school.get_by_text("Hỏi người phụ trách", exact=True).click()
    school.get_by_role("button", name="Gửi câu hỏi").click()
    expect(school.get_by_role("alert")).to_contain_text("chọn ít nhất một câu hỏi")
    people.said.clear()
    school.get_by_label(TRANSPORT).check()
    school.get_by_role("button", name="Gửi câu hỏi").click()
    expect(school.get_by_text("Chờ trả lời", exact=True)).to_have_count(1)
    assert asked_of(client_of, asked) == {"transport": "open"}
    owner = people.page("case_owner", width=PHONE, java_script_enabled=False)
    owner.goto(f"/cases/{asked.case_id}/referrals/{asked.referral_id}")
    owner.get_by_role("button", name="Trả lời").click()
    expect(owner.get_by_role("alert")).to_contain_text("chọn một câu trả lời")
    people.said.clear()
    reply(owner, TRANSPORT, "Chưa biết")
    expect(owner.get_by_text("câu trả lời được báo cho đơn vị đã hỏi")).to_be_visible()
    assert asked_of(client_of, asked) == {"transport": "answered"}


def test_what_is_not_replied_to_is_over_once_the_offer_is_answered(
    people: People, asked: Asked, client_of: Client
) -> None:
    school = people.page("provider")
    school.goto(f"/offers/{asked.offer_id}")
    ask(school, TRANSPORT)
    school.get_by_role("button", name="Đồng ý tiếp nhận").click()
    expect(school.get_by_text("Không còn cần trả lời")).to_be_visible()
    assert asked_of(client_of, asked) == {"transport": "overtaken"}
    owner = people.page("case_owner")
    owner.goto(f"/cases/{asked.case_id}/referrals/{asked.referral_id}")
    expect(owner.get_by_role("button", name="Trả lời", exact=True)).to_have_count(0)


@pytest.mark.parametrize(("width", "scripts"), [(PHONE, False), (PC, True)])
def test_a_school_without_a_system_asks_from_a_mail_and_is_mailed_the_reply(
    people: People, office: Office, asked: Asked, client_of: Client, *, width: int, scripts: bool
) -> None:
    page = people.page(None, width=width, java_script_enabled=scripts)
    page.goto(office.link_for(asked))
    give(page, office.code)
    ask(page, INTERPRETER)
    expect(page.get_by_text("Đã gửi câu hỏi.")).to_be_visible()
    expect(page.get_by_text("Chờ trả lời", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Đồng ý tiếp nhận")).to_be_visible()
    if scripts:
        check(page)
    assert asked_of(client_of, asked) == {"language": "open"}
    owner = people.page("case_owner", width=width)
    owner.goto(f"/cases/{asked.case_id}/referrals/{asked.referral_id}")
    reply(owner, INTERPRETER, "Có")
    expect(owner.get_by_text("câu trả lời được báo cho đơn vị đã hỏi")).to_be_visible()

    office.eventually(lambda: len(about(office, asked)) == 2)
    said = words_of(about(office, asked)[-1])
    assert "đã được trả lời" in said
    assert INTERPRETER not in said
    found = re.search(rf"{MAILED}(/answer/[\w-]+)", said)
    assert found is not None
    again = people.page(None, width=width)
    again.goto(found[1])
    give(again, office.code)
    row = again.get_by_role("listitem").filter(has_text=INTERPRETER).first
    expect(row.get_by_text("Có", exact=True)).to_be_visible()
    again.get_by_role("button", name="Đồng ý tiếp nhận").click()
    expect(again.get_by_text("Đã ghi: đồng ý tiếp nhận.")).to_be_visible()


def about(office: Office, asked: Asked) -> list[EmailMessage]:
    """The mails about an offer, as they came."""
    mails = [each.mail for each in office.post_office.taken if each.recipient == office.mailbox]
    return [each for each in mails if asked.offer_id in words_of(each)]


def test_no_get_asks_anything(
    office: Office, asked: Asked, client_of: Client, address: str, people: People
) -> None:
    """Neither a scanner's of what a mail leads to, nor one of the addresses that forms go to."""
    link = office.link_for(asked)
    code = {"link": link.removeprefix("/answer/"), "code": office.code}
    query = {"move": "ask", "questions": "language", "version": "1", "key": str(new_id())}
    with httpx2.Client(base_url=address, trust_env=False) as scanner:
        assert scanner.get(link, params=query).status_code == 200
        scanner.head(link, params=query)
        assert scanner.post("/answer/moves", data=query).status_code == 403
    with httpx2.Client(base_url=address, trust_env=False, headers=FROM_HERE) as let_in:
        assert let_in.post("/answer", data=code).status_code == 303
        let_in.get("/answer", params=query)
        assert let_in.get("/answer/moves", params=query).status_code in {200, 404, 405}
    school = {"session": people.session("provider")}
    with httpx2.Client(base_url=address, trust_env=False, cookies=school) as known:
        for path in ("", "/ask", "/moves"):
            known.get(f"/offers/{asked.offer_id}{path}", params=query)
    assert asked_of(client_of, asked) == {}
