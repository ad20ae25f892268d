"""What every shape of every interface holds to: strict types, and nothing that is not described.

Each value is written in the one form that ``shared/forms.py`` knows for its type.
"""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import (
    AwareDatetime,
    BeforeValidator,
    ConfigDict,
    Field,
)

from shared.forms import Strict, written, written_day, written_id, written_instant

_COUNT = re.compile(r"[0-9]{1,9}")


def written_count(value: Any) -> Any:
    """A count in a query is digits only, where Python takes spaces, signs and underscores too."""
    return written(value, _COUNT, int, "int_parsing", "digits only")


Day = Annotated[date, BeforeValidator(written_day)]
"""For a day in a query; the fields of a ``Shape`` need no more than ``date``."""
Instant = Annotated[AwareDatetime, BeforeValidator(written_instant)]
"""For an instant in a query; the fields of a ``Shape`` need no more than ``AwareDatetime``."""
Id = Annotated[UUID, BeforeValidator(written_id)]
"""For an id in a path or a query; the fields of a ``Shape`` need no more than ``UUID``."""
Count = Annotated[int, BeforeValidator(written_count)]
"""For a number in a query; the fields of a ``Shape`` need no more than ``int``."""

Cursor = Annotated[
    str | None,
    Field(description="The `cursor` that asks for the next page; unset on the last page."),
]
"""How a list says that it goes on."""


SHOWN = "x-example"


def shown(example: Mapping[str, Any]) -> ConfigDict:
    """How a shape says what the interface's description shows of it: an example of a whole body.

    It is kept as text until the description is complete: what FastAPI writes has no nulls.
    """
    return ConfigDict(json_schema_extra={SHOWN: json.dumps(example)})


class Shape(Strict):
    """The base of every shape: no unknown field, every type strict.

    No submitted value is in an error or in a ``repr``, for both end in logs.
    """

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        from_attributes=True,
        hide_input_in_errors=True,
        str_strip_whitespace=True,
        use_attribute_docstrings=True,
    )

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        return []
