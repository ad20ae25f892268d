"""People are written to: once for each hour, day or week, in their language, and never of anybody.

The mails arrive at a real mail server; whom to write to, and what they have to do, is asked over
HTTP.
"""

import socket
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, text

from services.notification import domain
from services.notification.channels.personal import MOST
from services.notification.domain.failing import WRITING
from services.notification.gateways.exchange import ExchangeDown
from services.notification.models import Carrier, PersonalMailRow
from services.notification.policy import SuspensionReason
from shared.contracts import Queue
from shared.contracts.vocabulary import ChannelKind, Digest, MailingKind, Role
from shared.kit.audit import AUDIT
from shared.kit.identifiers import new_id
from shared.kit.unsubscribe_links import UnsubscribeLink, seal
from shared.messaging.tables import OPERATOR_ALERTS, OUTBOX
from tests.notification.builders import MASTER
from tests.notification.digesting import BEAT, CONSOLE, Desk, desk, plain, post_office, services
from tests.notification.exchange import Someone, a_duty
from tests.notification.post_office import BREAK_OFF
from tests.notification.receivers import LOOPBACK
from tests.subjects import somebody

__all__ = ["desk", "post_office", "services"]


def test_a_digest_says_what_is_unread_and_open_when_it_is_sent_and_of_nobody(desk: Desk) -> None:
    provider = desk.services.has(Someone(new_id()))
    due = datetime(2026, 3, 9, 17, 0, tzinfo=UTC)
    provider.duties = [a_duty(due_at=due), a_duty("start_service", is_waiting=True)]
    (mail,) = desk.look()
    assert mail.recipient == provider.mailbox
    assert mail.mail["Auto-Submitted"] == "auto-generated"
    assert mail.mail["Content-Language"] == "vi"
    words = plain(mail)
    assert provider.duties[0]["object_id"] in words
    assert "Hạn: 09/03/2026" in words
    assert "Việc cần làm: 2; Trong đó quá hạn: 0; Trong đó chờ bên khác: 1" in words
    assert f"{CONSOLE}/" in words
    assert str(provider.organisation_id) not in mail.raw.decode()
    assert desk.states() == [("digest", "sent", 1)]


def test_nothing_to_say_is_no_mail(desk: Desk) -> None:
    desk.services.has(Someone(new_id()))
    assert desk.look() == []
    assert desk.states() == [("digest", "nothing", 1)]


@pytest.mark.parametrize(
    ("digest", "within", "after"),
    [
        (Digest.HOUR, timedelta(minutes=29), timedelta(minutes=1)),
        (Digest.DAY, timedelta(hours=22, minutes=29), timedelta(minutes=1)),
        (Digest.WEEK, timedelta(days=6, hours=22, minutes=29), timedelta(minutes=1)),
    ],
)
def test_each_hour_day_or_week_has_one_digest(
    desk: Desk, digest: Digest, within: timedelta, after: timedelta
) -> None:
    desk.services.has(Someone(new_id(), digest=digest, duties=[a_duty()]))
    assert len(desk.look()) == 1
    assert desk.look(seconds=within.total_seconds()) == []
    assert len(desk.look(seconds=after.total_seconds())) == 1
    assert len(set(desk.post_office.message_ids())) == 2


def test_the_first_digest_is_of_a_time_that_begins_after_it_was_wanted(desk: Desk) -> None:
    desk.services.has(Someone(new_id(), digest=Digest.DAY, since=desk.now, duties=[a_duty()]))
    assert desk.look() == []
    assert len(desk.look(hours=23)) == 1


def test_what_has_to_be_known_and_not_acted_on_waits_for_the_digest(desk: Desk) -> None:
    owner = desk.services.has(Someone(new_id(), role=Role.CASE_OWNER))
    assert desk.look() == []
    case_id = desk.told(owner)
    assert desk.look(minutes=1) == []
    (mail,) = desk.look(hours=1)
    words = plain(mail)
    assert "Thông báo chưa đọc: 1" in words
    assert f"{CONSOLE}/cases/{case_id}" in words
    desk.read(owner)
    assert desk.look(hours=1) == []


def test_what_is_read_is_not_written(desk: Desk) -> None:
    someone = desk.services.has(Someone(new_id()))
    desk.asked(someone)
    desk.read(someone)
    assert desk.look() == []


