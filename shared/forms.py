"""The one form in which each value is written, in a request and in a message alike.

JSON has one way to write a number, a boolean and null. A reader that also takes ``"no"`` for a
boolean, ``true`` for a number or seconds for a date stores what nobody said. So these
are taken as what they are only, and what JSON has no type for is written in exactly one form:

- a day as ``YYYY-MM-DD`` (RFC 3339 section 5.6, ``full-date``),
- an instant as RFC 3339 ``date-time``, with its offset,
- an id as a UUID of 36 characters (RFC 9562 section 4), in letters of either case.
"""

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?"
    r"(?:[Zz]|[+-][0-9]{2}:[0-9]{2})",
)
_ID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def written(value: Any, form: re.Pattern[str], kind: type, rule: str, said: str) -> Any:
    """A text of this form, or what was of this type already; read further by pydantic."""
    is_of_form = isinstance(value, str) and form.fullmatch(value)
    # A datetime is a date to Python, and to nobody else.
    is_of_kind = isinstance(value, kind) and (kind is not date or type(value) is date)
    if not is_of_form and not is_of_kind:
        raise PydanticCustomError(rule, said)
    return value


def written_day(value: Any) -> Any:
    """A calendar day is written ``YYYY-MM-DD``; refuses seconds, instants and every other form."""
    return written(value, _DAY, date, "date_parsing", "a date as YYYY-MM-DD")


def written_instant(value: Any) -> Any:
    """An instant is written as RFC 3339 says, its offset included; refuses every other form."""
    return written(value, _INSTANT, datetime, "datetime_parsing", "an instant as in RFC 3339")


def written_id(value: Any) -> Any:
    """An id is a UUID of 36 characters; refuses braces, a ``urn:uuid:`` and a missing hyphen."""
    return written(value, _ID, UUID, "uuid_parsing", "a UUID of 36 characters")


def is_id(text: str) -> bool:
    """Whether a text is an id as we read them."""
    return _ID.fullmatch(text) is not None


_TYPED = frozenset({"int", "bool", "float"})
_FORMS: dict[str, Callable[[Any], Any]] = {
    "date": written_day,
    "datetime": written_instant,
    "uuid": written_id,
}
_NO_SCHEMA = frozenset({"metadata", "default", "config", "serialization"})
"""Keys under which pydantic keeps something else than a schema to validate by."""
_BY_NAME = frozenset({"fields", "choices"})
"""Keys whose schemas are kept by names that are not pydantic's."""


def strictly(node: Any) -> Any:
    """A schema of pydantic whose numbers, booleans, days, instants and ids are read strictly."""
    if isinstance(node, list | tuple):
        return type(node)(strictly(each) for each in node)
    if not isinstance(node, dict) or _is_written(node):
        return node
    within = {key: _within(key, each) for key, each in node.items()}
    if node.get("type") in _TYPED:
        return {**within, "strict": True}
    if form := _FORMS.get(str(node.get("type"))):
        return core_schema.no_info_before_validator_function(form, within)
    return within


def _within(key: str, node: Any) -> Any:
    if key in _NO_SCHEMA:
        return node
    if key in _BY_NAME and isinstance(node, dict):
        return {name: strictly(each) for name, each in node.items()}
    return strictly(node)


def _is_written(node: dict[str, Any]) -> bool:
    """Whether a form is asked for here already: a shape within a shape was read before."""
    function = node.get("function")
    return isinstance(function, dict) and function.get("function") in _FORMS.values()


class Strict(BaseModel):
    """A model whose fields are read strictly, whatever their types."""

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: type[BaseModel], handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """The schema pydantic makes of the fields, made strict."""
        schema: CoreSchema = strictly(handler(source))
        return schema
