"""What travels: parcels of messages, each with its place in an order, and one signature over all.

Each pair of services shares a key of its own. What a service tells another is sealed: a text, and
a signature over it and over version, kind, sender, receiver and key. So nothing can be changed,
moved to another queue or made up by whoever can write to the broker, and nothing is read before it
is known who wrote it. Celery's own signing covers the body only.

A service that was broken into still has its keys, so a signature is not enough: a service may say
only what its own message classes say, to the services they are addressed to, about the aggregate
their body names. Every message that reaches a handler has passed ``Envelope.message``, where this
is asked again of what was kept in the database.
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson
from pydantic import ValidationError

from shared.contracts import BY_TYPE, Message
from shared.messaging.outbox import Parcel

VERSION = 2

Wire = dict[str, Any]

_MEMBERS = frozenset({"v", "kind", "from", "to", "kid", "sig", "text"})
_MESSAGE = frozenset({"id", "type", "trace", "body"})
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""An id in the one form we write it in; anything else is none."""
_TYPE = re.compile(r"(?P<service>[a-z]+(_[a-z]+)*)\.[a-z]+(_[a-z]+)*\.v[1-9][0-9]{0,3}")
_LONGEST_TYPE = 100
_LAST_SEQUENCE = 2**63 - 1
_NUL = "\\u0000"
"""How JSON writes U+0000, which PostgreSQL keeps neither as text nor as JSON."""
MOST_MESSAGES = 256
"""Messages in one parcel at most: as many as are handled together."""
_MOST_RECEIPTED = 4096
"""Ids in one receipt at most: eight times as many as our own services put into one."""


class Kind(StrEnum):
    """What is sealed."""

    PARCEL = "parcel"
    RECEIPT = "receipt"
    AGAIN = "again"
    """Asks for what was sent and is not committed; it lies among the receipts."""


class RefusalReason(StrEnum):
    """Why something that arrived is not handled here."""

    UNREADABLE = "unreadable"
    """Bytes that no sender of ours would write."""
    NOT_A_PARCEL = "not_a_parcel"
    NOT_A_RECEIPT = "not_a_receipt"
    UNKNOWN_VERSION = "unknown_version"
    NOT_GENUINE = "not_genuine"
    MALFORMED = "malformed"
    """Signed, but its id, aggregate, sequence, type or body is not what such a thing is."""
    FOREIGN_TYPE = "foreign_type"
    """A service said what only another service may say."""
    NOT_ADDRESSED = "not_addressed"
    """Messages of this type are not for the service it was sent to."""
    FOREIGN_AGGREGATE = "foreign_aggregate"
    """It claims a place in the order of another aggregate than the one its body is about."""
    UNKNOWN_TYPE = "unknown_type"
    INVALID_BODY = "invalid_body"


class Unacceptable(Exception):
    """What must not be handled; ``reason`` is a code that may be stored."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Envelope:
    """A message as its receiver sees it, signature already checked.

    Its ids are in the one form we write them in.
    """

    message_id: str
    source: str
    aggregate_id: str
    sequence: int
    type: str
    wire: Wire
    """All of it, as it is kept where it waits."""

    @property
    def traceparent(self) -> str | None:
        """The trace the sender's step belongs to."""
        found: str | None = self.wire["trace"]
        return found

    @cached_property
    def substance(self) -> bytes:
        """A digest of what it says, without the moments and what is passed on of another's word.

        A sender that was restored does its work again and tells of it again: by this its receiver
        knows that it has had the effect already. An instant that is the fact itself, such as until
        when a programme is assured, stays: told anew it is another message.
        """
        told_as = BY_TYPE.get(self.type, Message)
        unsaid = told_as.moments | told_as.passed_on
        lasting = {name: told for name, told in self.wire["body"].items() if name not in unsaid}
        told = orjson.dumps([self.type, lasting], option=orjson.OPT_SORT_KEYS)
        return hashlib.sha256(told).digest()

    def message(self) -> Message:
        """The message itself; raises ``Unacceptable`` for a type or body not understood here.

        It also raises for what its sender may not say, however the envelope came here.
        """
        self.check_speaker()
        message_type = BY_TYPE.get(self.type)
        if message_type is None:
            raise Unacceptable(RefusalReason.UNKNOWN_TYPE)
        try:
            message = message_type.model_validate(self.wire["body"])
        except ValidationError:
            raise Unacceptable(RefusalReason.INVALID_BODY) from None
        if self.wire["body"][message_type.aggregate] != self.aggregate_id:
            raise Unacceptable(RefusalReason.FOREIGN_AGGREGATE)
        return message

    def check_speaker(self) -> None:
        """Raise ``Unacceptable`` unless its sender may tell its receiver this, of this aggregate.

        Of a type from a later release only the sender is known: the first word of the type.
        """
        if self.type.partition(".")[0] != self.source:
            raise Unacceptable(RefusalReason.FOREIGN_TYPE)
        message_type = BY_TYPE.get(self.type)
        if message_type is None:
            return
        if not message_type.is_for(self.wire["to"]):
            raise Unacceptable(RefusalReason.NOT_ADDRESSED)
        named = self.wire["body"].get(message_type.aggregate)
        # A body that names nothing readable is not understood, which ``message`` finds out.
        if named != self.aggregate_id and _is_id(named):
            raise Unacceptable(RefusalReason.FOREIGN_AGGREGATE)


