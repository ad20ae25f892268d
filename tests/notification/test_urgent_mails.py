"""What is urgent is written to people at once, each thing once, and nothing else hides it."""

import threading
from datetime import timedelta

import pytest

from services.notification.channels.personal import MOST
from services.notification.gateways.exchange import PART
from shared.contracts.vocabulary import Digest, Role
from shared.kit.identifiers import new_id
from tests.notification.digesting import CONSOLE, Desk, desk, plain, post_office, services
from tests.notification.exchange import Someone, a_duty

__all__ = ["desk", "post_office", "services"]


def test_whoever_wants_none_is_written_to_when_it_is_urgent_alone(desk: Desk) -> None:
    someone = desk.services.has(Someone(new_id(), digest=Digest.NONE, duties=[a_duty()]))
    assert desk.look() == []
    offer_id = desk.asked(someone)
    (mail,) = desk.look()
    assert f"{CONSOLE}/offers/{offer_id}" in plain(mail)


def test_what_is_urgent_waits_for_no_digest_and_is_written_once(desk: Desk) -> None:
    someone = desk.services.has(Someone(new_id(), digest=Digest.WEEK, since=desk.now))
    first = desk.asked(someone)
    (mail,) = desk.look(minutes=1)
    assert mail.mail["Subject"] == "Nhịp Cầu: Có việc khẩn cần xem ngay"
    assert "List-Unsubscribe" not in mail.mail
    assert str(first) in plain(mail)
    assert desk.look(minutes=1) == []
    second = desk.asked(someone)
    (mail,) = desk.look(minutes=1)
    assert str(second) in plain(mail)
    assert str(first) not in plain(mail), "it was written already"


def test_a_duty_that_ends_today_or_is_over_is_urgent_but_not_what_waits_for_others(
    desk: Desk,
) -> None:
    ends = desk.now + timedelta(hours=15, minutes=30)
    today = a_duty(due_at=ends) | {"urgency": "today"}
    waiting = a_duty(due_at=ends, is_waiting=True) | {"urgency": "today"}
    late = a_duty(due_at=desk.now - timedelta(days=3)) | {"urgency": "overdue"}
    someone = Someone(new_id(), digest=Digest.NONE, duties=[today, waiting, late, a_duty()])
    desk.services.has(someone)
    (mail,) = desk.look()
    words = plain(mail)
    assert today["object_id"] in words
    assert late["object_id"] in words
    assert waiting["object_id"] not in words
    assert desk.look(days=1) == []


def test_no_number_of_other_notices_hides_an_urgent_one(desk: Desk) -> None:
    someone = Someone(new_id(), role=Role.CASE_OWNER, also=(Role.PROVIDER,), digest=Digest.NONE)
    desk.services.has(someone)
    offer_id = desk.asked(someone)
    for _ in range(MOST + 1):
        desk.now += timedelta(seconds=1)
        desk.told(someone)
    (mail,) = desk.look()
    assert f"{CONSOLE}/offers/{offer_id}" in plain(mail)
    assert "Thông báo chưa đọc: 1\r\n" in plain(mail)


def test_of_many_urgent_notices_one_mail_says_how_many_more_there_are(desk: Desk) -> None:
    someone = desk.services.has(Someone(new_id(), digest=Digest.NONE))
    for _ in range(MOST + 3):
        desk.asked(someone)
    (mail,) = desk.look()
    words = plain(mail)
    assert words.count(f"{CONSOLE}/offers/") == MOST
    assert f"Thông báo chưa đọc: {MOST + 3}" in words
    assert "Thông báo khác: 3" in words
    assert desk.look(minutes=1) == [], "of all of them"


def test_of_more_late_duties_than_a_service_tells_at_once_each_is_urgent_once(desk: Desk) -> None:
    day = desk.now - timedelta(days=3)
    late = [a_duty(due_at=day) | {"urgency": "overdue"} for _ in range(PART + 5)]
    someone = desk.services.has(Someone(new_id(), digest=Digest.NONE, duties=late))
    (mail,) = desk.look()
    words = plain(mail)
    assert f"Việc cần làm: {PART + 5}; Trong đó quá hạn: {PART + 5}" in words
    assert f"Việc khác: {PART + 5 - MOST}" in words
    assert desk.look(minutes=1) == []
    someone.duties.append(a_duty(due_at=day) | {"urgency": "overdue"})
    (mail,) = desk.look(minutes=1)
    assert someone.duties[-1]["object_id"] in plain(mail)


def test_an_urgent_notice_is_written_to_whoever_acts_on_it(desk: Desk) -> None:
    school = new_id()
    provider = desk.services.has(Someone(school, mailbox="a@truong.edu.vn"))
    desk.services.has(Someone(school, role=Role.RECEIVER, mailbox="b@truong.edu.vn"))
    desk.services.has(Someone(new_id(), mailbox="c@truong.edu.vn"))
    desk.asked(provider)
    assert {each.recipient for each in desk.look()} == {"a@truong.edu.vn"}


@pytest.mark.parametrize("is_on_call", [True, False])
def test_in_quiet_hours_what_is_urgent_reaches_whoever_is_on_call(
    desk: Desk, *, is_on_call: bool
) -> None:
    someone = desk.services.has(
        Someone(
            new_id(),
            digest=Digest.NONE,
            quiet_from="18:00",
            quiet_to="07:00",
            is_on_call=is_on_call,
        )
    )
    desk.now += timedelta(hours=15)
    desk.asked(someone)
    assert len(desk.look()) == int(is_on_call)
    assert len(desk.look(hours=8)) == int(not is_on_call), "in the morning it is written at once"


def test_an_urgent_notice_waits_for_no_service_that_is_down(desk: Desk) -> None:
    someone = desk.services.has(Someone(new_id(), digest=Digest.NONE))
    offer_id = desk.asked(someone)
    desk.services.is_down = True
    (mail,) = desk.look()
    assert str(offer_id) in plain(mail)
    late = a_duty(due_at=desk.now - timedelta(days=3)) | {"urgency": "overdue"}
    someone.duties = [late]
    assert desk.look(minutes=1) == []
    desk.services.is_down = False
    (mail,) = desk.look(minutes=1)
    assert late["object_id"] in plain(mail)


def test_what_was_read_before_a_late_mail_left_is_not_in_it(desk: Desk) -> None:
    someone = desk.services.has(Someone(new_id(), digest=Digest.NONE))
    desk.asked(someone)
    desk.post_office.at_recipient = ["451 4.7.1 greylisted, come again"]
    desk.look()
    desk.read(someone)
    assert desk.look(minutes=10) == []
    assert desk.states() == [("urgent", "nothing", 2)]


def test_two_that_look_at_once_write_each_thing_once(desk: Desk) -> None:
    someone = desk.services.has(Someone(new_id(), duties=[a_duty()]))
    desk.asked(someone)
    both = [threading.Thread(target=desk.another().turn) for _ in range(4)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    subjects = sorted(each.mail["Subject"] for each in desk.post_office.taken)
    assert subjects == [
        "Nhịp Cầu: Có việc khẩn cần xem ngay",
        "Nhịp Cầu: Thư tổng hợp việc cần xem",
    ]
