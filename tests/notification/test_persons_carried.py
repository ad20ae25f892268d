"""A message to a person goes by another gateway where the first has certainly not sent it."""

import ssl
from collections.abc import Callable, Iterator
from datetime import timedelta
from random import Random
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from services.notification.channels import Carriers
from services.notification.channels.sms import SmsChannel
from services.notification.gateways import HttpGateway, IntakeGateway
from services.notification.models import Carrier, PersonMessage
from services.notification.policy import PersonMessageState
from services.notification.tasks import messages as tasks
from services.notification.tasks.persons import PersonSender
from shared.contracts import PersonMessageAsked
from shared.kit.clock import utc_now
from shared.kit.database import Begin
from shared.outbound import AddressRules
from tests.notification.answering_intake import OF_NOTIFICATION, AnsweringIntake
from tests.notification.conftest import NOON
from tests.notification.sms_gateway import (
    FAILS_AFTER,
    OTHER_SECRET,
    REFUSES,
    SECRET,
    TAKES,
    SmsGateway,
    report,
)

Gateways = tuple[SmsGateway, SmsGateway]
Send = Callable[[str], PersonMessage]


@pytest.fixture
def gateways() -> Iterator[Gateways]:
    with SmsGateway() as first, SmsGateway(OTHER_SECRET) as second:
        yield first, second


@pytest.fixture
def send(begin: Begin, gateways: Gateways) -> Send:
    """Send a message to a person who has this number, by a sender with two gateways."""

    def channel(address: str, secret: str) -> SmsChannel:
        gateway = HttpGateway(
            AddressRules(allow_loopback=True),
            seconds=5.0,
            context=ssl.create_default_context(),
            is_repeated=False,
        )
        return SmsChannel(gateway, url=address, secrets=[secret], most=2, clock=utc_now)

    def sent(number: str) -> PersonMessage:
        now, message_id = utc_now(), uuid4()
        asked = PersonMessageAsked(
            occurred_at=now,
            case_id=uuid4(),
            message_id=message_id,
            send_at=now - timedelta(seconds=1),
        )
        with begin() as session:
            tasks.note_person_message(session, asked, now)
        first, second = gateways
        phones = {
            "first": (1, channel(first.address, SECRET)),
            "second": (0, channel(second.address, OTHER_SECRET)),
        }
        with AnsweringIntake(number) as intake:
            PersonSender(
                begin,
                IntakeGateway(OF_NOTIFICATION, intake.address, seconds=5.0),
                Carriers(phones),
                lease_seconds=30.0,
                unit_seconds=1.0,
                rng=Random(1),
                on_death=lambda: None,
            ).turn()
            assert len(intake.asked) == 1
        with begin() as session:
            query = select(PersonMessage).where(PersonMessage.message_id == message_id)
            return session.scalars(query).one()

    return sent


def test_the_second_gateway_is_asked_in_the_same_try_and_intake_once(
    send: Send, begin: Begin, gateways: Gateways
) -> None:
    first, second = gateways
    first.is_down = True
    message = send(TAKES)
    assert (message.state, message.carrier) == (PersonMessageState.SENT, "second")
    assert (len(first.bodies), len(first.phones), len(second.phones)) == (1, 0, 1)
    with begin() as session:
        assert session.get_one(Carrier, ("sms", "first")).last_failed_at is not None


@pytest.mark.parametrize(
    ("number", "state"),
    [(FAILS_AFTER, PersonMessageState.UNKNOWN), (REFUSES, PersonMessageState.NOT_SENT)],
)
def test_what_may_have_left_or_was_refused_is_given_to_no_second_gateway(
    send: Send, gateways: Gateways, number: str, state: PersonMessageState
) -> None:
    message = send(number)
    assert (message.state, message.carrier) == (state, "first")
    assert gateways[1].bodies == []


def test_where_all_fail_each_is_asked_once_and_nothing_has_left(
    send: Send, gateways: Gateways
) -> None:
    for each in gateways:
        each.is_down = True
    assert send(TAKES).state == PersonMessageState.NOT_SENT
    assert [len(each.bodies) for each in gateways] == [1, 1]


def test_a_report_about_a_person_is_believed_of_the_gateway_that_took_it(
    send: Send, begin: Begin, gateways: Gateways, client: TestClient
) -> None:
    client.app.state.sms_secrets = {"first": (SECRET,), "second": (OTHER_SECRET,)}  # type: ignore[attr-defined]
    gateways[0].is_down = True
    message = send(TAKES)
    body = {"id": str(message.id), "attempt": 1, "outcome": "delivered"}
    assert report(client, body, at=NOON.timestamp()).status_code == 404
    assert report(client, body, at=NOON.timestamp(), secret=OTHER_SECRET).status_code == 204
    with begin() as session:
        assert session.get_one(PersonMessage, message.id).state == PersonMessageState.DELIVERED
