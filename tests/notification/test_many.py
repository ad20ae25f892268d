"""Ten thousand deliveries to two hundred endpoints over three channels, twenty of which fail.

Whoever hangs does so until the test is over: what arrived meanwhile was delayed by nobody else.
"""

import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import psutil
import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import Engine, text

from shared.contracts.vocabulary import ChannelKind
from shared.kit.clock import utc_now
from shared.kit.database import Begin
from tests.conftest import wait_until
from tests.notification.builders import Post
from tests.notification.post_office import TAKEN, PostOffice
from tests.notification.receivers import Got, Receiver, Rude
from tests.notification.sending_many import SECONDS
from tests.notification.sms_gateway import (
    CANNOT_ONCE,
    FAILS_AFTER,
    NEVER_ANSWERS,
    REFUSES,
    THROTTLES_ONCE,
    SmsGateway,
)

pytestmark = pytest.mark.long

EACH = 50
WEBHOOKS, MAILBOXES, PHONES = 100, 60, 40
HANGING = 4
"""Endpoints that take a call and say nothing, each of which could hold a quarter of all calls."""
ANSWERED = {"500": 500, "503": 503, "410": 410, "404": 404, "429": 429}
"""What is answered at a path of its own, whatever comes."""
REFUSED = {
    "day@partner.example": "550 5.1.1 no such mailbox",
    "khong-con@partner.example": "550 5.7.1 not here",
    "cho@partner.example": "451 4.7.1 later",
    "day-hom-thu@partner.example": "452 4.2.2 full",
    "cham@partner.example": "421 4.3.2 closing",
}
TEXTED_IN_VAIN = (REFUSES, NEVER_ANSWERS, FAILS_AFTER)
GROWN_LITTLE = 1.25
"""What the sender may hold at the end, of what it held after the first thousand."""


class System(Receiver):
    """Systems of many, each at its path: they take, answer with a fault, or hang."""

    def __init__(self) -> None:
        super().__init__()
        self.over = threading.Event()

    def take(self, got: Got) -> tuple[int, dict[str, str]]:
        name = got.path.rpartition("/")[2]
        self.got.append(got)
        if name.startswith("hangs"):
            self.over.wait(SECONDS)
        return ANSWERED.get(name, 204), {}


class Offices(PostOffice):
    """Mailboxes of many: what is said of each."""

    async def handle_RCPT(  # noqa: N802 - a name of aiosmtpd
        self, _server: SMTP, _session: Session, envelope: Envelope, recipient: str, _options: Any
    ) -> str:
        said = REFUSED.get(recipient, TAKEN)
        if said == TAKEN:
            envelope.rcpt_tos.append(recipient)
        return said


@dataclass(frozen=True)
class Receivers:
    """Everybody who is told."""

    system: System
    offices: Offices
    gateway: SmsGateway
    rude: Rude

    def arrived(self) -> Counter[str]:
        """How much each of those that are well has got."""
        paths = Counter(got.path.rpartition("/")[2] for got in [*self.system.got])
        mails = Counter(each.recipient for each in [*self.offices.taken])
        texts = Counter(each.to for each in [*self.gateway.phones])
        return Counter({name: n for name, n in (paths + mails + texts).items() if is_well(name)})


def is_well(name: str) -> bool:
    return not name.startswith("hangs") and name not in {*ANSWERED, *REFUSED, *TEXTED_IN_VAIN}


@pytest.fixture
def receivers() -> Iterator[Receivers]:
    with ExitStack() as stack:
        rude = Rude(lambda client, _over: client.close())
        system = System()
        made = Receivers(system, Offices(), SmsGateway(), rude)
        for each in (system, made.offices, made.gateway, rude):
            stack.enter_context(each)
        made.gateway.hold.clear()
        stack.callback(system.over.set)
        yield made


def everybody(receivers: Receivers) -> Mapping[str, Mapping[str, Any]]:
    """Two hundred endpoints by name, each with where it is told."""
    place = receivers.system.url
    paths = [*(f"hangs-{n}" for n in range(HANGING)), *ANSWERED]
    paths += [f"well-{n}" for n in range(WEBHOOKS - len(paths) - 1)]
    mailboxes = [*REFUSED, *(f"van-phong-{n}@partner.example" for n in range(MAILBOXES))]
    # Two are only unwilling once: they are well, and get everything.
    numbers = [*TEXTED_IN_VAIN, THROTTLES_ONCE, CANNOT_ONCE]
    numbers += [f"+8490100{n:04}" for n in range(PHONES)]
    return {
        **{path: {"url": f"{place}/{path}"} for path in paths},
        "breaks off": {"url": receivers.rude.url},
        **{each: {"mailbox": each} for each in mailboxes[:MAILBOXES]},
        **{each: {"number": each} for each in numbers[:PHONES]},
    }


def ask(begin: Begin, told: Mapping[str, Mapping[str, Any]]) -> None:
    """Have everybody told of so many offers."""
    for where in told.values():
        with begin() as session:
            post = Post(session, utc_now())
            make = {"url": post.reachable, "mailbox": post.written_to, "number": post.texted}
            (kind,) = where
            post.requested(make[kind](**where), EACH)


@contextmanager
def sending(engine: Engine, receivers: Receivers) -> Iterator[psutil.Process]:
    url = engine.url.render_as_string(hide_password=False)
    place = [url, receivers.gateway.address, str(receivers.offices.port)]
    started = subprocess.Popen([sys.executable, "-m", "tests.notification.sending_many", *place])
    try:
        yield psutil.Process(started.pid)
    finally:
        started.kill()
        started.wait()


def held(process: psutil.Process) -> int:
    return int(process.memory_full_info().uss)


def states(begin: Begin, channel: ChannelKind) -> Counter[str]:
    query = "SELECT state, count(*) FROM deliveries WHERE channel = :channel GROUP BY 1"
    with begin() as session:
        rows: Sequence[Any] = session.execute(text(query), {"channel": channel}).all()
    return Counter({row.state: row.count for row in rows})


def test_whoever_is_well_gets_everything_once_while_others_fail_and_hang(
    begin: Begin, engine: Engine, receivers: Receivers
) -> None:
    told = everybody(receivers)
    assert len(told) == WEBHOOKS + MAILBOXES + PHONES
    failing = [name for name in told if not is_well(name) or name == "breaks off"]
    assert len(failing) + len({THROTTLES_ONCE, CANNOT_ONCE}) == 20
    ask(begin, told)
    due = Counter({name: EACH for name in told if name not in failing})
    with sending(engine, receivers) as process:
        wait_until(lambda: receivers.arrived().total() > 1000, seconds=SECONDS / 3)
        early = held(process)
        wait_until(lambda: receivers.arrived().total() >= due.total(), seconds=SECONDS / 2)
        late = held(process)
        assert receivers.arrived() == due
        assert not receivers.system.over.is_set(), "whoever hangs has hung all the time"
    assert late < GROWN_LITTLE * early
    webhooks = Counter(got.headers["webhook-id"] for got in receivers.system.got)
    well = {got.headers["webhook-id"] for got in receivers.system.got if "/well-" in got.path}
    assert {webhooks[each] for each in well} == {1}
    assert {*Counter(receivers.offices.message_ids()).values()} == {1}
    assert {*Counter(each.id for each in receivers.gateway.phones).values()} == {1}
