"""Who reaches which things by which routes, as a table that can be read and is asked line by line.

A line is a route, a column a role that the subject holds in one area and nothing beside it, or
``others`` for every role without a column. A cell has a mark for each of four things, in the order
of ``THINGS``; where a role has no cell the route refuses it, whatever the thing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from fastapi import FastAPI
from httpx2 import Response

from shared.access.asking import permission_asked_by
from shared.contracts.vocabulary import Role
from tests.architecture.applications import routes
from tests.architecture.test_routes import addresses, calls_of

HERE, THERE = "11680", "11749"
"""Two communes as they are since July 2025; the subject holds its role in the first."""


class Mark(StrEnum):
    """What became of asking for one thing."""

    REACHED = "+"
    ABSENT = "-"
    REFUSED = "x"


@dataclass(frozen=True)
class Lies:
    """A thing is the subject's own or another's, and lies in the area or outside of it."""

    is_own: bool
    is_inside: bool

    @property
    def area(self) -> str:
        """Where it lies."""
        return HERE if self.is_inside else THERE


THINGS = tuple(Lies(own, inside) for own in (True, False) for inside in (True, False))
"""Own here, own elsewhere, another's here, another's elsewhere."""

Ask = Callable[[dict[str, str], Lies], Mark]
"""Asks, with the headers of a subject, for the thing that lies so."""


def told_by(answer: Response) -> Mark:
    """What an answer about a single thing says; whatever else it refuses, the thing is there."""
    if answer.status_code == 404:
        return Mark.ABSENT
    if answer.status_code == 403 and answer.json()["type"].endswith(":role-missing"):
        return Mark.REFUSED
    return Mark.REACHED


def among(answer: Response, thing: object, name: str = "id") -> Mark:
    """Whether a list has a thing."""
    if told_by(answer) is Mark.REFUSED:
        return Mark.REFUSED
    assert answer.status_code == 200, answer.text
    found = {item[name] for item in answer.json()["items"]}
    return Mark.REACHED if str(thing) in found else Mark.ABSENT


def expected(table: str) -> Mapping[str, Mapping[Role, str]]:
    """What a table says, by line and role."""
    head, *lines = (line for line in table.splitlines() if line.strip())
    columns = head.split()
    refused = Mark.REFUSED * len(THINGS)
    found = {}
    for line in lines:
        method, path, *cells = line.split()
        said = dict(zip(columns, cells, strict=True))
        others = said.pop("others", refused)
        assert said.keys() <= set(Role)
        found[f"{method} {path}"] = {role: said.get(role, others) for role in Role}
    return found


def shown(
    table: str, asks: Mapping[str, Ask], headers_of: Callable[[Role], dict[str, str]]
) -> Mapping[str, Mapping[Role, str]]:
    """What every line of a table answers to every role."""
    return {
        line: {role: "".join(asks[line](headers_of(role), it) for it in THINGS) for role in Role}
        for line in expected(table)
    }


def unlisted(application: FastAPI, table: str) -> set[str]:
    """The routes that ask for a permission and are no line of a table."""
    asking = {
        address
        for route in routes(application)
        if any(permission_asked_by(call) for call in calls_of(route))
        for address in addresses(route)
    }
    return asking - expected(table).keys()
