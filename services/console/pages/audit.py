"""The audit of one case: who did and who read what, of all services in one order of time."""

from asyncio import gather
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Form, HTTPException, Query, Response
from pydantic import BaseModel
from starlette.responses import HTMLResponse

from services.console.clients import Problem
from services.console.pages.audit_rows import Row, row_of, table_of
from services.console.pages.edge import FromHere
from services.console.pages.forms import Sent
from services.console.pages.visit import Visit, Visiting, only_with
from shared.access import Permission
from shared.contracts.vocabulary import Queue
from shared.kit.clock import local_date, utc_now
from shared.kit.routing import Router
from shared.texts import shared_texts

router = Router(include_in_schema=False)

SERVICES = tuple(service for service in Queue if service is not Queue.DIRECTORY)
"""The directory keeps nothing of a case."""
CASES = "/audited-cases"
NOT_FOUND, UNPROCESSABLE = 404, 422
SIZE = 50
MOST_AT_ONCE = 100
MOST_EXPORTED = 5000
"""Entries of a file, which is made while somebody waits; what is older has a file of its own."""


KINDS = ("seen", "done", "refused")
"""What an entry says that somebody did, as the APIs know it."""


class CaseSought(Sent):
    """The code of a case, as people say it."""

    code: str = ""


class Asked(BaseModel):
    """Which entries are shown, and from where on."""

    kind: str = ""
    before: str = ""

    def link(self, path: str) -> str:
        """The address of a page of the audit that shows the same."""
        said = {name: value for name, value in self.model_dump().items() if value}
        return f"{path}?{urlencode(said)}" if said else path


@dataclass(frozen=True)
class Part:
    """Some entries of a case, newest first, and whether there are older ones."""

    rows: Sequence[Row]
    is_more: bool
    missing: Sequence[Queue]
    """The services that did not answer: what they noted is not there."""


@router.get("/audit", dependencies=[only_with(Permission.AUDIT_READ)])
async def show_search(visit: Visiting) -> HTMLResponse:
    """Which case is meant?"""
    return visit.page("audit_search.html", "audit-title", code="", is_unknown=False)


@router.post("/audit", dependencies=[FromHere])
async def search(form: Annotated[CaseSought, Form()], visit: Visiting) -> Response:
    """On to the case with this code."""
    facts: dict[str, Any] = {"code": form.code, "is_unknown": True, "status": UNPROCESSABLE}
    try:
        found = await visit.read(Queue.INTAKE, CASES, code=form.code)
    except Problem as problem:
        facts |= {"problem": problem, "is_unknown": False}
    else:
        if form.code and found["items"]:
            return visit.go(f"/audit/{found['items'][0]['id']}")
    return visit.page("audit_search.html", "audit-title", **facts)


@router.get("/audit/{case_id}")
async def show_audit(
    case_id: UUID, visit: Visiting, asked: Annotated[Asked, Query()]
) -> HTMLResponse:
    """Who did and who read what, newest first; or one of these alone."""
    case = await _case(visit, case_id)
    part = await _part(visit, case_id, asked, SIZE)
    return visit.page(
        "audit.html",
        "audit-title",
        case=case,
        asked=asked,
        kinds=KINDS,
        older=asked.model_copy(update={"before": part.rows[-1].id}) if part.is_more else None,
        **vars(part),
    )


@router.get("/audit/{case_id}/export")
async def export(case_id: UUID, visit: Visiting, asked: Annotated[Asked, Query()]) -> Response:
    """The same as a file, from where the page begins to the first entry."""
    case = await _case(visit, case_id)
    rows: list[Row] = []
    part = None
    while part is None or (part.is_more and len(rows) < MOST_EXPORTED):
        begin = asked.model_copy(update={"before": rows[-1].id}) if rows else asked
        part = await _part(visit, case_id, begin, MOST_AT_ONCE)
        rows += part.rows
    language = visit.person.language
    say = visit.views.speaker(language)
    missing = [shared_texts().say(language, "queue", service) for service in part.missing]
    name = f"nhat-ky-{case['code']}-{local_date(utc_now()):%Y%m%d}.csv"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
    }
    table = table_of(say, rows, is_more=part.is_more, missing=missing)
    return Response(table, media_type="text/csv; charset=utf-8", headers=headers)


async def _case(visit: Visit, case_id: UUID) -> Mapping[str, Any]:
    found = await visit.read(Queue.INTAKE, CASES, case_id=str(case_id))
    if not found["items"]:
        raise HTTPException(NOT_FOUND)
    case: Mapping[str, Any] = found["items"][0]
    return case


async def _part(visit: Visit, case_id: UUID, asked: Asked, size: int) -> Part:
    """So many entries: each service is asked for as many, so none of the newest is left out."""
    query = {"case_id": str(case_id), "page_size": str(size), **asked.model_dump()}
    panels = await gather(*(visit.panel(each, "/audit-entries", **query) for each in SERVICES))
    told = [
        (service, entry)
        for service, panel in zip(SERVICES, panels, strict=True)
        for entry in (panel.told or {"items": ()})["items"]
    ]
    newest = sorted(told, key=lambda each: each[1]["id"], reverse=True)[:size]
    actors = await _actors(visit, {entry["actor"] for _, entry in newest})
    return Part(
        rows=[row_of(visit, service, entry, actors) for service, entry in newest],
        is_more=len(told) > size or any(it.told and it.told["next_cursor"] for it in panels),
        missing=[name for name, it in zip(SERVICES, panels, strict=True) if it.is_missing],
    )


async def _actors(visit: Visit, named: set[str]) -> Mapping[str, Mapping[str, Any]]:
    """Whose the systems and accounts are; without the directory they are ids."""
    whose = sorted(each for each in named if each.startswith(("client:", "staff:", "office:")))
    if not whose:
        return {}
    listed = await visit.panel(Queue.DIRECTORY, "/actors", named=",".join(whose))
    return {each["actor"]: each for each in (listed.told or {"items": ()})["items"]}
