"""Conditional requests (RFC 9110 section 13): the entity tag is the row version.

The fields are lists, may be sent in several lines and may be ``*``. A tag of another form than ours
is no error: it just names nothing we have. ``If-Match`` compares strongly, so a weak tag never
matches; ``If-None-Match`` compares weakly.
"""

import re
from collections.abc import Sequence
from typing import Annotated

from fastapi import Header, Request

from shared.kit.errors import BadRequest, PreconditionRequired
from shared.kit.versions import Versions

LONGEST = 1000
"""Characters of all lines together."""

_TAG = r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"'
_LIST = re.compile(rf"[ \t]*(?:,[ \t]*)*{_TAG}[ \t]*(?:,[ \t]*(?:{_TAG}[ \t]*)?)*")
_VERSION = re.compile(r'"(0|[1-9][0-9]{0,8})"')
ANY = "*"


class EntityTagUnreadable(BadRequest):
    """If-Match and If-None-Match carry entity tags, as an ETag header has them, or an asterisk."""


def etag(version: int) -> str:
    """The strong entity tag of a row version."""
    return f'"{version}"'


def tags(lines: Sequence[str]) -> list[str] | None:
    """The entity tags of a field, or ``None`` for ``*``; raises ``EntityTagUnreadable``."""
    value = ",".join(lines).strip(" \t")
    if value == ANY:
        return None
    if len(value) > LONGEST or not _LIST.fullmatch(value):
        raise EntityTagUnreadable
    return re.findall(_TAG, value)


def names_tag(lines: Sequence[str], tag: str) -> bool:
    """Whether ``If-None-Match`` names this tag; a field nobody can read names none."""
    try:
        named = tags(lines)
    except EntityTagUnreadable:
        return False
    return named is None or tag.removeprefix("W/") in {it.removeprefix("W/") for it in named}


def versions(lines: Sequence[str]) -> Versions:
    """The row versions that ``If-Match`` names."""
    named = tags(lines)
    if named is None:
        return Versions.any()
    return Versions.of(int(it[1]) for it in map(_VERSION.fullmatch, named) if it)


IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        description="The ETag of the version that was read, with its quotes; if what is to be "
        "changed is another since, the answer is 412. A list of ETags, or `*` for any version.",
    ),
]


def expected_versions(request: Request, _if_match: IfMatch = None) -> Versions:
    """Dependency: the versions the caller read; 428 without If-Match (RFC 6585 section 3)."""
    lines = request.headers.getlist("if-match")
    if not lines:
        raise PreconditionRequired
    return versions(lines)


def versions_if_sent(request: Request, _if_match: IfMatch = None) -> Versions:
    """Dependency: the versions the caller read; without If-Match, whichever there is.

    For what adds to a thing and replaces nothing of it: a route of this kind answers 412, and
    never 428.
    """
    lines = request.headers.getlist("if-match")
    return versions(lines) if lines else Versions.any()
