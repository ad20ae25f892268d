"""A mailbox that refuses: its owner sees it, their manager tells them, and it is left alone."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi import APIRouter
from fastapi.testclient import TestClient
from sqlalchemy import select, text

from services.directory import api, domain
from services.directory.policy import Duty
from services.directory.tasks import consumer
from shared.contracts import EndpointDisabled, MailboxRefused, Message
from shared.contracts.vocabulary import EndpointReason, MailingKind, Role
from shared.duties import find_duties
from shared.duties.api import duties_routes
from shared.kit.audit import AUDIT
from shared.kit.clock import utc_now
from shared.kit.database import Begin, Database
from shared.kit.identifiers import new_id
from shared.kit.subjects import Subject, SubjectKind
from tests.directory.calls import V1, Headers, key, post
from tests.directory.desks import client, console, desk, entered, receiver
from tests.directory.test_own_settings import (
    MAILBOX,
    Notification,
    Own,
    confirmed,
    notification,
    own,
    school,
)
from tests.subjects import somebody

__all__ = [
    "client",
    "console",
    "desk",
    "entered",
    "notification",
    "own",
    "receiver",
    "school",
]


@pytest.fixture
def routers() -> Sequence[APIRouter]:
    return [api.router, duties_routes(domain.DUTIES)]


def hand(begin: Begin, *messages: Message, now: datetime | None = None) -> None:
    """Take these in as one frame."""
    with begin() as session:
        consumer.take_locks(session, messages)
        for kind, handler in consumer.handlers.items():
            told = [each for each in messages if isinstance(each, kind)]
            if told:
                handler(session, told, now or utc_now())


def refused(
    recipient: str | UUID,
    mailbox: str | UUID,
    *,
    kind: MailingKind = MailingKind.PERSON,
    is_urgent: bool = False,
) -> MailboxRefused:
    return MailboxRefused(
        occurred_at=utc_now(),
        mailbox_id=UUID(str(mailbox)),
        kind=kind,
        recipient_id=UUID(str(recipient)),
        mail_id=new_id(),
        is_urgent=is_urgent,
    )


def mailbox_of(own: Own, notification: Notification) -> str:
    named: str = notification.recipient("person", own.id)["mailbox_id"]
    return named


def duties(database: Database, subject: Subject) -> Mapping[str, tuple[UUID, str, datetime]]:
    """What somebody has to do: with what, where, since when."""
    with database.read() as session:
        found, _ = find_duties(
            session, domain.DUTIES, subject=subject, now=utc_now(), after=None, size=100
        )
    return {each.what: (each.object_id, each.link, each.since) for each in found}


def the_person(own: Own) -> Subject:
    of_organisation = somebody(own.person.staff.organisation_id, Role.RECEIVER)
    return Subject(
        **{**vars(of_organisation), "kind": SubjectKind.STAFF, "id": own.id},
    )


def test_whoever_named_it_sees_since_when_and_has_something_to_do(
    own: Own, notification: Notification, begin: Begin, database: Database
) -> None:
    confirmed(own, notification)
    assert duties(database, the_person(own)) == {}
    hand(begin, refused(own.id, mailbox_of(own, notification)))
    read = own.read()
    assert read["refused_since"] is not None
    assert (read["stopped_at"], read["mailbox"]) == (None, MAILBOX)
    assert notification.listed() == [("person", own.id)], "once may be a fault of one mail"
    told = duties(database, the_person(own))
    since = datetime.fromisoformat(read["refused_since"])
    assert told == {Duty.RENEW_MAILBOX: (UUID(own.id), "me/settings", since)}
    other = somebody(own.person.staff.organisation_id, Role.RECEIVER)
    assert duties(database, other) == {}
    own.give()
    assert own.read()["refused_since"] is None
    assert duties(database, the_person(own)) == {}


def test_a_mailbox_that_refused_too_often_is_written_to_no_more_until_it_is_confirmed_again(
    own: Own, notification: Notification, begin: Begin
) -> None:
    confirmed(own, notification)
    former = mailbox_of(own, notification)
    for _ in range(2):
        hand(begin, refused(own.id, former))
        assert notification.listed() == [("person", own.id)]
    hand(begin, refused(own.id, former))
    assert notification.listed() == []
    gone = notification.ask("/recipient", kind="person", id=own.id)
    assert gone.status_code == 404
    assert own.read()["stopped_at"] is not None
    confirmed(own, notification)
    assert notification.listed() == [("person", own.id)]
    hand(begin, refused(own.id, former))
    assert own.read()["refused_since"] is None, "it is told of the mailbox before"


def test_refusals_that_lie_months_apart_stop_nothing(
    own: Own, notification: Notification, begin: Begin
) -> None:
    confirmed(own, notification)
    mailbox = mailbox_of(own, notification)
    for months in range(4):
        now = utc_now() + timedelta(days=31 * months)
        hand(begin, refused(own.id, mailbox), now=now)
        assert datetime.fromisoformat(own.read()["refused_since"]) == now
    assert notification.listed() == [("person", own.id)]


def test_what_is_urgent_and_was_refused_is_the_managers_to_tell_and_no_mailbox_is_said(
    own: Own, notification: Notification, begin: Begin, database: Database
) -> None:
    confirmed(own, notification)
    organisation = own.person.staff.organisation_id
    manager = somebody(organisation, Role.MANAGER)
    mailbox = mailbox_of(own, notification)
    hand(begin, refused(own.id, mailbox))
    assert Duty.REACH_COLLEAGUE not in duties(database, manager)
    hand(begin, refused(own.id, mailbox, is_urgent=True))
    found = duties(database, manager)[Duty.REACH_COLLEAGUE]
    assert found[:2] == (UUID(own.id), f"staff/{own.id}")
    assert Duty.REACH_COLLEAGUE not in duties(database, somebody(uuid4(), Role.MANAGER))
    assert Duty.REACH_COLLEAGUE not in duties(database, somebody(organisation, Role.RECEIVER))
    with database.read() as session:
        entries = session.execute(select(AUDIT).where(AUDIT.c.object_id == UUID(own.id))).all()
        assert [each.action for each in entries].count("account.mailbox_refused") == 2
        assert MAILBOX not in str(entries)
        for table in ("staff_settings", "outbox", "inbox"):
            rows = session.scalars(text(f"SELECT t::text FROM {table} AS t"))  # noqa: S608
            assert MAILBOX not in "".join(rows)
    own.give("khac@xa-vi-du.gov.vn")
    assert Duty.REACH_COLLEAGUE not in duties(database, manager)


def test_a_mailbox_that_is_stopped_is_the_managers_to_know_as_well(
    own: Own, notification: Notification, begin: Begin, database: Database
) -> None:
    confirmed(own, notification)
    mailbox = mailbox_of(own, notification)
    hand(begin, *(refused(own.id, mailbox) for _ in range(3)))
    manager = somebody(own.person.staff.organisation_id, Role.MANAGER)
    assert Duty.REACH_COLLEAGUE in duties(database, manager)
    ended = own.client.delete(f"{V1}/me/mailbox", headers=own.headers)
    assert ended.status_code == 204
    assert Duty.REACH_COLLEAGUE not in duties(database, manager)
    assert duties(database, the_person(own)) == {}


def test_a_code_that_was_refused_is_seen_by_whoever_waits_for_it(
    own: Own, notification: Notification, begin: Begin
) -> None:
    own.give()
    mailbox = notification.recipient("confirmation", own.id)["mailbox_id"]
    hand(begin, refused(own.id, mailbox, kind=MailingKind.CONFIRMATION))
    read = own.read()
    assert read["refused_since"] is not None
    assert read["confirmed_at"] is None


def test_an_office_whose_mailbox_refuses_its_weekly_page_registers_another(
    *,
    client: TestClient,
    administrator: Headers,
    school: dict[str, Any],
    notification: Notification,
    begin: Begin,
    database: Database,
) -> None:
    place = f"/organisations/{school['id']}"
    wanted = f"{V1}{place}/weekly-page"
    client.post(wanted, json={"is_wanted": True}, headers=administrator | key())
    body = {"mailbox": "vp@truong.edu.vn"}
    point = post(client, f"{place}/contact-points", body, administrator).json()
    told = refused(school["id"], point["id"], kind=MailingKind.ORGANISATION)
    hand(begin, told)
    assert notification.listed() == [("organisation", school["id"])]
    clerk = somebody(UUID(school["id"]), Role.PROVIDER)
    found = duties(database, clerk)[Duty.RENEW_OFFICE_MAILBOX]
    assert found[:2] == (UUID(point["id"]), f"organisations/{school['id']}/contact-points")
    assert Duty.RENEW_OFFICE_MAILBOX not in duties(database, somebody(uuid4(), Role.PROVIDER))
    hand(begin, told, told)
    assert notification.listed() == []
    post(client, f"{place}/contact-points", body, administrator)
    assert notification.listed() == [("organisation", school["id"])]
    assert Duty.RENEW_OFFICE_MAILBOX not in duties(database, clerk)
    hand(begin, told)
    client.post(wanted, json={"is_wanted": False}, headers=administrator | key())
    assert Duty.RENEW_OFFICE_MAILBOX not in duties(database, clerk)


def test_what_names_nobody_changes_nothing(begin: Begin, database: Database) -> None:
    hand(begin, *(refused(uuid4(), uuid4(), kind=kind) for kind in MailingKind))
    with database.read() as session:
        assert session.scalars(select(AUDIT.c.action)).all() == []


def test_a_frame_takes_its_locks_before_its_first_handler(
    own: Own, notification: Notification, begin: Begin
) -> None:
    confirmed(own, notification)
    gone = EndpointDisabled(
        occurred_at=utc_now(),
        endpoint_id=new_id(),
        organisation_id=own.person.staff.organisation_id,
        secret_version=1,
        reason=EndpointReason.GONE,
    )
    hand(begin, refused(own.id, mailbox_of(own, notification)), gone)
    assert own.read()["refused_since"] is not None
