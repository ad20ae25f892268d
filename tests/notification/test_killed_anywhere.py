"""A sender is killed at whatever step and moment: nothing is lost, and no SMS leaves twice.

Hypothesis picks the step and its number, how many messages there are, by which channels they go and
what those who are called say first; the sender is a process, and the kill is a kill.
"""

import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from services.notification import domain
from services.notification.models import Attempt, Delivery
from services.notification.policy import DUE, AttemptOutcome, DeliveryState
from shared.contracts.vocabulary import ChannelKind
from shared.kit.arrays import among
from shared.kit.clock import utc_now
from shared.kit.database import Begin, database_now
from tests.conftest import wait_until
from tests.notification.builders import Post
from tests.notification.killed_anywhere import SECONDS, UNIT, Step, channels_to
from tests.notification.office import Office
from tests.notification.post_office import BREAK_OFF, TAKEN, PostOffice
from tests.notification.receivers import Got, Receiver
from tests.notification.sms_gateway import (
    CANNOT_ONCE,
    FAILS_AFTER,
    OTHER_SECRET,
    REFUSES,
    SECRET,
    TAKES,
    SmsGateway,
)

WEBHOOK, EMAIL, SMS = ChannelKind.WEBHOOK, ChannelKind.EMAIL, ChannelKind.SMS


class Says(StrEnum):
    """What whoever is called says of one message, the first time."""

    TAKES = "takes"
    CANNOT = "cannot"
    """That it certainly has not taken it; the next time it does."""
    LOSES = "loses"
    """It has it, and nobody hears of that."""
    REFUSES = "refuses"


NUMBERS = {
    Says.TAKES: TAKES,
    Says.CANNOT: CANNOT_ONCE,
    Says.LOSES: FAILS_AFTER,
    Says.REFUSES: REFUSES,
}
REPLIES = {Says.CANNOT: "451 4.7.1 later", Says.REFUSES: "550 5.1.1 no such mailbox"}
STATUSES = {Says.CANNOT: 503, Says.LOSES: 500}
MOST = {
    Step.STATEMENT: 60,
    Step.COMMIT: 15,
    Step.COMMITTED: 15,
    Step.CALL: 6,
    Step.CALLED: 6,
    Step.ARRIVED: 4,
}
"""How often at most each step was taken when the sender is killed."""
DOOMS = st.one_of([st.tuples(st.just(it), st.integers(1, most)) for it, most in MOST.items()])
# Whoever refuses a webhook is asked for days.
MESSAGES = st.lists(
    st.tuples(st.sampled_from(ChannelKind), st.sampled_from(Says)).filter(
        lambda it: it != (WEBHOOK, Says.REFUSES)
    ),
    min_size=1,
    max_size=4,
)
Message = tuple[ChannelKind, Says]


@dataclass
class Fate:
    """Who is killed once so much has arrived."""

    victim: "subprocess.Popen[bytes] | None" = None
    left: int = 0

    def arrived(self) -> None:
        """Something has, and is not answered yet."""
        self.left -= 1
        if self.left == 0 and self.victim is not None:
            self.victim.kill()


class Systems(Receiver):
    """Partners' systems, each at a path that says what it says first."""

    def __init__(self, fate: Fate) -> None:
        super().__init__()
        self._fate = fate

    def take(self, got: Got) -> tuple[int, dict[str, str]]:
        is_first = got.headers["webhook-id"] not in self.ids
        self.got.append(got)
        self._fate.arrived()
        says = Says(got.path.rpartition("/")[2])
        return STATUSES.get(says, 204) if is_first else 204, {}


