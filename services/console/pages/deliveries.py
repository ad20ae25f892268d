"""What organisations are told by webhook: how it goes with each, tries, tests, suspensions."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Form, Response
from starlette.responses import HTMLResponse

from services.console.clients import Problem
from services.console.pages.board import is_down
from services.console.pages.edge import FromHere
from services.console.pages.forms import Sent
from services.console.pages.names import names_of
from services.console.pages.visit import MOST, Visit, Visiting
from shared.access import Permission
from shared.contracts.vocabulary import Queue
from shared.kit.routing import Router

router = Router(include_in_schema=False)

REASONS = ("partner_asked", "partner_down", "wrong_address", "incident")
REPLAY_REASONS = ("cause_fixed", "transient_fault", "code_upgraded")
STATES = ("parked", "pending", "unknown", "no_endpoint", "delivered", "failed")


class Act(Sent):
    """Why an endpoint is suspended, or a parked delivery sent again."""

    reason: str = ""


@router.get("/deliveries")
async def show_recipients(visit: Visiting, cursor: str = "") -> HTMLResponse:
    """Every organisation that is told things; what does not arrive comes first."""
    return await _recipients_page(visit, cursor=cursor)


@router.get("/deliveries/of/{organisation_id}")
async def show_recipient(
    organisation_id: UUID, visit: Visiting, state: str = "", cursor: str = ""
) -> HTMLResponse:
    """What one organisation was told, the newest first, or in one state."""
    asked = {"organisation_id": str(organisation_id), "order": "newest_first"}
    names, found, endpoints = await asyncio.gather(
        names_of(visit, [str(organisation_id)]),
        visit.read(Queue.NOTIFICATION, "/deliveries", **asked, state=state, cursor=cursor),
        visit.read(Queue.NOTIFICATION, "/endpoints", page_size=MOST),
    )
    mine = [it for it in endpoints["items"] if it["organisation_id"] == str(organisation_id)]
    return visit.page(
        "deliveries_of.html",
        "ops-deliveries-title",
        organisation_id=str(organisation_id),
        name=names.get(str(organisation_id), str(organisation_id)),
        endpoint=mine[-1] if mine else None,
        deliveries=found,
        state=state,
        states=STATES,
        reasons=REASONS,
        is_later=bool(cursor),
        **_rights(visit),
    )


@router.get("/deliveries/{delivery_id}")
async def show_delivery(delivery_id: UUID, visit: Visiting) -> HTMLResponse:
    """One delivery with its tries."""
    return await _delivery_page(visit, delivery_id)


@router.post("/deliveries/{delivery_id}/replays", dependencies=[FromHere])
async def replay(delivery_id: UUID, form: Annotated[Act, Form()], visit: Visiting) -> Response:
    """Send a parked delivery again."""
    path = f"/deliveries/{delivery_id}/replays"
    try:
        await visit.change("POST", Queue.NOTIFICATION, path, body=form.said(), key=form.key)
    except Problem as problem:
        return await _delivery_page(visit, delivery_id, problem=problem)
    return visit.go(f"/deliveries/{delivery_id}")


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
    return visit.go(f"/deliveries/{made['id']}" if act == "tests" else "/deliveries")


async def _recipients_page(
    visit: Visit, *, cursor: str = "", problem: Problem | None = None
) -> HTMLResponse:
    found = await visit.read(Queue.NOTIFICATION, "/recipients", cursor=cursor)
    names = await names_of(visit, (each["organisation_id"] for each in found["items"]))
    return visit.page(
        "deliveries.html",
        "ops-deliveries-title",
        recipients=sorted(found["items"], key=lambda it: (not is_down(it), it["oldest_at"] or "9")),
        next_cursor=found["next_cursor"],
        is_later=bool(cursor),
        names=names,
        is_down=is_down,
        reasons=REASONS,
        problem=problem,
        **_rights(visit),
    )


async def _delivery_page(
    visit: Visit, delivery_id: UUID, *, problem: Problem | None = None
) -> HTMLResponse:
    found = await visit.read(Queue.NOTIFICATION, f"/deliveries/{delivery_id}")
    names = await names_of(visit, [found["organisation_id"]])
    return visit.page(
        "delivery.html",
        "ops-delivery-title",
        delivery=found,
        tries=[{**each, "milliseconds": _milliseconds(each)} for each in found["tries"]],
        name=names.get(found["organisation_id"], found["organisation_id"]),
        reasons=REPLAY_REASONS,
        may_replay=visit.may(Permission.DELIVERY_REPLAY),
        problem=problem,
    )


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
