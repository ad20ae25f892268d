"""The committed documents say exactly what the message classes say."""

import tempfile
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import pytest
import yaml
from jsonschema import Draft7Validator, Draft202012Validator

from deploy.documents import asyncapi, render_all
from shared.contracts import MESSAGES, Message, Queue
from shared.messaging.broker import receipts_queue
from shared.messaging.envelope import Links, seal, seal_receipt
from shared.messaging.outbox import Parcel
from tests.published import published

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = Path(__file__).parent / "golden"

RENDERED = render_all(ROOT / "docs")
ALL = pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.type)


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "docs/asyncapi.yaml").read_text("utf-8"))
    return found


@pytest.mark.parametrize("path", RENDERED, ids=lambda path: path.name)
def test_a_committed_document_is_what_the_code_says(path: Path) -> None:
    is_true = path.exists() and path.read_text("utf-8") == RENDERED[path]
    assert is_true, f"docs/{path.name} is not true any more: run `make documents` and commit it"


def test_documents_are_written_where_they_are_asked_for() -> None:
    with tempfile.TemporaryDirectory() as folder:
        assert set(render_all(Path(folder))) == {
            Path(folder, "access.md"),
            Path(folder, "messages.md"),
            Path(folder, "asyncapi.yaml"),
            Path(folder, "retention.md"),
            Path(folder, "law.md"),
        }


def test_a_period_that_counts_from_an_id_counts_from_when_it_was_made() -> None:
    page = RENDERED[ROOT / "docs/retention.md"]
    assert "| `inbox` | 90 days after `message_id` was made |" in page
    assert "| `delivery_attempts` | 30 days after `message_id` was made |" in page
    assert "| `closed_outbox` | 14 days after `closed_at` |" in page


@ALL
def test_people_can_read_of_every_message(message: type[Message]) -> None:
    text = RENDERED[ROOT / "docs/messages.md"]
    section = text.split(f"\n## {message.type}\n")[1].split("\n## ")[0]
    assert (message.__doc__ or "").strip() in section
    assert f"- to: {', '.join(message.to)}\n" in section
    drained = f"- in the release before also to: {', '.join(message.formerly_to)}\n"
    assert (drained in section) is bool(message.formerly_to)
    assert all(f"| `{name}` |" in section for name in message.model_fields)


def test_the_asyncapi_document_keeps_the_standard(document: dict[str, Any]) -> None:
    schema = published("asyncapi.schema.json")
    broken = [
        f"{error.json_path}: {error.message}"
        for error in Draft7Validator(schema).iter_errors(document)
    ]
    assert not broken


def test_every_queue_is_a_channel(document: dict[str, Any]) -> None:
    addresses = {channel["address"] for channel in document["channels"].values()}
    assert addresses == {*Queue, *map(receipts_queue, Queue)}


@ALL
def test_a_message_is_declared_in_each_of_its_channels_only(
    message: type[Message], document: dict[str, Any]
) -> None:
    declared = {
        name
        for name, channel in document["channels"].items()
        if message.type in channel["messages"]
    }
    assert declared == {*message.to, *message.formerly_to}


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    for reference in references(document):
        found: Any = document
        for step in reference.removeprefix("#/").split("/"):
            assert step in found, f"{reference} leads nowhere"
            found = found[step]


def references(node: Any) -> list[str]:
    if isinstance(node, dict):
        inner = [found for value in node.values() for found in references(value)]
        return [node["$ref"], *inner] if "$ref" in node else inner
    if isinstance(node, list):
        return [found for value in node for found in references(value)]
    return []


def test_a_sender_and_a_receiver_is_declared_for_every_way(document: dict[str, Any]) -> None:
    told = {
        (operation["action"], operation["channel"]["$ref"].rpartition("/")[2], reference["$ref"])
        for operation in document["operations"].values()
        for reference in operation["messages"]
    }
    expected = {
        (action, str(queue), f"#/channels/{queue}/messages/{message.type}")
        for message in MESSAGES
        for action, queues in (
            ("send", message.to),
            ("receive", (*message.to, *message.formerly_to)),
        )
        for queue in queues
    }
    assert told == expected


def links(service: str, peer: str) -> Links:
    return Links(service=service, current={peer: "k1"}, keys={peer: {"k1": b"k" * 32}})


@ALL
def test_what_really_travels_fits_its_declared_payload(message: type[Message]) -> None:
    body = orjson.loads((GOLDEN / f"{message.type}.json").read_bytes())
    told = message.model_validate(body)
    parcel = Parcel(
        parcel_id=str(uuid4()),
        destination=message.to[0],
        aggregates=[str(told.aggregate_id)],
        sequences=[1],
        messages=orjson.dumps(
            [{"id": str(uuid4()), "type": message.type, "trace": None, "body": body}]
        ),
    )
    wire = seal(links(told.source, message.to[0]), parcel)
    components = asyncapi.document()["components"]
    validator(components["schemas"]["SealedParcel"]).validate(wire)
    travelled = orjson.loads(wire["text"])
    validator(components["schemas"]["Parcel"]).validate(travelled)
    (written,) = travelled["messages"]
    check = validator(components["messages"][message.type]["payload"])
    check.validate(written)
    assert not check.is_valid({**written, "extra": 1})
    assert not validator(components["schemas"]["Parcel"]).is_valid({**travelled, "sequences": [0]})


def test_a_real_receipt_fits_its_declared_payload() -> None:
    wire = seal_receipt(links("verification", "intake"), "intake", [str(uuid4())])
    schemas = asyncapi.document()["components"]["schemas"]
    validator(schemas["SealedReceipt"]).validate(wire)
    validator(schemas["Receipt"]).validate(orjson.loads(wire["text"]))


def validator(payload: dict[str, Any]) -> Draft202012Validator:
    return Draft202012Validator({**payload, "components": asyncapi.document()["components"]})
