"""Parked messages, for operators: what is alike, what a replay would do, and what it did."""

import asyncio
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Form, Query, Response
from pydantic import BaseModel
from starlette.responses import HTMLResponse

from services.console.clients import Problem
from services.console.pages.board import segment
from services.console.pages.edge import FromHere
from services.console.pages.forms import Sent
from services.console.pages.operations import queue_of
from services.console.pages.visit import Visit, Visiting
from shared.contracts import Queue
from shared.kit.routing import Router

router = Router(include_in_schema=False)

HERE = "/operations/parked"
STALE = "stale_sequence"
"""What is parked for this reason is decided one by one."""
REPLAY_REASONS = ("cause_fixed", "transient_fault", "code_upgraded")


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
    names = [segment(queue) for queue in Queue]
    path = "/parked-messages/groups"
    panels = await asyncio.gather(*(visit.panel(name, path) for name in names))
    found = [
        {**each, "queue": queue, "segment": name}
        for queue, name, panel in zip(Queue, names, panels, strict=True)
        for each in (panel.told or {"items": []})["items"]
    ]
    missing = [q for q, panel in zip(Queue, panels, strict=True) if panel.is_missing]
    groups = sorted(found, key=lambda each: each["oldest_at"])
    return visit.page("parked.html", "ops-parked-title", groups=groups, missing=missing)


@router.get(HERE + "/{service}")
async def show_choice(
    service: str, visit: Visiting, asked: Annotated[Asked, Query()]
) -> HTMLResponse:
    """The messages of a group, and what a replay of them would do."""
    choice = Choice(**asked.model_dump(exclude={"cursor"}))
    return await _choice_page(visit, service, choice, cursor=asked.cursor)


@router.post(HERE + "/{service}/replays", dependencies=[FromHere])
async def replay(service: str, form: Annotated[Choice, Form()], visit: Visiting) -> Response:
    """Replay what is chosen, if it is as many as was typed."""
    queue_of(service)
    count: Any = int(form.count) if form.count.isdecimal() else form.count
    body = {**form.filters(), "count": count, "reason": form.reason}
    try:
        made = await visit.change(
            "POST", service, "/parked-messages/replays", body=body, key=form.key
        )
    except Problem as problem:
        return await _choice_page(visit, service, form, problem=problem)
    return visit.go(f"{HERE}/{service}/replays/{made['replay_id']}")


@router.get(HERE + "/{service}/replays/{replay_id}")
async def show_replay(
    service: str, replay_id: UUID, visit: Visiting, cursor: str = ""
) -> HTMLResponse:
    """How far a replay has come, with each of its messages."""
    queue = queue_of(service)
    progress = await visit.read(service, f"/parked-messages/replays/{replay_id}")
    asked = {"replay_id": str(replay_id)} | ({"cursor": cursor} if cursor else {})
    messages = await visit.read(service, "/parked-messages", **asked)
    return visit.page(
        "parked_replay.html",
        "ops-replay-title",
        queue=queue,
        service=service,
        progress=progress,
        messages=messages,
        is_later=bool(cursor),
    )


@router.get(HERE + "/{service}/messages/{message_id}")
async def show_message(service: str, message_id: UUID, visit: Visiting) -> HTMLResponse:
    """One message: why it waits, what it names, and what can be done with it."""
    return await _message_page(visit, service, message_id)


@router.post(HERE + "/{service}/messages/{message_id}/{act}", dependencies=[FromHere])
async def settle(
    service: str,
    message_id: UUID,
    act: Literal["replays", "skip-proposals", "skips"],
    form: Annotated[Act, Form()],
    visit: Visiting,
) -> Response:
    """Replay one message, propose to pass over it, or confirm that."""
    queue_of(service)
    path = f"/parked-messages/{message_id}/{act}"
    try:
        await visit.change("POST", service, path, body=form.said(), key=form.key)
    except Problem as problem:
        return await _message_page(visit, service, message_id, problem=problem)
    return visit.go(f"{HERE}/{service}/messages/{message_id}")


async def _choice_page(
    visit: Visit,
    service: str,
    choice: Choice,
    *,
    cursor: str = "",
    problem: Problem | None = None,
) -> HTMLResponse:
    queue, asked = queue_of(service), choice.filters()
    turned = asked | ({"cursor": cursor} if cursor else {})
    messages = await visit.read(service, "/parked-messages", **turned)
    is_one_by_one = choice.parked_for == STALE
    preview = (
        None if is_one_by_one else await visit.read(service, "/parked-messages/preview", **asked)
    )
    return visit.page(
        "parked_choice.html",
        "ops-parked-choice-title",
        status=problem.status if problem else 200,
        queue=queue,
        service=service,
        choice=choice,
        messages=messages,
        preview=preview,
        reasons=REPLAY_REASONS,
        problem=problem,
        is_later=bool(cursor),
    )


async def _message_page(
    visit: Visit, service: str, message_id: UUID, *, problem: Problem | None = None
) -> HTMLResponse:
    queue = queue_of(service)
    message = await visit.read(service, f"/parked-messages/{message_id}")
    return visit.page(
        "parked_message.html",
        "ops-parked-message-title",
        status=problem.status if problem else 200,
        queue=queue,
        service=service,
        message=message,
        reasons=REPLAY_REASONS,
        problem=problem,
    )
