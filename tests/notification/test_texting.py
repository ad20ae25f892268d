"""Officers on duty are told by SMS, by a real gateway on loopback: one copy at most."""

import ssl
from collections.abc import Callable, Collection, Iterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from services.notification import domain
from services.notification.channels.sms import SmsChannel
from services.notification.gateways import HttpGateway
from services.notification.policy import AttemptOutcome, DeliveryState
from shared.contracts import DeliveryConcluded
from shared.contracts.vocabulary import ChannelKind, DeliveryOutcome, Role
from shared.kit.clock import utc_now
from shared.kit.database import Begin
from shared.kit.identifiers import new_id
from shared.messaging import alerts
from shared.messaging.alerts import AlertKind
from shared.messaging.parking import ReplayReason
from shared.outbound import AddressRules
from tests.conftest import wait_until
from tests.notification.builders import NUMBER, Post
from tests.notification.office import MakeOffice, Office
from tests.notification.receivers import Receiver
from tests.notification.sms_gateway import (
    CANNOT_ONCE,
    FAILS_AFTER,
    NEVER_ANSWERS,
    OTHER_SECRET,
    REFUSES,
    SECRET,
    TAKES,
    THROTTLES_ONCE,
    SmsGateway,
)
from tests.subjects import somebody

MakeTexting = Callable[..., Office]
Told = Callable[[], list[DeliveryConcluded]]


@pytest.fixture
def sms_gateway() -> Iterator[SmsGateway]:
    with SmsGateway() as started:
        yield started


@pytest.fixture
def texting(make_office: MakeOffice, sms_gateway: SmsGateway) -> MakeTexting:
    """A sender that has a gateway of SMS."""

    def make(
        *, url: str | None = None, within: float = 5.0, secret: str = SECRET, **limits: Any
    ) -> Office:
        gateway = HttpGateway(
            AddressRules(allow_loopback=True),
            seconds=within,
            context=ssl.create_default_context(),
            is_repeated=False,
        )
        channel = SmsChannel(
            gateway, url=url or sms_gateway.address, secrets=[secret], most=2, clock=utc_now
        )
        return make_office(more={ChannelKind.SMS: channel}, **limits)

    return make


def asked(office: Office, number: str = TAKES) -> UUID:
    """A school whose officer carries this phone is asked to take somebody; the offer."""
    with office.at() as post:
        (told,) = post.requested(post.texted(number=number))
    return told.offer_id


def tries(begin: Begin) -> list[tuple[str | None, int | None]]:
    """How each try of the only delivery ended."""
    with begin() as session:
        post = Post(session, utc_now())
        return [(it.outcome, it.http_status) for it in post.attempts(post.delivery().id)]


def parked(begin: Begin) -> Collection[UUID]:
    """What an operator is told of."""
    with begin() as session:
        return alerts.open_objects(session, AlertKind.DELIVERY_PARKED)


def test_an_officer_on_duty_learns_that_there_is_something_and_nobody_else_of_what(
    texting: MakeTexting, sms_gateway: SmsGateway
) -> None:
    office = texting()
    offer_id = asked(office)
    office.settled(sent=1)
    (got,) = sms_gateway.bodies
    code = offer_id.hex[-8:].upper()
    assert got["text"] == f"Có việc mới cần xử lý. Mã: {code}. Xem trên trang làm việc."
    assert (got["to"], got["encoding"], got["segments"]) == (NUMBER, "ucs2", 1)
    with office.begin() as session:
        delivery = Post(session, utc_now()).delivery()
        assert (delivery.channel, str(delivery.id)) == (ChannelKind.SMS, got["id"])


def test_what_a_gateway_has_taken_is_not_told_as_delivered(
    texting: MakeTexting, told: Told
) -> None:
    office = texting()
    asked(office)
    office.settled(sent=1)
    assert told() == []


@pytest.mark.parametrize(
    ("number", "first"),
    [
        (THROTTLES_ONCE, (AttemptOutcome.THROTTLED, 429)),
        (CANNOT_ONCE, (AttemptOutcome.FAILED, 503)),
    ],
)
def test_what_was_certainly_not_sent_goes_again(
    texting: MakeTexting, sms_gateway: SmsGateway, number: str, first: tuple[AttemptOutcome, int]
) -> None:
    office = texting()
    asked(office, number)
    office.settled(sent=1)
    assert tries(office.begin) == [first, (AttemptOutcome.SENT, 202)]
    assert len(sms_gateway.phones) == 1


def test_a_gateway_that_is_away_is_called_again_and_is_no_fault_of_the_office(
    texting: MakeTexting,
) -> None:
    office = texting(url="http://127.0.0.1:9/v1")
    with office.at() as post:
        school = post.texted()
        post.requested(school, 6)
    wait_until(lambda: last_codes(office) == {AttemptOutcome.UNREACHABLE})
    with office.begin() as session:
        endpoint = Post(session, utc_now()).endpoint(school)
        assert (endpoint.consecutive_failures, endpoint.paused_until) == (0, None)


def last_codes(office: Office) -> set[str | None]:
    with office.begin() as session:
        return set(session.scalars(text("SELECT last_code FROM deliveries")))


