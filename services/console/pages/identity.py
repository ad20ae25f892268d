"""Who the person is: shown for five minutes, with a purpose and a reason, and never kept."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import Form, Response
from starlette.responses import HTMLResponse

from services.console.clients import Problem
from services.console.pages.by_law import PURPOSES
from services.console.pages.case_frame import case_page, head_at_hand
from services.console.pages.edge import FromHere
from services.console.pages.forms import Sent
from services.console.pages.visit import Visit, Visiting
from shared.contracts.vocabulary import Queue
from shared.kit.clock import utc_now
from shared.kit.routing import Router

router = Router(include_in_schema=False)

SHOWN_FOR = timedelta(minutes=5)
"""Long enough to telephone, short enough for a screen that somebody walks away from."""


class Opening(Sent):
    """What it is opened for and why: one choice, because each purpose has its own reasons."""

    reason: str = ""

    def body(self) -> dict[str, str]:
        """The same as intake takes it."""
        purpose, _, reason = self.reason.partition(" ")
        return {"purpose": purpose, "reason": reason}


@router.get("/cases/{case_id}/identity")
async def show_masked(case_id: UUID, visit: Visiting) -> HTMLResponse:
    """Nothing of the person, and what is asked before anything is shown."""
    return _masked_page(visit, await head_at_hand(visit, case_id))


@router.post("/cases/{case_id}/identity", dependencies=[FromHere])
async def open_identity(
    case_id: UUID, form: Annotated[Opening, Form()], visit: Visiting
) -> Response:
    """Show the person until five minutes are over; then the page asks for the masked one."""
    case = await head_at_hand(visit, case_id)
    try:
        path = f"/cases/{case_id}/disclosures"
        opened = await visit.change("POST", Queue.INTAKE, path, body=form.body(), key=form.key)
    except Problem as problem:
        beside = problem.beside(lambda field: "reason" if field == "purpose" else field)
        return _masked_page(visit, case, beside)
    until = utc_now() + SHOWN_FOR
    page = case_page(
        visit,
        "identity.html",
        case,
        openings=[],
        opened=opened,
        until=until.isoformat(),
        seconds=int(SHOWN_FOR.total_seconds()),
    )
    page.headers["Refresh"] = f"{int(SHOWN_FOR.total_seconds())}; url=/cases/{case_id}/identity"
    return page


def _masked_page(
    visit: Visit, case: Mapping[str, Any], problem: Problem | None = None
) -> HTMLResponse:
    roles = visit.person.subject.roles
    openings = [
        (purpose, reasons) for purpose, (role, reasons) in PURPOSES.items() if role in roles
    ]
    return case_page(
        visit,
        "identity.html",
        case,
        problem=problem,
        openings=openings,
        opened=None,
    )
