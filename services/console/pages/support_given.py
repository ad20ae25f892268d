"""What was given to a person directly: recording it, and saying that a record is wrong."""

from asyncio import gather
from typing import Annotated, Any
from uuid import UUID

from fastapi import Form, Response
from starlette.responses import HTMLResponse

from services.console.clients import Problem
from services.console.pages.case_frame import case_page, head_of
from services.console.pages.done import Done
from services.console.pages.edge import FromHere
from services.console.pages.forms import Sent, iso_day
from services.console.pages.names import names_of, organisations_with
from services.console.pages.visit import Visit, Visiting
from shared.contracts.vocabulary import EntitlementCode, Queue, Role
from shared.kit.routing import Router

router = Router(include_in_schema=False)

PAPERS = ("receipt", "handover_record", "payment_order", "decision")
REASONS = (
    "not_given",
    "recorded_twice",
    "wrong_person",
    "wrong_code",
    "wrong_amount",
    "wrong_day",
)


class Given(Sent):
    """What was given, as it was typed."""

    code: str = ""
    vnd: str = ""
    days: str = ""
    given_on: str = ""
    organisation_id: str = ""
    paper: str = ""
    paper_number: str = ""
    paper_on: str = ""

    def body(self) -> dict[str, Any]:
        """The same as the API takes it; a sum may be typed in groups of three."""
        said = self.said()
        for name in ("given_on", "paper_on"):
            if name in said:
                said[name] = iso_day(said[name])
        for name in ("vnd", "days"):
            if name in said:
                said[name] = _whole(said[name])
        return said


class Wrong(Sent):
    """What is wrong about a record."""

    reason: str = ""


@router.get("/cases/{case_id}/provisions/new")
async def show_form(case_id: UUID, visit: Visiting) -> HTMLResponse:
    """What is to be recorded."""
    return await _form_page(visit, case_id, Given())


@router.post("/cases/{case_id}/provisions/new", dependencies=[FromHere])
async def record(case_id: UUID, form: Annotated[Given, Form()], visit: Visiting) -> Response:
    """Record it, once."""
    path = f"/cases/{case_id}/provisions"
    try:
        await visit.change("POST", Queue.LIVELIHOOD_SUPPORT, path, body=form.body(), key=form.key)
    except Problem as problem:
        return await _form_page(visit, case_id, form, problem)
    return visit.go(f"/cases/{case_id}/support", Done.PROVISION_RECORDED)


@router.get("/cases/{case_id}/provisions/{provision_id}/correction")
async def show_correction(case_id: UUID, provision_id: UUID, visit: Visiting) -> HTMLResponse:
    """What is wrong about a record."""
    return await _correction_page(visit, case_id, provision_id, Wrong())


@router.post("/cases/{case_id}/provisions/{provision_id}/correction", dependencies=[FromHere])
async def correct(
    case_id: UUID, provision_id: UUID, form: Annotated[Wrong, Form()], visit: Visiting
) -> Response:
    """Say so: it stays to be read, and counts no longer."""
    path = f"/cases/{case_id}/provisions/{provision_id}/moves"
    body = {"move": "entered_in_error", **form.said()}
    try:
        await visit.change(
            "POST", Queue.LIVELIHOOD_SUPPORT, path, body=body, key=form.key, version=form.version
        )
    except Problem as problem:
        return await _correction_page(visit, case_id, provision_id, form, problem)
    return visit.go(f"/cases/{case_id}/support", Done.PROVISION_CORRECTED)


def _whole(typed: str) -> int | str:
    """A whole number; what is none goes on as it is, for the API to say what is wrong with it."""
    plain = typed.replace(".", "").replace(" ", "")
    return int(plain) if plain.isascii() and plain.isdigit() else typed


async def _form_page(
    visit: Visit, case_id: UUID, form: Given, problem: Problem | None = None
) -> HTMLResponse:
    case, receivers, facilities = await gather(
        head_of(visit, case_id),
        organisations_with(visit, Role.RECEIVER),
        organisations_with(visit, Role.FACILITY),
    )
    groups = [("role-receiver", receivers), ("role-facility", facilities)]
    return case_page(
        visit,
        "provision.html",
        case,
        problem=problem,
        sent=form,
        codes=list(EntitlementCode),
        papers=PAPERS,
        givers=[(heading, found.told) for heading, found in groups if found.told],
    )


async def _correction_page(
    visit: Visit,
    case_id: UUID,
    provision_id: UUID,
    form: Wrong,
    problem: Problem | None = None,
) -> HTMLResponse:
    path = f"/cases/{case_id}/provisions/{provision_id}"
    case, given = await gather(head_of(visit, case_id), visit.read(Queue.LIVELIHOOD_SUPPORT, path))
    return case_page(
        visit,
        "provision_correction.html",
        case,
        problem=problem,
        given=given,
        names=await names_of(visit, [given["organisation_id"]]),
        sent=form,
        reasons=REASONS,
    )
