"""Conditional requests (RFC 9110 section 13): the entity tag is the row version."""

import re
from typing import Annotated

from fastapi import Header

from shared.kit.problems import BadRequest, PreconditionRequired


class EntityTagUnreadable(BadRequest):
    """If-Match must carry the quoted version of an ETag header."""


def etag(version: int) -> str:
    """The strong entity tag of a row version."""
    return f'"{version}"'


def expected_version(
    if_match: Annotated[
        str | None,
        Header(
            alias="If-Match",
            max_length=40,
            description="The ETag of the version that was read, quotes included; changed "
            "meanwhile is 412.",
        ),
    ] = None,
) -> int:
    """Dependency: the version the caller read; 428 without If-Match (RFC 6585 section 3)."""
    if if_match is None:
        raise PreconditionRequired
    found = re.fullmatch(r'"([0-9]{1,9})"', if_match.strip())
    if found is None:
        raise EntityTagUnreadable
    return int(found[1])
