"""What is urgent is told by the way that a person wants first, and by the other if it must be."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, text

from services.notification import domain
from services.notification.domain import note_report
from services.notification.models import PersonalMailRow
from services.notification.policy import SmsOutcome, SuspensionReason
from shared.contracts import BY_TYPE, MailboxRefused, Message, PhoneRefused
from shared.contracts.vocabulary import ChannelKind, Digest, MailingKind, Role
from shared.kit.audit import AUDIT
from shared.kit.identifiers import new_id
from shared.messaging.tables import OUTBOX
from tests.notification.digesting import Desk, desk, plain, post_office, services
from tests.notification.exchange import Someone, a_duty
from tests.notification.sms_gateway import (
    CANNOT_ONCE,
    FAILS_AFTER,
    REFUSES,
    TAKES,
    SmsGateway,
)
from tests.subjects import somebody as subject_of
from tests.told import IN_OUTBOX

__all__ = ["desk", "post_office", "services"]

EMAIL, SMS = ChannelKind.EMAIL, ChannelKind.SMS
URGENT_TEXT = "Số việc khẩn cần xem ngay: 1. Xem trên trang làm việc."
NO_SUCH_MAILBOX = "550 5.1.1 no such mailbox"


@pytest.fixture
def gateway(desk: Desk) -> Iterator[SmsGateway]:
    with SmsGateway() as started:
        desk.sms_gateways = (started,)
        desk.digester = desk.another()
        yield started


def somebody(
    desk: Desk, *ways: ChannelKind, number: str = TAKES, digest: Digest = Digest.NONE
) -> Someone:
    return desk.services.has(Someone(new_id(), digest=digest, number=number, urgent_by=ways))


def told(desk: Desk) -> list[Message]:
    """What the directory is told of mailboxes and phones, in its order."""
    types = [MailboxRefused.type, PhoneRefused.type]
    wanted = select(IN_OUTBOX.c.type, IN_OUTBOX.c.body, IN_OUTBOX.c.sequence).where(
        IN_OUTBOX.c.type.in_(types)
    )
    with desk.begin() as session:
        rows = session.execute(wanted.order_by(IN_OUTBOX.c.sequence)).all()
    return [BY_TYPE[row.type].model_validate(row.body) for row in rows]


def said(desk: Desk, reported: SmsOutcome) -> None:
    """The gateway reports of the last text that was handed to it."""
    with desk.begin() as session:
        row = session.scalars(select(PersonalMailRow).where(PersonalMailRow.channel == SMS)).one()
        note_report(
            session,
            delivery_id=row.id,
            attempt=row.attempts,
            reported=reported,
            carrier=row.carrier,
            now=desk.now,
        )


def texts(gateway: SmsGateway) -> list[tuple[str, str]]:
    return [(each.to, each.text) for each in gateway.phones]


def test_what_is_urgent_is_told_by_the_first_way_alone_and_says_only_how_much(
    desk: Desk, gateway: SmsGateway
) -> None:
    someone = somebody(desk, SMS, EMAIL)
    desk.asked(someone)
    assert desk.look() == []
    assert texts(gateway) == [(TAKES, URGENT_TEXT)]
    (body,) = gateway.bodies
    assert (body["encoding"], body["segments"]) == ("ucs2", 1)
    assert desk.look(hours=2) == []
    assert len(gateway.phones) == 1, "once, and by no other way"


def test_whoever_wants_mails_first_is_sent_no_text(desk: Desk, gateway: SmsGateway) -> None:
    someone = somebody(desk, EMAIL, SMS)
    offer_id = desk.asked(someone)
    (mail,) = desk.look()
    assert str(offer_id) in plain(mail)
    assert desk.look(hours=2) == []
    assert gateway.phones == []


def test_a_phone_gets_no_digest_and_is_told_in_the_language_of_its_owner(
    desk: Desk, gateway: SmsGateway
) -> None:
    someone = somebody(desk, SMS, digest=Digest.HOUR)
    someone.language = "en"
    desk.told(someone)
    someone.duties.append(a_duty())
    assert desk.look(hours=2) == []
    assert gateway.phones == []
    desk.asked(someone)
    assert desk.look() == []
    assert texts(gateway) == [(TAKES, "To be seen to at once: 1. See your work page.")]
    assert gateway.bodies[0]["encoding"] == "gsm7"


def test_a_duty_that_is_late_is_told_to_a_phone_once(desk: Desk, gateway: SmsGateway) -> None:
    someone = somebody(desk, SMS)
    someone.duties.append(a_duty(due_at=desk.now - timedelta(days=1)) | {"urgency": "overdue"})
    for _ in range(3):
        assert desk.look(hours=1) == []
    assert texts(gateway) == [(TAKES, URGENT_TEXT)]


@pytest.mark.parametrize("is_on_call", [True, False])
def test_quiet_hours_hold_for_texts_but_for_whoever_is_on_call(
    desk: Desk, gateway: SmsGateway, *, is_on_call: bool
) -> None:
    someone = somebody(desk, SMS)
    someone.quiet_from, someone.quiet_to = "18:00", "07:00"
    someone.is_on_call = is_on_call
    desk.now += timedelta(hours=15)
    desk.asked(someone)
    desk.look()
    assert len(gateway.phones) == int(is_on_call)
    desk.look(hours=8)
    assert len(gateway.phones) == 1


def test_what_a_phone_refuses_follows_by_mail_and_the_directory_is_told_by_ids(
    desk: Desk, gateway: SmsGateway
) -> None:
    someone = somebody(desk, SMS, EMAIL, number=REFUSES)
    offer_id = desk.asked(someone)
    assert desk.look() == []
    (refused,) = told(desk)
    assert isinstance(refused, PhoneRefused)
    assert (refused.number_id, refused.staff_id) == (someone.number_id, someone.id)
    assert refused.is_urgent
    assert REFUSES not in refused.model_dump_json()
    (mail,) = desk.look()
    assert str(offer_id) in plain(mail)
    for _ in range(2):
        assert desk.look(hours=1) == []
    assert len(gateway.bodies) == 1
    assert gateway.phones == []


def test_of_two_people_whose_phones_refuse_each_is_told_by_mail_what_was_for_them(
    desk: Desk, gateway: SmsGateway
) -> None:
    told_of: dict[str, UUID] = {}
    for name in ("a", "b"):
        someone = somebody(desk, SMS, EMAIL, number=REFUSES)
        someone.mailbox = f"{name}@truong.edu.vn"
        desk.asked(someone)
        told_of[someone.mailbox] = desk.asked(someone)
    assert desk.look() == []
    mails = desk.look()
    assert {each.recipient for each in mails} == set(told_of)
    for each in mails:
        assert str(told_of[each.recipient]) in plain(each)
    assert desk.look(hours=1) == []


def test_what_a_mailbox_refuses_follows_by_phone(desk: Desk, gateway: SmsGateway) -> None:
    someone = somebody(desk, EMAIL, SMS)
    desk.asked(someone)
    desk.post_office.at_recipient = [NO_SUCH_MAILBOX]
    assert desk.look() == []
    assert gateway.phones == []
    assert desk.look() == []
    assert texts(gateway) == [(TAKES, URGENT_TEXT)]
    assert [type(each) for each in told(desk)] == [MailboxRefused]


def test_what_both_refuse_is_tried_at_neither_again(desk: Desk, gateway: SmsGateway) -> None:
    someone = somebody(desk, EMAIL, SMS, number=REFUSES)
    desk.asked(someone)
    desk.post_office.at_recipient = [NO_SUCH_MAILBOX] * 9
    for _ in range(5):
        assert desk.look(hours=1) == []
    # A mail server that is slow to answer is asked again after the text has gone.
    assert sorted(each.type for each in told(desk)) == [MailboxRefused.type, PhoneRefused.type]
    assert len(gateway.bodies) == 1
    someone.number, someone.number_id = TAKES, new_id()
    desk.look(hours=1)
    assert texts(gateway) == [(TAKES, URGENT_TEXT)], "another number is another way"


def test_of_what_nobody_knows_no_second_copy_leaves_by_any_way(
    desk: Desk, gateway: SmsGateway
) -> None:
    someone = somebody(desk, SMS, EMAIL, number=FAILS_AFTER)
    desk.asked(someone)
    for _ in range(4):
        assert desk.look(hours=6) == []
    assert len(gateway.bodies) == 1
    assert desk.states() == [("urgent", "unknown", 1)]
    assert told(desk) == []


@pytest.mark.parametrize("number", [TAKES, FAILS_AFTER])
def test_a_text_that_is_reported_not_to_have_come_follows_by_mail(
    desk: Desk, gateway: SmsGateway, number: str
) -> None:
    someone = somebody(desk, SMS, EMAIL, number=number)
    offer_id = desk.asked(someone)
    assert desk.look() == []
    for _ in range(2):
        said(desk, SmsOutcome.FAILED)
    assert [type(each) for each in told(desk)] == [PhoneRefused]
    (mail,) = desk.look(minutes=1)
    assert str(offer_id) in plain(mail)
    assert len(gateway.phones) == 1


def test_a_text_that_is_reported_to_have_come_is_known_to_have(
    desk: Desk, gateway: SmsGateway
) -> None:
    desk.asked(somebody(desk, SMS, EMAIL, number=FAILS_AFTER))
    desk.look()
    said(desk, SmsOutcome.DELIVERED)
    assert desk.states() == [("urgent", "sent", 1)]
    assert desk.look(hours=1) == []


def test_a_gateway_that_cannot_send_now_is_asked_again_where_there_is_no_other_way(
    desk: Desk, gateway: SmsGateway
) -> None:
    desk.asked(somebody(desk, SMS, number=CANNOT_ONCE))
    desk.look()
    assert gateway.phones == []
    desk.look(minutes=1)
    assert texts(gateway) == [(CANNOT_ONCE, URGENT_TEXT)]


def test_what_cannot_wait_goes_by_mail_where_no_gateway_can_send(
    desk: Desk, gateway: SmsGateway
) -> None:
    gateway.is_down = True
    offer_id = desk.asked(somebody(desk, SMS, EMAIL))
    assert desk.look() == []
    (mail,) = desk.look()
    assert str(offer_id) in plain(mail)
    gateway.is_down = False
    assert desk.look(hours=1) == []
    assert gateway.phones == [], "it has certainly not been sent, and is not sent later"
    assert told(desk) == [], "no fault of the phone"


def test_a_second_gateway_is_asked_before_the_other_way(desk: Desk, gateway: SmsGateway) -> None:
    with SmsGateway() as second:
        gateway.is_down = True
        desk.sms_gateways = (gateway, second)
        desk.digester = desk.another()
        desk.asked(somebody(desk, SMS, EMAIL))
        for _ in range(3):
            assert desk.look(minutes=2) == []
        assert texts(second) == [(TAKES, URGENT_TEXT)]


def test_where_both_servers_are_away_it_is_told_once_one_is_back(
    desk: Desk, gateway: SmsGateway
) -> None:
    gateway.is_down = True
    port, desk.post_office.port = desk.post_office.port, 1
    desk.digester = desk.another()
    offer_id = desk.asked(somebody(desk, SMS, EMAIL))
    for _ in range(3):
        assert desk.look(minutes=20) == []
    desk.post_office.port = port
    desk.digester = desk.another()
    (mail,) = desk.look(hours=6)
    assert str(offer_id) in plain(mail)
    assert gateway.phones == []


@pytest.mark.parametrize(("stopped", "goes_by"), [(SMS, EMAIL), (EMAIL, SMS)])
def test_while_a_channel_is_stopped_the_other_is_used(
    desk: Desk, gateway: SmsGateway, stopped: ChannelKind, goes_by: ChannelKind
) -> None:
    with desk.begin() as session:
        domain.suspend_channel(
            session,
            channel=stopped,
            reason=SuspensionReason.PROVIDER_DOWN,
            now=desk.now,
            subject=subject_of(new_id(), Role.OPERATOR),
        )
    desk.asked(somebody(desk, stopped, goes_by))
    mails = desk.look()
    assert (len(mails), len(gateway.phones)) == ((1, 0) if goes_by is EMAIL else (0, 1))


def test_a_phone_that_is_ended_while_a_text_waits_is_told_by_mail(
    desk: Desk, gateway: SmsGateway
) -> None:
    gateway.is_down = True
    someone = somebody(desk, SMS)
    offer_id = desk.asked(someone)
    assert desk.look() == []
    gateway.is_down = False
    someone.urgent_by = (EMAIL,)
    mails = [*desk.look(minutes=2), *desk.look(minutes=2)]
    assert [str(offer_id) in plain(each) for each in mails] == [True]
    assert gateway.phones == []


def test_without_a_gateway_what_was_to_go_there_first_goes_by_mail(desk: Desk) -> None:
    offer_id = desk.asked(somebody(desk, SMS, EMAIL))
    (mail,) = desk.look()
    assert str(offer_id) in plain(mail)


def test_a_phone_is_sent_its_code_once_and_nothing_else_before_it_is_confirmed(
    desk: Desk, gateway: SmsGateway
) -> None:
    someone = somebody(desk)
    someone.phone_at, someone.code = desk.now, "7Q2MXH-9T4K"
    desk.asked(someone)
    for _ in range(2):
        assert desk.look(minutes=1) == []
    assert texts(gateway) == [
        (TAKES, "Mã xác nhận số điện thoại: 7Q2MXH-9T4K. Dùng được trong 24 giờ.")
    ]
    someone.phone_at = desk.now
    desk.look()
    assert len(gateway.phones) == 2, "named anew"


def test_codes_of_a_mailbox_and_of_a_phone_do_not_end_each_other(
    desk: Desk, gateway: SmsGateway
) -> None:
    someone = desk.services.has(
        Someone(new_id(), kind=MailingKind.CONFIRMATION, number=CANNOT_ONCE, code="7Q2MXH-9T4K")
    )
    someone.phone_at = desk.now
    assert len(desk.look()) == 1
    desk.look(minutes=1)
    assert [each.to for each in gateway.phones] == [CANNOT_ONCE]
    assert sorted(desk.states()) == [("confirmation", "sent", 1), ("confirmation", "sent", 2)]


def test_neither_a_number_nor_a_code_is_in_a_row(desk: Desk, gateway: SmsGateway) -> None:
    someone = somebody(desk, SMS, EMAIL)
    someone.phone_at, someone.code = desk.now, "7Q2MXH-9T4K"
    desk.asked(someone)
    desk.look()
    with desk.begin() as session:
        for table in ("personal_mails", "personal_mail_items", AUDIT.name, OUTBOX.name):
            stored = "".join(session.scalars(text(f"SELECT t::text FROM {table} t")))  # noqa: S608
            assert TAKES not in stored
            assert TAKES.removeprefix("+84") not in stored
            assert "7Q2MXH" not in stored
    assert len(gateway.phones) == 2
