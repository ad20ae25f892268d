"""What was typed, shown again to be checked; and what it was refused for, with where to mend it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from services.console.clients import MISSING, Problem, rule_of, typed_rule
from services.console.pages.reception_body import READ
from services.console.pages.reception_fields import (
    CHECK,
    CONSENTS,
    SECTIONS,
    Field,
    Kind,
    Typed,
    field_of,
    where_of,
)
from shared.contracts.vocabulary import Queue
from shared.texts import TextLanguage, of_service

UNPROCESSABLE = 422
RESOLVED = frozenset({Kind.UNIT, Kind.COUNTRY})
"""What is shown as what it was understood to be."""
CHOSEN = frozenset({Kind.CODE, Kind.CODES, Kind.TRUTH})
"""What one chooses; the rest is filled in."""


@dataclass(frozen=True, repr=False)
class Told:
    """One answer as it is shown again."""

    label: str
    place: int
    """In its list, counted from one; nought where there is no list."""
    kind: str
    values: Sequence[str]
    words: tuple[str, str]


@dataclass(frozen=True, repr=False)
class Wrong:
    """What a submission was refused for, and where it is mended."""

    said: str
    """Nothing where it is enough to name the field: it was left empty."""
    href: str
    section: str
    label: str
    """The code of what is asked there; nothing where it is about no single field."""
    is_chosen: bool


@dataclass(frozen=True, repr=False)
class Choice:
    """A commune that has ended: the units that have a part of it (ADR 0041)."""

    field: str
    asks: bool
    """Whether somebody has to be asked."""
    successors: Sequence[Mapping[str, str]]


def told_again(typed: Typed, section: str) -> list[Told]:
    """In the order in which one asks, the entries of a list together."""
    found = [(name, field) for name in typed if (field := field_of(section, name))]
    ordered = sorted(found, key=lambda it: _order(section, *it))
    return [_told(name, field, typed[name]) for name, field in ordered]


def _order(section: str, name: str, field: Field) -> tuple[int, int, int]:
    fields = SECTIONS[section]
    lists = [each.name.partition(".*")[0] for each in fields]
    return lists.index(field.name.partition(".*")[0]), _place(name), fields.index(field)


def _place(name: str) -> int:
    return next((int(step) for step in name.split(".") if step.isdigit()), 0)


def _told(name: str, field: Field, values: Sequence[str]) -> Told:
    shown = [READ[field.kind](values)] if field.kind in RESOLVED else list(values)
    place = _place(name) + 1 if "*" in field.name else 0
    return Told(field.label, place, field.kind.name, shown, field.words)


def wrong_in(path: str, problem: Problem, language: TextLanguage) -> Iterator[Wrong]:
    """What is wrong, each with the page and the field in which it is mended."""
    told = problem.told.get("errors", ())
    for each, error in zip(problem.errors, told, strict=True):
        (section, field), rule = where_of(each.field), rule_of(error)
        asked = field_of(section, field)
        said = "" if asked and rule == MISSING else _said(rule, language) or each.said
        yield Wrong(
            said,
            f"#{field}" if section == CONSENTS else _step(path, section, field, rule),
            section,
            asked.label if asked else "",
            asked is not None and asked.kind in CHOSEN,
        )


def _step(path: str, section: str, field: str, rule: str) -> str:
    asked = urlencode({"back": CHECK, "wrong": f"{field}:{rule}"})
    return f"{path}/{section}?{asked}#{field}"


def asked_to_mend(wrong: Sequence[str], language: TextLanguage) -> Problem | None:
    """What the last submission was refused for in a section, as its address says: field, rule."""
    known = of_service(Queue.INTAKE).vocabularies(language)["rule"]
    told = [(field, rule) for field, _, rule in (it.partition(":") for it in wrong)]
    errors = [
        {"pointer": field, "message": _said(rule, language) or _bare(known[rule]), "rule": rule}
        for field, rule in told
        if rule in known
    ]
    if not errors:
        return None
    return Problem(UNPROCESSABLE, "invalid-request", "", {"errors": errors})


def _said(rule: str, language: TextLanguage) -> str:
    """A rule in the words of reception, else of any form; nothing where its own words serve."""
    of_reception = of_service("console").vocabularies(language)["reception_rule"]
    return of_reception.get(rule) or typed_rule(rule, language)


def _bare(text: str) -> str:
    """A rule without the facts that only its problem has."""
    return text.partition("{")[0].rstrip(" :.") + "."


def choices_in(problem: Problem) -> Iterator[Choice]:
    """The communes to choose, where one that was typed has ended."""
    told = problem.told.get("errors", ())
    for each, error in zip(problem.errors, told, strict=True):
        if error.get("successors"):
            yield Choice(each.field, bool(error.get("asks")), error["successors"])
