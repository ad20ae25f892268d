"""A mailbox that does not take what is written there: told to whoever can do something about it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from services.notification.policy.retries import EMAIL
from shared.contracts import BY_TYPE, MailboxRefused
from shared.contracts.vocabulary import Digest, MailingKind
from shared.kit.identifiers import new_id
from tests.notification.digesting import CONSOLE, Desk, desk, plain, post_office, services
from tests.notification.exchange import Someone, a_duty
from tests.told import IN_OUTBOX

__all__ = ["desk", "post_office", "services"]

NO_SUCH_MAILBOX = "550 5.1.1 no such mailbox"
NOBODY = 1
"""A port at which nobody answers."""


def told(desk: Desk) -> list[MailboxRefused]:
    """What the directory is told, in its order."""
    wanted = select(IN_OUTBOX.c.body, IN_OUTBOX.c.sequence).where(
        IN_OUTBOX.c.type == MailboxRefused.type
    )
    with desk.begin() as session:
        rows = session.execute(wanted.order_by(IN_OUTBOX.c.sequence)).all()
    found = [BY_TYPE[MailboxRefused.type].model_validate(row.body) for row in rows]
    return [each for each in found if isinstance(each, MailboxRefused)]


@pytest.mark.parametrize(
    "kind", [MailingKind.PERSON, MailingKind.CONFIRMATION, MailingKind.ORGANISATION]
)
def test_that_a_mailbox_refuses_is_told_by_ids_alone(desk: Desk, kind: MailingKind) -> None:
    is_asked = kind is MailingKind.CONFIRMATION
    digest = Digest.WEEK if kind is MailingKind.ORGANISATION else Digest.HOUR
    someone = desk.services.has(Someone(new_id(), kind=kind, digest=digest, duties=[a_duty()]))
    someone.code = "7Q2MXH-9T4K" if is_asked else None
    desk.post_office.at_recipient = [NO_SUCH_MAILBOX]
    assert desk.look() == []
    (refused,) = told(desk)
    assert (refused.kind, refused.recipient_id) == (kind, someone.id)
    assert (refused.mailbox_id, refused.is_urgent) == (someone.mailbox_id, False)
    assert "@" not in refused.model_dump_json()


def test_that_something_urgent_was_refused_is_told(desk: Desk) -> None:
    someone = desk.services.has(Someone(new_id(), digest=Digest.NONE))
    desk.asked(someone)
    desk.post_office.at_recipient = [NO_SUCH_MAILBOX]
    assert desk.look() == []
    (refused,) = told(desk)
    assert refused.is_urgent


def test_what_a_mailbox_refused_is_written_to_the_one_named_in_its_place(desk: Desk) -> None:
    late = a_duty(due_at=desk.now - timedelta(days=3)) | {"urgency": "overdue"}
    someone = desk.services.has(Someone(new_id(), digest=Digest.NONE, duties=[late]))
    offer_id = desk.asked(someone)
    desk.post_office.at_recipient = [NO_SUCH_MAILBOX]
    assert desk.look() == []
    assert desk.look(hours=1) == [], "the same mailbox, which was told once"
    someone.mailbox, someone.mailbox_id = "moi@xa-vi-du.gov.vn", new_id()
    (mail,) = desk.look(hours=1)
    assert mail.recipient == "moi@xa-vi-du.gov.vn"
    assert f"{CONSOLE}/offers/{offer_id}" in plain(mail)
    assert late["object_id"] in plain(mail)
    assert desk.look(hours=1) == []
    someone.mailbox_id = new_id()
    assert desk.look(hours=1) == [], "what was taken is not written again"


def test_a_mailbox_that_puts_off_for_days_is_told_of_too(desk: Desk) -> None:
    someone = desk.services.has(Someone(new_id(), digest=Digest.NONE))
    desk.asked(someone)
    desk.post_office.at_recipient = ["452 4.2.2 mailbox full"] * 99
    for _ in range(len(EMAIL.waits) + 1):
        assert told(desk) == []
        assert desk.look(hours=6) == []
    assert [each.mailbox_id for each in told(desk)] == [someone.mailbox_id]
    assert desk.states() == [("urgent", "parked", len(EMAIL.waits) + 1)]


def test_that_our_own_mail_server_is_away_is_no_mailboxs_fault_and_ends_nothing(desk: Desk) -> None:
    someone = desk.services.has(Someone(new_id(), digest=Digest.NONE))
    offer_id = desk.asked(someone)
    port, desk.post_office.port = desk.post_office.port, NOBODY
    desk.digester = desk.another()
    for _ in range(len(EMAIL.waits) + 3):
        assert desk.look(hours=6) == []
    assert told(desk) == []
    desk.post_office.port = port
    desk.digester = desk.another()
    (mail,) = desk.look(hours=6)
    assert str(offer_id) in plain(mail)
    assert desk.states() == [("urgent", "sent", len(EMAIL.waits) + 4)]
