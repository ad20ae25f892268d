"""Stays in a facility: who is expected, who is there and until when, one stay with its moves.

In no page of it stands where a facility has its rooms, or to which place somebody went.
"""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import Form, HTTPException, Response
from pydantic import Field
from starlette.responses import HTMLResponse

from services.console.clients import Problem
from services.console.pages.case_frame import case_of, case_page
from services.console.pages.done import Done
from services.console.pages.edge import FromHere
from services.console.pages.forms import Sent, iso_day
from services.console.pages.names import names_of, organisations_with
from services.console.pages.visit import Visit, Visiting
from shared.contracts.vocabulary import Queue, Role, StayStatus
from shared.kit.clock import local_date, utc_now
from shared.kit.routing import Router

router = Router(include_in_schema=False)

LIST = "/stays"
OPEN = "open"
STATUSES = tuple(str(each) for each in StayStatus)
OPEN_STATUSES = frozenset({StayStatus.ANNOUNCED, StayStatus.STAYING})
NEEDS = ("lodging", "meals", "health_check", "emergency_care", "treatment", "counselling")
KIT = (
    *("outer_clothes", "underwear", "towel", "slippers", "toothbrush", "soap"),
    *("sanitary_pads", "hygiene_items", "medical_items", "school_items"),
)
DESTINATIONS = (
    *("family", "own_lodging", "other_facility", "social_assistance", "hospital", "own_country"),
    "not_said",
)
"""As livelihood support takes them; that these are the same is a test."""
DAYS = ("arrived_on", "extended_until", "paper_on", "left_on")
DONE = {
    "arrive": Done.STAY_ARRIVED,
    "decline": Done.STAY_DECLINED,
    "cancel": Done.STAY_CANCELLED,
    "provide": Done.STAY_PROVIDED,
    "extend": Done.STAY_EXTENDED,
    "leave": Done.STAY_LEFT,
    "entered_in_error": Done.STAY_VOIDED,
}
"""The moves, and what each has done."""
NOT_FOUND, CONFLICT, CHANGED = 404, 409, 412


class Announced(Sent):
    """Whom a facility is told of."""

    expected_on: str = ""
    facility_id: str = ""

    def body(self) -> dict[str, Any]:
        """What the API is sent."""
        said = self.said()
        return said | {"expected_on": iso_day(self.expected_on)}


class Filled(Sent):
    """A move as it was filled in."""

    arrived_on: str = ""
    needs: list[str] = Field(default_factory=list)
    kit: list[str] = Field(default_factory=list)
    extended_until: str = ""
    paper_number: str = ""
    paper_on: str = ""
    left_on: str = ""
    left_to: str = ""
    reason: str = ""

    def body(self, move: str) -> dict[str, Any]:
        """What the API is sent."""
        said = self.said()
        days = {name: iso_day(said[name]) for name in DAYS if name in said}
        return {"move": move, **said, **days}


@router.get(LIST)
async def list_stays(visit: Visiting, show: str = OPEN, cursor: str = "") -> HTMLResponse:
    """Who is expected or there, or the stays in one status."""
    asked = {"status": show} if show in STATUSES else {"is_open": "true"}
    listed = await visit.read(Queue.LIVELIHOOD_SUPPORT, LIST, **asked, cursor=cursor)
    rows = [with_lateness(each) for each in listed["items"]]
    return visit.page(
        "stays.html",
        "stays-title",
        rows=rows,
        names=await names_of(visit, [each["facility_id"] for each in rows]),
        next_cursor=listed["next_cursor"],
        show=show if show in STATUSES else OPEN,
        statuses=STATUSES,
        is_later=bool(cursor),
    )


@router.get("/stays/{stay_id}")
async def show_stay(stay_id: UUID, visit: Visiting) -> HTMLResponse:
    """One of them: what is next and by when, what was given, what was done."""
    found = await visit.read(Queue.LIVELIHOOD_SUPPORT, f"{LIST}/{stay_id}")
    listed = await visit.whole(Queue.LIVELIHOOD_SUPPORT, f"{LIST}/{stay_id}/moves")
    return visit.page(
        "stay.html",
        "stay-title",
        it=with_lateness(found),
        moves=listed["items"][::-1],
        names=await names_of(visit, [found["facility_id"], found["announcer_id"]]),
    )


