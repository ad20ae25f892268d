"""What organisations are told by webhook: how it goes with each, tries, tests, suspensions."""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Form, Response
from starlette.responses import HTMLResponse

from services.console.clients import Problem
from services.console.pages.board import is_down
from services.console.pages.edge import FromHere
from services.console.pages.forms import Sent
from services.console.pages.visit import Visit, Visiting
from shared.access import Permission
from shared.kit.routing import Router

router = Router(include_in_schema=False)

NOTIFICATION = "notification"
REASONS = ("partner_asked", "partner_down", "wrong_address", "incident")
REPLAY_REASONS = ("cause_fixed", "transient_fault", "code_upgraded")
STATES = ("parked", "pending", "unknown", "no_endpoint", "delivered", "failed")


class Act(Sent):
    """Why something is done with an endpoint."""

    reason: str = ""


class Replay(Sent):
    """Why a parked delivery is sent again."""

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
    asked |= {name: it for name, it in (("state", state), ("cursor", cursor)) if it}
    names, found, endpoints = await asyncio.gather(
        names_of(visit, [str(organisation_id)]),
        visit.read(NOTIFICATION, "/deliveries", **asked),
        visit.read(NOTIFICATION, "/endpoints", page_size="100"),
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
async def replay(delivery_id: UUID, form: Annotated[Replay, Form()], visit: Visiting) -> Response:
    """Send a parked delivery again."""
    path = f"/deliveries/{delivery_id}/replays"
    try:
        await visit.change("POST", NOTIFICATION, path, body=form.said(), key=form.key)
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
        made = await visit.change("POST", NOTIFICATION, path, body=body, key=form.key)
    except Problem as problem:
        return await _recipients_page(visit, problem=problem)
    return visit.go(f"/deliveries/{made['id']}" if act == "tests" else "/deliveries")


async def _recipients_page(
    visit: Visit, *, cursor: str = "", problem: Problem | None = None
) -> HTMLResponse:
    asked = {"cursor": cursor} if cursor else {}
    found = await visit.read(NOTIFICATION, "/recipients", **asked)
    names = await names_of(visit, (each["organisation_id"] for each in found["items"]))
    return visit.page(
        "deliveries.html",
        "ops-deliveries-title",
        status=problem.status if problem else 200,
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
    found = await visit.read(NOTIFICATION, f"/deliveries/{delivery_id}")
    names = await names_of(visit, [found["organisation_id"]])
    return visit.page(
        "delivery.html",
        "ops-delivery-title",
        status=problem.status if problem else 200,
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


def _rights(visit: Visit) -> dict[str, bool]:
    return {
        "may_suspend": visit.may(Permission.ENDPOINT_SUSPEND),
        "may_test": visit.may(Permission.ENDPOINT_TEST),
    }


async def names_of(visit: Visit, organisation_ids: Iterable[str]) -> dict[str, str]:
    """The names of these organisations; one that cannot be told is known by its id."""
    ids = list(dict.fromkeys(organisation_ids))
    panels = await asyncio.gather(
        *(visit.panel("directory", f"/organisations/{each}") for each in ids)
    )
    told: dict[str, Any] = dict(zip(ids, (panel.told for panel in panels), strict=True))
    return {each: it["name_vi"] for each, it in told.items() if it is not None}