class Offices(PostOffice):
    """Mailboxes, each with a name that says what is said first."""

    def __init__(self, fate: Fate) -> None:
        super().__init__()
        self._fate = fate

    async def handle_RCPT(  # noqa: N802 - a name of aiosmtpd
        self, _server: SMTP, _session: Session, envelope: Envelope, recipient: str, _options: Any
    ) -> str:
        says, is_first = Says(recipient.partition(".")[0]), recipient not in self.reached
        self.reached.append(recipient)
        if says is Says.LOSES and is_first:
            self.at_mail.append(BREAK_OFF)
        said = REPLIES.get(says, TAKEN) if is_first or says is Says.REFUSES else TAKEN
        if said == TAKEN:
            envelope.rcpt_tos.append(recipient)
        return said

    async def handle_DATA(  # noqa: N802 - a name of aiosmtpd
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        self._fate.arrived()
        return await super().handle_DATA(server, session, envelope)


class Phones(SmsGateway):
    """A gateway that says when it was asked."""

    def __init__(self, secret: str, fate: Fate) -> None:
        super().__init__(secret)
        self._fate = fate

    def _answer(self, told: Any) -> int:
        status = super()._answer(told)
        self._fate.arrived()
        return status


@dataclass
class World:
    """Everybody who is called, and the rows of those who call."""

    begin: Begin
    engine: Engine
    fate: Fate = field(default_factory=Fate)

    def __post_init__(self) -> None:
        self.systems, self.offices = Systems(self.fate), Offices(self.fate)
        self.phones = {
            "first": Phones(SECRET, self.fate),
            "second": Phones(OTHER_SECRET, self.fate),
        }

    def ask(self, messages: Sequence[Message]) -> list[UUID]:
        """Have these sent; the deliveries."""
        asked = []
        with self.begin() as session:
            post = Post(session, utc_now())
            for number, (channel, says) in enumerate(messages):
                place = f"{says}.{number}.{len(self.offices.reached)}@partner.example"
                if channel is WEBHOOK:
                    told = post.reachable(url=f"{self.systems.url}/{says}")
                elif channel is EMAIL:
                    told = post.written_to(mailbox=place)
                else:
                    told = post.texted(number=NUMBERS[says])
                post.requested(told)
                asked.append(post.delivery(organisation_id=told).id)
        return asked

    def killed(self, asked: Sequence[UUID], step: Step, number: int) -> None:
        """A sender works until it is killed there, or has done everything before."""
        first, second = (each.address for each in self.phones.values())
        url = self.engine.url.render_as_string(hide_password=False)
        inside = 0 if step is Step.ARRIVED else number
        place = [url, first, second, str(self.offices.port), f"{step}:{inside}"]
        argv = [sys.executable, "-m", "tests.notification.killed_anywhere", *place]
        with subprocess.Popen(argv) as doomed:
            self.fate.victim = doomed
            self.fate.left = number if step is Step.ARRIVED else 0
            try:
                wait_until(lambda: doomed.poll() is not None or not self.open(asked), seconds=60)
            finally:
                self.fate.victim = None
                doomed.kill()
        assert doomed.returncode == -signal.SIGKILL

    def open(self, asked: Sequence[UUID]) -> Sequence[Delivery]:
        """Those that are still to be sent, or to be settled."""
        with self.begin() as session:
            found = session.scalars(select(Delivery).where(among(Delivery.id, asked)))
            return [each for each in found if each.state in DUE]

    def goes_on(self, asked: Sequence[UUID]) -> None:
        """Another sender works until everything is settled."""
        first, second = (each.address for each in self.phones.values())
        channels = dict(channels_to(first, second, self.offices.port))
        del channels[WEBHOOK]
        office = Office(self.begin, more=channels, unit=UNIT, seconds=SECONDS)
        office.sender.start()
        try:
            wait_until(lambda: self.is_left_to_people(asked), seconds=60)
            # What is due then is sent, and what may have left is not.
            later = self.ask([(WEBHOOK, Says.TAKES), (SMS, Says.TAKES)])
            wait_until(lambda: not self.open(later), seconds=60)
            assert self.is_left_to_people(asked)
        finally:
            office.sender.stop()
        assert office.deaths == 0
        with self.begin() as session:
            domain.park_unanswered(session, utc_now())
        assert self.open(asked) == []

    def is_left_to_people(self, asked: Sequence[UUID]) -> bool:
        """Whether nothing is open but texts of a sender that must be dead by now."""
        with self.begin() as session:
            now = database_now(session)
        return all(
            each.channel == SMS and each.state == DeliveryState.SENDING and each.next_at <= now
            for each in self.open(asked)
        )

    def check(self, asked: Sequence[UUID], messages: Sequence[Message]) -> None:
        """Whatever was killed, these hold."""
        with self.begin() as session:
            for delivery_id, (channel, says) in zip(asked, messages, strict=True):
                delivery = session.get_one(Delivery, delivery_id)
                query = select(Attempt).where(Attempt.delivery_id == delivery_id)
                tries = session.scalars(query.order_by(Attempt.number)).all()
                assert [each.number for each in tries] == list(range(1, delivery.attempts + 1))
                assert all(each.outcome for each in tries), "every try has ended"
                _CHECKS[channel](self, delivery, tries, says)

    def webhook_is_right(self, delivery: Delivery, tries: Sequence[Attempt], _says: Says) -> None:
        """It arrives, under one id, no more often than was written down."""
        assert delivery.state == DeliveryState.DELIVERED
        assert 1 <= Counter(self.systems.ids)[str(delivery.id)] <= len(tries)

    def mail_is_right(self, delivery: Delivery, tries: Sequence[Attempt], says: Says) -> None:
        """It arrives as one mail, or is refused."""
        copies = [
            each.raw
            for each in self.offices.taken
            if str(each.mail["Message-ID"]) == f"<{delivery.id}@nhipcau.example>"
        ]
        is_refused = says is Says.REFUSES
        assert delivery.state == (DeliveryState.PARKED if is_refused else DeliveryState.SENT)
        assert len(set(copies)) == (0 if is_refused else 1)
        assert len(copies) <= len(tries)

    def text_is_right(self, delivery: Delivery, tries: Sequence[Attempt], says: Says) -> None:
        """One copy at most has left, by a gateway that was written down; else a person decides."""
        copies = [
            each for at in self.phones.values() for each in at.phones if each.id == str(delivery.id)
        ]
        assert len(copies) <= 1
        asked = {
            (name, body["attempt"])
            for name, at in self.phones.items()
            for body in at.bodies
            if body["id"] == str(delivery.id)
        }
        assert asked <= {(each.carrier, each.number) for each in tries}
        unknown = [each.number for each in tries if each.outcome == AttemptOutcome.UNKNOWN]
        assert unknown in ([], [len(tries)]), "what may have left is not sent again by itself"
        if delivery.state == DeliveryState.SENT:
            assert len(copies) == 1
            assert says in {Says.TAKES, Says.CANNOT}
        else:
            assert delivery.state == DeliveryState.PARKED
            reasons = {AttemptOutcome.UNKNOWN}
            assert delivery.last_code in reasons | (
                {AttemptOutcome.REFUSED} if says is Says.REFUSES else set()
            )


Right = Callable[[World, Delivery, Sequence[Attempt], Says], None]
_CHECKS: dict[ChannelKind, Right] = {
    WEBHOOK: World.webhook_is_right,
    EMAIL: World.mail_is_right,
    SMS: World.text_is_right,
}


@pytest.fixture
def world(begin: Begin, engine: Engine) -> Iterator[World]:
    made = World(begin, engine)
    with ExitStack() as stack:
        stack.enter_context(made.systems)
        stack.enter_context(made.offices)
        for each in made.phones.values():
            stack.enter_context(each)
        yield made


def holds(world: World, messages: Sequence[Message], doom: tuple[Step, int]) -> None:
    asked = world.ask(messages)
    world.killed(asked, *doom)
    world.goes_on(asked)
    world.check(asked, messages)


Test = Callable[..., None]


def killed_somewhere(examples: int) -> Callable[[Test], Test]:
    """A test that is given what is sent, and where its sender is killed."""

    def decorate(test: Test) -> Test:
        quiet = settings(
            max_examples=examples,
            deadline=None,
            # To make what fails smaller would take many processes more.
            phases=[Phase.explicit, Phase.reuse, Phase.generate],
            suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
        )
        return quiet(given(messages=MESSAGES, doom=DOOMS)(test))

    return decorate


@killed_somewhere(6)
def test_wherever_a_sender_is_killed_nothing_is_lost_and_no_text_leaves_twice(
    world: World, messages: list[Message], doom: tuple[Step, int]
) -> None:
    holds(world, messages, doom)


@pytest.mark.long
@killed_somewhere(40)
@example(messages=[(SMS, Says.LOSES), (SMS, Says.CANNOT)], doom=(Step.ARRIVED, 1))
@example(messages=[(SMS, Says.TAKES)], doom=(Step.CALLED, 1))
@example(messages=[(EMAIL, Says.LOSES), (WEBHOOK, Says.LOSES)], doom=(Step.COMMITTED, 3))
def test_wherever_a_sender_is_killed_so_it_is_often(
    world: World, messages: list[Message], doom: tuple[Step, int]
) -> None:
    holds(world, messages, doom)