def test_a_digest_counts_all_that_is_unread(desk: Desk) -> None:
    owner = desk.services.has(Someone(new_id(), role=Role.CASE_OWNER))
    for _ in range(MOST + 2):
        desk.told(owner)
    (mail,) = desk.look()
    assert f"Thông báo chưa đọc: {MOST + 2}" in plain(mail)
    assert "Thông báo khác: 2" in plain(mail)


def test_quiet_hours_over_midnight_hold_back_digests(desk: Desk) -> None:
    desk.services.has(Someone(new_id(), duties=[a_duty()], quiet_from="22:00", quiet_to="06:30"))
    assert len(desk.look()) == 1
    assert desk.look(hours=14) == [], "half past ten at night"
    assert desk.look(hours=7) == [], "half past five"
    assert len(desk.look(hours=1)) == 1


def test_mails_are_in_the_language_of_whoever_reads_them(desk: Desk) -> None:
    desk.services.has(Someone(new_id(), language="en", duties=[a_duty()]))
    (mail,) = desk.look()
    assert mail.mail["Subject"] == "Nhịp Cầu: Digest of what to look at"
    assert mail.mail["Content-Language"] == "en"
    assert "To be done: 1" in plain(mail)


def test_an_optional_mail_can_be_ended_with_one_click(desk: Desk) -> None:
    someone = desk.services.has(Someone(new_id(), duties=[a_duty()]))
    (mail,) = desk.look()
    link = seal(MASTER, UnsubscribeLink(someone.id, someone.mailbox_id))
    assert mail.mail["List-Unsubscribe"] == f"<{CONSOLE}/unsubscribe/{link}>"
    assert mail.mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert f"{CONSOLE}/unsubscribe/{link}" in plain(mail)


def test_to_a_mailbox_that_is_not_confirmed_goes_its_code_once_and_nothing_else(
    desk: Desk,
) -> None:
    someone = Someone(new_id(), kind=MailingKind.CONFIRMATION, code="7Q2MXH-9T4K")
    someone.duties = [a_duty()]
    desk.services.has(someone)
    desk.asked(someone)
    (mail,) = desk.look()
    assert "7Q2MXH-9T4K" in plain(mail)
    assert "List-Unsubscribe" not in mail.mail
    assert desk.look(minutes=5) == []


def test_an_office_gets_its_weekly_page_with_what_is_open_late_and_waiting(desk: Desk) -> None:
    late = a_duty(due_at=desk.now - timedelta(days=3)) | {"urgency": "overdue"}
    office = Someone(new_id(), kind=MailingKind.ORGANISATION, digest=Digest.WEEK)
    office.duties = [late, a_duty(is_waiting=True), a_duty()]
    desk.services.has(office)
    (mail,) = desk.look()
    assert mail.mail["Subject"] == "Nhịp Cầu: Tình hình công việc trong tuần của cơ quan"
    assert "Việc cần làm: 3; Trong đó quá hạn: 1; Trong đó chờ bên khác: 1" in plain(mail)
    assert mail.mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert desk.look(days=6) == []
    assert len(desk.look(days=1)) == 1


def test_of_many_duties_a_mail_says_how_many_more_there_are(desk: Desk) -> None:
    desk.services.has(Someone(new_id(), duties=[a_duty() for _ in range(27)]))
    (mail,) = desk.look()
    assert "Việc khác: 7" in plain(mail)


def test_a_digest_waits_for_a_service_that_is_down_and_hides_nothing(desk: Desk) -> None:
    desk.services.has(Someone(new_id(), duties=[a_duty()]))
    desk.services.is_down = True
    assert desk.look() == []
    assert desk.states() == [("digest", "pending", 1)]
    desk.services.is_down = False
    assert desk.look(seconds=30) == []
    assert len(desk.look(seconds=31)) == 1
    assert desk.states() == [("digest", "sent", 2)]


def test_what_one_person_cannot_be_told_now_keeps_no_other(desk: Desk) -> None:
    first, second = (
        desk.services.has(Someone(new_id(), duties=[a_duty()], mailbox=f"{name}@truong.edu.vn"))
        for name in ("a", "b")
    )
    desk.services.down_for = {first.id}
    assert [each.recipient for each in desk.look()] == [second.mailbox]


