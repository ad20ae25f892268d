"""What services say to each other stays understood: one fixed sample of every message version."""

import re
import types
from datetime import date
from enum import StrEnum
from inspect import isclass
from pathlib import Path
from typing import Any, Union, get_args, get_origin
from uuid import UUID

import orjson
import pytest
from pydantic import AwareDatetime, BaseModel, ValidationError

from shared.contracts import BY_TYPE, MESSAGES, Message, Queue

GOLDEN = Path(__file__).parent / "golden"

ALL = pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.type)

PLAIN_TYPES = {UUID, AwareDatetime, date, bool, int, type(None)}

TEXT_FIELDS = {
    "case_code", "code", "area_code", "area_codes", "url", "mailbox", "number", "languages", "kind",
    "key",
}  # fmt: skip
"""The only fields that hold text: each is a code of a public list, or the public address of
an office or of its system."""

TELLING = re.compile(
    r"(^|_)(full|given|family|first|last)?(name|alias|phone|mobile|address|birth|born|email|text|"
    r"note|comment|description|remark|passport|cccd|cmnd|id_number|nationality|ethnicity)s?(_|$)",
)
"""Field names that promise identity or free text."""


def samples(message: type[Message]) -> list[dict[str, Any]]:
    """The fixed samples of a message version, the newest last.

    One that was fixed is never changed: an optional field that came later has a sample of its own,
    ``<type>~2.json`` and so on.
    """
    files = [GOLDEN / f"{message.type}.json", *sorted(GOLDEN.glob(f"{message.type}~*.json"))]
    return [orjson.loads(file.read_bytes()) for file in files]


def sample(message: type[Message]) -> dict[str, Any]:
    """The newest sample of a message version."""
    return samples(message)[-1]


def required(message: type[Message]) -> list[str]:
    return [name for name, field in message.model_fields.items() if field.is_required()]


def fields(model: type[BaseModel]) -> dict[str, Any]:
    """Fields of a message and of every shape inside it, by name."""
    found: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        found[name] = field.annotation
        for leaf in leaves(field.annotation):
            if isclass(leaf) and issubclass(leaf, BaseModel):
                found |= {f"{name}.{inner}": kind for inner, kind in fields(leaf).items()}
    return found


def leaves(annotation: Any) -> set[Any]:
    """The types a field is made of: of its alternatives and of its items."""
    if get_origin(annotation) in {tuple, Union, types.UnionType}:
        return set().union(*map(leaves, get_args(annotation)))
    return {annotation} - {Ellipsis}


def test_every_message_version_has_a_sample_and_every_sample_a_message() -> None:
    assert {path.stem.split("~")[0] for path in GOLDEN.glob("*.json")} == set(BY_TYPE)


@ALL
def test_a_sample_is_understood_and_told_again_as_it_was(message: type[Message]) -> None:
    for fixed in samples(message):
        told = message.model_validate(fixed)
        assert told.model_dump(mode="json", exclude_unset=True) == fixed


@ALL
def test_the_newest_sample_shows_every_field(message: type[Message]) -> None:
    assert set(sample(message)) == set(message.model_fields)


@ALL
def test_what_came_after_the_first_sample_is_optional(message: type[Message]) -> None:
    first, newest = samples(message)[0], sample(message)
    assert set(required(message)) <= set(first) <= set(newest)


@ALL
def test_a_field_of_a_later_release_is_passed_over(message: type[Message]) -> None:
    read = message.model_validate({**sample(message), "field_of_tomorrow": 1})
    assert read == message.model_validate(sample(message))


@ALL
def test_a_message_without_a_required_field_is_not_understood(message: type[Message]) -> None:
    for name in required(message):
        body = {key: value for key, value in sample(message).items() if key != name}
        with pytest.raises(ValidationError):
            message.model_validate(body)


@ALL
def test_a_message_without_its_optional_fields_is_understood(message: type[Message]) -> None:
    body = {name: value for name, value in sample(message).items() if name in required(message)}
    assert message.model_validate(body).type == message.type


@ALL
def test_a_message_cannot_be_changed(message: type[Message]) -> None:
    read = message.model_validate(sample(message))
    with pytest.raises(ValidationError):
        read.occurred_at = read.occurred_at  # type: ignore[misc]


@ALL
def test_a_time_without_a_zone_is_not_understood(message: type[Message]) -> None:
    with pytest.raises(ValidationError):
        message.model_validate({**sample(message), "occurred_at": "2026-03-02T05:00:00"})


def test_no_two_messages_share_a_type() -> None:
    assert len({message.type for message in MESSAGES}) == len(MESSAGES)


def test_every_message_class_is_declared() -> None:
    assert set(Message.__subclasses__()) == set(MESSAGES)


@ALL
def test_a_type_names_its_service_its_event_and_its_version(message: type[Message]) -> None:
    assert re.fullmatch(rf"({'|'.join(Queue)})\.[a-z]+(_[a-z]+)*\.v[1-9][0-9]*", message.type)


@ALL
def test_a_message_comes_from_the_service_its_type_begins_with(message: type[Message]) -> None:
    read = message.model_validate(sample(message))
    assert read.source == message.type.split(".", maxsplit=1)[0]
    assert message.__module__ == f"shared.contracts.{read.source}"


@ALL
def test_a_message_is_addressed_to_other_services_each_once(message: type[Message]) -> None:
    source = message.model_validate(sample(message)).source
    takers = (*message.to, *message.formerly_to)
    assert message.to
    assert len(set(takers)) == len(takers)
    assert source not in takers
    assert [queue for queue in Queue if message.is_for(queue)] == sorted(takers, key=[*Queue].index)


@ALL
def test_the_aggregate_is_a_required_id(message: type[Message]) -> None:
    assert message.model_fields[message.aggregate].annotation is UUID
    assert message.aggregate in required(message)
    assert (
        str(message.model_validate(sample(message)).aggregate_id)
        == (sample(message)[message.aggregate])
    )


@ALL
def test_no_field_promises_identity_or_free_text(message: type[Message]) -> None:
    named = [name for name in fields(message) if TELLING.search(name.rpartition(".")[2])]
    assert not named, f"{message.type} must not carry {named}"


@ALL
def test_every_field_is_an_id_a_code_a_date_or_a_number(message: type[Message]) -> None:
    loose = [
        name
        for name, annotation in fields(message).items()
        for leaf in leaves(annotation)
        if not is_plain(leaf) and not (leaf is str and name.rpartition(".")[2] in TEXT_FIELDS)
    ]
    assert not loose, f"{message.type}: {loose} could hold anything"


def is_plain(leaf: Any) -> bool:
    """Whether values of a type are ids, codes of a closed list, dates, numbers or flags."""
    return leaf in PLAIN_TYPES or (isclass(leaf) and issubclass(leaf, StrEnum | BaseModel))


@pytest.mark.parametrize("word", ["full_name", "phone", "home_address", "birth_date", "notes"])
def test_the_search_for_telling_names_finds_them(word: str) -> None:
    assert TELLING.search(word)


@pytest.mark.parametrize("word", ["case_code", "organisation_id", "area_code", "programme_id"])
def test_the_search_for_telling_names_passes_ids_and_codes(word: str) -> None:
    assert not TELLING.search(word)
