"""What one's organisation was told, as its people read it: what is new, and where it is acted on.

Looking at the list reads nothing, and neither does whatever a browser or a mail scanner fetches by
itself: a notice is read by a form that leads to its page.
"""

from collections.abc import AsyncIterator
from typing import Annotated, Any
from uuid import UUID

from fastapi import Form, Response
from fastapi.responses import JSONResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.responses import HTMLResponse

from services.console.clients import Problem
from services.console.pages.done import Done
from services.console.pages.edge import FromHere
from services.console.pages.forms import Sent
from services.console.pages.home import FRESH
from services.console.pages.live import Renewed, Streaming, live_until
from services.console.pages.visit import Visit, Visiting, only_with
from shared.access import Permission
from shared.contracts.vocabulary import Queue
from shared.kit.routing import Router

router = Router(include_in_schema=False, dependencies=[only_with(Permission.NOTICE_READ)])

HERE = "/notices"
UNREAD = "unread"
MANY = "25"
COUNTED = 100
"""As many or more, for the API: they are not counted further."""


class UpTo(Sent):
    """The newest notice of the list that was read."""

    up_to: str = ""


@router.get(HERE)
async def show_notices(visit: Visiting, show: str = "", cursor: str = "") -> HTMLResponse:
    """The newest first; all, or what was not read yet."""
    return await _notices_page(visit, show=show, cursor=cursor)


@router.get(f"{HERE}/count")
async def count_notices(visit: Visiting) -> Response:
    """How many are to be read, for the tab: a page asks each minute while somebody looks at it."""
    panel = await visit.panel(Queue.NOTIFICATION, HERE, page_size="1")
    unread = panel.told["unread"] if panel.told else 0
    headers = {"Cache-Control": f"private, max-age={int(FRESH.total_seconds())}", "Vary": "Cookie"}
    return JSONResponse({"count": unread, "said": _said(unread)}, headers=headers)


@router.get(f"{HERE}/live", response_class=EventSourceResponse)
async def renew_notices(stream: Streaming, show: str = "") -> AsyncIterator[ServerSentEvent]:
    """The first page of the list as it is now."""

    async def listed(visit: Visit) -> Renewed:
        found = await _notices(visit, show)
        return Renewed(visit.part_of(_place(show), "notices_now.html", **found))

    async for event in stream.renew(listed):
        yield event


@router.post(f"{HERE}/readings", dependencies=[FromHere])
async def read_all(form: Annotated[UpTo, Form()], visit: Visiting) -> Response:
    """Have read what the list showed, and what was told before; what came meanwhile stays new."""
    path, body = f"{HERE}/readings", {"up_to": form.up_to}
    try:
        await visit.change("POST", Queue.NOTIFICATION, path, body=body, key=form.key)
    except Problem as problem:
        return await _notices_page(visit, problem=problem)
    return visit.go(HERE, Done.NOTICES_READ)


@router.post(f"{HERE}/{{notice_id}}", dependencies=[FromHere])
async def open_notice(notice_id: UUID, form: Annotated[Sent, Form()], visit: Visiting) -> Response:
    """Have read a notice, and go on to the page on which it is acted on."""
    path = f"{HERE}/{notice_id}/readings"
    try:
        read = await visit.change("POST", Queue.NOTIFICATION, path, key=form.key)
    except Problem as problem:
        return await _notices_page(visit, problem=problem)
    return visit.go(read["page"])


async def _notices_page(
    visit: Visit, *, show: str = "", cursor: str = "", problem: Problem | None = None
) -> HTMLResponse:
    found = await _notices(visit, show, cursor)
    return visit.page(
        "notices.html",
        "notices-title",
        problem=problem,
        place=_place(show),
        live_until=live_until(),
        tab_counts={HERE: _said(found["unread"])},
        **found,
    )


async def _notices(visit: Visit, show: str, cursor: str = "") -> dict[str, Any]:
    is_unread = show == UNREAD
    panel = await visit.panel(
        Queue.NOTIFICATION,
        HERE,
        page_size=MANY,
        is_unread=str(is_unread).lower(),
        cursor=cursor,
    )
    told = panel.told or {"items": [], "unread": 0, "next_cursor": None}
    return {
        "notices": told["items"],
        "unread": told["unread"],
        "said": _said(told["unread"]),
        "next_cursor": told["next_cursor"],
        "is_missing": panel.is_missing,
        "is_unread": is_unread,
        "is_later": bool(cursor),
        "to_read": [each for each in told["items"] if each["is_yours"] and not each["read_at"]],
        "may_manage": visit.may(Permission.STAFF_READ),
    }


def _place(show: str) -> str:
    return f"{HERE}?show={UNREAD}" if show == UNREAD else HERE


def _said(unread: int) -> str:
    """How many, as the tab has room for; nothing where there is nothing."""
    return f"{COUNTED - 1}+" if unread >= COUNTED else str(unread or "")
