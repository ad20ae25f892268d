"""The submission that typed fields make: days, units and countries as the API takes them.

What cannot be read goes on as it was typed: the API says what is wrong with it.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from services.console.pages.forms import iso_day
from services.console.pages.reception_fields import CONSENTS, SECTIONS, Kind, Typed, field_of
from shared.contracts.vocabulary import Purpose
from shared.kit.clock import local_date, utc_now
from shared.places import COMMUNE_DIGITS
from shared.places.units import Unit, UnitKind, units_on
from shared.texts import TextLanguage, of_service

_CODE = re.compile(rf"\s*([0-9]{{{COMMUNE_DIGITS}}})\b.*", re.DOTALL)
_MONTH = re.compile(r"\s*(\d{1,2})\s*[/.-]\s*(\d{4})\s*", re.ASCII)
_TIME = re.compile(r"\s*(\d{1,2})\s*(?:[:.hg]\s*(\d{2})?)?\s*", re.ASCII | re.IGNORECASE)
_BETWEEN_HOURS = re.compile("\\s*(?:-|\N{EN DASH}|/|đến|to)\\s*", re.IGNORECASE)
_OF_HAI_PHONG = "+07:00"
BOTH = 2
_TRUTHS = {"yes": True, "no": False}
_COMMUNES = {UnitKind.COMMUNE, UnitKind.WARD, UnitKind.SPECIAL_ZONE}


def submission(typed: Mapping[str, Typed]) -> dict[str, Any]:
    """The body of a case, out of everything that was typed."""
    body: dict[str, Any] = {}
    for section in SECTIONS:
        for name, values in typed.get(section, {}).items():
            field = field_of(section, name)
            if field is not None and values:
                _put(body, name.split("."), READ[field.kind](values))
    whole: dict[str, Any] = _with_lists(body)
    return _received(_consented(whole))


def _put(body: dict[str, Any], steps: Sequence[str], value: Any) -> None:
    for step in steps[:-1]:
        body = body.setdefault(step, {})
    body[steps[-1]] = value


def _with_lists(read: Any) -> Any:
    """Objects whose names are places become lists."""
    if not isinstance(read, dict):
        return read
    inner = {name: _with_lists(each) for name, each in read.items()}
    if inner and all(name.isdigit() for name in inner):
        return [inner[name] for name in sorted(inner, key=int)]
    return inner


def _received(body: dict[str, Any]) -> dict[str, Any]:
    """The moment of a reception: of one whose time was not told, the beginning of its day."""
    time, day = body.pop("received_time", None), body.get("received_at")
    if day is not None:
        body["received_at"] = f"{day}T{time or '00:00'}:00{_OF_HAI_PHONG}"
    return body


def _consented(body: dict[str, Any]) -> dict[str, Any]:
    witness, kinds = body.pop("witness", None), body.pop(CONSENTS, [])
    beside = {"witness": witness} if witness else {}
    body[CONSENTS] = [
        {"organisation_kind": kind, "purpose": Purpose.SERVICE_REFERRAL, **beside} for kind in kinds
    ]
    return body


def _about(written: str) -> str:
    month = _MONTH.fullmatch(written)
    return f"{month[2]}-{int(month[1]):02}" if month else iso_day(written)


def _time(written: str) -> str:
    found = _TIME.fullmatch(written)
    return f"{int(found[1]):02}:{found[2] or '00'}" if found else written


def hours_of(written: str) -> str:
    """Two times of day as an interval of ISO 8601; what is none goes on as it is."""
    hours = [_time(each) for each in _BETWEEN_HOURS.split(written)]
    return "/".join(hours) if len(hours) == BOTH else written


def _year(written: str) -> int | str:
    return int(written) if written.isascii() and written.isdigit() else written


def _noticed(written: str) -> dict[str, int | str]:
    notice_id, _, number = written.partition("/")
    return {"id": notice_id, "number": _year(number)}


def unit_code(written: str) -> str:
    """The code of a commune, typed as its code or its name, with or without marks."""
    if code := _CODE.fullmatch(written):
        return code[1]
    named = _by_name().get(plain(written), [])
    return named[0] if len(named) == 1 else written


def country_code(written: str) -> str:
    """The code of a country, typed as its code or as its name in either language."""
    return _countries().get(plain(written), written.strip().upper())


def plain(name: str) -> str:
    """A name as it is compared: without marks, in small letters."""
    bare = unicodedata.normalize("NFD", name.casefold().replace("đ", "d"))
    return " ".join("".join(it for it in bare if not unicodedata.combining(it)).split())


def communes() -> Sequence[Unit]:
    """The communes, wards and special zones of today."""
    return [each for each in units_on(local_date(utc_now())) if each.kind in _COMMUNES]


@cache
def _by_name() -> Mapping[str, list[str]]:
    """By the whole name, and by the name without its kind where that means one unit."""
    found: dict[str, list[str]] = {}
    for each in communes():
        name = plain(each.name)
        for known in {name, re.sub(r"^(xa|phuong|dac khu) ", "", name)}:
            found.setdefault(known, []).append(each.code)
    return found


@cache
def _countries() -> Mapping[str, str]:
    return {
        plain(name): code
        for language in TextLanguage
        for code, name in of_service("console").vocabularies(language)["country"].items()
    }


def _first(read: Callable[[str], Any]) -> Callable[[Sequence[str]], Any]:
    return lambda values: read(values[0])


READ: Mapping[Kind, Callable[[Sequence[str]], Any]] = {
    Kind.TEXT: _first(str),
    Kind.DAY: _first(iso_day),
    Kind.ABOUT: _first(_about),
    Kind.TIME: _first(_time),
    Kind.HOURS: _first(hours_of),
    Kind.YEAR: _first(_year),
    Kind.TRUTH: _first(lambda value: _TRUTHS.get(value, value)),
    Kind.CODE: _first(str),
    Kind.CODES: list,
    Kind.UNIT: _first(unit_code),
    Kind.COUNTRY: _first(country_code),
    Kind.NOTICE: _first(_noticed),
}
