"""What organisations are told, by whichever channel: how it goes, tries, tests, suspensions."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Form, Query, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.responses import HTMLResponse

from services.console.clients import Problem
from services.console.pages.done import Done
from services.console.pages.edge import FromHere
from services.console.pages.forms import Sent
from services.console.pages.live import Renewed, Streaming, live_until
from services.console.pages.names import names_of
from services.console.pages.recipients import is_down, recipients_of
from services.console.pages.visit import Visit, Visiting
from shared.access import Permission
from shared.contracts.vocabulary import Queue
from shared.kit.routing import Router

router = Router(include_in_schema=False)

REASONS = ("partner_asked", "partner_down", "wrong_address", "incident")
REPLAY_REASONS = ("cause_fixed", "transient_fault", "code_upgraded")
STATES = ("parked", "pending", "unknown", "no_endpoint", "sent", "delivered", "cancelled", "failed")
UNDER_WAY = frozenset({"pending", "sending", "unknown"})
"""States that change by themselves: who looks at such a delivery sees it go on."""
TO_SEE_TO = "to_see_to"
MANY = 25
"""Organisations to a page."""
DONE = {"suspensions": Done.ENDPOINT_SUSPENDED, "resumptions": Done.ENDPOINT_RESUMED}
"""What an act has done; how a test goes stands on the page to which it leads."""
DONE_OF_ALL = {"suspensions": Done.RECIPIENT_SUSPENDED, "resumptions": Done.RECIPIENT_RESUMED}
From = Annotated[int, Query(alias="cursor", ge=0)]


class Act(Sent):
    """Why an endpoint is suspended, or a parked delivery sent again."""

    reason: str = ""
    of: UUID | None = None
    """The organisation on whose page it was done, if it was not done in the list of all."""


@router.get("/deliveries")
async def show_recipients(visit: Visiting, show: str = "", first: From = 0) -> HTMLResponse:
    """Every organisation that is told things; what does not arrive comes first."""
    return await _recipients_page(visit, show=show, first=first)


@router.get("/deliveries/of/{organisation_id}")
async def show_recipient(
    organisation_id: UUID, visit: Visiting, state: str = "", cursor: str = ""
) -> HTMLResponse:
    """What one organisation was told, the newest first, or in one state."""
    return await _recipient_page(visit, organisation_id, state, cursor)


@router.post("/deliveries/of/{organisation_id}/{act}", dependencies=[FromHere])
async def settle_all(
    organisation_id: UUID,
    act: Literal["suspensions", "resumptions"],
    form: Annotated[Act, Form()],
    visit: Visiting,
) -> Response:
    """Keep all that an organisation is to be told, or let it go on."""
    body = {"reason": form.reason} if act == "suspensions" else None
    path = f"/recipients/{organisation_id}/{act}"
    try:
        await visit.change("POST", Queue.NOTIFICATION, path, body=body, key=form.key)
    except Problem as problem:
        return await _recipient_page(visit, organisation_id, problem=problem)
    return visit.go(f"/deliveries/of/{organisation_id}", DONE_OF_ALL[act])


async def _recipient_page(
    visit: Visit,
    organisation_id: UUID,
    state: str = "",
    cursor: str = "",
    *,
    problem: Problem | None = None,
) -> HTMLResponse:
    told = await told_to(visit, organisation_id, state, cursor)
    names = await names_of(visit, [str(organisation_id)])
    return visit.page(
        "deliveries_of.html",
        "ops-deliveries-title",
        where=f"/deliveries/of/{organisation_id}",
        name=names.get(str(organisation_id), str(organisation_id)),
        problem=problem,
        **told,
    )


async def told_to(
    visit: Visit, organisation_id: UUID, state: str = "", cursor: str = ""
) -> dict[str, Any]:
    """What an organisation was told, and how its address is doing; a part may be missing."""
    asked = {"organisation_id": str(organisation_id), "order": "newest_first"}
    found, recipients = await asyncio.gather(
        visit.panel(Queue.NOTIFICATION, "/deliveries", **asked, state=state, cursor=cursor),
        recipients_of(visit),
    )
    known = {each["organisation_id"]: each for each in recipients.told or ()}
    recipient = known.get(str(organisation_id))
    return {
        "organisation_id": organisation_id,
        "recipient": recipient,
        "is_suspended": any(
            each["part"] == "organisation"
            for each in (recipient or {"suspensions": ()})["suspensions"]
        ),
        "endpoints": recipient["endpoints"] if recipient else [],
        "deliveries": found.told,
        "state": state,
        "states": STATES,
        "reasons": REASONS,
        "is_later": bool(cursor),
        **_rights(visit),
    }


@router.get("/deliveries/{delivery_id}")
async def show_delivery(delivery_id: UUID, visit: Visiting) -> HTMLResponse:
    """One delivery with its tries."""
    return await _delivery_page(visit, delivery_id)


@router.get("/deliveries/{delivery_id}/live", response_class=EventSourceResponse)
async def renew_delivery(delivery_id: UUID, stream: Streaming) -> AsyncIterator[ServerSentEvent]:
    """The same as it is now, until it has arrived, or nobody tries any more."""

    async def tried(visit: Visit) -> Renewed:
        found = await _delivery(visit, delivery_id)
        html = visit.part_of(f"/deliveries/{delivery_id}", "delivery_now.html", **found)
        return Renewed(html, is_over=not found["is_under_way"])

    async for event in stream.renew(tried):
        yield event


@router.post("/deliveries/{delivery_id}/replays", dependencies=[FromHere])
async def replay(delivery_id: UUID, form: Annotated[Act, Form()], visit: Visiting) -> Response:
    """Send a parked delivery again."""
    path = f"/deliveries/{delivery_id}/replays"
    try:
        await visit.change(
            "POST", Queue.NOTIFICATION, path, body={"reason": form.reason}, key=form.key
        )
    except Problem as problem:
        return await _delivery_page(visit, delivery_id, problem=problem)
    return visit.go(f"/deliveries/{delivery_id}", Done.DELIVERY_AGAIN)


@router.post("/deliveries/endpoints/{endpoint_id}/{act}", dependencies=[FromHere])
async def settle(
    endpoint_id: UUID,
    act: Literal["suspensions", "resumptions", "tests"],
    form: Annotated[Act, Form()],
    visit: Visiting,
) -> Response:
    """Suspend an endpoint, have it go on, or test it."""
    body = {"reason": form.reason} if act == "suspensions" else None
    path = f"/endpoints/{endpoint_id}/{act}"
    try:
        made = await visit.change("POST", Queue.NOTIFICATION, path, body=body, key=form.key)
    except Problem as problem:
        return await _recipients_page(visit, problem=problem)
    back = f"/deliveries/of/{form.of}" if form.of else "/deliveries"
    return visit.go(f"/deliveries/{made['id']}" if act == "tests" else back, DONE.get(act))


async def _recipients_page(
    visit: Visit, *, show: str = "", first: int = 0, problem: Problem | None = None
) -> HTMLResponse:
    panel = await recipients_of(visit)
    known = panel.told or []
    down = [each for each in known if is_down(each)]
    chosen = down if show == TO_SEE_TO else known
    rows = chosen[first : first + MANY]
    return visit.page(
        "deliveries.html",
        "ops-deliveries-title",
        recipients=rows,
        counts=(len(known), len(down)),
        show=show,
        to_see_to=TO_SEE_TO,
        next_cursor=str(first + MANY) if len(chosen) > first + MANY else None,
        is_later=first > 0,
        is_missing=panel.is_missing,
        names=await names_of(visit, (each["organisation_id"] for each in rows)),
        is_down=is_down,
        reasons=REASONS,
        problem=problem,
        **_rights(visit),
    )


async def _delivery_page(
    visit: Visit, delivery_id: UUID, *, problem: Problem | None = None
) -> HTMLResponse:
    return visit.page(
        "delivery.html",
        "ops-delivery-title",
        reasons=REPLAY_REASONS,
        may_replay=visit.may(Permission.DELIVERY_REPLAY),
        live_until=live_until(),
        problem=problem,
        **await _delivery(visit, delivery_id),
    )


async def _delivery(visit: Visit, delivery_id: UUID) -> dict[str, Any]:
    found = await visit.read(Queue.NOTIFICATION, f"/deliveries/{delivery_id}")
    names = await names_of(visit, [found["organisation_id"]])
    return {
        "delivery": found,
        "tries": [{**each, "milliseconds": _milliseconds(each)} for each in found["tries"]],
        "name": names.get(found["organisation_id"], found["organisation_id"]),
        "is_under_way": found["state"] in UNDER_WAY,
        "may_read_texts": visit.may(Permission.TEMPLATE_READ),
    }


def _milliseconds(tried: Mapping[str, Any]) -> int | None:
    """How long a try took; those who read minutes only are not told."""
    if tried["ended_at"] is None:
        return None
    began, ended = (datetime.fromisoformat(tried[name]) for name in ("started_at", "ended_at"))
    took = round((ended - began).total_seconds() * 1000)
    return took or None


def _rights(visit: Visit) -> dict[str, Any]:
    return {
        "may_suspend": visit.may(Permission.ENDPOINT_SUSPEND),
        "may_test": visit.may(Permission.ENDPOINT_TEST),
    }
