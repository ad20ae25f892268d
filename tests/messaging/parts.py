"""Both ends of a link in one database: what a sender tells, and a receiver whose handlers obey."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import orjson
from sqlalchemy import (
    BigInteger,
    Column,
    Identity,
    MetaData,
    String,
    Table,
    Uuid,
    insert,
    select,
    text,
)
from sqlalchemy.orm import Session

from shared.contracts import CaseReceived, Message, OrganisationChanged, Queue
from shared.contracts.vocabulary import AgeBand, Citizenship, OrganisationKind, Route, Sex
from shared.kit.database import Begin, Database
from shared.messaging.consumer import Consumer
from shared.messaging.delivery import Delivery
from shared.messaging.envelope import Envelope, Links, OpenedParcel, Wire, open_parcel, seal
from shared.messaging.handling import Progress, unwatched
from shared.messaging.outbox import Parcel

SENDER = Queue.INTAKE
OTHER_SENDER = Queue.DIRECTORY
RECEIVER = Queue.VERIFICATION
NOON = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)

EFFECTS = Table(
    "effects",
    MetaData(),
    Column("number", BigInteger, Identity(), primary_key=True),
    Column("aggregate_id", Uuid, nullable=False),
    Column("word", String(100), nullable=False),
)
"""What the handlers of these tests have done, in order."""

Deed = Callable[[Session, Message], None]


def links_of(service: str) -> Links:
    """The keys of one service: every pair of services has its own."""
    peers = [peer for peer in Queue if peer != service]
    keys = {
        str(peer): {"1": "|".join(sorted((service, peer))).encode().ljust(32)} for peer in peers
    }
    return Links(service=service, current=dict.fromkeys(peers, "1"), keys=keys)


def link_file(folder: Path, service: str) -> Path:
    """Those keys where a process reads them."""
    links = links_of(service)
    stored = {
        str(peer): {"current": kid, "keys": {name: key.hex() for name, key in keys.items()}}
        for (peer, keys), kid in zip(links.keys.items(), links.current.values(), strict=True)
    }
    path = folder / f"{service}_links.json"
    path.write_bytes(orjson.dumps({"service": service, "links": stored}))
    return path


def case_received(case_id: UUID, word: str = "1") -> CaseReceived:
    """A message about a case; ``word`` is what its handler is to write, or what it is to do."""
    return CaseReceived(
        occurred_at=NOON,
        case_id=case_id,
        case_code=word,
        route=Route.RESCUED,
        receiver_id=uuid4(),
        receiver_kind=OrganisationKind.BORDER_GUARD,
        area_code="31",
        age_band=AgeBand.ADULT,
        sex=Sex.FEMALE,
        citizenship=Citizenship.VIETNAMESE,
    )


def organisation_changed(organisation_id: UUID, word: str = "1") -> OrganisationChanged:
    """A message from another sender."""
    return OrganisationChanged(
        occurred_at=NOON,
        organisation_id=organisation_id,
        code=word,
        kind=OrganisationKind.POLICE,
    )


def word_of(message: Message) -> str:
    return str(message.case_code if isinstance(message, CaseReceived) else message.code)  # type: ignore[attr-defined]


def sealed(
    message: Message,
    sequence: int,
    *,
    message_id: UUID | None = None,
    destination: str = RECEIVER,
    **changes: Any,
) -> Wire:
    """A genuine parcel of one message, as a row of the sender's outbox would make it."""
    written = {
        "id": str(message_id or uuid4()),
        "type": message.type,
        "trace": None,
        "body": message.model_dump(mode="json"),
    }
    parcel = parcel_of([(message.aggregate_id, sequence, written | changes)], destination)
    return seal(links_of(message.source), parcel)


def parcel_of(
    told: Sequence[tuple[UUID, int, dict[str, Any]]], destination: str = RECEIVER
) -> Parcel:
    """A row of an outbox: what each message is about, its number, and how it is written."""
    return Parcel(
        parcel_id=str(uuid4()),
        destination=str(destination),
        aggregates=[str(about) for about, _, _ in told],
        sequences=[sequence for _, sequence, _ in told],
        messages=orjson.dumps([written for _, _, written in told]),
    )


def together(*wires: Wire) -> Wire:
    """The messages of several parcels of one sender as one parcel."""
    found = [read for wire in wires for read in messages_in(wire)]
    told = [(UUID(it.aggregate_id), it.sequence, _written(it)) for it in found]
    return seal(links_of(wires[0]["from"]), parcel_of(told, wires[0]["to"]))


def _written(envelope: Envelope) -> dict[str, Any]:
    return {name: envelope.wire[name] for name in ("id", "type", "trace", "body")}


