"""A phone of a person's own, for what is urgent: confirmed by a code, sealed, ended, refused."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest
from sqlalchemy import select, text, update

from services.directory.models import StaffPhone
from services.directory.policy import MOST_REFUSALS, Duty, StaffVault
from shared.contracts import PhoneRefused
from shared.contracts.vocabulary import Role
from shared.kit.audit import AUDIT
from shared.kit.clock import utc_now
from shared.kit.database import Database
from shared.kit.identifiers import new_id
from tests.directory.calls import V1, TokenFor, key, match, refused
from tests.directory.desks import client, console, desk, entered, receiver
from tests.directory.test_own_settings import Notification, Own, confirmed, notification, own
from tests.directory.test_refused_mailboxes import duties, hand, the_person
from tests.directory.test_refused_mailboxes import refused as mailbox_refused
from tests.subjects import somebody

__all__ = ["client", "console", "desk", "entered", "notification", "own", "receiver"]

NUMBER = "+84912345678"
OTHER = "+84987654321"


def give(own: Own, number: str = NUMBER) -> httpx2.Response:
    return own.client.post(f"{V1}/me/phone", json={"number": number}, headers=own.headers)


def confirm(own: Own, code: str) -> httpx2.Response:
    place = f"{V1}/me/phone/confirmation"
    return own.client.post(place, json={"code": code}, headers=own.headers)


def end(own: Own) -> httpx2.Response:
    return own.client.delete(f"{V1}/me/phone", headers=own.headers)


def told(notification: Notification, kind: str, own: Own) -> httpx2.Response:
    return notification.ask("/recipient", kind=kind, id=own.id, by="sms")


def confirmed_phone(own: Own, notification: Notification) -> dict[str, Any]:
    assert give(own).status_code == 204
    assert confirm(own, told(notification, "confirmation", own).json()["code"]).status_code == 204
    found: dict[str, Any] = told(notification, "person", own).json()
    return found


def ways(notification: Notification) -> list[list[str]]:
    return [each["urgent_by"] for each in notification.ask("").json()["items"]]


def phone_refused(number_id: str, own: Own, *, is_urgent: bool = True) -> PhoneRefused:
    return PhoneRefused(
        occurred_at=utc_now(),
        number_id=UUID(number_id),
        staff_id=UUID(own.id),
        sms_id=new_id(),
        is_urgent=is_urgent,
    )


def refuses(database: Database, *messages: PhoneRefused) -> None:
    hand(database.begin, *messages)


def test_to_a_phone_goes_a_code_and_nothing_else_until_it_has_come_back(
    own: Own, notification: Notification
) -> None:
    assert give(own).status_code == 204
    (listed,) = notification.ask("").json()["items"]
    assert (listed["kind"], listed["id"], listed["urgent_by"]) == ("person", own.id, [])
    assert listed["phone_at"] is not None
    asked = told(notification, "confirmation", own).json()
    assert (asked["number"], asked["mailbox"], asked["token"]) == (NUMBER, None, None)
    refused(told(notification, "person", own), 404, "recipient-gone")
    refused(notification.ask("/recipient", kind="person", id=own.id), 404, "recipient-gone")
    assert confirm(own, asked["code"].lower()).status_code == 204
    (listed,) = notification.ask("").json()["items"]
    assert (listed["urgent_by"], listed["phone_at"]) == (["sms"], None)
    found = told(notification, "person", own).json()
    assert (found["number"], found["number_id"], found["code"]) == (
        NUMBER,
        asked["number_id"],
        None,
    )
    assert found["token"] is not None
    refused(told(notification, "confirmation", own), 404, "recipient-gone")


def test_the_order_of_both_ways_is_their_owners(own: Own, notification: Notification) -> None:
    confirmed(own, notification)
    confirmed_phone(own, notification)
    assert own.read()["urgent_first"] == "email"
    assert ways(notification) == [["email", "sms"]]
    kept = own.wish(urgent_first="sms")
    assert kept.status_code == 200, kept.text
    assert kept.json() == own.read()
    assert kept.json()["phone"]["number"] == NUMBER
    assert ways(notification) == [["sms", "email"]]
    refused(own.wish(urgent_first="webhook"), 422, "invalid-request")
    assert own.wish().json()["urgent_first"] == "email", "what is not said is as it begins"


@pytest.mark.parametrize("number", ["0912345678", "+8431123456", "+15550100", "+84 912 345 678"])
def test_a_phone_is_a_mobile_number_of_viet_nam(own: Own, number: str) -> None:
    refused(give(own, number), 422, "number-refused")


def test_another_code_confirms_nothing_and_whoever_guesses_waits(
    own: Own, notification: Notification, vault: StaffVault
) -> None:
    give(own)
    for _ in range(4):
        refused(confirm(own, vault.phone_code(UUID(int=7))), 403, "phone-code-refused")
    right = told(notification, "confirmation", own).json()["code"]
    refused(confirm(own, right), 409, "phone-too-soon")
    refused(give(own), 409, "phone-too-soon")
    refused(confirm(own, "ABC"), 422, "code-mistyped")
    assert own.give().status_code == 204, "a mailbox is counted apart"


def test_a_code_is_good_for_one_phone_for_a_day_and_for_no_mailbox(
    own: Own, notification: Notification, database: Database
) -> None:
    give(own)
    former = told(notification, "confirmation", own).json()["code"]
    own.give()
    refused(own.confirm(former), 403, "mailbox-code-refused")
    give(own, OTHER)
    refused(confirm(own, former), 403, "phone-code-refused")
    code = told(notification, "confirmation", own).json()["code"]
    with database.begin() as session:
        session.execute(update(StaffPhone).values(named_at=datetime.now(UTC) - timedelta(days=1)))
    refused(confirm(own, code), 403, "phone-code-refused")
    refused(told(notification, "confirmation", own), 404, "recipient-gone")
    assert notification.listed() == [("confirmation", own.id)], "of the mailbox alone"
    assert own.read()["phone"]["number"] == OTHER


def test_a_number_is_sealed_and_in_no_entry_and_gone_when_it_is_ended(
    own: Own, notification: Notification, database: Database
) -> None:
    confirmed_phone(own, notification)
    with database.read() as session:
        stored = session.scalars(text("SELECT staff_phones::text FROM staff_phones")).one()
        assert NUMBER not in stored
        assert NUMBER.encode().hex() not in stored
        entries = session.execute(select(AUDIT).where(AUDIT.c.object_id == UUID(own.id))).all()
        assert "account.phone_confirmed" in {each.action for each in entries}
        assert NUMBER not in str(entries)
        kept = "".join(session.scalars(text("SELECT t::text FROM idempotency_keys t")))
        assert NUMBER not in kept
    for _ in range(2):
        assert end(own).status_code == 204
    assert own.read()["phone"] is None
    assert notification.listed() == []
    with database.read() as session:
        assert session.scalars(select(StaffPhone.staff_id)).all() == []


def test_whoever_has_no_account_any_more_has_no_phone_here_either(
    own: Own, notification: Notification, database: Database, token_for: TokenFor
) -> None:
    confirmed_phone(own, notification)
    manager = token_for("manager", organisation_id=own.person.staff.organisation_id)
    place = f"{V1}/staff/{own.id}"
    account = own.client.get(place, headers=manager).json()
    body = {name: account[name] for name in ("display_name", "grants")} | {"is_active": False}
    changed = own.client.put(place, json=body, headers=manager | key() | match(account["version"]))
    assert changed.status_code == 200, changed.text
    assert notification.listed() == []
    with database.read() as session:
        assert session.scalars(select(StaffPhone.staff_id)).all() == []


def test_a_phone_that_refuses_is_its_owners_to_renew_and_is_stopped_when_it_does_so_often(
    own: Own, notification: Notification, database: Database
) -> None:
    phone = confirmed_phone(own, notification)
    refuses(database, phone_refused(str(new_id()), own))
    assert own.read()["phone"]["refused_since"] is None, "it is told of a former one"
    for _ in range(MOST_REFUSALS - 1):
        refuses(database, phone_refused(phone["number_id"], own, is_urgent=False))
    assert own.read()["phone"]["refused_since"] is not None
    assert ways(notification) == [["sms"]]
    assert Duty.RENEW_PHONE in duties(database, the_person(own))
    refuses(database, phone_refused(phone["number_id"], own, is_urgent=False))
    assert own.read()["phone"]["stopped_at"] is not None
    assert notification.listed() == []
    confirmed_phone(own, notification)
    assert own.read()["phone"]["refused_since"] is None
    assert duties(database, the_person(own)) == {}


def test_a_manager_tells_whom_no_way_reaches_and_nobody_whom_the_other_does(
    own: Own, notification: Notification, database: Database
) -> None:
    confirmed(own, notification)
    mailbox_id = notification.recipient("person", own.id)["mailbox_id"]
    phone = confirmed_phone(own, notification)
    manager = somebody(own.person.staff.organisation_id, Role.MANAGER)
    refuses(database, phone_refused(phone["number_id"], own))
    assert Duty.REACH_COLLEAGUE not in duties(database, manager), "the mailbox reaches them"
    hand(database.begin, mailbox_refused(own.id, mailbox_id, is_urgent=True))
    assert Duty.REACH_COLLEAGUE in duties(database, manager)
    confirmed_phone(own, notification)
    assert Duty.REACH_COLLEAGUE not in duties(database, manager)


def test_a_number_is_shown_to_its_owner_alone(
    own: Own, notification: Notification, token_for: TokenFor
) -> None:
    confirmed_phone(own, notification)
    manager = token_for("manager", organisation_id=own.person.staff.organisation_id)
    assert NUMBER not in own.client.get(f"{V1}/staff/{own.id}", headers=manager).text
    assert NUMBER not in notification.ask("").text
    with_key = {"kind": "person", "id": own.id, "by": "sms"}
    asked = with_key | {"asked_at": datetime.now(UTC).isoformat()}
    answer = own.client.post(f"{V1}/mailings/recipient", json=asked, headers=manager)
    refused(answer, 401, "question-not-signed")
