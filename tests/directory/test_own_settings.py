"""Where people are written to: a mailbox of their own, confirmed by a code, sealed, and ended."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx2
import orjson
import pytest
from fastapi.testclient import TestClient
from joserfc import jws
from sqlalchemy import select, text, update

from services.directory.models import StaffSettings
from services.directory.policy import StaffVault
from services.directory.policy.tokens import STAFF_LIFETIME
from shared.kit.audit import AUDIT
from shared.kit.auth import TokenVerifier
from shared.kit.claims import unchecked
from shared.kit.database import Database
from shared.kit.subjects import SubjectKind
from shared.kit.unsubscribe_links import UnsubscribeLink, read, seal
from shared.messaging.envelope import Links
from shared.messaging.questions import SIGNATURE, Said, is_signed, sign
from tests.directory.calls import SCHOOL, V1, Headers, TokenFor, key, match, post, refused
from tests.directory.desks import Desk, client, console, desk, entered, receiver
from tests.directory.people import Console, Somebody

__all__ = ["client", "console", "desk", "entered", "receiver"]

MAILBOX = "can.bo@xa-vi-du.gov.vn"
WISHES = {
    "digest": "week",
    "quiet_from": "22:00",
    "quiet_to": "06:30",
    "language": "en",
    "is_on_call": True,
}


AT_NOTIFICATION = Links("notification", {"directory": "1"}, {"directory": {"1": bytes(32)}})
STRANGER = Links("notification", {"directory": "1"}, {"directory": {"1": bytes([1]) * 32}})


@dataclass
class Notification:
    """What notification asks, signed with the key that both services have."""

    client: TestClient
    master: bytes

    def ask(
        self, path: str, *, links: Links = AT_NOTIFICATION, ago: int = 0, **body: Any
    ) -> httpx2.Response:
        now = datetime.now(UTC) - timedelta(seconds=ago)
        sent = orjson.dumps({**body, "asked_at": now})
        signed = {SIGNATURE: sign(links, "directory", Said.QUESTION, sent)}
        headers = {"Content-Type": "application/json", **signed}
        answer: httpx2.Response = self.client.post(
            f"{V1}/mailings{path}", content=sent, headers=headers
        )
        given = answer.headers.get(SIGNATURE, "")
        is_theirs = is_signed(links, "directory", Said.ANSWER, answer.content, given)
        assert is_theirs == (answer.status_code == 200)
        return answer

    def listed(self) -> list[tuple[str, str]]:
        answer = self.ask("")
        assert answer.status_code == 200, answer.text
        return [(each["kind"], each["id"]) for each in answer.json()["items"]]

    def recipient(self, kind: str, recipient_id: str | UUID) -> dict[str, Any]:
        answer = self.ask("/recipient", kind=kind, id=str(recipient_id))
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


@pytest.fixture
def notification(client: TestClient, resources: Mapping[str, Any]) -> Notification:
    return Notification(client, resources["webhooks"].master)


@dataclass
class Own:
    """Somebody who has logged in, and their own settings."""

    client: TestClient
    headers: Headers
    person: Somebody

    @property
    def id(self) -> str:
        return str(self.person.staff.id)

    def read(self) -> dict[str, Any]:
        answer = self.client.get(f"{V1}/me/settings", headers=self.headers)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def give(self, mailbox: str = MAILBOX) -> httpx2.Response:
        place = f"{V1}/me/mailbox"
        return self.client.post(place, json={"mailbox": mailbox}, headers=self.headers)

    def confirm(self, code: str) -> httpx2.Response:
        place = f"{V1}/me/mailbox/confirmation"
        return self.client.post(place, json={"code": code}, headers=self.headers)

    def wish(self, **changes: Any) -> httpx2.Response:
        place = f"{V1}/me/settings"
        return self.client.post(place, json=WISHES | changes, headers=self.headers | key())


@pytest.fixture
def own(client: TestClient, desk: Desk, entered: str, receiver: Somebody) -> Own:
    return Own(client, desk.bearer(entered), receiver)


def confirmed(own: Own, notification: Notification) -> None:
    assert own.give().status_code == 204
    code = notification.recipient("confirmation", own.id)["code"]
    assert own.confirm(code).status_code == 204


def test_nobody_is_written_to_who_has_not_said_so(own: Own, notification: Notification) -> None:
    assert own.read() == {
        "digest": "day",
        "quiet_from": None,
        "quiet_to": None,
        "language": "vi",
        "is_on_call": False,
        "urgent_first": "email",
        "mailbox": None,
        "mailbox_at": None,
        "confirmed_at": None,
        "refused_since": None,
        "stopped_at": None,
        "phone": None,
    }
    assert notification.listed() == []


def test_to_a_mailbox_goes_a_code_and_nothing_else_until_it_has_come_back(
    own: Own, notification: Notification
) -> None:
    assert own.give().status_code == 204
    assert notification.listed() == [("confirmation", own.id)]
    told = notification.recipient("confirmation", own.id)
    assert (told["mailbox"], told["token"]) == (MAILBOX, None)
    refused(notification.ask("/recipient", kind="person", id=own.id), 404, "recipient-gone")
    assert own.read()["confirmed_at"] is None
    assert own.confirm(told["code"].lower()).status_code == 204
    assert notification.listed() == [("person", own.id)]
    told = notification.recipient("person", own.id)
    assert (told["mailbox"], told["language"], told["code"]) == (MAILBOX, "vi", None)
    refused(notification.ask("/recipient", kind="confirmation", id=own.id), 404, "recipient-gone")


def test_another_code_confirms_nothing_and_whoever_guesses_waits(
    own: Own, notification: Notification, vault: StaffVault
) -> None:
    own.give()
    for _ in range(4):
        wrong = vault.mailbox_code(UUID(int=7))
        refused(own.confirm(wrong), 403, "mailbox-code-refused")
    right = notification.recipient("confirmation", own.id)["code"]
    refused(own.confirm(right), 409, "mailbox-too-soon")
    refused(own.give(), 409, "mailbox-too-soon")
    refused(own.confirm("ABC"), 422, "code-mistyped")


def test_a_code_is_good_for_one_mailbox_and_for_a_day(
    own: Own, notification: Notification, database: Database
) -> None:
    own.give()
    former = notification.recipient("confirmation", own.id)["code"]
    own.give("khac@xa-vi-du.gov.vn")
    refused(own.confirm(former), 403, "mailbox-code-refused")
    code = notification.recipient("confirmation", own.id)["code"]
    with database.begin() as session:
        session.execute(
            update(StaffSettings).values(mailbox_at=datetime.now(UTC) - timedelta(days=1))
        )
    refused(own.confirm(code), 403, "mailbox-code-refused")
    assert notification.listed() == []


def test_a_mailbox_is_sealed_and_in_no_entry_and_gone_when_it_is_ended(
    own: Own, notification: Notification, database: Database
) -> None:
    confirmed(own, notification)
    with database.read() as session:
        stored = session.scalars(text("SELECT staff_settings::text FROM staff_settings")).one()
        assert MAILBOX not in stored
        assert MAILBOX.encode().hex() not in stored
        entries = session.execute(select(AUDIT).where(AUDIT.c.object_id == UUID(own.id))).all()
        assert "account.mailbox_confirmed" in {each.action for each in entries}
        assert MAILBOX not in str(entries)
    assert own.read()["mailbox"] == MAILBOX
    for _ in range(2):
        ended = own.client.delete(f"{V1}/me/mailbox", headers=own.headers)
        assert ended.status_code == 204
    assert own.read()["mailbox"] is None
    assert notification.listed() == []
    with database.read() as session:
        assert session.scalars(select(StaffSettings.mailbox)).all() == [None]


def test_whoever_has_no_account_any_more_is_written_to_no_more(
    own: Own, notification: Notification, database: Database, token_for: TokenFor
) -> None:
    confirmed(own, notification)
    organisation = own.person.staff.organisation_id
    manager = token_for("manager", organisation_id=organisation)
    place = f"{V1}/staff/{own.id}"
    account = own.client.get(place, headers=manager)
    body = {
        "display_name": account.json()["display_name"],
        "grants": account.json()["grants"],
        "is_active": False,
    }
    changed = own.client.put(
        place, json=body, headers=manager | key() | match(account.json()["version"])
    )
    assert changed.status_code == 200, changed.text
    assert notification.listed() == []
    with database.read() as session:
        assert session.scalars(select(StaffSettings.mailbox)).all() == [None]


def test_wishes_are_kept_and_told_to_notification(own: Own, notification: Notification) -> None:
    confirmed(own, notification)
    kept = own.wish()
    assert kept.status_code == 200, kept.text
    assert kept.json() == own.read()
    assert {name: kept.json()[name] for name in WISHES} == WISHES
    assert kept.json()["mailbox"] == MAILBOX
    (told,) = notification.ask("").json()["items"]
    assert (told["digest"], told["quiet_from"], told["quiet_to"]) == ("week", "22:00", "06:30")
    assert told["is_on_call"] is True
    assert notification.recipient("person", own.id)["language"] == "en"


@pytest.mark.parametrize(
    "quiet",
    [("22:00", None), (None, "06:00"), ("22:00", "22:00")],
    ids=["no end", "no begin", "all"],
)
def test_quiet_hours_have_a_beginning_and_an_end(
    own: Own, quiet: tuple[str | None, str | None]
) -> None:
    from_, to = quiet
    refused(own.wish(quiet_from=from_, quiet_to=to), 422, "quiet-hours-unclear")


@pytest.mark.parametrize("path", ["", "/recipient"])
def test_nobody_learns_a_mailbox_but_whoever_has_the_key(
    own: Own, notification: Notification, path: str, administrator: Headers
) -> None:
    confirmed(own, notification)
    body: dict[str, Any] = {"kind": "person", "id": own.id} if path else {}
    asked = body | {"asked_at": datetime.now(UTC).isoformat()}
    for answer in (
        own.client.post(f"{V1}/mailings{path}", json=asked, headers=administrator),
        notification.ask(path, links=STRANGER, **body),
        notification.ask(path, ago=120, **body),
    ):
        refused(answer, 401, "question-not-signed")


def test_the_token_is_the_persons_and_reads_duties_alone(
    own: Own, notification: Notification, verifier: TokenVerifier
) -> None:
    confirmed(own, notification)
    token = notification.recipient("person", own.id)["token"]
    subject = unchecked(token)
    assert subject == verifier.verify(token)
    assert (subject.kind, subject.id, subject.is_for_duties) == (SubjectKind.STAFF, own.id, True)
    assert subject.roles == {"receiver"}
    bearer = {"Authorization": f"Bearer {token}"}
    refused(own.client.get(f"{V1}/me", headers=bearer), 403, "role-missing")
    refused(own.client.post(f"{V1}/me/mailbox", json={}, headers=bearer), 403, "role-missing")


def unsubscribe(console: Console, link: str) -> httpx2.Response:
    return console.client.post(
        f"{V1}/unsubscriptions", json={"link": link}, headers=console.headers
    )


def test_the_link_of_a_mail_ends_digests_without_a_log_in_and_nothing_else(
    own: Own, notification: Notification, console: Console, database: Database
) -> None:
    confirmed(own, notification)
    sent_to = UUID(notification.recipient("person", own.id)["mailbox_id"])
    link = seal(notification.master, UnsubscribeLink(UUID(own.id), sent_to))
    assert read(notification.master, link) == UnsubscribeLink(UUID(own.id), sent_to)
    for _ in range(2):
        assert unsubscribe(console, link).status_code == 204
    assert own.read()["digest"] == "none"
    assert notification.listed() == [("person", own.id)], "what is urgent goes on"
    with database.read() as session:
        actions = session.scalars(
            select(AUDIT.c.action).where(AUDIT.c.action == "account.unsubscribed")
        )
        assert len(actions.all()) == 1


def test_another_link_or_one_to_a_former_mailbox_ends_nothing(
    own: Own, notification: Notification, console: Console
) -> None:
    confirmed(own, notification)
    former = UUID(notification.recipient("person", own.id)["mailbox_id"])
    own.give("khac@xa-vi-du.gov.vn")
    links = (
        seal(notification.master, UnsubscribeLink(UUID(own.id), former)),
        seal(bytes(32), UnsubscribeLink(UUID(own.id), former)),
        "none",
    )
    for link in links:
        refused(unsubscribe(console, link), 403, "unsubscribe-link-over")
    assert own.read()["digest"] == "day"


def test_only_a_console_ends_what_a_link_ends(own: Own, administrator: Headers) -> None:
    place = f"{V1}/unsubscriptions"
    answer = own.client.post(place, json={"link": "none"}, headers=administrator)
    refused(answer, 403, "role-missing")


@pytest.fixture
def school(client: TestClient, administrator: Headers) -> dict[str, Any]:
    made = post(client, "/organisations", SCHOOL, administrator)
    assert made.status_code == 201, made.text
    found: dict[str, Any] = made.json()
    return found


def test_an_office_is_written_to_each_week_if_it_wants_and_has_a_mailbox(
    client: TestClient,
    administrator: Headers,
    school: dict[str, Any],
    notification: Notification,
    console: Console,
) -> None:
    place = f"/organisations/{school['id']}"
    wanted = f"{V1}{place}/weekly-page"
    set_to = client.post(wanted, json={"is_wanted": True}, headers=administrator | key())
    assert set_to.status_code == 200, set_to.text
    assert set_to.json()["since"] is not None
    assert notification.listed() == []
    point = post(client, f"{place}/contact-points", {"mailbox": "vp@truong.edu.vn"}, administrator)
    assert notification.listed() == [("organisation", school["id"])]
    told = notification.recipient("organisation", school["id"])
    assert (told["mailbox"], told["mailbox_id"]) == ("vp@truong.edu.vn", point.json()["id"])
    subject = unchecked(told["token"])
    assert (subject.kind, subject.is_for_duties) == (SubjectKind.CLIENT, True)
    claims = orjson.loads(jws.extract_compact(told["token"].encode()).payload)
    assert claims["exp"] - claims["iat"] == STAFF_LIFETIME.total_seconds()
    assert subject.organisation_id == UUID(school["id"])
    link = seal(notification.master, UnsubscribeLink(UUID(school["id"]), UUID(point.json()["id"])))
    assert unsubscribe(console, link).status_code == 204
    read_again = client.get(f"{V1}{place}/weekly-page", headers=administrator)
    assert read_again.json() == {"is_wanted": False, "since": None}
    assert notification.listed() == []
