"""Who is kept apart from whom: a page of its own, of a case and of a notice; why is opened there.

Neither the page of the case nor that of the notice says that anybody is feared.
"""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import Form, Response
from starlette.responses import HTMLResponse

from services.console.clients import Problem
from services.console.pages.case_frame import case_page, head_at_hand
from services.console.pages.done import Done
from services.console.pages.edge import FromHere
from services.console.pages.forms import Sent, as_number
from services.console.pages.visit import Visit, Visiting, only_with
from shared.access import Permission
from shared.contracts.vocabulary import Queue
from shared.kit.routing import Router

router = Router(include_in_schema=False, dependencies=[only_with(Permission.KEPT_APART_READ)])

END_REASONS = ("fear_is_over", "no_longer_near", "told_in_error")
"""As intake takes them; that these are the same is a test."""
APART = "/kept-apart"


class Told(Sent):
    """From whom somebody is to be kept apart, and why."""

    first: str = ""
    second: str = ""
    case_code: str = ""
    reason: str = ""


class Chosen(Sent):
    """One flag: to open why, or to end it."""

    apart_id: str = ""
    reason: str = ""


@router.get("/cases/{case_id}/kept-apart")
async def show_of_case(case_id: UUID, visit: Visiting) -> HTMLResponse:
    """Whether the person is kept apart from somebody."""
    return await _page(visit, "cases", case_id)


@router.get("/advance-notices/{notice_id}/kept-apart")
async def show_of_notice(notice_id: UUID, visit: Visiting) -> HTMLResponse:
    """Which people of a notice are kept apart."""
    return await _page(visit, "advance-notices", notice_id)


@router.post("/cases/{case_id}/kept-apart", dependencies=[FromHere])
async def tell_of_case(case_id: UUID, form: Annotated[Told, Form()], visit: Visiting) -> Response:
    """Keep the person apart from that of another case."""
    try:
        found = await visit.read(Queue.INTAKE, "/cases", code=form.case_code.strip() or "-")
    except Problem as problem:
        return await _page(visit, "cases", case_id, problem=problem, typed=form)
    others = [each["id"] for each in found["items"]]
    body = {"case_ids": [str(case_id), *others], "reason": form.reason}
    return await _tell(visit, "cases", case_id, body, form)


@router.post("/advance-notices/{notice_id}/kept-apart", dependencies=[FromHere])
async def tell_of_notice(
    notice_id: UUID, form: Annotated[Told, Form()], visit: Visiting
) -> Response:
    """Keep two people of a notice apart."""
    numbers = [as_number(each) for each in (form.first, form.second)]
    body = {"notice_id": str(notice_id), "numbers": numbers, "reason": form.reason}
    return await _tell(visit, "advance-notices", notice_id, body, form)


@router.post("/cases/{case_id}/kept-apart/open", dependencies=[FromHere])
async def open_of_case(case_id: UUID, form: Annotated[Chosen, Form()], visit: Visiting) -> Response:
    """Open why; it is shown once, and the audit keeps that it was."""
    return await _open(visit, "cases", case_id, form)


@router.post("/advance-notices/{notice_id}/kept-apart/open", dependencies=[FromHere])
async def open_of_notice(
    notice_id: UUID, form: Annotated[Chosen, Form()], visit: Visiting
) -> Response:
    """The same, of two people of a notice."""
    return await _open(visit, "advance-notices", notice_id, form)


@router.post("/cases/{case_id}/kept-apart/end", dependencies=[FromHere])
async def end_of_case(case_id: UUID, form: Annotated[Chosen, Form()], visit: Visiting) -> Response:
    """Say that it is over."""
    return await _end(visit, "cases", case_id, form)


@router.post("/advance-notices/{notice_id}/kept-apart/end", dependencies=[FromHere])
async def end_of_notice(
    notice_id: UUID, form: Annotated[Chosen, Form()], visit: Visiting
) -> Response:
    """The same, of two people of a notice."""
    return await _end(visit, "advance-notices", notice_id, form)


async def _tell(
    visit: Visit, of: str, thing_id: UUID, body: Mapping[str, Any], form: Told
) -> Response:
    try:
        await visit.change("POST", Queue.INTAKE, APART, body=body, key=form.key)
    except Problem as problem:
        shown = problem.beside(lambda field: _FIELDS.get(field, field))
        return await _page(visit, of, thing_id, problem=shown, typed=form)
    return visit.go(f"/{of}/{thing_id}{APART}", Done.KEPT_APART)


_FIELDS = {
    "numbers": "first",
    "numbers.0": "first",
    "numbers.1": "second",
    "case_ids": "case_code",
    "case_ids.1": "case_code",
}


async def _open(visit: Visit, of: str, thing_id: UUID, form: Chosen) -> Response:
    path = f"{APART}/{_id_in(form)}/openings"
    try:
        opened = await visit.change("POST", Queue.INTAKE, path, key=form.key)
    except Problem as problem:
        return await _page(visit, of, thing_id, problem=problem)
    return await _page(visit, of, thing_id, opened=opened)


async def _end(visit: Visit, of: str, thing_id: UUID, form: Chosen) -> Response:
    body = {"reason": form.reason} if form.reason else {}
    path = f"{APART}/{_id_in(form)}/endings"
    try:
        await visit.change("POST", Queue.INTAKE, path, body=body, key=form.key)
    except Problem as problem:
        return await _page(visit, of, thing_id, problem=problem)
    return visit.go(f"/{of}/{thing_id}{APART}", Done.APART_ENDED)


def _id_in(form: Chosen) -> str:
    """The id of a flag in an address; what is none names no flag."""
    try:
        return str(UUID(form.apart_id))
    except ValueError:
        return "-"


async def _page(
    visit: Visit,
    of: str,
    thing_id: UUID,
    *,
    problem: Problem | None = None,
    typed: Told | None = None,
    opened: Mapping[str, Any] | None = None,
) -> HTMLResponse:
    listed = await visit.read(Queue.INTAKE, f"/{of}/{thing_id}{APART}")
    facts: dict[str, Any] = {
        "problem": problem,
        "rows": listed["items"],
        "opened": opened,
        "typed": typed or Told(),
        "reasons": END_REASONS,
    }
    if of == "cases":
        case = await head_at_hand(visit, thing_id)
        return case_page(visit, "kept_apart.html", case, **facts)
    notice = await visit.read(Queue.INTAKE, f"/{of}/{thing_id}")
    here = f"/{of}/{thing_id}"
    return visit.page("kept_apart_notice.html", "apart-title", it=notice, here=here, **facts)
