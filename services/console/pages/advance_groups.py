"""People of a notice as they are counted: so many alike in a row of the form."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from services.console.clients import MISSING, Problem, typed_rule
from services.console.pages.forms import as_number
from shared.texts import TextLanguage

Groups = Mapping[int, Mapping[str, str]]
"""What was typed into each row that has something in it."""

GROUPS = 4
"""Rows of the form; whoever has more kinds of people to tell of gives another notice."""
MOST = 200
"""So many of one row at most are told one by one: the API says that it is too many."""
UNPROCESSABLE = 422
COUNT = "int_parsing"
_NAME = re.compile(
    r"people\.([0-9])\.(count|age_band|sex|languages|needs_interpreter|needs_escort)"
)


def groups_in(sent: Iterable[tuple[str, object]]) -> Groups:
    """The rows of a form; an empty one is none."""
    found: dict[int, dict[str, str]] = {}
    for name, value in sent:
        if isinstance(value, str) and value.strip() and (named := _NAME.fullmatch(name)):
            found.setdefault(int(named[1]), {})[named[2]] = value.strip()
    return {place: row for place, row in found.items() if row.keys() - {"age_band", "sex"}}


def uncounted(groups: Groups, language: TextLanguage) -> Problem | None:
    """The rows of which nobody can say how many people they are; the API would be told of none."""
    wrong = [
        place
        for place, typed in sorted(groups.items())
        if not isinstance(as_number(typed.get("count", "")), int)
    ]
    errors = [
        {
            "pointer": f"/people/{place}/count",
            "rule": COUNT if "count" in groups[place] else MISSING,
            "message": typed_rule(COUNT, language),
        }
        for place in wrong
    ]
    return Problem(UNPROCESSABLE, "invalid-request", "", {"errors": errors}) if errors else None


def group_of(groups: Groups) -> tuple[list[dict[str, Any]], Callable[[str], str]]:
    """Everybody of these rows, one by one; and the field of the form that a field of theirs is."""
    people: list[dict[str, Any]] = []
    rows: list[int] = []
    for place, typed in sorted(groups.items()):
        count = as_number(typed.get("count", ""))
        many = min(count, MOST) if isinstance(count, int) else 1
        people += [_person(typed)] * many
        rows += [place] * many

    def field_of(field: str) -> str:
        head, _, rest = field.partition(".")
        if head != "people" or not rest:
            return "people.0.count" if head == "people" else field
        number, _, name = rest.partition(".")
        row = rows[int(number)] if number.isdigit() and int(number) < len(rows) else 0
        return f"people.{row}.{name.partition('.')[0] or 'count'}"

    return people, field_of


def _person(typed: Mapping[str, str]) -> dict[str, Any]:
    tags = [each.strip() for each in typed.get("languages", "").split(",")]
    languages = [each for each in tags if each]
    return {
        **{name: typed[name] for name in ("age_band", "sex") if name in typed},
        **({"languages": languages} if languages else {}),
        "needs_interpreter": "needs_interpreter" in typed,
        "needs_escort": "needs_escort" in typed,
    }
