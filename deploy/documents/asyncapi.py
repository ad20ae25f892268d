"""``docs/asyncapi.yaml``: the queues and what travels in them, for programs (AsyncAPI 3.0.0)."""

from typing import Any

import yaml
from pydantic.json_schema import models_json_schema

from shared.contracts import MESSAGES, Message, Queue
from shared.messaging.broker import receipts_queue
from shared.messaging.door import BEAT, CONTENT_TYPE, DELIVER
from shared.messaging.envelope import ENVELOPE, RECEIPT, VERSION
from shared.messaging.publisher import FRAME
from shared.messaging.receipts import MOST

Document = dict[str, Any]

HEAD = "# Made by `make documents` from shared/contracts; do not edit it here.\n"
RECEIPT_NAME = "receipt"
UUID_SCHEMA = {"type": "string", "format": "uuid"}
SIGNATURE: Document = {
    "kid": {"type": "string", "description": "Which key of the pair of services signed."},
    "sig": {
        "type": "string",
        "pattern": "^[0-9a-f]{64}$",
        "description": "HMAC-SHA-256 over every other member, keys sorted, without spaces.",
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
                "Internal queues between the services of one exchange. A queue carries frames of "
                f"1 to {FRAME} signed envelopes. Delivery is at least once; the receiver's inbox "
                "makes it exactly once, in the order of each aggregate. Partners are told by "
                "webhook, not here."
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
            "description": f"Where receivers tell {queue} what they have committed.",
            "messages": {RECEIPT_NAME: _ref("messages", RECEIPT_NAME)},
        }
        for queue in Queue
        if any(_source(message) == queue for message in MESSAGES)
    }
    return queues | receipts


def _channel(queue: Queue) -> Document:
    names = [message.type for message in MESSAGES if queue in message.to]
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
        heard = [message for message in MESSAGES if queue in message.to]
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
        "name": RECEIPT_NAME,
        "title": "Receipt",
        "summary": "These messages are committed by their receiver and may be forgotten.",
        "payload": _ref("schemas", "Receipt"),
    }
    return {**told, BEAT: beat, RECEIPT_NAME: receipt}


def _message(message: type[Message]) -> Document:
    return {
        "name": message.type,
        "title": message.__name__,
        "summary": (message.__doc__ or "").strip(),
        "description": f"Travels in a frame, as an argument of the task {DELIVER}.",
        "payload": _envelope(message),
    }


def _envelope(message: type[Message]) -> Document:
    """A signed envelope with this message in it."""
    members: Document = {
        "v": {"const": VERSION},
        "kind": {"const": ENVELOPE},
        "id": {**UUID_SCHEMA, "description": "UUIDv7; the receiver handles each id once."},
        "from": {"const": _source(message)},
        "to": {"type": "string", "enum": [str(queue) for queue in message.to]},
        "aggregate": {**UUID_SCHEMA, "description": f"The {message.aggregate} of the body."},
        "seq": {"type": "integer", "minimum": 1, "description": "1..n per aggregate and receiver."},
        "type": {"const": message.type},
        "trace": {"type": ["string", "null"], "description": "W3C traceparent."},
        "body": _ref("schemas", message.__name__),
        **SIGNATURE,
    }
    return _closed(members)


def _schemas() -> Document:
    receipt: Document = {
        "v": {"const": VERSION},
        "kind": {"const": RECEIPT},
        "from": {"type": "string", "enum": [str(queue) for queue in Queue]},
        "to": {"type": "string", "enum": [str(queue) for queue in Queue]},
        "ids": {"type": "array", "items": UUID_SCHEMA, "minItems": 1, "maxItems": MOST},
        **SIGNATURE,
    }
    _, made = models_json_schema(
        [(message, "validation") for message in MESSAGES],
        ref_template="#/components/schemas/{model}",
    )
    return {**made["$defs"], "Receipt": _closed(receipt)}


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
