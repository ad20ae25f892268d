"""Forms: what is sent is text, whatever the API makes of it; the API alone judges."""

import re
from typing import Any

from fastapi import Request
from pydantic import BaseModel, ConfigDict
from starlette.datastructures import FormData

from services.console.clients import Problem

_DAY = re.compile(r"\s*(\d{1,2})\s*[/.-]\s*(\d{1,2})\s*[/.-]\s*(\d{4})\s*", re.ASCII)


class Sent(BaseModel):
    """A form as it was sent; whatever is in it, an API judges it."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    key: str = ""
    """Of this showing of the form: sent twice, it counts once."""
    version: str = ""
    """Of the thing as it was shown."""

    def said(self) -> dict[str, Any]:
        """What was filled in, by field; what was left empty is not said."""
        told = self.model_dump(exclude={"key", "version"})
        return {name: value for name, value in told.items() if value not in ("", [], None)}


def as_sent(problem: Problem | None, request: Request) -> Problem | None:
    """What was refused, where a form was sent: its empty fields are missing, whatever is said."""
    form: FormData | None = getattr(request.state, "form", None)
    if problem is None or form is None:
        return problem
    empty = {name for name in form if not any(_is_typed(it) for it in form.getlist(name))}
    return problem.where(empty.__contains__)


def _is_typed(value: object) -> bool:
    return not isinstance(value, str) or bool(value.strip())


def iso_day(written: str) -> str:
    """A day as the APIs take it (ISO 8601), written here as day, month and year.

    What is not a day goes on as it is: the API says what is wrong with it, beside the field.
    """
    found = _DAY.fullmatch(written)
    if found is None:
        return written
    day, month, year = found.groups()
    return f"{year}-{int(month):02}-{int(day):02}"


def as_number(written: str) -> int | str | None:
    """A number as the APIs take it; none where nothing was typed.

    What is no number goes on as it is, as a day does.
    """
    plain = written.strip()
    return int(plain) if plain.isascii() and plain.isdigit() else plain or None