@router.get("/stays/{stay_id}/{move}")
async def show_move(stay_id: UUID, move: str, visit: Visiting) -> HTMLResponse:
    """What a move needs; where it is not possible now, what is."""
    return await _form_page(visit, stay_id, move, Filled())


@router.post("/stays/{stay_id}/{move}", dependencies=[FromHere])
async def make_move(
    stay_id: UUID, move: str, form: Annotated[Filled, Form()], visit: Visiting
) -> Response:
    """Make it, and come back to the stay."""
    path, service = f"{LIST}/{stay_id}", Queue.LIVELIHOOD_SUPPORT
    how: dict[str, Any] = {"key": form.key, "version": form.version}
    try:
        await visit.change("POST", service, f"{path}/moves", body=form.body(move), **how)
    except Problem as problem:
        return await _form_page(visit, stay_id, move, form, problem)
    return visit.go(path, DONE.get(move))


async def _form_page(
    visit: Visit, stay_id: UUID, move: str, form: Filled, problem: Problem | None = None
) -> HTMLResponse:
    if move not in DONE:
        raise HTTPException(NOT_FOUND)
    found = await visit.read(Queue.LIVELIHOOD_SUPPORT, f"{LIST}/{stay_id}")
    possible = next((each for each in found["can"] if each["move"] == move), None)
    return visit.page(
        "stay_move.html",
        f"stay-{move}",
        status=None if possible or problem else CONFLICT,
        move=move,
        form=form,
        problem=problem,
        is_late=problem is not None and problem.status in {CONFLICT, CHANGED},
        it=with_lateness(found),
        possible=possible,
        needs=NEEDS,
        kit=KIT,
        destinations=DESTINATIONS,
    )


@router.get("/cases/{case_id}/stays")
async def show_of_case(case_id: UUID, visit: Visiting) -> HTMLResponse:
    """Where the person of a case was and is, and announcing them."""
    return await _case_page(visit, case_id)


@router.post("/cases/{case_id}/stays", dependencies=[FromHere])
async def announce(case_id: UUID, form: Annotated[Announced, Form()], visit: Visiting) -> Response:
    """Tell a facility that the person comes."""
    path = f"/cases/{case_id}/stays"
    service = Queue.LIVELIHOOD_SUPPORT
    try:
        await visit.change("POST", service, path, body=form.body(), key=form.key)
    except Problem as problem:
        return await _case_page(visit, case_id, problem, form)
    return visit.go(path, Done.STAY_ANNOUNCED)


async def _case_page(
    visit: Visit, case_id: UUID, problem: Problem | None = None, form: Announced | None = None
) -> HTMLResponse:
    case = await case_of(visit, case_id)
    listed = await visit.whole_panel(Queue.LIVELIHOOD_SUPPORT, LIST, case_id=str(case_id))
    rows = [with_lateness(each) for each in listed.told["items"]] if listed.told else []
    housing = await organisations_with(visit, Role.FACILITY)
    return case_page(
        visit,
        "case_stays.html",
        case,
        problem=problem,
        rows=rows[::-1],
        listed=listed,
        is_open=any(each["status"] in OPEN_STATUSES for each in rows),
        names=await names_of(visit, [each["facility_id"] for each in rows]),
        facilities=housing.told or [],
        typed=form or Announced(),
    )


def with_lateness(found: Mapping[str, Any]) -> dict[str, Any]:
    """A stay with whether its last day is over, by the clock of this page."""
    is_there = found["status"] == StayStatus.STAYING and found["last_day"] is not None
    is_late = is_there and date.fromisoformat(found["last_day"]) < local_date(utc_now())
    return {**found, "is_late": is_late}
