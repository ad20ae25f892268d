"""A list of values is one parameter, so that a statement is the same whatever its length.

With a parameter for each value, each length is another statement: built, prepared and planned anew.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, String, any_, literal
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute


def among(
    column: ColumnElement[Any] | InstrumentedAttribute[Any], values: Iterable[object]
) -> ColumnElement[bool]:
    """Whether the column holds one of these values; ``~among(...)`` that it holds another."""
    # A cast to a length would cut a longer value, and then find what is not it.
    kind = String() if isinstance(column.type, String) else column.type
    return column == any_(literal(list(values), ARRAY(kind)))
