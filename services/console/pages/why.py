"""Why this date: the rule, its text of law, and every day that was counted or left out.

Whoever shows a date links here: `/why/<service>/<id of the thing>`, where the service is named as
in addresses (`livelihood-support`) and the thing is what a duty names as its `object_id`, or a
verification. Every date of that thing is on the page, as far as whoever asks may know it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fastapi import HTTPException
from starlette.responses import HTMLResponse

from services.console.pages.running import KEEPERS
from services.console.pages.services import Named
from services.console.pages.visit import NOTHING, Visit, Visiting
from shared.contracts.vocabulary import Queue
from shared.kit.routing import Router

router = Router(include_in_schema=False)

NOT_FOUND = 404


@dataclass(frozen=True)
class Dated:
    """A rule, and the day it gives; unset while it has no amount, or nothing runs."""

    rule: Mapping[str, Any]
    why: Mapping[str, Any] | None
    is_paused: bool = False


@dataclass(frozen=True)
class Thing:
    """What the dates are about."""

    case_code: str | None
    link: str | None
    dates: Sequence[Dated]


@router.get("/why/{service}/{object_id}")
async def show_why(service: Named, object_id: UUID, visit: Visiting) -> HTMLResponse:
    """Each date of a thing, and how it came about."""
    thing = await _verification(visit, object_id) if service is Queue.VERIFICATION else None
    thing = thing or await _protection(visit, service, object_id)
    thing = thing or await _stay(visit, service, object_id)
    thing = thing or await _running_and_duties(visit, service, object_id)
    if not thing.dates:
        raise HTTPException(NOT_FOUND)
    return visit.page("why.html", "why-title", **vars(thing))


async def _verification(visit: Visit, verification_id: UUID) -> Thing | None:
    """Its own clock, and after a negative decision the window to complain, and of an answer."""
    path = f"/verifications/{verification_id}"
    found = (await visit.panel(Queue.VERIFICATION, path)).told
    if found is None:
        return None
    is_paused = found["status"] == "paused"
    dates = [Dated(found["due_rule"], found["due_why"], is_paused)]
    if found["complaint"]:
        dates.insert(0, Dated(found["complaint"]["rule"], found["complaint"]["not_before_why"]))
    if found["complained"] and found["complained"]["status"] == "received":
        dates.insert(0, Dated(found["complained"]["due_rule"], found["complained"]["due_why"]))
    return Thing(found["case_code"], path, dates)


async def _protection(visit: Visit, service: Queue, protection_id: UUID) -> Thing | None:
    """The time of the decision about it."""
    if service is not Queue.VERIFICATION:
        return None
    path = f"/protections/{protection_id}"
    found = (await visit.panel(Queue.VERIFICATION, path)).told
    if found is None:
        return None
    return Thing(found["case_code"], path, [Dated(found["due_rule"], found["due_why"])])


async def _stay(visit: Visit, service: Queue, stay_id: UUID) -> Thing | None:
    """How long somebody may stay who has arrived."""
    if service is not Queue.LIVELIHOOD_SUPPORT:
        return None
    path = f"/stays/{stay_id}"
    found = (await visit.panel(service, path)).told
    if found is None or found["due_rule"] is None:
        return None
    return Thing(found["case_code"], path, [Dated(found["due_rule"], found["due_why"])])


async def _running_and_duties(visit: Visit, service: Queue, object_id: UUID) -> Thing:
    """The periods that run of it, and the dates of what is to be done with it, each once."""
    of_it = {"object_id": str(object_id)}
    runs = await visit.panel(service, "/clocks", **of_it) if service in KEEPERS else NOTHING
    listed = await visit.read(service, "/duties", **of_it)
    found = [*(runs.told["items"] if runs.told else ()), *listed["items"]]
    dated = {each["rule"]["key"]: each for each in reversed(found) if each["rule"] is not None}
    code = next((each["case_code"] for each in dated.values() if each["case_code"]), None)
    dates = [Dated(it["rule"], it["why"], bool(it.get("paused_at"))) for it in dated.values()]
    return Thing(code, None, dates)