@dataclass(frozen=True)
class OpenedParcel:
    """A parcel as its receiver sees it: what one transaction of its sender has told, in order."""

    parcel_id: str
    source: str
    envelopes: tuple[Envelope, ...]


@dataclass(frozen=True, repr=False)
class Links:
    """The keys between one service and its peers; the current one signs, all of them verify."""

    service: str
    current: dict[str, str]
    keys: dict[str, dict[str, bytes]]

    @classmethod
    def load(cls, path: Path) -> "Links":
        """Read ``{"service": name, "links": {peer: {"current": kid, "keys": {kid: hex}}}}``."""
        stored = orjson.loads(path.read_bytes())
        return cls(
            service=stored["service"],
            current={peer: link["current"] for peer, link in stored["links"].items()},
            keys={
                peer: {kid: bytes.fromhex(key) for kid, key in link["keys"].items()}
                for peer, link in stored["links"].items()
            },
        )

    def seal(self, peer: str, kind: Kind, told: Any) -> Wire:
        """What is told to a peer, as JSON, with all that its receiver needs to believe it."""
        kid = self.current[peer]
        text = orjson.dumps(told)
        head = _head(kind, self.service, peer, kid)
        return {
            "v": VERSION,
            "kind": kind,
            "from": self.service,
            "to": peer,
            "kid": kid,
            "sig": _digest(self.keys[peer][kid], head, text),
            "text": text.decode(),
        }

    def open(self, kind: Kind, wire: Any) -> tuple[str, Any]:
        """Who has told what; raises ``Unacceptable`` unless this is a peer's word to us."""
        is_dated = isinstance(wire, dict) and "v" in wire
        if is_dated and not _is_whole(wire["v"], VERSION, VERSION):
            raise Unacceptable(RefusalReason.UNKNOWN_VERSION)
        if not is_dated or wire.keys() != _MEMBERS or wire["kind"] != kind:
            is_parcel = kind is Kind.PARCEL
            raise Unacceptable(
                RefusalReason.NOT_A_PARCEL if is_parcel else RefusalReason.NOT_A_RECEIPT
            )
        peer, text = wire["from"], wire["text"]
        if not self._is_genuine(wire):
            raise Unacceptable(RefusalReason.NOT_GENUINE)
        if _NUL in text:
            raise Unacceptable(RefusalReason.MALFORMED)
        try:
            return peer, orjson.loads(text)
        except orjson.JSONDecodeError:
            raise Unacceptable(RefusalReason.MALFORMED) from None

    def _is_genuine(self, wire: Wire) -> bool:
        """Whether the peer it names as its sender sealed this for this service."""
        if not all(isinstance(wire[name], str) for name in ("from", "to", "kid", "sig", "text")):
            return False
        key = self.keys.get(wire["from"], {}).get(wire["kid"])
        if key is None or wire["to"] != self.service:
            return False
        head = _head(wire["kind"], wire["from"], wire["to"], wire["kid"])
        signed = _digest(key, head, wire["text"].encode("utf-8", "surrogatepass"))
        # Compared as bytes: a signature with letters beyond ASCII is a wrong one, not a fault.
        return hmac.compare_digest(signed.encode(), wire["sig"].encode("utf-8", "replace"))


def _head(kind: str, sender: str, receiver: str, kid: str) -> bytes:
    """What is signed before the text. It ends where its list ends, so nothing can move over."""
    return orjson.dumps([VERSION, kind, sender, receiver, kid])


def _digest(key: bytes, head: bytes, text: bytes) -> str:
    return hmac.digest(key, head + text, hashlib.sha256).hex()


def seal(links: Links, parcel: Parcel) -> Wire:
    """A parcel of the outbox as it travels: its messages in the very bytes that are stored."""
    told = {
        "id": parcel.parcel_id,
        "aggregates": parcel.aggregates,
        "sequences": parcel.sequences,
        "messages": orjson.Fragment(parcel.messages),
    }
    return links.seal(parcel.destination, Kind.PARCEL, told)


