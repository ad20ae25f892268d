"""What travels: a message, its place in the order of its aggregate, and a signature over all of it.

Each pair of services shares a key of its own. The signature covers version, id, type, aggregate,
sequence, audience, trace and body, so nothing in an envelope can be changed, moved to another
queue or made up by whoever can write to the broker. Celery's own signing covers the body only.
"""

import hashlib
import hmac
from dataclasses import dataclass
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

Wire = dict[str, Any]


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
        """The message itself; raises ``Unacceptable`` for a type or body not understood here."""
        message_type = BY_TYPE.get(self.type)
        if message_type is None:
            raise Unacceptable("unknown_type")
        try:
            return message_type.model_validate(self.wire["body"])
        except ValidationError:
            raise Unacceptable("invalid_body") from None


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
        return {**wire, "kid": kid, "sig": _digest(self.keys[peer][kid], wire)}

    def is_genuine(self, peer: str, wire: Wire) -> bool:
        """Whether the peer signed exactly this."""
        key = self.keys.get(peer, {}).get(str(wire.get("kid")))
        if key is None:
            return False
        signed = {name: value for name, value in wire.items() if name not in {"kid", "sig"}}
        # Compared as bytes: a signature with letters beyond ASCII is a wrong one, not a fault.
        return hmac.compare_digest(_digest(key, signed).encode(), str(wire.get("sig")).encode())


def _digest(key: bytes, wire: Wire) -> str:
    canonical = orjson.dumps(wire, option=orjson.OPT_SORT_KEYS)
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
        raise Unacceptable("not_an_envelope")
    if wire.get("v") != VERSION:
        raise Unacceptable("unknown_version")
    if wire.get("to") != links.service or not links.is_genuine(str(wire.get("from")), wire):
        raise Unacceptable("not_genuine")
    return reopen(wire)


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
    """Who has committed which messages; raises ``Unacceptable``."""
    if not isinstance(wire, dict) or wire.get("kind") != RECEIPT or wire.get("v") != VERSION:
        raise Unacceptable("not_a_receipt")
    if wire.get("to") != links.service or not links.is_genuine(str(wire.get("from")), wire):
        raise Unacceptable("not_genuine")
    return wire["from"], [UUID(message_id) for message_id in wire["ids"]]
