"""What a person needs that cannot wait: each need, and saying that it was met."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import Form, Response
from starlette.responses import HTMLResponse

from services.console.clients import Problem
from services.console.pages.by_law import NEED_OUTCOMES
from services.console.pages.case_frame import case_page, head_at_hand
from services.console.pages.done import Done
from services.console.pages.edge import FromHere
from services.console.pages.forms import Sent, iso_day
from services.console.pages.names import names_of
from services.console.pages.visit import Visit, Visiting
from shared.contracts.vocabulary import Queue
from shared.kit.clock import local_date, utc_now
from shared.kit.routing import Router

router = Router(include_in_schema=False)

NEEDS = ("safety", "medical", "shelter", "food", "clothing")
"""As intake knows them, what presses most first."""


class End(Sent):
    """Which need ended, how and when."""

    need: str = ""
    outcome: str = ""
    ended_on: str = ""

    def body(self) -> dict[str, str]:
        """The same as intake takes it, but for the need, which stands in the address."""
        said = {"outcome": self.outcome, "ended_on": iso_day(self.ended_on)}
        return {name: value for name, value in said.items() if value}

    def path(self, case_id: UUID) -> str:
        """Where intake takes it; of no need that could not be chosen."""
        need = self.need if self.need in NEEDS else "-"
        return f"/cases/{case_id}/immediate-needs/{need}/ends"


@router.get("/cases/{case_id}/immediate-needs")
async def show_needs(case_id: UUID, visit: Visiting) -> HTMLResponse:
    """What was needed, when each of it was met, and the form for what is open."""
    return await _page(visit, case_id)


@router.post("/cases/{case_id}/immediate-needs", dependencies=[FromHere])
async def end(case_id: UUID, form: Annotated[End, Form()], visit: Visiting) -> Response:
    """Say how one of them ended."""
    try:
        await visit.change("POST", Queue.INTAKE, form.path(case_id), body=form.body(), key=form.key)
    except Problem as problem:
        return await _page(visit, case_id, problem, typed=form)
    return visit.go(f"/cases/{case_id}/immediate-needs", Done.IMMEDIATE_NEED_ENDED)


def _begun(open_ones: Sequence[str]) -> End:
    """The form as it is shown first: the one need that is open, and today."""
    need = open_ones[0] if len(open_ones) == 1 else ""
    return End(need=need, ended_on=f"{local_date(utc_now()):%d/%m/%Y}")


async def _page(
    visit: Visit, case_id: UUID, problem: Problem | None = None, *, typed: End | None = None
) -> HTMLResponse:
    standing = await visit.read(Queue.INTAKE, f"/cases/{case_id}/immediate-needs")
    case = await head_at_hand(visit, case_id)
    items = sorted(standing["items"], key=lambda each: NEEDS.index(each["need"]))
    open_ones = [each["need"] for each in items if each["is_open"]]
    return case_page(
        visit,
        "immediate_needs.html",
        case,
        problem=problem,
        standing=standing,
        items=items,
        open_ones=open_ones if standing["must_act"] else [],
        names=await names_of(visit, (each["organisation_id"] for each in items)),
        outcomes=NEED_OUTCOMES,
        typed=typed or _begun(open_ones),
    )
