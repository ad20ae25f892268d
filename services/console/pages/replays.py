"""Parked deliveries sent again together: how many there are, at which pace, how far it has come."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any
from uuid import UUID

from fastapi import Form, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.responses import HTMLResponse

from services.console.clients import Problem
from services.console.pages.done import Done
from services.console.pages.edge import FromHere
from services.console.pages.forms import Sent
from services.console.pages.live import Renewed, Streaming, live_until
from services.console.pages.visit import Visit, Visiting
from shared.access import Permission
from shared.contracts.vocabulary import ChannelKind, Queue
from shared.kit.routing import Router

router = Router(include_in_schema=False)

PAGE = "/deliveries/replays"
REASONS = ("cause_fixed", "transient_fault", "code_upgraded")
USUAL_PACE = "60"


class Wanted(Sent):
    """Which deliveries, how many they must be, and how many of them a minute."""

    channel: str = ""
    count: str = ""
    per_minute: str = ""
    reason: str = ""

    def body(self) -> dict[str, Any]:
        """As the API is asked; what is no number it refuses itself."""
        return {
            "channel": self.channel or None,
            "count": _number(self.count),
            "per_minute": _number(self.per_minute),
            "reason": self.reason,
        }


@router.get(PAGE)
async def show_replays(visit: Visiting, channel: str = "", cursor: str = "") -> HTMLResponse:
    """What a replay would have sent again, and the replays there were."""
    return await _page(visit, channel, cursor=cursor)


@router.post(PAGE, dependencies=[FromHere])
async def start(form: Annotated[Wanted, Form()], visit: Visiting) -> Response:
    """Have them sent again."""
    try:
        made = await visit.change(
            "POST", Queue.NOTIFICATION, "/replays", body=form.body(), key=form.key
        )
    except Problem as problem:
        return await _page(visit, form.channel, problem=problem, typed=form)
    return visit.go(f"{PAGE}/{made['replay_id']}", Done.REPLAY_STARTED)


@router.get(f"{PAGE}/{{replay_id}}")
async def show_replay(replay_id: UUID, visit: Visiting) -> HTMLResponse:
    """How far one has come."""
    return await _replay_page(visit, replay_id)


@router.get(f"{PAGE}/{{replay_id}}/live", response_class=EventSourceResponse)
async def renew_replay(replay_id: UUID, stream: Streaming) -> AsyncIterator[ServerSentEvent]:
    """The same as it is now, until each delivery has its end."""

    async def come(visit: Visit) -> Renewed:
        found = await visit.read(Queue.NOTIFICATION, f"/replays/{replay_id}")
        html = visit.part_of(f"{PAGE}/{replay_id}", "deliveries_replay_now.html", replay=found)
        return Renewed(html, is_over=not _is_under_way(found))

    async for event in stream.renew(come):
        yield event


@router.post(f"{PAGE}/{{replay_id}}/stops", dependencies=[FromHere])
async def stop(replay_id: UUID, form: Annotated[Sent, Form()], visit: Visiting) -> Response:
    """Let no more of it go."""
    path = f"/replays/{replay_id}/stops"
    try:
        await visit.change("POST", Queue.NOTIFICATION, path, key=form.key)
    except Problem as problem:
        return await _replay_page(visit, replay_id, problem=problem)
    return visit.go(f"{PAGE}/{replay_id}", Done.REPLAY_STOPPED)


async def _page(
    visit: Visit,
    channel: str,
    *,
    cursor: str = "",
    problem: Problem | None = None,
    typed: Wanted | None = None,
) -> HTMLResponse:
    counted, found = await asyncio.gather(
        visit.panel(Queue.NOTIFICATION, "/replayable-deliveries", channel=channel),
        visit.panel(Queue.NOTIFICATION, "/replays", cursor=cursor),
    )
    return visit.page(
        "deliveries_replays.html",
        "ops-replays-title",
        counted=counted.told,
        replays=found.told,
        is_missing=counted.is_missing,
        channel=channel,
        channels=list(ChannelKind),
        reasons=REASONS,
        typed=typed or Wanted(per_minute=USUAL_PACE),
        is_later=bool(cursor),
        problem=problem,
    )


async def _replay_page(
    visit: Visit, replay_id: UUID, *, problem: Problem | None = None
) -> HTMLResponse:
    found = await visit.read(Queue.NOTIFICATION, f"/replays/{replay_id}")
    return visit.page(
        "deliveries_replay.html",
        "ops-replay-many-title",
        replay=found,
        is_under_way=_is_under_way(found),
        may_stop=found["ended_at"] is None and visit.may(Permission.DELIVERY_REPLAY),
        live_until=live_until(),
        problem=problem,
    )


def _is_under_way(replay: Any) -> bool:
    return replay["ended_at"] is None or replay["under_way"] > 0


def _number(typed: str) -> Any:
    return int(typed) if typed.strip().isdecimal() else typed
