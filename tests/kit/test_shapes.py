"""Shapes take what is written in the one form that is described, and nothing else."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AwareDatetime, Field, TypeAdapter, ValidationError

from shared.kit.shapes import Day, Id, Instant, Shape


class Part(Shape):
    """Something inside."""

    on: date
    """A day."""


class Form(Shape):
    """One field of every kind that JSON readers are lax with."""

    is_active: bool = True
    """A truth."""
    capacity: int = Field(default=1, ge=0)
    """A number."""
    share: float = 0.5
    """Part of it."""
    born_on: date | None = None
    """A day."""
    seen_at: AwareDatetime | None = None
    """An instant."""
    id: UUID | None = None
    """An id."""
    days: tuple[date, ...] = ()
    """Many days."""
    by_name: dict[str, int] = Field(default_factory=dict)
    """Numbers by name."""
    part: Part | None = None
    """Another shape."""
    type: int = 0
    """Named as pydantic names its own."""
    default: date | None = None
    """The same."""
    parts: list[Part] = Field(default_factory=list)
    """Many of them."""


SOME = UUID("0198b6c8-7d10-7a3e-9c41-5b2d8e6f1a07")

DAYS = ["0", "-86400", "946684800", 0, 946684800, 1.5, True, "2026-03-02T00:00:00"]
DAYS += ["2026-03-02T00:00:00Z", "2026-3-2", "02/03/2026", "20260302", "2026-W10-1", " 2026-03-02"]
DAYS += ["2026-02-30", "0000-01-01", "\uff12\uff10\uff12\uff16-03-02", "2026-03-02\n", "", [], {}]
INSTANTS = ["0", 0, 1772409600, "1772409600", 1.5, True, "2026-03-02", "2026-03-02T12:00:00"]
INSTANTS += ["2026-03-02 12:00:00Z", "2026-03-02T12:00Z", "2026-03-02T12:00:00+07", "now", None]
INSTANTS += ["2026-03-02T12:00:00+0700", "2026-03-02T25:00:00Z", "PT1H", "20260302T120000Z"]
IDS = ["urn:uuid:{}", "{{{}}}", "{}\n", " {}", "({})"]
TRUTHS = ["no", "yes", "true", "false", "on", "off", "t", "f", "1", "0", 0, 1, 0.0, 1.0, None, ""]
NUMBERS = ["5", "5.0", 5.0, True, False, " 5", "5_0", "\u0665", None, "", [5]]

WRONG = [
    *(("is_active", value) for value in TRUTHS),
    *(("capacity", value) for value in NUMBERS),
    *(("share", value) for value in ("0.5", True, None)),
    *(("born_on", value) for value in DAYS),
    *(("days", [value]) for value in DAYS),
    *(("part", {"on": value}) for value in DAYS),
    *(("parts", [{"on": value}]) for value in DAYS),
    *(("seen_at", value) for value in INSTANTS if value is not None),
    *(("id", form.format(SOME)) for form in IDS),
    *(("id", value) for value in (SOME.hex, 5, SOME.bytes.hex(), "")),
    *(("by_name", {"a": value}) for value in ("5", True, 5.0)),
    ("unknown", 1),
    ("type", "5"),
    ("default", "0"),
]


@pytest.mark.parametrize(("field", "value"), WRONG, ids=repr)
def test_a_value_in_another_form_is_refused(field: str, value: Any) -> None:
    with pytest.raises(ValidationError):
        Form.model_validate({field: value})


@given(day=st.dates(min_value=date(1000, 1, 1)))
def test_a_day_is_read_as_it_is_written(day: date) -> None:
    read = Form.model_validate({"born_on": day.isoformat(), "parts": [{"on": day.isoformat()}]})
    assert (read.born_on, read.parts[0].on) == (day, day)
    assert type(read.born_on) is date


@given(at=st.datetimes(timezones=st.just(UTC), min_value=datetime(1000, 1, 1)))  # noqa: DTZ001
def test_an_instant_is_read_as_it_is_written(at: datetime) -> None:
    for written in (at.isoformat(), at.isoformat().replace("+00:00", "Z")):
        assert Form.model_validate({"seen_at": written}).seen_at == at


@given(value=st.uuids())
def test_an_id_is_read_in_letters_of_either_case(value: UUID) -> None:
    for written in (str(value), str(value).upper()):
        assert Form.model_validate({"id": written}).id == value


def test_what_the_database_holds_is_taken_as_it_is() -> None:
    class Row:
        on = date(2026, 3, 2)

    assert Part.model_validate(Row()).on == Row.on


def test_a_datetime_of_the_database_is_no_day() -> None:
    class Row:
        on = datetime(2026, 3, 2, tzinfo=UTC)

    with pytest.raises(ValidationError):
        Part.model_validate(Row())


def test_no_submitted_value_is_in_an_error_or_a_repr() -> None:
    with pytest.raises(ValidationError) as refused:
        Form.model_validate({"born_on": "canary-2026"})
    assert "canary" not in str(refused.value)
    assert "2026" not in repr(Part(on=date(2026, 3, 2)))


@pytest.mark.parametrize(
    ("kind", "value"), [(Day, "0"), (Instant, "1772409600"), (Id, f"urn:uuid:{SOME}")]
)
def test_a_query_is_read_as_strictly_as_a_body(kind: Any, value: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(value)


def test_the_description_is_that_of_the_types() -> None:
    fields = Form.model_json_schema()["properties"]
    assert fields["capacity"]["type"] == "integer"
    assert fields["born_on"]["anyOf"][0] == {"type": "string", "format": "date"}
    assert fields["id"]["anyOf"][0] == {"type": "string", "format": "uuid"}
