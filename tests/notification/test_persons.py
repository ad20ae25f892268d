"""A message to a person leaves once at most, and only as intake answers when it would leave."""

import signal
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from services.notification import domain
from services.notification.channels import Carriers
from services.notification.channels.sms import SmsChannel
from services.notification.domain import telling_words
from services.notification.gateways import HttpGateway, IntakeGateway
from services.notification.models import PersonMessage, SendingChannel
from services.notification.policy import (
    MAIN,
    SMS,
    PersonMessageState,
    PersonTry,
    SuspensionReason,
    find_telling,
    fitted,
)
from services.notification.tasks import messages as tasks
from services.notification.tasks.persons import PersonSender
from shared.contracts import BY_TYPE, PersonMessageAsked, PersonMessageConcluded, Queue
from shared.contracts.vocabulary import ChannelKind, ContactRefusal, PersonMessageOutcome
from shared.kit.audit import AUDIT
from shared.kit.clock import utc_now
from shared.kit.database import Begin
from shared.messaging.envelope import Links
from shared.outbound import AddressRules
from shared.texts import TextLanguage, of_service
from tests.conftest import wait_until
from tests.notification.answering_intake import (
    NEUTRAL,
    OF_NOTIFICATION,
    AnsweringIntake,
)
from tests.notification.conftest import NOON
from tests.notification.person_killed import ANSWERED, SENT
from tests.notification.sms_gateway import (
    CANNOT_ONCE,
    FAILS_AFTER,
    REFUSES,
    SECRET,
    THROTTLES_ONCE,
    SmsGateway,
    report,
)
from tests.told import IN_OUTBOX

CANARY = "+84987654321"
"""A number that must stand nowhere here."""
S, Told = PersonMessageState, PersonMessageOutcome


@pytest.fixture
def phones() -> Iterator[SmsGateway]:
    with SmsGateway() as started:
        yield started


@pytest.fixture
def intake() -> Iterator[AnsweringIntake]:
    with AnsweringIntake(CANARY) as started:
        yield started


Make = Callable[..., PersonSender]


@pytest.fixture
def make(begin: Begin, intake: AnsweringIntake, phones: SmsGateway) -> Make:
    """A sender whose turns the test takes by itself."""

    def sender(*, has_gateway: bool = True, address: str = "", unit: float = 0.0) -> PersonSender:
        gateway = HttpGateway(
            AddressRules(allow_loopback=True),
            seconds=5.0,
            context=ssl.create_default_context(),
            is_repeated=False,
        )
        channel = SmsChannel(gateway, url=phones.address, secrets=[SECRET], most=2, clock=utc_now)
        return PersonSender(
            begin,
            IntakeGateway(OF_NOTIFICATION, address or intake.address, seconds=5.0),
            Carriers({MAIN: (1, channel)}) if has_gateway else None,
            lease_seconds=30.0,
            unit_seconds=unit,
            on_death=lambda: None,
        )

    return sender


@pytest.fixture
def asked(begin: Begin) -> UUID:
    """A message that is to leave now."""
    return ask(begin)


def ask(begin: Begin, **changes: Any) -> UUID:
    now = utc_now()
    facts = {
        "occurred_at": now,
        "case_id": uuid4(),
        "message_id": uuid4(),
        "send_at": now - timedelta(seconds=1),
    }
    told = PersonMessageAsked(**(facts | changes))
    with begin() as session:
        tasks.note_person_message(session, told, now)
    return told.message_id


def standing(begin: Begin, message_id: UUID) -> tuple[PersonMessageState, str | None]:
    with begin() as session:
        found = session.scalars(
            select(PersonMessage).where(PersonMessage.message_id == message_id)
        ).one()
        return PersonMessageState(found.state), found.refusal


def told(begin: Begin) -> list[PersonMessageOutcome]:
    """What intake was told, in its order."""
    with begin() as session:
        rows = session.execute(
            select(IN_OUTBOX.c.type, IN_OUTBOX.c.body)
            .where(IN_OUTBOX.c.type == PersonMessageConcluded.type)
            .order_by(IN_OUTBOX.c.aggregate_id, IN_OUTBOX.c.sequence)
        ).all()
    return [BY_TYPE[row.type].model_validate(row.body).outcome for row in rows]  # type: ignore[attr-defined]


