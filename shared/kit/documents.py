"""Rows on their way into a statement: one JSON document, whatever their number.

PostgreSQL reads it with ``json_to_recordset``. An array for each column costs many times more: the
driver quotes every element of every array one by one.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson


def document(rows: Sequence[Mapping[str, Any]] | Mapping[str, Any]) -> str:
    """Rows, or one value for each of some names; ids, instants and StrEnums are understood."""
    return orjson.dumps(rows, option=orjson.OPT_NON_STR_KEYS).decode()


def ids(values: Iterable[UUID | str]) -> str:
    """An array of ids as PostgreSQL writes it, for ``CAST(:ids AS uuid[])``."""
    return f"{{{','.join(map(str, values))}}}"
