"""``docs/asyncapi.yaml``: the queues and what travels in them, for programs (AsyncAPI 3.0.0)."""

from typing import Any

import yaml
from pydantic.json_schema import models_json_schema

from shared.contracts import MESSAGES, Message, Queue
from shared.messaging.broker import receipts_queue
from shared.messaging.door import BEAT, CONTENT_TYPE, DELIVER
from shared.messaging.envelope import MOST_MESSAGES, VERSION, Kind
from shared.messaging.outbox import FRAME
from shared.messaging.receipts import MOST

Document = dict[str, Any]

HEAD = "# Made by `make documents` from shared/contracts; do not edit it here.\n"
UUID_SCHEMA = {"type": "string", "format": "uuid"}
SIGNATURE: Document = {
    "kid": {"type": "string", "description": "Which key of the pair of services signed."},
    "sig": {
        "type": "string",
        "pattern": "^[0-9a-f]{64}$",
        "description": (
            "HMAC-SHA-256 over the JSON list of v, kind, from, to and kid, without spaces, "
            "followed by the text."
        ),
    },
}


def render() -> str:
    """The whole document as YAML."""
    return HEAD + yaml.safe_dump(document(), sort_keys=False, allow_unicode=True, width=100)


def document() -> Document:
    """The whole document as plain data."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Nhịp Cầu: what the services tell each other",
            "version": "1",
            "description": (
                "Internal queues between the services of one exchange. A queue carries frames: "
                f"lists of sealed parcels with 1 to {FRAME} messages in all. Delivery is at least "
                "once; the receiver's inbox makes it exactly once, in the order of each "
                "aggregate. Partners are told by webhook, not here."
            ),
        },
        "defaultContentType": CONTENT_TYPE,
        "channels": _channels(),
        "operations": _operations(),
        "components": {"messages": _messages(), "schemas": _schemas()},
    }


def _channels() -> Document:
    queues = {str(queue): _channel(queue) for queue in Queue}
    receipts = {
        receipts_queue(queue): {
            "address": receipts_queue(queue),
            "description": (
                f"Where receivers tell {queue} what they have committed, or may have lost."
            ),
            "messages": {str(kind): _ref("messages", kind) for kind in (Kind.RECEIPT, Kind.AGAIN)},
        }
        for queue in Queue
        if any(_source(message) == queue for message in MESSAGES)
    }
    return queues | receipts


def _channel(queue: Queue) -> Document:
    names = [message.type for message in MESSAGES if message.is_for(queue)]
    return {
        "address": str(queue),
        "description": f"What {queue} is told. The queue is named after the service.",
        "messages": {name: _ref("messages", name) for name in [*names, BEAT]},
    }


def _operations() -> Document:
    found: Document = {}
    for source in Queue:
        for queue in Queue:
            told = [it for it in MESSAGES if _source(it) == source and queue in it.to]
            if told:
                found[f"{source}_tells_{queue}"] = _operation("send", queue, told)
    for queue in Queue:
        heard = [message for message in MESSAGES if message.is_for(queue)]
        if heard:
            found[f"{queue}_hears"] = _operation("receive", queue, heard)
    return found


def _operation(action: str, queue: Queue, messages: list[type[Message]]) -> Document:
    channel = f"#/channels/{queue}"
    return {
        "action": action,
        "channel": {"$ref": channel},
        "messages": [{"$ref": f"{channel}/messages/{message.type}"} for message in messages],
    }


def _messages() -> Document:
    told = {message.type: _message(message) for message in MESSAGES}
    beat = {
        "name": BEAT,
        "title": "Canary",
        "summary": "Proves that the worker of a queue still consumes; carries nothing.",
        "payload": {"type": "array", "maxItems": 0},
    }
    receipt = {
        "name": str(Kind.RECEIPT),
        "title": "Receipt",
        "summary": "These parcels are committed by their receiver and may be forgotten.",
        "payload": _ref("schemas", "SealedReceipt"),
    }
    again = {
        "name": str(Kind.AGAIN),
        "title": "Again",
        "summary": "A worker has ended with parcels in its hand: send what was sent before.",
        "payload": _ref("schemas", "SealedAgain"),
    }
    return {**told, BEAT: beat, str(Kind.RECEIPT): receipt, str(Kind.AGAIN): again}


def _message(message: type[Message]) -> Document:
    return {
        "name": message.type,
        "title": message.__name__,
        "summary": (message.__doc__ or "").strip(),
        "description": (
            "One of the messages of a Parcel. A SealedParcel travels in a frame, as an argument "
            f"of the task {DELIVER}."
        ),
        "payload": _written(message),
    }


def _written(message: type[Message]) -> Document:
    """A message as it stands in a parcel."""
    members: Document = {
        "id": {**UUID_SCHEMA, "description": "UUIDv7; the receiver handles each id once."},
        "type": {"const": message.type},
        "trace": {"type": ["string", "null"], "description": "W3C traceparent."},
        "body": _ref("schemas", message.__name__),
    }
    return _closed(members)


def _sealed(kind: Kind, told: str) -> Document:
    """What really travels: a text, and who says so to whom."""
    services = {"type": "string", "enum": [str(queue) for queue in Queue]}
    members: Document = {
        "v": {"const": VERSION},
        "kind": {"const": str(kind)},
        "from": services,
        "to": services,
        **SIGNATURE,
        "text": {
            "type": "string",
            "contentMediaType": "application/json",
            "contentSchema": _ref("schemas", told),
        },
    }
    return _closed(members)


def _parcel() -> Document:
    one = {"oneOf": [_ref("messages", f"{it.type}/payload") for it in MESSAGES]}
    numbers = {"type": "integer", "minimum": 1}
    members: Document = {
        "id": {**UUID_SCHEMA, "description": "UUIDv7; what its receipt names."},
        "aggregates": {
            **_list(UUID_SCHEMA, MOST_MESSAGES),
            "description": "What each of the messages is about.",
        },
        "sequences": {
            **_list(numbers, MOST_MESSAGES),
            "description": "The number of each: 1..n per aggregate and receiver.",
        },
        "messages": _list(one, MOST_MESSAGES),
    }
    return _closed(members)


def _list(items: Document, most: int) -> Document:
    return {"type": "array", "items": items, "minItems": 1, "maxItems": most}


_BEFORE: Document = {
    "type": "string",
    "format": "date-time",
    "description": "What was sent before this moment and is not committed may be lost.",
}


def _schemas() -> Document:
    told: Document = {
        "Parcel": _parcel(),
        "Receipt": _closed({"ids": _list(UUID_SCHEMA, MOST)}),
        "Again": _closed({"before": _BEFORE}),
        "SealedParcel": _sealed(Kind.PARCEL, "Parcel"),
        "SealedReceipt": _sealed(Kind.RECEIPT, "Receipt"),
        "SealedAgain": _sealed(Kind.AGAIN, "Again"),
    }
    _, made = models_json_schema(
        [(message, "validation") for message in MESSAGES],
        ref_template="#/components/schemas/{model}",
    )
    return {**made["$defs"], **told}


def _closed(members: Document) -> Document:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(members),
        "properties": members,
    }


def _source(message: type[Message]) -> str:
    return message.type.split(".", 1)[0]


def _ref(section: str, name: str) -> Document:
    return {"$ref": f"#/components/{section}/{name}"}
