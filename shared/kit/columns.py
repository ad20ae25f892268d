"""What the tables of every service are made of."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, LargeBinary, String, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import mapped_column

TYPES: Mapping[Any, Any] = MappingProxyType(
    {
        datetime: DateTime(timezone=True),
        list[str]: ARRAY(String(40)),
        list[UUID]: ARRAY(Uuid),
        dict[str, Any]: JSONB,
        bytes: LargeBinary,
    }
)
"""How annotated columns are stored: instants with their zone, lists of codes and ids, facts,
ciphertext."""


APPEND_ONLY = "append_only"


def append_only(*changing: str) -> dict[str, Any]:
    """``info`` of a table whose rows are a record: the service may add to it and delete nothing.

    Of the columns it may change those that are named here, and no other.
    ``deploy.stack.databases`` takes the rights away after every migration.
    """
    return {APPEND_ONLY: changing}


def listed(values: Iterable[str]) -> str:
    """A closed vocabulary as SQL lists it."""
    return ", ".join(f"'{value}'" for value in sorted(values))


def one_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    """A closed vocabulary, held by the database too."""
    return CheckConstraint(f"{column} IN ({listed(values)})", name=column)


def all_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    """The same for a column that holds several codes."""
    return CheckConstraint(f"{column} <@ ARRAY[{listed(values)}]::varchar[]", name=column)


def short(length: int = 40) -> Any:
    """A column of a short text: a code, a name of ours."""
    return mapped_column(String(length))
