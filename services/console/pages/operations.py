"""How the work goes, for operators: tiles that renew themselves, and why a queue is old."""

import time
from collections.abc import AsyncIterator
from typing import Any

from fastapi import Request
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.responses import HTMLResponse

from services.console.clients import LoggedOut, Problem, ServiceDown
from services.console.pages.board import Lane, board_of, counted, lane_of
from services.console.pages.edge import Apis, Kept, Rendering, person_of
from services.console.pages.services import Named
from services.console.pages.visit import Visiting, visit_of
from shared.contracts import Queue
from shared.kit.routing import Router

router = Router(include_in_schema=False)

EVERY = 5000
"""Milliseconds after which a browser asks for the next event: each time its session is exchanged
anew, and no connection is held meanwhile."""
LIVE = 20 * 60
"""Seconds after a page was opened in which it renews itself: a page that is left open must not keep
its session for ever."""
PAGE = "/operations"
ENDED = ServerSentEvent(event="ended", raw_data="")


@router.get(PAGE)
async def show_operations(visit: Visiting) -> HTMLResponse:
    """Every tile and queue; with scripts they renew themselves."""
    until = int(time.time()) + LIVE
    return visit.page(
        "operations.html", "ops-operations-title", board=await board_of(visit), until=until
    )


@router.get("/operations/live", response_class=EventSourceResponse)
async def renew(
    request: Request, views: Rendering, exchange: Apis, cookies: Kept, until: int = 0
) -> AsyncIterator[ServerSentEvent]:
    """The tiles as they are now; the browser comes again, as long as the session and LIVE last."""
    if time.time() >= until:
        yield ENDED
        return
    try:
        visit = await visit_of(request, views, await person_of(request, exchange, cookies))
        told = visit.part("operations_tiles.html", again=PAGE, board=await board_of(visit))
        yield ServerSentEvent(raw_data=told, retry=EVERY)
    except (LoggedOut, Problem):
        yield ENDED
    except ServiceDown:
        yield ServerSentEvent(comment="later", retry=EVERY)


@router.get("/operations/{service}")
async def show_queue(service: Named, visit: Visiting) -> HTMLResponse:
    """Why the queue of a service is old: who has told it what, what it holds, who is there."""
    panels = await counted(visit)
    told = {name: panel.told for name, panel in panels.items() if panel.told is not None}
    lane = lane_of(service, told)
    return visit.page(
        "operations_queue.html",
        "ops-queue-title",
        lane=lane,
        own=told.get(service),
        senders=[(name, each) for name in told for each in _told_to(told[name], service)],
        why=why(lane, told.get(service)),
    )


def _told_to(told: Any, queue: Queue) -> list[Any]:
    return [each | {"at": told["at"]} for each in told["outbox"] if each["destination"] == queue]


def why(lane: Lane, own: Any) -> str:
    """The code of the first reason that explains the age of a queue."""
    if own is None:
        return "why-missing"
    held = {each["reason"]: each["count"] for each in own["held"]}
    reasons = {
        "why-no-worker": not lane.has_worker,
        "why-no-relay": not lane.has_relay,
        "why-parked": own["parked"]["count"] > 0,
        "why-fault": held.get("fault", 0) > 0,
        "why-not-yet": held.get("not_yet", 0) > 0,
        "why-early": held.get("early", 0) > 0,
        "why-busy": lane.waiting > 0,
    }
    return next((code for code, holds in reasons.items() if holds), "why-calm")