def open_parcel(links: Links, wire: Any) -> OpenedParcel:
    """Check a parcel; raises ``Unacceptable`` with the reason it is not for us to handle.

    It is refused as a whole: a sender that is not to be believed in one word of what it has told
    in one transaction is not believed in the others.
    """
    source, told = links.open(Kind.PARCEL, wire)
    if not _is_parcel(told):
        raise Unacceptable(RefusalReason.MALFORMED)
    places = zip(told["messages"], told["aggregates"], told["sequences"], strict=True)
    opened = OpenedParcel(
        parcel_id=told["id"],
        source=source,
        envelopes=tuple(
            reopen(
                each | {"from": source, "to": links.service, "aggregate": about, "seq": sequence}
            )
            for each, about, sequence in places
        ),
    )
    for envelope in opened.envelopes:
        envelope.check_speaker()
        if not _can_be_kept(envelope):
            raise Unacceptable(RefusalReason.MALFORMED)
    return opened


def _can_be_kept(envelope: Envelope) -> bool:
    """What was read may still be too deep to be written again."""
    try:
        return bool(envelope.substance)
    except TypeError:
        return False


def reopen(wire: Wire) -> Envelope:
    """An envelope this service has checked before and kept in its own database."""
    return Envelope(
        message_id=wire["id"],
        source=wire["from"],
        aggregate_id=wire["aggregate"],
        sequence=wire["seq"],
        type=wire["type"],
        wire=wire,
    )


def seal_receipt(links: Links, sender: str, parcel_ids: Sequence[str]) -> Wire:
    """What tells a sender that these parcels are committed here."""
    return links.seal(sender, Kind.RECEIPT, {"ids": parcel_ids})


def open_receipt(links: Links, wire: Any) -> tuple[str, list[str]]:
    """Who has committed which parcels; raises ``Unacceptable``.

    A receipt speaks only of parcels addressed to the service that sealed it.
    """
    peer, told = links.open(Kind.RECEIPT, wire)
    if not isinstance(told, dict) or not _is_list(told.get("ids"), 0, _MOST_RECEIPTED, _is_id):
        raise Unacceptable(RefusalReason.MALFORMED)
    return peer, told["ids"]


def _is_parcel(told: Any) -> bool:
    """Whether every part that the inbox stores or asks for is what it has to be."""
    if not isinstance(told, dict) or not _is_id(told.get("id")):
        return False
    messages: Any = told.get("messages")
    if not _is_list(messages, 1, MOST_MESSAGES, _is_message):
        return False
    many = len(messages)
    return _is_list(told.get("aggregates"), many, many, _is_id) and _is_list(
        told.get("sequences"), many, many, _is_sequence
    )


def seal_again(links: Links, sender: str, before: datetime) -> Wire:
    """What asks a sender for all that was sent before this moment and is not committed here."""
    return links.seal(sender, Kind.AGAIN, {"before": before.isoformat()})


def open_again(links: Links, wire: Any) -> tuple[str, datetime]:
    """Who asks again for what was sent to it before when; raises ``Unacceptable``."""
    peer, told = links.open(Kind.AGAIN, wire)
    before = _as_moment(told.get("before")) if isinstance(told, dict) else None
    if before is None:
        raise Unacceptable(RefusalReason.MALFORMED)
    return peer, before


def asks_again(wire: Any) -> bool:
    """Whether this says that it is no receipt, but asks for what was lost."""
    return isinstance(wire, dict) and wire.get("kind") == Kind.AGAIN


def _is_message(told: Any) -> bool:
    if not isinstance(told, dict) or told.keys() != _MESSAGE:
        return False
    kind, trace, body = told["type"], told["trace"], told["body"]
    return (
        _is_id(told["id"])
        and isinstance(kind, str)
        and len(kind) <= _LONGEST_TYPE
        and _TYPE.fullmatch(kind) is not None
        and (trace is None or isinstance(trace, str))
        and isinstance(body, dict)
    )


def _is_list(value: Any, least: int, most: int, is_one: Callable[[Any], bool]) -> bool:
    return isinstance(value, list) and least <= len(value) <= most and all(map(is_one, value))


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def _is_sequence(value: Any) -> bool:
    return _is_whole(value, 1, _LAST_SEQUENCE)


def _as_moment(value: Any) -> datetime | None:
    """A moment in the one form we write it in; anything else is none."""
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo is not None and found.isoformat() == value else None


def _is_whole(value: Any, least: int, most: int) -> bool:
    """Whether it is a whole number in these bounds; ``true`` and ``1.0`` are not."""
    return type(value) is int and least <= value <= most
