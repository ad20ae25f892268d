"""Cursor pages: opaque, stable while rows are added, linked as RFC 8288 says."""

import base64
import binascii
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from shared.kit.errors import Invalid
from shared.kit.shapes import Count

MOST = 100


class CursorUnknown(Invalid):
    """The cursor was not handed out by this list."""


def encode(last: UUID) -> str:
    """The cursor that starts after a row."""
    return base64.urlsafe_b64encode(last.bytes).rstrip(b"=").decode()


def decode(cursor: str | None) -> UUID | None:
    """The row a cursor starts after; refuses what this list did not hand out."""
    if cursor is None:
        return None
    try:
        return UUID(bytes=base64.urlsafe_b64decode(cursor + "=="))
    except (ValueError, binascii.Error):
        raise CursorUnknown from None


@dataclass(frozen=True)
class Page:
    """What a list was asked for."""

    size: int
    after: UUID | None


def page(
    page_size: Annotated[Count, Query(ge=1)] = 25,
    cursor: Annotated[str | None, Query(max_length=40)] = None,
) -> Page:
    """Dependency: a page, never larger than the list allows (AIP-158)."""
    return Page(size=min(page_size, MOST), after=decode(cursor))


def link_next(request: Request, response: Response, last: UUID | None) -> str | None:
    """Set ``Link: rel=next`` and return the same cursor for the body; nothing on the last page."""
    if last is None:
        return None
    cursor = encode(last)
    target = request.url.include_query_params(cursor=cursor)
    response.headers["Link"] = f'<{target.path}?{target.query}>; rel="next"'
    return cursor