def everything(session: Session) -> str:
    """Every row of every table, as text."""
    tables = session.scalars(
        text("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
    ).all()
    return "".join(
        str(session.scalar(text(f"SELECT coalesce(json_agg(t), '[]') FROM \"{name}\" AS t")))  # noqa: S608
        for name in tables
    )


def test_what_intake_answers_leaves_and_is_kept_nowhere(
    make: Make, begin: Begin, asked: UUID, phones: SmsGateway, caplog: pytest.LogCaptureFixture
) -> None:
    sender = make()
    assert sender.turn()
    assert not sender.turn()
    (left,) = phones.phones
    assert (left.to, left.text) == (CANARY, NEUTRAL)
    assert standing(begin, asked) == (S.SENT, None)
    assert told(begin) == [Told.SENT]
    with begin() as session:
        kept = everything(session)
        (entry,) = session.scalars(
            select(AUDIT.c.action).where(AUDIT.c.action.startswith("person_message"))
        )
    assert entry == "person_message.sent"
    for secret in (CANARY.removeprefix("+84"), NEUTRAL):
        assert secret not in kept + caplog.text


def test_nothing_is_asked_before_its_time(
    make: Make, begin: Begin, intake: AnsweringIntake
) -> None:
    ask(begin, send_at=utc_now() + timedelta(hours=1))
    assert not make().turn()
    assert intake.asked == []


def test_while_what_goes_by_sms_is_stopped_nobody_is_asked(
    make: Make, begin: Begin, asked: UUID, intake: AnsweringIntake
) -> None:
    with begin() as session:
        stopped = SendingChannel(channel=ChannelKind.SMS, channel_id=uuid4())
        stopped.suspended_at, stopped.suspended_by = utc_now(), "staff:1"
        stopped.suspension_reason = next(iter(SuspensionReason))
        session.merge(stopped)
    assert not make().turn()
    assert intake.asked == []
    with begin() as session:
        session.get_one(SendingChannel, ChannelKind.SMS).suspended_at = None
    assert make().turn()
    assert standing(begin, asked)[0] is S.SENT


def test_a_message_that_is_told_of_twice_leaves_once(
    make: Make, begin: Begin, phones: SmsGateway
) -> None:
    facts = {"message_id": uuid4(), "case_id": uuid4()}
    ask(begin, **facts)
    ask(begin, **facts)
    sender = make()
    while sender.turn():
        pass
    assert len(phones.phones) == 1


@pytest.mark.parametrize("reason", ContactRefusal)
def test_what_intake_keeps_back_does_not_leave(
    *,
    make: Make,
    begin: Begin,
    asked: UUID,
    intake: AnsweringIntake,
    phones: SmsGateway,
    reason: ContactRefusal,
) -> None:
    intake.refuse(reason)
    make().turn()
    assert phones.bodies == []
    was_answered = reason is ContactRefusal.ANSWERED_ALREADY
    state = S.UNKNOWN if was_answered else S.CANCELLED
    assert standing(begin, asked) == (state, reason)
    assert told(begin) == [Told(state)]


@pytest.mark.parametrize(
    ("number", "state"),
    [
        (REFUSES, S.NOT_SENT),
        (THROTTLES_ONCE, S.NOT_SENT),
        (CANNOT_ONCE, S.NOT_SENT),
        (FAILS_AFTER, S.UNKNOWN),
    ],
)
def test_after_the_gateway_was_called_there_is_no_second_try(
    *,
    make: Make,
    begin: Begin,
    asked: UUID,
    intake: AnsweringIntake,
    phones: SmsGateway,
    number: str,
    state: PersonMessageState,
) -> None:
    intake.told["to"] = number
    sender = make()
    while sender.turn():
        pass
    assert standing(begin, asked)[0] is state
    assert (len(phones.bodies), len(intake.asked)) == (1, 1)
    assert told(begin) == [Told(state)]


def test_a_text_that_tells_does_not_leave(
    make: Make, begin: Begin, asked: UUID, intake: AnsweringIntake, phones: SmsGateway
) -> None:
    intake.told["text"] = "Công an mời chị đến làm việc."
    make().turn()
    assert phones.bodies == []
    assert standing(begin, asked)[0] is S.NOT_SENT


def test_without_a_gateway_nothing_is_disclosed(
    make: Make, begin: Begin, asked: UUID, intake: AnsweringIntake
) -> None:
    make(has_gateway=False).turn()
    assert intake.asked == []
    assert standing(begin, asked)[0] is S.NOT_SENT


def test_while_intake_is_silent_nothing_leaves_and_after_a_day_it_is_given_up(
    make: Make, begin: Begin, asked: UUID, intake: AnsweringIntake, phones: SmsGateway
) -> None:
    intake.status = 503
    sender = make()
    while sender.turn():
        pass
    assert len(intake.asked) == len(SMS.waits) + 1
    assert phones.bodies == []
    assert standing(begin, asked)[0] is S.EXPIRED
    assert told(begin) == [Told.EXPIRED]


def test_intake_that_comes_back_is_asked_again(
    make: Make, begin: Begin, asked: UUID, phones: SmsGateway
) -> None:
    make(address="http://127.0.0.1:9").turn()
    assert standing(begin, asked)[0] is S.PENDING
    make().turn()
    assert standing(begin, asked)[0] is S.SENT
    assert len(phones.phones) == 1


def test_what_intake_has_not_signed_is_no_answer(
    make: Make, begin: Begin, asked: UUID, intake: AnsweringIntake, phones: SmsGateway
) -> None:
    intake.links = Links("intake", {"notification": "1"}, {"notification": {"1": bytes(32)}})
    make(unit=60.0).turn()
    assert phones.bodies == []
    assert standing(begin, asked)[0] is S.PENDING


@pytest.mark.parametrize(("step", "copies"), [(ANSWERED, 0), (SENT, 1)])
def test_a_message_whose_sender_was_killed_leaves_once_at_most(
    *,
    make: Make,
    begin: Begin,
    engine: Engine,
    asked: UUID,
    intake: AnsweringIntake,
    phones: SmsGateway,
    step: str,
    copies: int,
) -> None:
    url = engine.url.render_as_string(hide_password=False)
    place = [url, intake.address, phones.address, step]
    command = [sys.executable, "-m", "tests.notification.person_killed", *place]
    doomed = subprocess.run(command, check=False)
    assert doomed.returncode == -signal.SIGKILL
    assert standing(begin, asked)[0] is S.SENDING
    sender = make()

    def is_given_up() -> bool:
        sender.turn()
        return standing(begin, asked)[0] is S.UNKNOWN

    wait_until(is_given_up, seconds=20)
    assert not sender.turn()
    assert (len(phones.phones), len(intake.asked)) == (copies, 1)
    assert told(begin) == [Told.UNKNOWN]


def test_a_result_that_comes_after_its_lease_changes_nothing(
    make: Make, begin: Begin, asked: UUID
) -> None:
    with begin() as session:
        claimed = domain.claim_message(session, lease_seconds=0.0, now=utc_now())
    assert claimed is not None
    make().turn()
    with begin() as session:
        sent = PersonTry(S.SENT)
        domain.record_try(session, claimed=claimed, ended=sent, unit_seconds=1.0, now=utc_now())
    assert standing(begin, asked)[0] is S.UNKNOWN


@pytest.mark.parametrize(
    ("number", "outcomes", "state"),
    [
        (CANARY, ["delivered", "delivered"], S.DELIVERED),
        (CANARY, ["failed"], S.UNDELIVERED),
        (CANARY, ["failed", "delivered"], S.DELIVERED),
        (CANARY, ["delivered", "failed"], S.DELIVERED),
        (FAILS_AFTER, ["delivered"], S.DELIVERED),
        (REFUSES, ["failed"], S.NOT_SENT),
    ],
)
def test_the_network_says_what_became_of_it(
    *,
    make: Make,
    begin: Begin,
    asked: UUID,
    intake: AnsweringIntake,
    phones: SmsGateway,
    client: TestClient,
    number: str,
    outcomes: list[str],
    state: PersonMessageState,
) -> None:
    intake.told["to"] = number
    make().turn()
    (handed,) = phones.bodies
    for outcome in outcomes:
        body = {"id": handed["id"], "attempt": 1, "outcome": outcome}
        assert report(client, body, at=NOON.timestamp()).status_code == 204
    assert standing(begin, asked)[0] is state
    assert told(begin)[-1] == Told(state)
    assert len(told(begin)) == len(set(told(begin)))


@pytest.mark.parametrize("language", TextLanguage)
def test_no_text_to_a_person_tells_and_each_fits_into_one_message(language: TextLanguage) -> None:
    texts = of_service(Queue.INTAKE).vocabularies(language)["person_text"]
    assert len(texts) >= 3
    for said in texts.values():
        assert find_telling(f"{said}.", telling_words()) == []
        assert fitted(f"{said}.", most=2)[1].count <= 2
