"""What facilities have ready: the sheet that counts, who attested it, and what is lacking tonight.

In no page of it stands anything of a person.
"""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Form, Response
from pydantic import Field
from starlette.responses import HTMLResponse

from services.console.clients import Problem
from services.console.pages.done import Done
from services.console.pages.edge import FromHere
from services.console.pages.forms import Sent, iso_day
from services.console.pages.names import names_of
from services.console.pages.visit import Visit, Visiting
from shared.contracts.vocabulary import Queue
from shared.kit.routing import Router

router = Router(include_in_schema=False)

PATH = "/readiness"
NUMBERS = ("rooms", "places", "staff")
EQUIPMENT = (
    *("separate_rooms", "childrens_room", "medical_room", "counselling_room"),
    *("kitchen", "washroom", "arrival_kits", "transport"),
)
"""As livelihood support takes it; that these are the same is a test."""


class Sheet(Sent):
    """A sheet as it was filled in."""

    valid_from: str = ""
    rooms: str = ""
    places: str = ""
    staff: str = ""
    interpreters: str = ""
    """Language tags with commas between them."""
    equipment: list[str] = Field(default_factory=list)

    def body(self) -> dict[str, Any]:
        """What the API is sent; of what is no number it says that it is wrong."""
        tags = [each.strip() for each in self.interpreters.split(",")]
        return {
            "valid_from": iso_day(self.valid_from),
            **{name: _number(getattr(self, name)) for name in NUMBERS},
            "interpreters": [each for each in tags if each],
            "equipment": self.equipment,
        }


class Escorts(Sent):
    """How many people go along."""

    escorts: str = ""


def _number(typed: str) -> int | str:
    found = typed.strip()
    return int(found) if found.isascii() and found.isdigit() else typed


@router.get(PATH)
async def show_readiness(visit: Visiting) -> HTMLResponse:
    """Every facility that this person may read of, and the form for their own."""
    return await _page(visit)


@router.post(PATH, dependencies=[FromHere])
async def write_sheet(form: Annotated[Sheet, Form()], visit: Visiting) -> Response:
    """Tell what there is from a day on."""
    service = Queue.LIVELIHOOD_SUPPORT
    try:
        await visit.change("POST", service, "/readiness-sheets", body=form.body(), key=form.key)
    except Problem as problem:
        return await _page(visit, form, problem)
    return visit.go(PATH, Done.READINESS_TOLD)


@router.post("/readiness/{sheet_id}/attestation", dependencies=[FromHere])
async def attest_sheet(sheet_id: UUID, form: Annotated[Sent, Form()], visit: Visiting) -> Response:
    """Say that what somebody else has told is so."""
    path, service = f"/readiness-sheets/{sheet_id}/attestation", Queue.LIVELIHOOD_SUPPORT
    try:
        await visit.change("POST", service, path, body={}, key=form.key)
    except Problem as problem:
        return await _page(visit, problem=problem)
    return visit.go(PATH, Done.READINESS_ATTESTED)


@router.post("/readiness/handovers/{notice_id}", dependencies=[FromHere])
async def answer_handover(
    notice_id: UUID, form: Annotated[Escorts, Form()], visit: Visiting
) -> Response:
    """Say how many people of the facility go with whoever is escorted."""
    path, service = f"/held-places/{notice_id}/answer", Queue.LIVELIHOOD_SUPPORT
    body = {"escorts": _number(form.escorts)}
    try:
        await visit.change("POST", service, path, body=body, key=form.key)
    except Problem as problem:
        return await _page(visit, problem=problem)
    return visit.go(PATH, Done.HANDOVER_ANSWERED)


async def _page(
    visit: Visit, form: Sheet | None = None, problem: Problem | None = None
) -> HTMLResponse:
    listed = await visit.read(Queue.LIVELIHOOD_SUPPORT, "/facilities")
    rows = listed["items"]
    return visit.page(
        "readiness.html",
        "readiness-title",
        problem=problem,
        rows=rows,
        names=await names_of(visit, [each["facility_id"] for each in rows]),
        held=await visit.whole_panel(Queue.LIVELIHOOD_SUPPORT, "/held-places"),
        equipment=EQUIPMENT,
        typed=form or Sheet(),
    )