def messages_in(wire: Wire) -> tuple[Envelope, ...]:
    """What a genuine parcel holds."""
    return open_parcel(links_of(wire["to"]), wire).envelopes


def message_in(wire: Wire) -> Envelope:
    """The message of a parcel that has one."""
    (envelope,) = messages_in(wire)
    return envelope


def message_id_of(wire: Wire) -> UUID:
    """The id of the message of a parcel that has one."""
    return UUID(message_in(wire).message_id)


def parcel_id_of(wire: Wire) -> UUID:
    """The id of a parcel."""
    return UUID(open_parcel(links_of(wire["to"]), wire).parcel_id)


def deliver(delivery: Delivery, frame: Sequence[Any]) -> list[OpenedParcel]:
    """Hand a frame to a worker's delivery; returns the parcels that are receipted then."""
    parcels = delivery.open(frame)
    if parcels:
        delivery.deliver(parcels)
    return parcels


def wires(case_id: UUID, *numbers: int) -> list[Wire]:
    """Parcels, each of a message about one case whose words are their numbers."""
    return [sealed(case_received(case_id, str(number)), number) for number in numbers]


@dataclass
class Receiver:
    """A service that writes each message's word, or does what a test has put under that word."""

    database: Database
    deeds: dict[str, Deed] = field(default_factory=dict)
    seconds: float = 10.0
    calls: list[str] = field(default_factory=list)
    progress: Progress = unwatched

    def __post_init__(self) -> None:
        self.delivery = self.delivering(self.database.begin)

    def delivering(self, begin: Begin) -> Delivery:
        """A worker's delivery, whose transactions are opened as given."""
        consumer = Consumer(RECEIVER)
        consumer.on(CaseReceived)(self.act)
        consumer.on(OrganisationChanged)(self.act)
        links = links_of(RECEIVER)
        return Delivery(
            consumer,
            begin,
            links,
            lambda: NOON,
            handler_seconds=self.seconds,
            progress=self.note_progress,
        )

    def note_progress(self) -> None:
        self.progress()

    def act(self, session: Session, message: Message, _now: datetime) -> None:
        word = word_of(message)
        self.calls.append(word)
        deed = self.deeds.get(word)
        if deed is not None:
            deed(session, message)
        session.execute(insert(EFFECTS), {"aggregate_id": message.aggregate_id, "word": word})

    def take(self, *frame: Any) -> list[UUID]:
        """Deliver a frame; returns the ids of the messages that would be receipted."""
        told = deliver(self.delivery, frame)
        return [UUID(it.message_id) for parcel in told for it in parcel.envelopes]

    def words(self, aggregate_id: UUID) -> list[str]:
        """What was done about an aggregate, in order."""
        query = select(EFFECTS.c.word).where(EFFECTS.c.aggregate_id == aggregate_id)
        with self.database.read() as session:
            return list(session.scalars(query.order_by(EFFECTS.c.number)))

    def later(self) -> int:
        """Let time pass until every held message is due, and try them."""
        self.run("UPDATE held_messages SET next_at = now() WHERE next_at IS NOT NULL")
        return self.delivery.drain_held()

    def run(self, statement: str, **values: Any) -> None:
        with self.database.begin() as session:
            session.execute(text(statement), values)

    def rows(self, statement: str, **values: Any) -> list[Mapping[str, Any]]:
        with self.database.read() as session:
            return [dict(row) for row in session.execute(text(statement), values).mappings()]

    def states(self) -> dict[UUID, str]:
        """What became of every message taken over."""
        return {row["message_id"]: row["state"] for row in self.rows("SELECT * FROM inbox")}

    def state(self, wire: Wire) -> str | None:
        return self.states().get(message_id_of(wire))

    def parked(self) -> dict[UUID, str]:
        """Why each message that waits for a person was parked."""
        rows = self.rows("SELECT * FROM parked_messages WHERE replayed_at IS NULL")
        return {row["message_id"]: row["reason"] for row in rows}


class Undone(Exception):
    """The test's own failure."""


@contextmanager
def never_committed(begin: Begin) -> Iterator[Session]:
    """A transaction that does everything and then fails."""
    with suppress(Undone), begin() as session:
        yield session
        raise Undone


def in_frames(items: Sequence[Wire], sizes: Sequence[int]) -> list[list[Wire]]:
    """Cut a sequence into frames of these sizes; what is left over is the last frame."""
    found, start = [], 0
    for size in sizes:
        found.append(list(items[start : start + size]))
        start += size
    found.append(list(items[start:]))
    return [frame for frame in found if frame]
