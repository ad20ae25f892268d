"""The first look at what a person reported: whether it is owed, by when, and what it found."""

from typing import Annotated
from uuid import UUID

from fastapi import Form, Response
from starlette.responses import HTMLResponse

from services.console.clients import Problem
from services.console.pages.by_law import CHECK_OUTCOMES
from services.console.pages.case_frame import case_of, case_page
from services.console.pages.done import Done
from services.console.pages.edge import FromHere
from services.console.pages.forms import Sent, iso_day
from services.console.pages.names import names_of, organisations_with
from services.console.pages.visit import Visit, Visiting
from shared.contracts.vocabulary import Queue, Role
from shared.kit.routing import Router

router = Router(include_in_schema=False)


class Check(Sent):
    """When the person was checked first, by whom besides, and what it found."""

    checked_on: str = ""
    outcome: str = ""
    together_with_id: str = ""
    evidence_ref: str = ""

    def body(self) -> dict[str, str]:
        """The same as intake takes it."""
        said = self.said() | {"checked_on": iso_day(self.checked_on)}
        return {name: value for name, value in said.items() if value}


@router.get("/cases/{case_id}/initial-check")
async def show_check(case_id: UUID, visit: Visiting) -> HTMLResponse:
    """What was recorded of it, or the form."""
    return await _page(visit, case_id)


@router.post("/cases/{case_id}/initial-check", dependencies=[FromHere])
async def record(case_id: UUID, form: Annotated[Check, Form()], visit: Visiting) -> Response:
    """Record it, once."""
    try:
        path = f"/cases/{case_id}/initial-check"
        await visit.change("POST", Queue.INTAKE, path, body=form.body(), key=form.key)
    except Problem as problem:
        return await _page(visit, case_id, problem, typed=form)
    return visit.go(f"/cases/{case_id}", Done.CHECK_RECORDED)


async def _page(
    visit: Visit, case_id: UUID, problem: Problem | None = None, *, typed: Check | None = None
) -> HTMLResponse:
    case = await case_of(visit, case_id)
    standing = await visit.read(Queue.INTAKE, f"/cases/{case_id}/initial-check")
    made = standing["check"]
    owner = await visit.panel(Queue.INTAKE, f"/cases/{case_id}/responsibility")
    own_id = str(visit.person.subject.organisation_id)
    is_own = owner.told is not None and owner.told["owner_id"] == own_id
    return case_page(
        visit,
        "initial_check.html",
        case,
        problem=problem,
        standing=standing,
        is_owed_here=is_own and not made,
        authorities=await organisations_with(visit, Role.VERIFIER),
        names=await names_of(
            visit, (made[it] for it in ("organisation_id", "together_with_id")) if made else ()
        ),
        outcomes=CHECK_OUTCOMES,
        typed=typed or Check(),
    )