def test_greylisting_lets_a_digest_in_when_it_comes_again(desk: Desk) -> None:
    desk.services.has(Someone(new_id(), digest=Digest.DAY, duties=[a_duty()]))
    desk.post_office.at_recipient = ["451 4.7.1 greylisted, come again"]
    assert desk.look() == []
    assert len(desk.look(minutes=10)) == 1
    assert desk.states() == [("digest", "sent", 2)]


def test_a_digest_that_one_server_cannot_take_goes_by_the_other_when_it_comes_again(
    desk: Desk,
) -> None:
    desk.services.has(Someone(new_id(), digest=Digest.DAY, duties=[a_duty()]))
    with socket.socket() as closed:
        closed.bind((LOOPBACK, 0))
        away, spare = closed.getsockname()[1], desk.post_office.port
        desk.digester = desk.another(away=(1, away), spare=(0, spare))
        assert desk.look() == []
        assert len(desk.look(minutes=10)) == 1
    with desk.begin() as session:
        (row,) = session.scalars(select(PersonalMailRow))
        assert (row.carrier, row.attempts, row.state) == ("spare", 2, "sent")
        assert session.get_one(Carrier, ("email", "away")).last_failed_at is not None


def test_a_mailbox_that_refuses_is_tried_once_and_noted(desk: Desk) -> None:
    desk.services.has(Someone(new_id(), duties=[a_duty()]))
    desk.post_office.at_recipient = ["550 5.1.1 no such mailbox"]
    assert desk.look() == []
    assert desk.states() == [("digest", "parked", 1)]
    with desk.begin() as session:
        entries = session.execute(select(AUDIT.c.action, AUDIT.c.facts)).all()
        assert "personal_mail.parked" in {each.action for each in entries}
        assert "@" not in str(entries)


def test_a_line_that_breaks_after_a_mail_is_unknown_and_it_comes_again_under_its_id(
    desk: Desk,
) -> None:
    desk.services.has(Someone(new_id(), digest=Digest.DAY, duties=[a_duty()]))
    desk.post_office.at_mail = [BREAK_OFF]
    desk.look()
    desk.look(minutes=10)
    assert len(desk.post_office.taken) == 2
    assert len(set(desk.post_office.message_ids())) == 1


def test_a_digest_that_never_left_is_over_with_its_hour(desk: Desk) -> None:
    desk.services.has(Someone(new_id(), duties=[a_duty()]))
    desk.post_office.at_recipient = ["451 4.7.1 come again"]
    desk.look()
    assert len(desk.look(hours=1)) == 1
    assert desk.states() == [("digest", "expired", 1), ("digest", "sent", 1)]


def test_whoever_asks_for_longer_than_a_lease_leaves_the_mail_to_the_next(desk: Desk) -> None:
    desk.services.has(Someone(new_id(), duties=[a_duty()]))

    def another_comes() -> None:
        desk.now += timedelta(seconds=61)
        desk.another().turn()

    desk.services.meanwhile = another_comes
    assert len(desk.look()) == 1
    assert desk.states() == [("digest", "sent", 2)]


def test_each_question_is_a_step_so_that_slow_services_end_no_worker(desk: Desk) -> None:
    someone = desk.services.has(Someone(new_id(), duties=[a_duty()]))
    desk.asked(someone)
    assert len(desk.look()) == 2
    asked = desk.services.asked
    places = [place for place, each in enumerate(asked) if each != BEAT]
    assert len(places) > len(Queue)
    assert {asked[place - 1] for place in places} == {BEAT}


def test_no_mailbox_is_stored_or_logged(desk: Desk, capfd: pytest.CaptureFixture[str]) -> None:
    someone = desk.services.has(Someone(new_id(), duties=[a_duty()]))
    desk.asked(someone)
    assert len(desk.look()) == 2
    told = capfd.readouterr()
    assert someone.mailbox not in told.out + told.err
    with desk.begin() as session:
        for table in ("personal_mails", "personal_mail_items", AUDIT.name, OUTBOX.name):
            rows = session.scalars(text(f"SELECT t::text FROM {table} AS t"))  # noqa: S608
            assert someone.mailbox not in "".join(rows)


