"""The ways by which organisations are told: how each goes, stopped for a while, gone on with."""

from typing import Annotated, Literal

from fastapi import Form, Response
from starlette.responses import HTMLResponse

from services.console.clients import Problem
from services.console.pages.channel_health import channels_of
from services.console.pages.done import Done
from services.console.pages.edge import FromHere
from services.console.pages.forms import Sent
from services.console.pages.visit import Visit, Visiting
from shared.access import Permission
from shared.contracts.vocabulary import ChannelKind, Queue
from shared.kit.routing import Router

router = Router(include_in_schema=False)

PAGE = "/deliveries/channels"
REASONS = ("provider_down", "incident")
DONE = {"suspensions": Done.CHANNEL_SUSPENDED, "resumptions": Done.CHANNEL_RESUMED}


class Act(Sent):
    """Why nothing is sent by a channel."""

    reason: str = ""


@router.get(PAGE)
async def show_channels(visit: Visiting) -> HTMLResponse:
    """Every way of telling, with what waits and what failed."""
    return await _page(visit)


@router.post(f"{PAGE}/{{channel}}/{{act}}", dependencies=[FromHere])
async def settle(
    channel: ChannelKind,
    act: Literal["suspensions", "resumptions"],
    form: Annotated[Act, Form()],
    visit: Visiting,
) -> Response:
    """Send nothing by a channel for a while, or go on."""
    body = {"reason": form.reason} if act == "suspensions" else None
    path = f"/channels/{channel}/{act}"
    try:
        await visit.change("POST", Queue.NOTIFICATION, path, body=body, key=form.key)
    except Problem as problem:
        return await _page(visit, problem=problem)
    return visit.go(PAGE, DONE[act])


async def _page(visit: Visit, *, problem: Problem | None = None) -> HTMLResponse:
    channels = await channels_of(visit)
    return visit.page(
        "deliveries_channels.html",
        "ops-channels-title",
        channels=channels or [],
        is_missing=channels is None,
        reasons=REASONS,
        may_suspend=visit.may(Permission.ENDPOINT_SUSPEND),
        problem=problem,
    )