def test_a_refused_number_waits_for_a_person_after_one_try(
    texting: MakeTexting, sms_gateway: SmsGateway
) -> None:
    office = texting()
    asked(office, REFUSES)
    office.settled(parked=1)
    assert tries(office.begin) == [(AttemptOutcome.REFUSED, 422)]
    assert sms_gateway.phones == []
    assert len(parked(office.begin)) == 1


@pytest.mark.parametrize(
    ("number", "status"), [(FAILS_AFTER, 502), (NEVER_ANSWERS, None)], ids=["fault", "silence"]
)
def test_what_may_have_left_is_never_sent_again_by_itself(
    texting: MakeTexting, sms_gateway: SmsGateway, told: Told, number: str, status: int | None
) -> None:
    sms_gateway.hold.clear()
    office = texting(within=0.4)
    asked(office, number)
    office.settled(parked=1)
    assert tries(office.begin) == [(AttemptOutcome.UNKNOWN, status)]
    # Whatever else the sender does meanwhile, it is left alone.
    with office.at() as post:
        post.requested(post.texted(number=TAKES))
    office.settled(parked=1, sent=1)
    assert [each.to for each in sms_gateway.phones] == [number, TAKES]
    assert len(parked(office.begin)) == 1
    assert [each.outcome for each in told()] == [DeliveryOutcome.PARKED]


def test_a_person_has_it_sent_again_and_a_gateway_that_knows_its_id_sends_no_second(
    texting: MakeTexting, sms_gateway: SmsGateway
) -> None:
    sms_gateway.hold.clear()
    office = texting(within=0.4)
    asked(office, NEVER_ANSWERS)
    office.settled(parked=1)
    sms_gateway.hold.set()
    with office.at() as post:
        delivery = post.delivery()
        domain.replay_delivery(
            post.session,
            delivery_id=delivery.id,
            subject=somebody(new_id(), Role.OPERATOR),
            reason=ReplayReason.CAUSE_FIXED,
            actor="operator",
            now=post.now,
        )
    office.sender.wake()
    office.settled(sent=1)
    assert tries(office.begin) == [(AttemptOutcome.UNKNOWN, None), (AttemptOutcome.SENT, 202)]
    assert [each["attempt"] for each in sms_gateway.bodies] == [1, 2]
    assert len(sms_gateway.phones) == 1


def test_what_may_have_left_stays_so_where_its_number_was_replaced_meanwhile(
    texting: MakeTexting, sms_gateway: SmsGateway
) -> None:
    sms_gateway.hold.clear()
    office = texting(within=3.0)
    with office.at() as post:
        school = new_id()
        number = post.told.contact_number(school, number=NEVER_ANSWERS)
        post.hand(number)
        post.requested(school)
    wait_until(lambda: len(sms_gateway.bodies) == 1)
    with office.at() as post:
        post.hand(number.model_copy(update={"valid_to": post.now}))
        post.texted(school, number=TAKES)
    office.settled(parked=1)
    assert [each.to for each in sms_gateway.phones] == [NEVER_ANSWERS]


def test_whoever_has_a_system_or_a_mailbox_is_not_texted(
    texting: MakeTexting, sms_gateway: SmsGateway, receiver: Receiver
) -> None:
    office = texting()
    with office.at() as post:
        with_system = post.texted(post.reachable(url=receiver.url))
        with_mailbox = post.texted(post.written_to())
        post.requested(with_system)
        post.requested(with_mailbox)
    # The second waits for a sender that has a mail server.
    office.settled(delivered=1, pending=1)
    assert sms_gateway.bodies == []


def test_a_gateway_that_does_not_believe_us_is_our_own_fault(
    texting: MakeTexting, sms_gateway: SmsGateway
) -> None:
    office = texting(secret=OTHER_SECRET)
    asked(office)
    wait_until(lambda: last_codes(office) == {AttemptOutcome.FAULT})
    assert sms_gateway.phones == []


def test_a_sender_without_a_gateway_leaves_texts_to_one_that_has_it(
    make_office: MakeOffice, texting: MakeTexting
) -> None:
    without = make_office()
    asked(without)
    without.settled(pending=1)
    texting().settled(sent=1)


def test_a_test_of_a_number_says_nothing_and_names_no_code(
    texting: MakeTexting, sms_gateway: SmsGateway
) -> None:
    office = texting()
    with office.at() as post:
        school = post.texted()
        domain.try_endpoint(
            post.session,
            endpoint_id=post.endpoint(school).endpoint_id,
            subject=somebody(school, Role.PROVIDER),
            now=post.now,
        )
    office.settled(sent=1)
    assert [each.text for each in sms_gateway.phones] == ["Tin thử, không cần trả lời."]


def test_a_sender_that_died_leaves_it_to_a_person(post: Post, begin: Begin, told: Told) -> None:
    post.requested(post.texted())
    post.claim()
    late = post.later(3600)
    assert late.claim() == []
    assert domain.strand_deliveries(late.session, late.now) == 0
    assert domain.park_unanswered(late.session, late.now) == 1
    delivery = late.delivery()
    assert (delivery.state, delivery.last_code) == (DeliveryState.PARKED, AttemptOutcome.UNKNOWN)
    assert [each.outcome for each in late.attempts(delivery.id)] == [AttemptOutcome.UNKNOWN]
    assert late.later(3600).claim() == []
    assert [each.outcome for each in told()] == [DeliveryOutcome.PARKED]