def test_nothing_is_written_while_somebody_has_stopped_mails(desk: Desk) -> None:
    someone = desk.services.has(Someone(new_id(), duties=[a_duty()]))
    desk.asked(someone)
    operator = somebody(new_id(), Role.OPERATOR)
    with desk.begin() as session:
        domain.suspend_channel(
            session,
            channel=ChannelKind.EMAIL,
            reason=SuspensionReason.INCIDENT,
            now=desk.now,
            subject=operator,
        )
    assert desk.look() == []
    with desk.begin() as session:
        domain.resume_channel(session, channel=ChannelKind.EMAIL, subject=operator, now=desk.now)
    assert len(desk.look(minutes=1)) == 2


def test_no_person_of_an_organisation_is_written_to_while_nothing_goes_to_it(desk: Desk) -> None:
    someone = desk.services.has(Someone(new_id(), role=Role.CASE_OWNER, duties=[a_duty()]))
    other = desk.services.has(Someone(new_id(), duties=[a_duty()], mailbox="b@truong.edu.vn"))
    desk.told(someone)
    with desk.begin() as session:
        domain.suspend_organisation(
            session,
            organisation_id=someone.organisation_id,
            reason=SuspensionReason.PARTNER_ASKED,
            now=desk.now,
            subject=somebody(new_id(), Role.OPERATOR),
        )
    assert [each.recipient for each in desk.look()] == [other.mailbox]


def test_a_directory_that_knows_no_mailings_is_one_that_does_not_answer(desk: Desk) -> None:
    desk.services.has(Someone(new_id(), duties=[a_duty()]))
    desk.services.is_before = True
    with pytest.raises(ExchangeDown):
        desk.look()
    desk.services.is_before = False
    assert len(desk.look()) == 1


def test_nobody_is_written_to_by_an_answer_that_is_not_the_directorys(desk: Desk) -> None:
    desk.services.has(Someone(new_id(), duties=[a_duty()]))
    desk.services.is_unsigned = True
    with pytest.raises(ExchangeDown):
        desk.look()
    assert desk.states() == []


def test_a_fault_in_what_one_is_to_be_told_keeps_nobody_elses_mail(desk: Desk) -> None:
    broken, other = (desk.services.has(Someone(new_id())) for _ in range(2))
    desk.asked(broken)
    desk.asked(other)
    change(desk, broken, "body - 'subject'")
    assert {mail.recipient for mail in desk.look(hours=1)} == {other.mailbox}
    assert alerts_of(desk) == [(broken.id, 1, False)]
    assert desk.look(minutes=2) == []
    assert alerts_of(desk) == [(broken.id, 1, False)], "it rests meanwhile"
    after_its_rest(desk)
    assert desk.look(minutes=2) == []
    assert alerts_of(desk) == [(broken.id, 2, False)]
    change(desk, broken, "jsonb_set(body, '{subject}', '\"case/1\"')")
    after_its_rest(desk)
    assert {mail.recipient for mail in desk.look(minutes=2)} == {broken.mailbox}
    assert alerts_of(desk) == [(broken.id, 2, True)]


def change(desk: Desk, whose: Someone, body: str) -> None:
    """Somebody changes what an organisation was told, by hand."""
    statement = f"UPDATE deliveries SET body = {body} WHERE organisation_id = :of"  # noqa: S608
    with desk.begin() as session:
        session.execute(text(statement), {"of": whose.organisation_id})


def alerts_of(desk: Desk) -> list[tuple[UUID, int, bool]]:
    """Of whom an operator was told, how often it failed, and whether it is settled."""
    query = select(
        OPERATOR_ALERTS.c.object_id, OPERATOR_ALERTS.c.times, OPERATOR_ALERTS.c.settled_at
    ).where(OPERATOR_ALERTS.c.subject == WRITING)
    with desk.begin() as session:
        return [(who, times, settled is not None) for who, times, settled in session.execute(query)]


def after_its_rest(desk: Desk) -> None:
    """So long goes by, by the clock of the database, that it is tried again."""
    with desk.begin() as session:
        session.execute(
            text("UPDATE operator_alerts SET rests_until = now() - interval '1 second'")
        )
