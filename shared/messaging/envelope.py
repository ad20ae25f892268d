"""What travels: a message, its place in the order of its aggregate, and a signature over all of it.

Each pair of services shares a key of its own. The signature covers version, id, type, aggregate,
sequence, audience, trace and body, so nothing in an envelope can be changed, moved to another
queue or made up by whoever can write to the broker. Celery's own signing covers the body only.

A service that was broken into still has its keys, so a signature is not enough: a service may say
only what its own message classes say, to the services they are addressed to, about the aggregate
their body names. Every message that reaches a handler has passed ``Envelope.message``, where this
is asked again of what was kept in the database.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
from pydantic import ValidationError

from shared.contracts import BY_TYPE, Message
from shared.messaging.outbox import Outgoing

VERSION = 1
ENVELOPE = "envelope"
RECEIPT = "receipt"
AGAIN = "again"

Wire = dict[str, Any]

_TYPE = re.compile(r"(?P<service>[a-z]+(_[a-z]+)*)\.[a-z]+(_[a-z]+)*\.v[1-9][0-9]{0,3}")
_LONGEST_TYPE = 100
_LAST_SEQUENCE = 2**63 - 1
_ID_LENGTH = 36
_NUL = b"\\u0000"
"""How JSON writes U+0000, which PostgreSQL keeps neither as text nor as JSON."""
_MOST_RECEIPTED = 4096
"""Ids in one receipt at most: eight times as many as our own services put into one."""


class RefusalReason(StrEnum):
    """Why something that arrived is not handled here."""

    UNREADABLE = "unreadable"
    """Bytes that no sender of ours would write."""
    NOT_AN_ENVELOPE = "not_an_envelope"
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
    """An envelope that must not be handled; ``reason`` is a code that may be stored."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Envelope:
    """A message as its receiver sees it, signature already checked."""

    message_id: UUID
    source: str
    aggregate_id: UUID
    sequence: int
    type: str
    wire: Wire

    @property
    def traceparent(self) -> str | None:
        """The trace the sender's step belongs to."""
        found: str | None = self.wire["trace"]
        return found

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
        if message.aggregate_id != self.aggregate_id:
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
        if self.wire["to"] not in message_type.to:
            raise Unacceptable(RefusalReason.NOT_ADDRESSED)
        named = self.wire["body"].get(message_type.aggregate)
        # A body that names nothing readable is not understood, which ``message`` finds out.
        if named != self.wire["aggregate"] and _as_id(named) is not None:
            raise Unacceptable(RefusalReason.FOREIGN_AGGREGATE)


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

    def sign(self, peer: str, wire: Wire) -> Wire:
        """The wire form with key id and signature added."""
        kid = self.current[peer]
        return {**wire, "kid": kid, "sig": _digest(self.keys[peer][kid], _canonical(wire))}

    def signed_by_peer(self, wire: Wire) -> bytes | None:
        """What the peer it names as its sender signed for this service; ``None`` if it did not."""
        peer, kid, signature = wire.get("from"), wire.get("kid"), wire.get("sig")
        if not (isinstance(peer, str) and isinstance(kid, str) and isinstance(signature, str)):
            return None
        key = self.keys.get(peer, {}).get(kid)
        if key is None or wire.get("to") != self.service:
            return None
        signed = {name: value for name, value in wire.items() if name not in {"kid", "sig"}}
        try:
            canonical = _canonical(signed)
        except (TypeError, ValueError, RecursionError):
            # No sender of ours can have written it: too deep, a number too large, half a letter.
            return None
        # Compared as bytes: a signature with letters beyond ASCII is a wrong one, not a fault.
        given = signature.encode("utf-8", "replace")
        return canonical if hmac.compare_digest(_digest(key, canonical).encode(), given) else None


def _canonical(wire: Wire) -> bytes:
    return orjson.dumps(wire, option=orjson.OPT_SORT_KEYS)


def _digest(key: bytes, canonical: bytes) -> str:
    return hmac.digest(key, canonical, hashlib.sha256).hex()


def seal(links: Links, row: Outgoing) -> Wire:
    """The signed wire form of an outbox row."""
    return links.sign(
        row.destination,
        {
            "v": VERSION,
            "kind": ENVELOPE,
            "id": str(row.message_id),
            "from": links.service,
            "to": row.destination,
            "aggregate": str(row.aggregate_id),
            "seq": row.sequence,
            "type": row.type,
            "trace": row.traceparent,
            "body": row.body,
        },
    )


