"""Lists in pages: one meaning everywhere (AIP-158), linked as RFC 8288 says.

A page says that there is another one only if there is: every list is asked for one row more than
it shows. A cursor is opaque, starts after a row and so stays true while rows are added, and belongs
to its list with its filters: another list refuses it instead of starting anywhere.
"""

import base64
import binascii
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Depends, Query, Request, Response

from shared.forms import is_id
from shared.kit.addresses import place_of
from shared.kit.errors import Invalid
from shared.kit.shapes import Count

MOST = 100
USUAL = 25
CURSOR = "cursor"
PAGE_SIZE = "page_size"
MARK_BYTES = 8

Row = TypeVar("Row")
Key = TypeVar("Key", UUID, str)


class CursorUnknown(Invalid):
    """The cursor was not handed out by this list with these filters."""


@dataclass(frozen=True)
class Shown(Generic[Row]):
    """The rows of a page, and the cursor of the next one if there is one."""

    rows: Sequence[Row]
    next_cursor: str | None


@dataclass(frozen=True)
class Page(Generic[Key]):
    """What a list was asked for: ``after`` a row, and one row more than is shown."""

    size: int
    after: Key | None
    mark: bytes
    target: str = ""
    filters: Sequence[tuple[str, str]] = ()
    response: Response = field(default_factory=Response)

    @property
    def reach(self) -> int:
        """How many rows to look for: one more tells whether there is a next page."""
        return self.size + 1

    def cursor_after(self, key: str) -> str:
        """The cursor with which this list goes on after the row that a key names."""
        return encode(key, self.mark)

    def of(self, found: Sequence[Row], key: Callable[[Row], Any] = attrgetter("id")) -> Shown[Row]:
        """The page of what was found, and its link; ``key`` names a row in the list's order."""
        rows = found[: self.size]
        if len(found) <= self.size:
            return Shown(rows, None)
        cursor = self.cursor_after(str(key(rows[-1])))
        query = urlencode([*self.filters, (CURSOR, cursor)])
        self.response.headers["Link"] = f'<{self.target}?{query}>; rel="next"'
        return Shown(rows, cursor)


def encode(last: str, mark: bytes) -> str:
    """The cursor that starts after a row of the list with this mark."""
    return base64.urlsafe_b64encode(mark + last.encode()).rstrip(b"=").decode()


def decode(cursor: str, mark: bytes) -> str:
    """The row a cursor starts after; refuses what the list with this mark did not hand out."""
    try:
        read = base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True)
        if read[:MARK_BYTES] == mark:
            return read[MARK_BYTES:].decode()
    except (ValueError, binascii.Error):
        pass
    raise CursorUnknown


def mark_of(target: str, filters: Sequence[tuple[str, str]]) -> bytes:
    """What tells one list from another: its address and its filters, in whatever order."""
    return hashlib.sha256(f"{target}?{urlencode(sorted(filters))}".encode()).digest()[:MARK_BYTES]


Size = Annotated[
    Count,
    Query(
        ge=1,
        description=f"How many rows to show, at most {MOST}; a larger number is read as {MOST}.",
    ),
]
Asked = Annotated[
    str | None, Query(max_length=200, description="The `next_cursor` of the page before this one.")
]


async def _by_text(
    request: Request, response: Response, page_size: Size = USUAL, cursor: Asked = None
) -> Page[str]:
    target = place_of(request)
    query = request.query_params.multi_items()
    filters = [it for it in query if it[0] not in {CURSOR, PAGE_SIZE}]
    mark = mark_of(target, filters)
    after = None if cursor is None else decode(cursor, mark)
    sized = [(name, value) for name, value in query if name == PAGE_SIZE]
    return Page(min(page_size, MOST), after, mark, target, [*sized, *filters], response)


async def _by_id(page: Annotated[Page[str], Depends(_by_text)]) -> Page[UUID]:
    if page.after is not None and not is_id(page.after):
        raise CursorUnknown
    after = None if page.after is None else UUID(page.after)
    return Page(page.size, after, page.mark, page.target, page.filters, page.response)


PageParams = Annotated[Page[UUID], Depends(_by_id)]
"""For a list in the order of ids."""
PageParamsByCode = Annotated[Page[str], Depends(_by_text)]
"""For a list in the order of codes."""
