"""``docs/messages.md``: what the services say to each other, for people."""

import inspect
import types
from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar, Union, get_args, get_origin
from uuid import UUID

from pydantic import AwareDatetime, BaseModel
from pydantic.fields import FieldInfo

from shared.contracts import MESSAGES, Message, Queue

HEAD = """\
# Messages

Made by `make documents` from `shared/contracts`; do not edit it here.

A message is a fact that crosses a service boundary. It carries ids, codes and dates, never
identity. Messages of one aggregate reach one receiver in the order they were told, each exactly
once. A new optional field keeps the version; any other change is a new class with a new version.
How they travel is in [asyncapi.yaml](asyncapi.yaml).
"""

PLAIN: dict[Any, str] = {
    UUID: "UUID",
    str: "code",
    int: "number",
    bool: "true or false",
    date: "date",
    AwareDatetime: "instant (UTC)",
    type(None): "unset",
}


def render() -> str:
    """The whole document."""
    parts = [HEAD, _overview(), *map(_message, MESSAGES), *_shapes(), _vocabularies()]
    return "\n".join(parts)


def _overview() -> str:
    head = ["## Who tells whom", "", "| from \\ to | " + " | ".join(Queue) + " |"]
    rule = "|---" * (len(Queue) + 1) + "|"
    rows = [
        f"| **{source}** | " + " | ".join(_told(source, queue) for queue in Queue) + " |"
        for source in Queue
    ]
    return "\n".join([*head, rule, *rows, ""])


def _told(source: Queue, queue: Queue) -> str:
    links = [
        f"[{event}](#{_anchor(message.type)})"
        for message in MESSAGES
        for told_by, event, _ in [message.type.split(".")]
        if told_by == source and queue in message.to
    ]
    return "<br>".join(links)


def _anchor(title: str) -> str:
    """The anchor a Markdown heading gets: without its dots."""
    return title.replace(".", "")


def _message(message: type[Message]) -> str:
    lines = [
        f"## {message.type}",
        "",
        _text(message),
        "",
        f"`{message.__name__}` in `{message.__module__.replace('.', '/')}.py`",
        "",
        f"- from: {message.type.split('.')[0]}",
        f"- to: {', '.join(message.to)}",
        *_drained(message),
        f"- in order for each: `{message.aggregate}`",
        "",
        *_fields(message),
        "",
    ]
    return "\n".join(lines)


def _drained(message: type[Message]) -> Iterator[str]:
    """Who still takes what the release before has told it, and is told no more."""
    if message.formerly_to:
        yield f"- in the release before also to: {', '.join(message.formerly_to)}"


def _text(described: type) -> str:
    """The docstring on one line."""
    return " ".join((inspect.getdoc(described) or "").split())


def _fields(model: type[BaseModel]) -> Iterator[str]:
    yield "| field | type | when left out |"
    yield "|---|---|---|"
    for name, field in model.model_fields.items():
        yield f"| `{name}` | {kind_of(field.annotation)} | {_default(field)} |"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "not allowed"
    value = field.default
    if value is None:
        return "unset"
    if isinstance(value, tuple):
        return ", ".join(f"`{item}`" for item in value) or "empty list"
    return f"`{value}`".lower()


def kind_of(annotation: Any) -> str:
    """A field's type in words, with a link where it is explained further down."""
    if annotation in PLAIN:
        return PLAIN[annotation]
    if get_origin(annotation) is tuple:
        return f"list of {kind_of(get_args(annotation)[0])}"
    if get_origin(annotation) in {Union, types.UnionType}:
        return " or ".join(map(kind_of, get_args(annotation)))
    return f"[{annotation.__name__}](#{annotation.__name__.lower()})"


def _types_of(model: type[BaseModel]) -> Iterator[type]:
    """Every type named in a model's fields, in their order."""
    for field in model.model_fields.values():
        yield from _leaves(field.annotation)


def _leaves(annotation: Any) -> Iterator[type]:
    arguments = [argument for argument in get_args(annotation) if argument is not Ellipsis]
    if arguments:
        for argument in arguments:
            yield from _leaves(argument)
    elif inspect.isclass(annotation):
        yield annotation
        if issubclass(annotation, BaseModel):
            yield from _types_of(annotation)


Kind = TypeVar("Kind")


def _named(base: type[Kind]) -> list[type[Kind]]:
    """The types of a kind that messages use, each once."""
    found = [leaf for message in MESSAGES for leaf in _types_of(message) if issubclass(leaf, base)]
    return list(dict.fromkeys(found))


def _shapes() -> Iterator[str]:
    for shape in _named(BaseModel):
        yield "\n".join([f"## {shape.__name__}", "", _text(shape), "", *_fields(shape), ""])


def _vocabularies() -> str:
    lines = ["## Vocabularies", ""]
    for vocabulary in sorted(_named(StrEnum), key=lambda found: found.__name__):
        values = ", ".join(f"`{value}`" for value in vocabulary)
        lines += [f"### {vocabulary.__name__}", "", _text(vocabulary), "", values, ""]
    return "\n".join(lines)
