"""How the work goes, for operators: what renews itself, and why a queue is old."""

from asyncio import gather
from collections.abc import AsyncIterator
from typing import Any

from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.responses import HTMLResponse

from services.console.pages.ages import DANGER
from services.console.pages.board import Lane, board_of, counted, lane_of
from services.console.pages.day import day_of
from services.console.pages.live import Renewed, Streaming, live_until
from services.console.pages.services import Named
from services.console.pages.visit import Visit, Visiting
from shared.contracts import Queue
from shared.kit.routing import Router

router = Router(include_in_schema=False)

PAGE = "/operations"
PARKED = "why-parked"
"""Whatever its age, such a queue needs somebody."""


@router.get(PAGE)
async def show_operations(visit: Visiting) -> HTMLResponse:
    """Every tile and queue, which renew themselves, and how old each queue grew within a day."""
    board, day = await gather(board_of(visit), day_of(visit))
    return visit.page(
        "operations.html", "ops-operations-title", board=board, day=day, live_until=live_until()
    )


@router.get("/operations/live", response_class=EventSourceResponse)
async def renew(stream: Streaming) -> AsyncIterator[ServerSentEvent]:
    """The tiles as they are now."""

    async def tiles(visit: Visit) -> Renewed:
        return Renewed(visit.part_of(PAGE, "operations_tiles.html", board=await board_of(visit)))

    async for event in stream.renew(tiles):
        yield event


@router.get("/operations/{service}")
async def show_queue(service: Named, visit: Visiting) -> HTMLResponse:
    """Why the queue of a service is old: who has told it what, what it holds, who is there."""
    found, day = await gather(_queue(visit, service), day_of(visit))
    return visit.page(
        "operations_queue.html",
        "ops-queue-title",
        service=service,
        day=day,
        live_until=live_until(),
        **found,
    )


@router.get("/operations/{service}/live", response_class=EventSourceResponse)
async def renew_queue(service: Named, stream: Streaming) -> AsyncIterator[ServerSentEvent]:
    """The same as it is now."""

    async def queue(visit: Visit) -> Renewed:
        found = await _queue(visit, service)
        page = f"{PAGE}/{service.segment}"
        return Renewed(visit.part_of(page, "operations_queue_now.html", **found))

    async for event in stream.renew(queue):
        yield event


async def _queue(visit: Visit, service: Queue) -> dict[str, Any]:
    panels = await counted(visit)
    told = {name: panel.told for name, panel in panels.items() if panel.told is not None}
    lane, own = lane_of(service, told), told.get(service)
    reason = why(lane, own)
    return {
        "lane": lane,
        "own": own,
        "senders": [(name, each) for name in told for each in _told_to(told[name], service)],
        "why": reason,
        "tone": DANGER if reason == PARKED else lane.tone,
    }


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
        PARKED: own["parked"]["count"] > 0,
        "why-fault": held.get("fault", 0) > 0,
        "why-not-yet": held.get("not_yet", 0) > 0,
        "why-early": held.get("early", 0) > 0,
        "why-busy": lane.waiting > 0,
    }
    return next((code for code, holds in reasons.items() if holds), "why-calm")
