"""Three services in one process and partners that keep whatever they receive, header by header."""

import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid4

from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import delete, select

from services.directory.tasks import consumer as directory
from services.intake.tasks import consumer as intake
from services.livelihood_support.tasks import consumer as livelihood_support
from services.notification.channels import WebhookChannel
from services.notification.domain import Pacing
from services.notification.gateways import HttpGateway
from services.notification.tasks import consumer as notification
from services.notification.tasks.sender import Limits, Sender
from shared.contracts import (
    BY_TYPE,
    EndpointChanged,
    Message,
    ProgrammeChanged,
    Queue,
)
from shared.contracts.vocabulary import (
    AssuredBy,
    ChannelKind,
    EndpointStatus,
    EntitlementCode,
    OrganisationKind,
)
from shared.kit import trace
from shared.kit.database import Begin
from shared.kit.identifiers import new_id
from shared.messaging import outbox
from shared.messaging.tables import OUTBOX
from shared.outbound import AddressRules
from tests.conftest import wait_until
from tests.notification.receivers import Receiver
from tests.told import IN_OUTBOX

CONSUMERS = {each.queue: each for each in (directory, intake, livelihood_support, notification)}
MASTER = bytes(32)


class Ticking:
    """A clock of its own, a little later at each look: only what is done together is at once.

    It begins some days ago: what the database's clock says of tries is no moment of this one.
    """

    def __init__(self) -> None:
        self._now = datetime.now(UTC) - timedelta(days=10)

    def __call__(self) -> datetime:
        self._now += timedelta(milliseconds=7, microseconds=Random(self._now.second).randrange(900))
        return self._now

    def leap(self, **by: float) -> None:
        """Let time pass."""
        self._now += timedelta(**by)


@dataclass
class Partner:
    """An organisation outside: its system, its token, and all it has ever received."""

    name: str
    kind: OrganisationKind
    code: EntitlementCode
    headers: dict[str, str]
    receiver: Receiver
    organisation_id: UUID
    programme_id: UUID = field(default_factory=new_id)
    endpoint_id: UUID = field(default_factory=new_id)
    received: list[Any] = field(default_factory=list)

    @property
    def known_before(self) -> frozenset[str]:
        """Ids it had before anybody was referred to it, from the public register."""
        own = (self.organisation_id, self.programme_id, self.endpoint_id)
        return frozenset(map(str, own))


class Exchange:
    """Messages are handed over one by one, each in a transaction of its own."""

    def __init__(self, begins: Mapping[Queue, Begin], clock: Ticking) -> None:
        self.begins = begins
        self.clock = clock
        self.apps: dict[Queue, FastAPI] = {}

    def deliver(self, queue: Queue, message: Message, traceparent: str | None = None) -> None:
        """Hand a message to its service, with the trace it came with."""
        with self.begins[queue]() as session:
            session.info[outbox.TRACES] = {message.aggregate_id: trace.step_of(traceparent)}
            CONSUMERS[queue].handlers[type(message)](session, [message], self.clock())

    def carry(self) -> None:
        """Carry what was told until nothing more is told."""
        while told := [row for begin in self.begins.values() for row in _taken(begin)]:
            for row in told:
                if row.destination in self.begins:
                    message = BY_TYPE[row.type].model_validate(row.body)
                    self.deliver(Queue(row.destination), message, row.traceparent)

    def join(self, partner: Partner) -> None:
        """Tell everyone of a partner's programme and of its system."""
        now = self.clock()
        self.deliver(
            Queue.LIVELIHOOD_SUPPORT,
            ProgrammeChanged(
                occurred_at=now,
                programme_id=partner.programme_id,
                organisation_id=partner.organisation_id,
                organisation_kind=partner.kind,
                codes=(partner.code,),
                area_codes=("31",),
                capacity=20,
                assured_at=now,
                assured_by=AssuredBy.ORGANISATION,
            ),
        )
        self.deliver(
            Queue.NOTIFICATION,
            EndpointChanged(
                occurred_at=now,
                endpoint_id=partner.endpoint_id,
                organisation_id=partner.organisation_id,
                url=partner.receiver.url,
                status=EndpointStatus.ACTIVE,
                secret_version=1,
            ),
        )

    def send(self, partners: list[Partner], count: int) -> None:
        """Send what is due, until each of the partners has had so many webhooks in all."""
        with self.sending():
            wait_until(
                lambda: all(len(each.receiver.got) >= count for each in partners), seconds=20
            )

    @contextmanager
    def sending(self) -> Iterator[None]:
        """Send what is due while the block runs."""
        gateway = HttpGateway(
            AddressRules(allow_loopback=True), seconds=5, context=ssl.create_default_context()
        )
        sender = Sender(
            self.begins[Queue.NOTIFICATION],
            {ChannelKind.WEBHOOK: WebhookChannel(gateway, master=MASTER, clock=self.clock)},
            limits=Limits(8, 4, 30.0),
            pacing=Pacing(Random(1)),
            on_death=lambda: None,
        )
        sender.start()
        try:
            yield
        finally:
            sender.stop()

    def ask(
        self,
        partner: Partner,
        method: str,
        address: str,
        body: Mapping[str, Any] | None = None,
        **headers: str,
    ) -> Response:
        """A partner's request; the whole answer is kept as received."""
        service = Queue(address.split("/")[1].replace("-", "_"))
        with TestClient(self.apps[service]) as client:
            answer: Response = client.request(
                method,
                address,
                json=body,
                headers={**partner.headers, "Idempotency-Key": str(uuid4()), **headers},
            )
        content = answer.json() if answer.content else None
        partner.received.append({"headers": dict(answer.headers.items()), "body": content})
        return answer

    def read_all(self, partner: Partner) -> None:
        """Whatever a partner may read, page by page, with every link it is given."""
        for address in ("/livelihood-support/v1/referrals", "/notification/v1/deliveries"):
            following: str | None = f"{address}?page_size=1"
            while following:
                page = self.ask(partner, "GET", following)
                assert page.status_code == 200
                for item in page.json()["items"]:
                    self.ask(partner, "GET", f"{address}/{item['id']}")
                    if address.endswith("referrals"):
                        self.ask(partner, "GET", f"{address}/{item['id']}/moves?page_size=1")
                following = page.links.get("next", {}).get("url")
        self.ask(partner, "GET", "/notification/v1/endpoints")


def _taken(begin: Begin) -> list[Any]:
    """The messages in an outbox, in order, which is emptied."""
    with begin() as session:
        rows = session.execute(
            select(IN_OUTBOX).order_by(IN_OUTBOX.c.sequence, IN_OUTBOX.c.message_id)
        )
        found = list(rows.all())
        session.execute(delete(OUTBOX))
    return found


MakePartner = Callable[[str, OrganisationKind, EntitlementCode], Partner]


@contextmanager
def partners(token_for: Callable[..., dict[str, str]]) -> Iterator[MakePartner]:
    """Make partners whose systems listen until the end, however it comes."""
    with ExitStack() as receivers:

        def make(name: str, kind: OrganisationKind, code: EntitlementCode) -> Partner:
            organisation_id = new_id()
            headers = token_for(
                "provider", organisation_id=organisation_id, kind=kind, client_id=f"client-{name}"
            )
            receiver = receivers.enter_context(Receiver())
            return Partner(name, kind, code, headers, receiver, organisation_id)

        yield make
