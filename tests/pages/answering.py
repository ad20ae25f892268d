"""A school without a system: its mailbox, the code agreed with it, and the mails that it gets."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

from playwright.sync_api import Page, expect

from deploy.stack.client import ApiClient
from deploy.stack.installation import Installation
from shared.kit.identifiers import new_id
from tests.notification.post_office import PostOffice
from tests.pages.browsing import Eventually
from tests.pages.operating import rows
from tests.pages.referring import DIRECTORY, Asked, Client

MAILED = "https://nhipcau.example"
"""Where the links in mails lead; tests follow them at the console that they have."""

IS_WRITTEN_TO = (
    "SELECT 1 FROM endpoints WHERE organisation_id = %s AND status = 'active' AND channel = 'email'"
)


@dataclass(frozen=True)
class Office:
    """The office of a school."""

    school: ApiClient
    mailbox: str
    code: str
    contact_point_id: str
    post_office: PostOffice
    eventually: Eventually

    @property
    def place(self) -> str:
        """Where its mailbox is kept."""
        return f"{mailboxes_of(self.school)}/{self.contact_point_id}"

    def mail_about(self, asked: Asked) -> EmailMessage:
        """The mail that asks for an answer to an offer, once it has come."""
        self.eventually(lambda: bool(self._about(asked)))
        (found,) = self._about(asked)
        return found

    def link_for(self, asked: Asked) -> str:
        """The address in that mail by which the office answers, below the console's own."""
        found = re.search(rf"{MAILED}(/answer/[\w-]+)", words_of(self.mail_about(asked)))
        assert found is not None
        return found[1]

    def _about(self, asked: Asked) -> list[EmailMessage]:
        mails = [each.mail for each in self.post_office.taken if each.recipient == self.mailbox]
        return [each for each in mails if asked.offer_id in words_of(each)]


def words_of(mail: EmailMessage) -> str:
    """What a mail says in plain text."""
    part = mail.get_body(("plain",))
    assert part is not None
    said: str = part.get_content()
    return said


def mailboxes_of(school: ApiClient) -> str:
    """Where the mailboxes of a school are kept."""
    return f"{DIRECTORY}/organisations/{school.organisation_id}/contact-points"


@contextmanager
def written_to_no_more(
    client_of: Client, name: str, installation: Installation, eventually: Eventually
) -> Iterator[None]:
    """Afterwards this organisation is told by nobody, as it was before."""
    yield
    mailboxes = mailboxes_of(client_of(name))
    administrator = client_of("administrator")
    for each in administrator.get(mailboxes).json()["items"]:
        if each["valid_to"] is None:
            ended = administrator.delete(f"{mailboxes}/{each['id']}")
            assert ended.status_code == 200, ended.text
    school = client_of(name).organisation_id
    eventually(lambda: rows(installation, "notification", IS_WRITTEN_TO, school) == [])


@contextmanager
def an_office(
    client_of: Client, post_office: PostOffice, installation: Installation, eventually: Eventually
) -> Iterator[Office]:
    """The sandbox's school is written to at a mailbox of its own, and has agreed on a code."""
    administrator, school = client_of("administrator"), client_of("partner")
    mailboxes = mailboxes_of(school)

    def posted(path: str, **body: Any) -> dict[str, Any]:
        answer = administrator.post(path, body, key=str(new_id()))
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    # The one in use would go on as it is, with what other tests have done there.
    mailbox = f"van-phong-{new_id().hex[-8:]}@truong-nghe.edu.vn"
    made = posted(mailboxes, mailbox=mailbox)
    code = posted(f"{mailboxes}/{made['id']}/answer-code")["code"]
    with written_to_no_more(client_of, "partner", installation, eventually):
        yield Office(school, mailbox, code, made["id"], post_office, eventually)


def give(page: Page, code: str) -> None:
    """Type the code that was agreed, and go on."""
    page.get_by_label("Mã trả lời").fill(code)
    page.get_by_role("button", name="Tiếp tục").click()


def asks_for_the_code(page: Page) -> None:
    """Nothing is shown but that a code is needed."""
    expect(page.get_by_label("Mã trả lời")).to_be_visible()
    expect(page.get_by_role("button", name="Đồng ý tiếp nhận")).to_have_count(0)
