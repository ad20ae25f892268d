"""Protection: what was asked for, what is to be decided, one request with its moves.

In no page of it stands where a person is safe: that is a field of the file (``refuge.py``).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Form, HTTPException, Response
from pydantic import Field
from starlette.responses import HTMLResponse

from services.console.clients import Problem
from services.console.pages.case_frame import case_page, head_at_hand
from services.console.pages.done import Done
from services.console.pages.edge import FromHere
from services.console.pages.forms import Sent, iso_day
from services.console.pages.names import names_of, organisations_with
from services.console.pages.visit import Visit, Visiting, only_with
from shared.access import Permission
from shared.contracts.vocabulary import Queue, Role
from shared.kit.clock import utc_now
from shared.kit.routing import Router

router = Router(include_in_schema=False)

ASKING = only_with(Permission.PROTECTION_REQUEST)
"""As the tab that leads there: a verifier asks too, who reads no case of intake."""
LIST = "/protections"
OPEN = "open"
STATUSES = ("requested", "granted", "refused", "declined", "ended")
MEASURES = ("safe_refuge", "secrecy", "guarding", "preventing_threats", "procedural")
"""As verification takes them; that these are the same is a test."""
ASSIGN = "assign"
DONE = {
    ASSIGN: Done.PROTECTION_ASSIGNED,
    "grant": Done.PROTECTION_GRANTED,
    "refuse": Done.PROTECTION_REFUSED,
    "decline": Done.PROTECTION_DECLINED,
    "review": Done.PROTECTION_REVIEWED,
    "end": Done.PROTECTION_ENDED,
}
"""The moves, and what each has done."""
NOT_FOUND, CONFLICT, CHANGED = 404, 409, 412


class Asked(Sent):
    """What is asked for."""

    measures: list[str] = Field(default_factory=list)


class Filled(Sent):
    """A move as it was filled in."""

    measures: list[str] = Field(default_factory=list)
    reason: str = ""
    paper_number: str = ""
    paper_on: str = ""
    review_on: str = ""
    organisation_id: str = ""

    def body(self, move: str) -> dict[str, Any]:
        """What the API is sent."""
        said = self.said()
        for name in ("paper_on", "review_on"):
            if name in said:
                said[name] = iso_day(said[name])
        return {"move": move, **said}


@router.get(LIST)
async def list_protections(visit: Visiting, show: str = OPEN, cursor: str = "") -> HTMLResponse:
    """What is awaited or granted, oldest first, or what has one status."""
    asked = {"status": show} if show in STATUSES else {"is_open": "true"}
    listed = await visit.read(Queue.VERIFICATION, LIST, **asked, cursor=cursor)
    return visit.page(
        "protections.html",
        "protections-title",
        rows=[with_lateness(each) for each in listed["items"]],
        next_cursor=listed["next_cursor"],
        show=show if show in STATUSES else OPEN,
        statuses=STATUSES,
        is_later=bool(cursor),
    )


@router.get("/protections/{protection_id}")
async def show_protection(protection_id: UUID, visit: Visiting) -> HTMLResponse:
    """One of them: what is next and by when, what was asked and granted, what was done."""
    found = await visit.read(Queue.VERIFICATION, f"{LIST}/{protection_id}")
    listed = await visit.whole(Queue.VERIFICATION, f"{LIST}/{protection_id}/moves")
    moves = listed["items"]
    whose = [found["requester_id"], *(each["protector_id"] for each in moves)]
    return visit.page(
        "protection.html",
        "protection-title",
        it=with_lateness(found),
        moves=moves[::-1],
        names=await names_of(visit, whose),
    )


@router.get("/protections/{protection_id}/{move}")
async def show_move(protection_id: UUID, move: str, visit: Visiting) -> HTMLResponse:
    """What a move needs; where it is not possible now, what is."""
    return await _form_page(visit, protection_id, move, Filled())


@router.post("/protections/{protection_id}/{move}", dependencies=[FromHere])
async def make_move(
    protection_id: UUID, move: str, form: Annotated[Filled, Form()], visit: Visiting
) -> Response:
    """Make it, and come back to the request."""
    path = f"{LIST}/{protection_id}"
    how: dict[str, Any] = {"key": form.key, "version": form.version}
    try:
        await visit.change("POST", Queue.VERIFICATION, f"{path}/moves", body=form.body(move), **how)
    except Problem as problem:
        return await _form_page(visit, protection_id, move, form, problem)
    return visit.go(path, DONE.get(move))


async def _form_page(
    visit: Visit, protection_id: UUID, move: str, form: Filled, problem: Problem | None = None
) -> HTMLResponse:
    if move not in DONE:
        raise HTTPException(NOT_FOUND)
    found = await visit.read(Queue.VERIFICATION, f"{LIST}/{protection_id}")
    possible = next((each for each in found["can"] if each["move"] == move), None)
    protecting = await organisations_with(visit, Role.PROTECTOR) if move == ASSIGN else None
    return visit.page(
        "protection_move.html",
        f"protection-{move}",
        status=None if possible or problem else CONFLICT,
        move=move,
        form=form,
        problem=problem,
        is_late=problem is not None and problem.status in {CONFLICT, CHANGED},
        it=with_lateness(found),
        possible=possible,
        measures=MEASURES,
        protecting=(protecting.told or []) if protecting else [],
    )


@router.get("/cases/{case_id}/protection", dependencies=[ASKING])
async def show_of_case(case_id: UUID, visit: Visiting) -> HTMLResponse:
    """What was asked for in a case, and asking for it."""
    return await _case_page(visit, case_id)


@router.post("/cases/{case_id}/protection", dependencies=[FromHere, ASKING])
async def ask(case_id: UUID, form: Annotated[Asked, Form()], visit: Visiting) -> Response:
    """Ask that the person be protected."""
    path = f"/cases/{case_id}/protections"
    try:
        await visit.change("POST", Queue.VERIFICATION, path, body=form.said(), key=form.key)
    except Problem as problem:
        return await _case_page(visit, case_id, problem, form)
    return visit.go(f"/cases/{case_id}/protection", Done.PROTECTION_ASKED)


async def _case_page(
    visit: Visit, case_id: UUID, problem: Problem | None = None, form: Asked | None = None
) -> HTMLResponse:
    case = await head_at_hand(visit, case_id)
    listed = await visit.whole_panel(Queue.VERIFICATION, LIST, case_id=str(case_id))
    rows = [with_lateness(each) for each in listed.told["items"]] if listed.told else []
    return case_page(
        visit,
        "case_protection.html",
        case,
        problem=problem,
        rows=rows[::-1],
        listed=listed,
        is_awaited=any(each["status"] == "requested" for each in rows),
        names=await names_of(visit, [each["protector_id"] for each in rows]),
        measures=MEASURES,
        typed=form or Asked(),
    )


def with_lateness(found: Mapping[str, Any]) -> dict[str, Any]:
    """A request with whether its decision is late, by the clock of this page."""
    is_awaited = found["status"] == "requested" and found["due_at"] is not None
    is_late = is_awaited and datetime.fromisoformat(found["due_at"]) <= utc_now()
    return {**found, "is_late": is_late}
