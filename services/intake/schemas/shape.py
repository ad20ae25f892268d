"""The types of the fields of this interface: how long each is, and in what form."""

from collections.abc import Sequence
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    Field,
    PlainValidator,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from services.intake.policy import Phone, Rule, read_phone, read_span
from shared.kit.texts import ManyLines, OfficialLine, OneLine

LONGEST_PHONE = 40

Items = TypeVar("Items", bound=Sequence[Any])


def _phone(value: Any) -> Phone:
    read = read_phone(value) if isinstance(value, str) and len(value) <= LONGEST_PHONE else None
    if read is None:
        raise PydanticCustomError(Rule.PHONE_NUMBER, "not a phone number")
    return read


def _distinct(items: Items) -> Items:
    if any(item in items[:place] for place, item in enumerate(items)):
        raise PydanticCustomError(Rule.REPEATED, "an entry is repeated")
    return items


def _distinct_ids(items: Items) -> Items:
    _distinct([item.id for item in items])
    return items


def _day_about(written: str) -> str:
    """A day, a month or a year of the calendar; refuses what is none, as a 13th month."""
    try:
        read_span(written)
    except ValueError:
        raise PydanticCustomError("date_parsing", "no such day, month or year") from None
    return written


def _text(most: int) -> StringConstraints:
    return StringConstraints(min_length=1, max_length=most)


Line = Annotated[str, _text(200), OneLine]
Lines = Annotated[str, _text(4000), ManyLines]
Number = Annotated[str, _text(60), OneLine]
Issuer = Annotated[str, _text(200), OfficialLine]
PaperNumber = Annotated[str, _text(60), OfficialLine]
UnitCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{5}$")]
"""A commune, ward or special zone, as the state numbers them."""
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
"""ISO 3166-1 alpha-2."""
Nationality = Annotated[str, StringConstraints(pattern=r"^([A-Z]{2}|stateless)$")]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z_]{0,39}$")]
DayAbout = Annotated[
    str,
    StringConstraints(pattern=r"^(19|20|21)[0-9]{2}(-[0-9]{2}(-[0-9]{2})?)?$"),
    AfterValidator(_day_about),
]
"""A day as far as somebody remembers it: ``2019-05-04``, ``2019-05`` or ``2019``."""
Hours = Annotated[
    str,
    StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]/([01][0-9]|2[0-3]):[0-5][0-9]$"),
]
"""Hours of a day by the clock of Vietnam, as an interval (ISO 8601): ``18:00/20:00``."""
Year = Annotated[int, Field(strict=True, ge=1900, le=2200)]
PhoneNumber = Annotated[
    Phone,
    PlainValidator(_phone),
    WithJsonSchema(
        {
            "type": "string",
            "maxLength": LONGEST_PHONE,
            "description": "A telephone number, read as E.164.",
        }
    ),
]
Distinct = AfterValidator(_distinct)
DistinctIds = AfterValidator(_distinct_ids)
