"""Parked messages, for operators: what is alike, what a replay would do, and what it did."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Form, Query, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel
from starlette.responses import HTMLResponse

from services.console.clients import Problem
from services.console.pages.done import Done
from services.console.pages.edge import FromHere
from services.console.pages.forms import Sent
from services.console.pages.live import Renewed, Streaming, live_until
from services.console.pages.services import Named
from services.console.pages.visit import Visit, Visiting
from shared.contracts import Queue
from shared.kit.routing import Router

router = Router(include_in_schema=False)

HERE = "/operations/parked"
STALE = "stale_sequence"
"""What is parked for this reason is decided one by one."""
REPLAY_REASONS = ("cause_fixed", "transient_fault", "code_upgraded")
DONE = {
    "replays": Done.MESSAGE_AGAIN,
    "skip-proposals": Done.SKIP_PROPOSED,
    "skips": Done.MESSAGE_SKIPPED,
}
"""What was done with one message."""


class Choice(Sent):
    """Which messages, and how many they must be."""

    count: str = ""
    reason: str = ""
    type: str = ""
    parked_for: str = ""
    source: str = ""

    def filters(self) -> dict[str, str]:
        """Which messages, as the API is asked."""
        asked = {"type": self.type, "parked_for": self.parked_for, "source": self.source}
        return {name: value for name, value in asked.items() if value}


class Asked(BaseModel):
    """Which messages are shown, and from where on."""

    type: str = ""
    parked_for: str = ""
    source: str = ""
    cursor: str = ""


class Act(Sent):
    """Why something is done with one message."""

    reason: str = ""


@router.get(HERE)
async def show_groups(visit: Visiting) -> HTMLResponse:
    """What waits in all services, alike in type, reason and sender."""
    path = "/parked-messages/groups"
    panels = await asyncio.gather(*(visit.panel(service, path) for service in Queue))
    told = dict(zip(Queue, panels, strict=True))
    found = [
        {**each, "queue": service}
        for service, panel in told.items()
        for each in (panel.told or {"items": []})["items"]
    ]
    missing = [service for service, panel in told.items() if panel.is_missing]
    groups = sorted(found, key=lambda each: each["oldest_at"])
    return visit.page("parked.html", "ops-parked-title", groups=groups, missing=missing)


@router.get(HERE + "/{service}")
async def show_choice(
    service: Named, visit: Visiting, asked: Annotated[Asked, Query()]
) -> HTMLResponse:
    """The messages of a group, and what a replay of them would do."""
    choice = Choice(**asked.model_dump(exclude={"cursor"}))
    return await _choice_page(visit, service, choice, cursor=asked.cursor)


@router.post(HERE + "/{service}/replays", dependencies=[FromHere])
async def replay(service: Named, form: Annotated[Choice, Form()], visit: Visiting) -> Response:
    """Replay what is chosen, if it is as many as was typed."""
    count: Any = int(form.count) if form.count.isdecimal() else form.count
    body = {**form.filters(), "count": count, "reason": form.reason}
    try:
        made = await visit.change(
            "POST", service, "/parked-messages/replays", body=body, key=form.key
        )
    except Problem as problem:
        return await _choice_page(visit, service, form, problem=problem)
    return visit.go(f"{HERE}/{service.segment}/replays/{made['replay_id']}")


@router.get(HERE + "/{service}/replays/{replay_id}")
async def show_replay(
    service: Named, replay_id: UUID, visit: Visiting, cursor: str = ""
) -> HTMLResponse:
    """How far a replay has come, with each of its messages; it renews itself."""
    found = await _replay(visit, service, replay_id, cursor)
    return visit.page(
        "parked_replay.html",
        "ops-replay-title",
        is_later=bool(cursor),
        live_until=live_until(),
        **found,
    )


@router.get(HERE + "/{service}/replays/{replay_id}/live", response_class=EventSourceResponse)
async def renew_replay(
    service: Named, replay_id: UUID, stream: Streaming
) -> AsyncIterator[ServerSentEvent]:
    """The same as it is now, until each of its messages has its end."""

    async def replayed(visit: Visit) -> Renewed:
        found = await _replay(visit, service, replay_id)
        page = f"{HERE}/{service.segment}/replays/{replay_id}"
        html = visit.part_of(page, "parked_progress.html", is_later=False, **found)
        return Renewed(html, is_over=not found["progress"]["held"])

    async for event in stream.renew(replayed):
        yield event


async def _replay(
    visit: Visit, service: Queue, replay_id: UUID, cursor: str = ""
) -> dict[str, Any]:
    asked = {"replay_id": str(replay_id), "cursor": cursor}
    progress, messages = await asyncio.gather(
        visit.read(service, f"/parked-messages/replays/{replay_id}"),
        visit.read(service, "/parked-messages", **asked),
    )
    return {"service": service, "progress": progress, "messages": messages}


@router.get(HERE + "/{service}/messages/{message_id}")
async def show_message(service: Named, message_id: UUID, visit: Visiting) -> HTMLResponse:
    """One message: why it waits, what it names, and what can be done with it."""
    return await _message_page(visit, service, message_id)


@router.post(HERE + "/{service}/messages/{message_id}/{act}", dependencies=[FromHere])
async def settle(
    service: Named,
    message_id: UUID,
    act: Literal["replays", "skip-proposals", "skips"],
    form: Annotated[Act, Form()],
    visit: Visiting,
) -> Response:
    """Replay one message, propose to pass over it, or confirm that."""
    path = f"/parked-messages/{message_id}/{act}"
    try:
        await visit.change("POST", service, path, body=form.said(), key=form.key)
    except Problem as problem:
        return await _message_page(visit, service, message_id, problem=problem)
    return visit.go(f"{HERE}/{service.segment}/messages/{message_id}", DONE[act])


async def _choice_page(
    visit: Visit,
    service: Named,
    choice: Choice,
    *,
    cursor: str = "",
    problem: Problem | None = None,
) -> HTMLResponse:
    asked = choice.filters()
    messages = await visit.read(service, "/parked-messages", **asked, cursor=cursor)
    is_one_by_one = choice.parked_for == STALE
    preview = (
        None if is_one_by_one else await visit.read(service, "/parked-messages/preview", **asked)
    )
    return visit.page(
        "parked_choice.html",
        "ops-parked-choice-title",
        service=service,
        choice=choice,
        messages=messages,
        preview=preview,
        reasons=REPLAY_REASONS,
        problem=problem,
        is_later=bool(cursor),
    )


async def _message_page(
    visit: Visit, service: Named, message_id: UUID, *, problem: Problem | None = None
) -> HTMLResponse:
    message = await visit.read(service, f"/parked-messages/{message_id}")
    return visit.page(
        "parked_message.html",
        "ops-parked-message-title",
        service=service,
        message=message,
        reasons=REPLAY_REASONS,
        problem=problem,
    )
