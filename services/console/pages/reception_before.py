"""Whether somebody was submitted before: a number that was typed stands in a case one reaches."""

from asyncio import gather
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from services.console.clients import Problem, ServiceDown
from services.console.pages.reception_fields import Typed
from services.console.pages.visit import Visit
from shared.access import Permission
from shared.contracts.vocabulary import Queue

LOOKED_UP = (
    ("contact", "person.phones.0.number", "phone"),
    ("person", "person.identity_documents.0.number", "identity_number"),
)
"""What is looked up: the section and the field, and what intake calls such a number."""
PURPOSE = "submitted_before"
NO_HINT = frozenset({422, 429})
"""No number, and more searches than intake answers within an hour."""


async def submitted_before(visit: Visit, typed: Mapping[str, Typed]) -> Sequence[Mapping[str, Any]]:
    """Cases by code, newest first; a hint, which a person judges: nothing is merged by it.

    One phone and one identity number are looked up, and noted (ADR 0050). What is no number is left
    to the check of the submission; the page does without the hint while intake does not answer.
    """
    if not visit.may(Permission.CASE_SEARCH):
        return ()
    found = await gather(*(_looked_up(visit, *each) for each in _numbers(typed)))
    known = {each["id"]: each for cases in found for each in cases}
    return sorted(known.values(), key=lambda each: str(each["registered_at"]), reverse=True)


def _numbers(typed: Mapping[str, Typed]) -> Iterator[tuple[str, str]]:
    for section, name, field in LOOKED_UP:
        for number in typed.get(section, {}).get(name, ()):
            yield field, number


async def _looked_up(visit: Visit, field: str, number: str) -> Sequence[Mapping[str, Any]]:
    body = {"field": field, "value": number, "purpose": PURPOSE}
    try:
        found = await visit.change("POST", Queue.INTAKE, "/cases/searches", body=body)
    except ServiceDown:
        return ()
    except Problem as problem:
        if problem.status not in NO_HINT:
            raise
        return ()
    cases: Sequence[Mapping[str, Any]] = found["items"]
    return cases
