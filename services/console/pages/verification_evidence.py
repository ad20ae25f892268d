"""Evidence of a verification: recorded by source, number, issuer and day, one paper at a time."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Form, Response
from starlette.responses import HTMLResponse

from services.console.clients import Problem
from services.console.pages.done import Done
from services.console.pages.edge import FromHere
from services.console.pages.forms import Sent, iso_day
from services.console.pages.names import organisations_with
from services.console.pages.verification import LIST
from services.console.pages.visit import Visit, Visiting
from shared.contracts.vocabulary import Queue
from shared.kit.routing import Router

router = Router(include_in_schema=False)

SOURCES = (
    "procedural_body",
    "rescuing_body",
    "mission_abroad",
    "other_domestic_body",
    "foreign_body",
    "person_or_relative",
    "trafficker",
    "other_victim_or_witness",
    "other_lawful_source",
)
"""In the order of the law."""
FIELD_OF = {"evidence-day-unfit": "issued_on", "issuer-unknown": "issuer_id"}
"""The field that a refusal is about which the API says of the whole."""


class Recording(Sent):
    """A paper as it was filled in."""

    source: str = ""
    number: str = ""
    issued_on: str = ""
    issuer_id: str = ""

    def body(self) -> dict[str, Any]:
        """What the API is sent."""
        said = self.said()
        return said | {"issued_on": iso_day(said["issued_on"])} if "issued_on" in said else said


@router.get("/verifications/{verification_id}/evidence")
async def show_evidence(verification_id: UUID, visit: Visiting) -> HTMLResponse:
    """What a paper is recorded by."""
    return await _page(visit, verification_id, Recording())


@router.post("/verifications/{verification_id}/evidence", dependencies=[FromHere])
async def record_evidence(
    verification_id: UUID, form: Annotated[Recording, Form()], visit: Visiting
) -> Response:
    """Record it, and come back to the verification."""
    path = f"{LIST}/{verification_id}"
    try:
        await visit.change(
            "POST", Queue.VERIFICATION, f"{path}/evidence", body=form.body(), key=form.key
        )
    except Problem as problem:
        return await _page(visit, verification_id, form, problem)
    return visit.go(path, Done.EVIDENCE_RECORDED)


async def _page(
    visit: Visit, verification_id: UUID, form: Recording, problem: Problem | None = None
) -> HTMLResponse:
    found = await visit.read(Queue.VERIFICATION, f"{LIST}/{verification_id}")
    issuers = [
        each
        for role in ("verifier", "receiver")
        for each in (await organisations_with(visit, role)).told or []
    ]
    return visit.page(
        "verification_evidence.html",
        "evidence-record",
        problem=problem,
        field=FIELD_OF.get(problem.code) if problem else None,
        it=found,
        form=form,
        sources=SOURCES,
        issuers=list(dict.fromkeys(issuers)),
    )
