"""What a mail says: what happened, under which id, where; all else of an event stays out."""

import re
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any
from uuid import UUID

import orjson
import pytest

from services.notification.channels.mail import EmailChannel, Mail
from services.notification.domain import Claimed
from services.notification.policy import (
    Answer,
    AttemptOutcome,
    EventType,
    Trouble,
    is_of_receiver,
    outcome_of_mail,
)
from shared.contracts.vocabulary import ChannelKind
from shared.kit import answer_links
from shared.kit.identifiers import new_id
from tests.conftest import NOON
from tests.notification.builders import MASTER

CANARY = "Nguyễn Thị Chim Yến 0912345678"
CASE, OFFER, VERIFICATION = (UUID(int=number) for number in (1, 2, 3))
TO_ANSWER = {EventType.REFERRAL_REQUESTED, EventType.REFERRAL_QUESTION_ANSWERED}
OF_ASKED = {*TO_ANSWER, EventType.REFERRAL_PURGE}


class Nowhere:
    """A mail server that nothing is handed to."""

    def send(self, *_: object) -> Answer:
        raise AssertionError

    def close(self) -> None:
        pass


CHANNEL = EmailChannel(
    Nowhere(), sender="a@nhipcau.example", console="https://nhipcau.example/", master=MASTER
)


def claimed(kind: EventType, *, number: int = 1, delivery_id: UUID | None = None) -> Claimed:
    data: dict[str, Any] = {"note": CANARY, "full_name": CANARY, "link": f"/x/{CANARY}"}
    if kind in OF_ASKED:
        data["offer_id"] = str(OFFER)
    else:
        data |= {"case_id": str(CASE), "verification_id": str(VERIFICATION)}
    event = {"time": "2026-03-02T05:00:00Z", "subject": f"thing/{CASE}", "data": data}
    return Claimed(
        delivery_id=delivery_id or new_id(),
        number=number,
        tries_before=0,
        type=kind,
        body=orjson.dumps(event),
        traceparent=None,
        endpoint_id=new_id(),
        channel=ChannelKind.EMAIL,
        url="mailto:van-phong@partner.example",
        secret_version=1,
        secret_since=NOON,
        failures=0,
        last_status=None,
        organisation_id=new_id(),
        is_recorded=False,
    )


def read(rendered: Mail) -> EmailMessage:
    found = message_from_bytes(rendered.message, policy=default)
    assert isinstance(found, EmailMessage)
    return found


def words(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    said: str = part.get_content()
    return said


def link_in(mail: EmailMessage, part: str) -> str:
    found = re.search(r"https://nhipcau\.example/answer/([\w-]+)", words(mail, part))
    assert found is not None
    return found[1]


@pytest.mark.parametrize("kind", EventType)
def test_no_name_that_an_event_might_hold_is_in_its_mail(kind: EventType) -> None:
    mail = read(CHANNEL.render(claimed(kind)))
    whole = " ".join([*map(str, mail.values()), words(mail, "plain"), words(mail, "html")])
    assert mail["Subject"].startswith("Nhịp Cầu: ")
    for planted in CANARY.split():
        assert planted not in whole


@pytest.mark.parametrize(
    ("kind", "page"),
    [
        (EventType.REFERRAL_REQUESTED, f"/offers/{OFFER}"),
        (EventType.REFERRAL_PURGE, f"/offers/{OFFER}"),
        (EventType.REFERRAL_QUESTION_ANSWERED, f"/offers/{OFFER}"),
        (EventType.VERIFICATION_OPENED, f"/verifications/{VERIFICATION}"),
        (EventType.VERIFICATION_CONCLUDED, f"/cases/{CASE}"),
        (EventType.ALERT_RAISED, f"/cases/{CASE}"),
        (EventType.REFERRAL_MOVED, f"/cases/{CASE}"),
    ],
)
def test_a_mail_leads_to_where_it_is_acted_on(kind: EventType, page: str) -> None:
    mail = read(CHANNEL.render(claimed(kind)))
    for part in ("plain", "html"):
        assert f"https://nhipcau.example{page}" in words(mail, part)


def test_every_try_sends_the_same_bytes() -> None:
    same = new_id()
    told = [claimed(EventType.ALERT_RAISED, number=n, delivery_id=same) for n in (1, 2)]
    first, second = (CHANNEL.render(each) for each in told)
    assert first.message == second.message
    assert read(first)["Message-ID"] == f"<{same}@nhipcau.example>"


@pytest.mark.parametrize("kind", sorted(TO_ANSWER))
def test_who_is_asked_has_a_link_of_its_own_office_and_offer_that_each_try_repeats(
    kind: EventType,
) -> None:
    """Also once what it asked back was replied to: the offer still waits."""
    same = new_id()
    told = claimed(kind, delivery_id=same)
    again = replace(told, number=2)
    first, second = (CHANNEL.render(each) for each in (told, again))
    assert first.message == second.message
    sealed = {link_in(read(first), part) for part in ("plain", "html")}
    (link,) = {answer_links.read(MASTER, each) for each in sealed}
    assert link is not None
    assert (link.about, link.sent_to) == (OFFER, told.endpoint_id)
    assert link.expires_at == NOON + answer_links.LASTS
    elsewhere = replace(told, endpoint_id=new_id())
    assert link_in(read(CHANNEL.render(elsewhere)), "plain") not in sealed


@pytest.mark.parametrize("kind", sorted(set(EventType) - TO_ANSWER))
def test_what_asks_for_no_answer_has_no_link_to_answer_by(kind: EventType) -> None:
    mail = read(CHANNEL.render(claimed(kind)))
    assert "/answer/" not in words(mail, "plain") + words(mail, "html")


def test_a_mail_is_ascii_in_short_lines() -> None:
    message = CHANNEL.render(claimed(EventType.REFERRAL_PURGE)).message
    lines = message.split(b"\r\n")
    assert message.isascii()
    assert message.endswith(b"\r\n")
    assert b"\n" not in message.replace(b"\r\n", b"")
    assert max(map(len, lines)) <= 200


@pytest.mark.parametrize(
    ("answer", "outcome", "is_theirs"),
    [
        (Answer(status=250), AttemptOutcome.SENT, True),
        (Answer(status=251), AttemptOutcome.SENT, True),
        (Answer(status=421), AttemptOutcome.DEFERRED, True),
        (Answer(status=451), AttemptOutcome.DEFERRED, True),
        (Answer(status=550), AttemptOutcome.REFUSED, True),
        (Answer(status=354), AttemptOutcome.UNKNOWN, False),
        (Answer(trouble=Trouble.UNKNOWN), AttemptOutcome.UNKNOWN, False),
        (Answer(trouble=Trouble.UNREACHABLE), AttemptOutcome.UNREACHABLE, False),
        (Answer(trouble=Trouble.TLS_FAILED), AttemptOutcome.TLS_FAILED, False),
        (Answer(), AttemptOutcome.FAULT, False),
    ],
)
def test_a_reply_says_how_it_ended_and_of_whom(
    answer: Answer, outcome: AttemptOutcome, *, is_theirs: bool
) -> None:
    assert outcome_of_mail(answer) is outcome
    assert is_of_receiver(ChannelKind.EMAIL, outcome) is is_theirs
    assert is_of_receiver(ChannelKind.WEBHOOK, outcome)
