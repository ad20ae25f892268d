"""What the owner of a case does in it: give others a part, and end it."""

from typing import Annotated
from uuid import UUID

from fastapi import Form, Response
from starlette.responses import HTMLResponse

from services.console.clients import Problem
from services.console.pages.by_law import BEGINNING, ENDING
from services.console.pages.case_frame import case_of, case_page
from services.console.pages.done import Done
from services.console.pages.edge import FromHere
from services.console.pages.forms import Sent, iso_day
from services.console.pages.names import names_of, organisations_with
from services.console.pages.visit import Visit, Visiting
from shared.contracts.vocabulary import Queue, Role
from shared.kit.routing import Router

router = Router(include_in_schema=False)

ROLES = (Role.FACILITY, Role.PROTECTOR)
ASSIGNEE = frozenset({"role", "organisation_id"})
"""Of the API; the form has one field for both."""


class NewPart(Sent):
    """Who gets a part in the case, in which role, why and for which days."""

    assignee: str = ""
    """The role and the organisation that holds it: one choice, because each belongs to the other.
    """
    reason: str = ""
    valid_from: str = ""
    valid_to: str = ""

    def body(self) -> dict[str, str]:
        """The same as intake takes it."""
        role, _, organisation_id = self.assignee.partition(" ")
        said = {"role": role, "organisation_id": organisation_id, "reason": self.reason}
        days = {"valid_from": iso_day(self.valid_from), "valid_to": iso_day(self.valid_to)}
        return {name: value for name, value in {**said, **days}.items() if value}


class EndOfPart(Sent):
    """Why a part is over."""

    reason: str = ""


@router.get("/cases/{case_id}/assignments")
async def show_assignments(case_id: UUID, visit: Visiting) -> HTMLResponse:
    """Who shelters and who protects: now, and before."""
    return await _parts_page(visit, case_id)


@router.post("/cases/{case_id}/assignments", dependencies=[FromHere])
async def assign(case_id: UUID, form: Annotated[NewPart, Form()], visit: Visiting) -> Response:
    """Give an organisation a part."""
    try:
        path = f"/cases/{case_id}/assignments"
        await visit.change("POST", Queue.INTAKE, path, body=form.body(), key=form.key)
    except Problem as problem:
        beside = problem.beside(lambda field: "assignee" if field in ASSIGNEE else field)
        return await _parts_page(visit, case_id, beside, chosen=form)
    return visit.go(f"/cases/{case_id}/assignments", Done.PART_GIVEN)


@router.post("/cases/{case_id}/assignments/{assignment_id}/end", dependencies=[FromHere])
async def end(
    case_id: UUID, assignment_id: UUID, form: Annotated[EndOfPart, Form()], visit: Visiting
) -> Response:
    """End a part at once."""
    try:
        path = f"/cases/{case_id}/assignments/{assignment_id}/end"
        await visit.change("POST", Queue.INTAKE, path, body=form.said(), key=form.key)
    except Problem as problem:
        return await _parts_page(visit, case_id, problem)
    return visit.go(f"/cases/{case_id}/assignments", Done.PART_ENDED)


async def _parts_page(
    visit: Visit, case_id: UUID, problem: Problem | None = None, *, chosen: NewPart | None = None
) -> HTMLResponse:
    case = await case_of(visit, case_id)
    held = await visit.whole_panel(Queue.INTAKE, "/assignments", case_id=str(case_id))
    rows = held.told["items"] if held.told else []
    return case_page(
        visit,
        "assignments.html",
        case,
        problem=problem,
        is_owner=held.told is not None,
        rows=rows,
        names=await names_of(visit, (each["organisation_id"] for each in rows)),
        holders={role: await organisations_with(visit, role) for role in ROLES},
        beginning=BEGINNING,
        ending=ENDING,
        chosen=chosen or NewPart(),
    )
