"""What reception asks: the fields of each section, in the order in which one asks.

A field has the name of its place in a submission, with dots; ``*`` stands for a place in a list.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto

Typed = Mapping[str, Sequence[str]]
"""What was typed into each field of a section."""

CHECK = "check"
CONSENTS = "consents"
_PLACE = re.compile(r"\.(\d{1,2})(?=\.|$)")


class Kind(Enum):
    """How a value is typed, read and shown."""

    TEXT = auto()
    DAY = auto()
    ABOUT = auto()
    """A day, a month or a year, as far as somebody remembers it."""
    TIME = auto()
    HOURS = auto()
    """From when until when on a day."""
    YEAR = auto()
    TRUTH = auto()
    CODE = auto()
    CODES = auto()
    UNIT = auto()
    COUNTRY = auto()
    NOTICE = auto()
    """Somebody who was announced: the id of the notice, and their number in it."""


@dataclass(frozen=True)
class Field:
    """One question."""

    name: str
    kind: Kind = Kind.TEXT
    words: tuple[str, str] = ("console", "page")
    """Of a code: the service whose vocabulary has its text, and which one."""

    @property
    def label(self) -> str:
        """The code of what is asked, among the console's texts."""
        return "field-" + self.name.replace(".*", "").replace(".", "-")

    def is_named(self, name: str) -> bool:
        """Whether this is the field of that name, in whichever place of its list."""
        return _PLACE.sub(".*", name) == self.name


def _code(name: str, vocabulary: str, service: str = "intake") -> Field:
    return Field(name, Kind.CODE, (service, vocabulary))


def _codes(name: str, vocabulary: str, service: str = "intake") -> Field:
    return Field(name, Kind.CODES, (service, vocabulary))


def _truth(name: str) -> Field:
    return Field(name, Kind.TRUTH)


SECTIONS: Mapping[str, Sequence[Field]] = {
    "reception": (
        _code("route", "route"),
        Field("received_at", Kind.DAY),
        Field("received_time", Kind.TIME),
        _code("late_reason", "late_reason"),
        Field("receiving_officer"),
        Field("sender_reference"),
        Field("advance_notice", Kind.NOTICE),
    ),
    "person": (
        Field("person.full_name"),
        Field("person.aliases.*"),
        _code("person.sex", "sex"),
        Field("person.birth_date", Kind.DAY),
        Field("person.birth_year", Kind.YEAR),
        Field("person.nationality", Kind.COUNTRY),
        Field("person.ethnicity"),
        _code("person.identity_documents.*.type", "identity_document_type"),
        Field("person.identity_documents.*.number"),
    ),
    "contact": (
        Field("person.present_unit_code", Kind.UNIT),
        Field("person.present_address"),
        Field("person.phones.*.number"),
        _truth("person.phones.*.safe_to_call"),
        _truth("person.phones.*.was_reached"),
        _codes("person.phones.*.rule.ways", "contact_way"),
        Field("person.phones.*.rule.hours", Kind.HOURS),
        Field("person.phones.*.rule.answered_by"),
        _truth("person.phones.*.rule.may_leave_message"),
        Field("person.phones.*.rule.code_phrase"),
        Field("person.origin_unit_code", Kind.UNIT),
        Field("person.origin_unit_on", Kind.DAY),
    ),
    "beside": (
        Field("accompanying_minors.*.full_name"),
        Field("accompanying_minors.*.birth_year", Kind.YEAR),
        _code("accompanying_minors.*.sex", "sex"),
        Field("representative.full_name"),
        _code("representative.relation", "relation"),
        _truth("representative.is_suspect"),
        Field("best_interest_note"),
    ),
    "events": (
        _codes("exploitation.types", "exploited"),
        Field("exploitation.country", Kind.COUNTRY),
        _codes("exploitation.means", "exploitation_means", "console"),
        Field("exploitation.began", Kind.ABOUT),
        Field("exploitation.ended", Kind.ABOUT),
    ),
    "needs": (
        _codes("immediate_needs", "need"),
        _codes("languages", "language", "console"),
        _truth("needs_interpreter"),
        _code("asked_staff_sex", "sex"),
        _codes("requested_services", "entitlement_code"),
    ),
    "papers": (
        _code("papers.*.type", "paper_type"),
        Field("papers.*.number"),
        Field("papers.*.issuer"),
        Field("papers.*.issued_on", Kind.DAY),
    ),
    CONSENTS: (
        _codes("consents", "organisation_kind"),
        Field("witness"),
    ),
}
STEPS = tuple(each for each in SECTIONS if each != CONSENTS)
"""The sections that have a page of their own; consent is asked where everything is checked."""

_OF_PARTS = {
    "person": "person.birth_date",
    "person.phones": "person.phones.0.number",
    "person.identity_documents": "person.identity_documents.0.number",
    "representative": "representative.full_name",
    "exploitation": "exploitation.types",
    "papers": "papers.0.type",
    "accompanying_minors": "accompanying_minors.0.full_name",
    "advance_notice.id": "advance_notice",
    "advance_notice.number": "advance_notice",
}
"""What is at fault as a whole, and the field in which it is mended."""


def next_of(section: str) -> str:
    """Where one goes on after a section."""
    after = STEPS.index(section) + 1
    return STEPS[after] if after < len(STEPS) else CHECK


def field_of(section: str, name: str) -> Field | None:
    """The field of this name in a section."""
    return next((each for each in SECTIONS[section] if each.is_named(name)), None)


def typed_in(section: str, sent: Iterable[tuple[str, object]]) -> dict[str, list[str]]:
    """What a form says of a section: empty fields left out, lists without gaps."""
    found: dict[str, list[str]] = {}
    for name, value in sent:
        if isinstance(value, str) and value.strip() and field_of(section, name):
            found.setdefault(name, []).append(value.strip())
    return _closed_up(found)


def _closed_up(found: Mapping[str, list[str]]) -> dict[str, list[str]]:
    places: dict[str, list[int]] = {}
    for name in found:
        for prefix, place in _places(name):
            if place not in places.setdefault(prefix, []):
                places[prefix].append(place)
    moved = {
        (prefix, place): new
        for prefix, there in places.items()
        for new, place in enumerate(sorted(there))
    }

    def named(name: str) -> str:
        for prefix, place in _places(name):
            rest = name.removeprefix(f"{prefix}.{place}")
            return f"{prefix}.{moved[prefix, place]}{rest}"
        return name

    return {named(name): values for name, values in found.items()}


def _places(name: str) -> Iterator[tuple[str, int]]:
    if place := _PLACE.search(name):
        yield name[: place.start()], int(place[1])


def where_of(wrong: str) -> tuple[str, str]:
    """The section in which a field that breaks a rule is mended, and the field that shows it."""
    bare = re.sub(r"\.\d+$", "", wrong)
    shown = next((it for it in (wrong, bare) if _section(it)), None)
    field = shown or _OF_PARTS.get(wrong) or _OF_PARTS.get(bare) or wrong
    return _section(field) or CONSENTS, field


def _section(field: str) -> str | None:
    return next((each for each in SECTIONS if field_of(each, field)), None)


def count_of(typed: Typed, prefix: str) -> int:
    """How many entries of a list were typed."""
    there = {place for name in typed for of, place in _places(name) if of == prefix}
    return len(there)