def open_envelope(links: Links, wire: Any) -> Envelope:
    """Check an envelope; raises ``Unacceptable`` with the reason it is not for us to handle."""
    if not isinstance(wire, dict) or wire.get("kind") != ENVELOPE:
        raise Unacceptable(RefusalReason.NOT_AN_ENVELOPE)
    if not _is_whole(wire.get("v"), VERSION, VERSION):
        raise Unacceptable(RefusalReason.UNKNOWN_VERSION)
    signed = links.signed_by_peer(wire)
    if signed is None:
        raise Unacceptable(RefusalReason.NOT_GENUINE)
    if not _is_well_formed(wire) or _NUL in signed:
        raise Unacceptable(RefusalReason.MALFORMED)
    envelope = reopen(wire)
    envelope.check_speaker()
    return envelope


def reopen(wire: Wire) -> Envelope:
    """An envelope this service has checked before and kept in its own database."""
    return Envelope(
        message_id=UUID(wire["id"]),
        source=wire["from"],
        aggregate_id=UUID(wire["aggregate"]),
        sequence=wire["seq"],
        type=wire["type"],
        wire=wire,
    )


def seal_receipt(links: Links, sender: str, message_ids: list[str]) -> Wire:
    """What tells a sender that these messages are committed here."""
    return links.sign(
        sender,
        {"v": VERSION, "kind": RECEIPT, "from": links.service, "to": sender, "ids": message_ids},
    )


def open_receipt(links: Links, wire: Any) -> tuple[str, list[UUID]]:
    """Who has committed which messages; raises ``Unacceptable``.

    A receipt speaks only of rows addressed to the service that signed it.
    """
    if (
        not isinstance(wire, dict)
        or wire.get("kind") != RECEIPT
        or not _is_whole(wire.get("v"), VERSION, VERSION)
    ):
        raise Unacceptable(RefusalReason.NOT_A_RECEIPT)
    if links.signed_by_peer(wire) is None:
        raise Unacceptable(RefusalReason.NOT_GENUINE)
    written = wire.get("ids")
    if not isinstance(written, list) or len(written) > _MOST_RECEIPTED:
        raise Unacceptable(RefusalReason.MALFORMED)
    message_ids = [found for one in written if (found := _as_id(one)) is not None]
    if len(message_ids) != len(written):
        raise Unacceptable(RefusalReason.MALFORMED)
    return wire["from"], message_ids


def seal_again(links: Links, sender: str, before: datetime) -> Wire:
    """What asks a sender for all that was sent before this moment and is not committed here."""
    asked = {"kind": AGAIN, "from": links.service, "to": sender, "before": before.isoformat()}
    return links.sign(sender, {"v": VERSION, **asked})


def open_again(links: Links, wire: Any) -> tuple[str, datetime]:
    """Who asks again for what was sent to it before when; raises ``Unacceptable``."""
    if not _is_whole(wire.get("v"), VERSION, VERSION) or links.signed_by_peer(wire) is None:
        raise Unacceptable(RefusalReason.NOT_GENUINE)
    before = _as_moment(wire.get("before"))
    if before is None:
        raise Unacceptable(RefusalReason.MALFORMED)
    return wire["from"], before


def asks_again(wire: Any) -> bool:
    """Whether this says that it is no receipt, but asks for what was lost."""
    return isinstance(wire, dict) and wire.get("kind") == AGAIN


def _is_well_formed(wire: Wire) -> bool:
    """Whether every part that the inbox stores or asks for is what it has to be."""
    kind, trace, body = wire.get("type"), wire.get("trace"), wire.get("body")
    return (
        _as_id(wire.get("id")) is not None
        and _as_id(wire.get("aggregate")) is not None
        and _is_whole(wire.get("seq"), 1, _LAST_SEQUENCE)
        and isinstance(kind, str)
        and len(kind) <= _LONGEST_TYPE
        and _TYPE.fullmatch(kind) is not None
        and (trace is None or isinstance(trace, str))
        and isinstance(body, dict)
    )


def _as_id(value: Any) -> UUID | None:
    """An id in the one form we write it in; anything else is none."""
    if not isinstance(value, str) or len(value) != _ID_LENGTH:
        return None
    try:
        found = UUID(value)
    except ValueError:
        return None
    return found if str(found) == value else None


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
