"""A list of values is one parameter, so that a statement is the same whatever its length.

With a parameter for each value, each length is another statement: built, prepared and planned anew.
And where a statement stands once, as a constant whose values are given with each use, it is not
built for each use either: that costs more than all the rest of a small one.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, String, any_, bindparam, literal
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute


def among(
    column: ColumnElement[Any] | InstrumentedAttribute[Any],
    values: Iterable[object] | BindParameter[Any],
) -> ColumnElement[bool]:
    """Whether the column holds one of these values; ``~among(...)`` that it holds another.

    ``values`` may be a parameter, ``bindparam("case_ids")``, that is given a list with each use.
    """
    # A cast to a length would cut a longer value, and then find what is not it.
    kind = ARRAY(String() if isinstance(column.type, String) else column.type)
    if isinstance(values, BindParameter):
        return column == any_(bindparam(values.key, type_=kind))
    return column == any_(literal(list(values), kind))
