"""JSON as RFC 8259 and I-JSON (RFC 7493) have it, and nothing that two readers read differently.

A body is UTF-8 without a byte order mark. A name stands once in its object: of two, one reader
takes the first and another the last, and what was signed, checked or logged is not what was done.
``NaN`` and infinity are no JSON, half of a surrogate pair is no text.
"""

import json
from typing import Any, NoReturn

from shared.kit.errors import DomainError

DEEPEST = 64
"""Levels of nesting a body may have; ours have five."""

NOT_UTF8 = "not_utf8"
BYTE_ORDER_MARK = "byte_order_mark"
NOT_JSON = "not_json"
NOT_A_NUMBER = "not_a_number"
REPEATED_NAME = "repeated_name"
TOO_DEEP = "too_deep"


class BodyUnreadable(DomainError):
    """The body is not JSON (RFC 8259) in UTF-8, or a name appears twice in one object."""

    kind = "bad_request"


def parse(body: bytes) -> Any:
    """The value a body states; raises ``BodyUnreadable`` with the reason as a code."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise BodyUnreadable(reason=NOT_UTF8) from None
    if text.startswith("\ufeff"):
        raise BodyUnreadable(reason=BYTE_ORDER_MARK)
    try:
        value = json.loads(
            text, object_pairs_hook=_object, parse_constant=_constant, parse_float=_number
        )
    except RecursionError:
        raise BodyUnreadable(reason=TOO_DEEP) from None
    except ValueError:
        # Its text and its ``doc`` hold what was submitted.
        raise BodyUnreadable(reason=NOT_JSON) from None
    _check(value, DEEPEST)
    return value


def canonical(value: Any) -> bytes:
    """One form for all bodies that state the same, whatever their spaces and order of names."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise BodyUnreadable(reason=REPEATED_NAME)
    return found


def _constant(_word: str) -> NoReturn:
    raise BodyUnreadable(reason=NOT_A_NUMBER)


def _number(digits: str) -> float:
    number = float(digits)
    if number in {float("inf"), float("-inf")}:
        raise BodyUnreadable(reason=NOT_A_NUMBER)
    return number


def _check(value: Any, levels: int) -> None:
    """Refuse what is nested too deep, and text that no UTF-8 can carry on."""
    if levels == 0:
        raise BodyUnreadable(reason=TOO_DEEP)
    if isinstance(value, str):
        _check_text(value)
    elif isinstance(value, list):
        for each in value:
            _check(each, levels - 1)
    elif isinstance(value, dict):
        for name, each in value.items():
            _check_text(name)
            _check(each, levels - 1)


def _check_text(text: str) -> None:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise BodyUnreadable(reason=NOT_UTF8) from None
